/* SPDX-License-Identifier: BSD-2-Clause */
/* Open files as mappings show them: path, inode and device. */
#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/path.h"

/* What is known of one struct file. */
struct file_info {
	const char *path; /* raw bytes; NULL where unknown */
	uint64_t ino;
	uint32_t dev;	       /* kernel dev_t: major << 20 | minor */
	enum path_fault fault; /* the first thing that is wrong with it */
	uint64_t fault_at;     /* then: where; see path.h */
};

/* Of n files; a path belongs to all that have it. */
struct file_infos {
	struct file_info *v;
	size_t n;
	VEC(char *) paths; /* each once */
};

/*
 * Read n distinct struct files; a mapping of a stacked file system shows the
 * user's file, not the one below (>= 6.7).  The caller frees with
 * file_infos_deinit(), also after an error.
 */
int file_infos_read(struct kernel *k, const uint64_t *files, size_t n,
		    struct file_infos *out, struct err *err);
void file_infos_deinit(struct file_infos *infos);

#endif
