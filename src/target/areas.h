/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands behind those pages of a process that it does not have. */
#ifndef TARGET_AREAS_H
#define TARGET_AREAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/vec.h"

/* What a page that is not present has in it. */
enum area_kind {
	AREA_ZEROS, /* private anonymous memory: nobody has written to it */
	AREA_FILE,  /* what the file has there */
	AREA_OPAQUE /* cannot be told: only reading the page tells */
};

/* [start, end) of the process's memory, mapped as one. */
struct target_area {
	uint64_t start, end;
	enum area_kind kind;
	bool shared;
	int fd;		     /* of its file, once that is open; else -1 */
	uint64_t offset;     /* in the file, of start */
	unsigned long inode; /* 0: no file */
	unsigned int dev[2]; /* major, minor */
};

/* Zero-initialise. */
struct target_areas {
	pid_t pid;		      /* 0: nothing is loaded */
	VEC(struct target_area) list; /* ascending, disjoint */
};

/* Read /proc/PID/smaps.  0; ERR_SYS, with errno; ERR_NOMEM. */
int target_areas_load(struct target_areas *a, pid_t pid, struct err *err);
void target_areas_deinit(struct target_areas *a);

/*
 * The area that hva lies in, its file open where it has one; NULL: nothing is
 * mapped there.
 */
const struct target_area *target_areas_find(struct target_areas *a,
					    uint64_t hva);

/* Whether [hva, hva + len) is mapped, as one or adjoining areas. */
bool target_areas_cover(const struct target_areas *a, uint64_t hva,
			uint64_t len);

/*
 * Read memory of an AREA_FILE out of the file: no page is mapped or made for
 * that, and holes are zeros.  False: not all of it is there.
 */
bool target_area_read(const struct target_area *area, uint64_t hva, void *dst,
		      size_t len);

#endif
