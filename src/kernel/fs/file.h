/* SPDX-License-Identifier: BSD-2-Clause */
/* Open files as mappings show them: path, inode and device. */
#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/fs/path.h"

/* What is known of one struct file. */
struct file_info {
	const char *path; /* raw bytes; NULL where unknown */
	uint64_t ino;
	uint32_t dev;	       /* kernel dev_t: major << 20 | minor */
	uint8_t blkbits;       /* log2 of a block; of hugetlbfs: of a page */
	enum path_fault fault; /* the first thing that is wrong with it */
	uint64_t fault_at;     /* then: where; see path.h */
};

/* Those of many files, each once; a path belongs to all that have it.
 * Zero-initialise. */
struct file_infos {
	VEC(uint64_t) files; /* struct file, in the order of file_infos_add() */
	struct map at;	     /* of a struct file: its index */
	struct file_info *v; /* of each */
	VEC(char *) paths;   /* each once */
};

/* Ask for one more, unless it is 0 or there already; 0 or ERR_NOMEM. */
int file_infos_add(struct file_infos *infos, uint64_t file);

/*
 * Read them all, once; a mapping of a stacked file system shows the user's
 * file, not the one below (>= 6.7).  The caller frees with file_infos_deinit(),
 * also after an error.
 */
int file_infos_read(struct kernel *k, struct file_infos *infos,
		    struct err *err);

/* What was read of one, or NULL: it was not asked for. */
const struct file_info *file_infos_get(const struct file_infos *infos,
				       uint64_t file);
void file_infos_deinit(struct file_infos *infos);

#endif
