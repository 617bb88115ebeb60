/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands behind those pages of a process that it does not have. */
#ifndef QEMU_AREAS_H
#define QEMU_AREAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "qemu/bound.h"

/* What a page that is not present has in it. */
enum area_kind {
	AREA_ZEROS,  /* private anonymous memory: nobody has written to it */
	AREA_FILE,   /* what the file has there */
	AREA_OPAQUE, /* cannot be told: only reading the page tells */
	AREA_TO_COME /* reading it may wait for somebody, and for ever */
};

/* [start, end) of the process's memory, mapped as one. */
struct qemu_area {
	uint64_t start, end;
	enum area_kind kind;
	bool shared, code;
	bool special;	     /* a stack, a heap, what the kernel maps */
	int fd;		     /* of its file, once that is open; else -1 */
	uint64_t offset;     /* in the file, of start */
	unsigned long inode; /* 0: no file */
	unsigned int dev[2]; /* major, minor */
};

/* Zero-initialise. */
struct qemu_areas {
	int dir; /* /proc/PID, of who loaded them */
	bool loaded, detailed;
	uint64_t from, to;	    /* what is of interest; to 0: all */
	VEC(struct qemu_area) list; /* ascending, disjoint */
};

/*
 * Read what a process maps, as far as [from, to) says.  In detail: so that
 * AREA_TO_COME is told from others, for which the kernel looks through all of
 * its page tables.  The process is held for as long as these are used.  0;
 * ERR_SYS, with errno; ERR_NOMEM.
 */
int qemu_areas_load(struct qemu_areas *a, const struct qemu_bound *bound,
		    bool detailed, struct err *err);
void qemu_areas_deinit(struct qemu_areas *a);

/*
 * The area that hva lies in, its file open where it has one; NULL: nothing is
 * mapped there.
 */
const struct qemu_area *qemu_areas_find(struct qemu_areas *a, uint64_t hva);

/*
 * Whether [hva, hva + len) may be a guest's memory: one area that has all of
 * it and is anonymous memory, or a file of shmem (memfd, tmpfs) or hugetlbfs.
 * Reading others, as on FUSE or NFS, can take as long as somebody likes; and
 * no guest has code or a stack for RAM.  NULL; else why not, in words.
 */
const char *qemu_areas_refuse(const struct qemu_areas *a, uint64_t hva,
			      uint64_t len);

/*
 * Read memory of an AREA_FILE out of the file: no page is mapped or made for
 * that, and holes are zeros.  False: not all of it is there.
 */
bool qemu_area_read(const struct qemu_area *area, uint64_t hva, void *dst,
		    size_t len);

#endif
