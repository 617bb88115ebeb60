/* SPDX-License-Identifier: BSD-2-Clause */
/* Contents of files, as far as the page cache has them. */
#ifndef KERNEL_CACHED_FILE_H
#define KERNEL_CACHED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm/unmapped.h"

/* One file: where each page of it is.  Zero-initialise. */
struct cached_file {
	uint64_t size; /* in bytes */
	enum page_cache_kind kind;
	struct unmapped_runs runs; /* by offset in the file, as va */
};

/*
 * Find the pages behind an address_space; ERR_NOT_FOUND: it has no page cache,
 * as a device's.  The caller frees with cached_file_deinit(), also after an
 * error.
 */
int cached_file_find(struct kernel *k, uint64_t mapping,
		     struct cached_file *out, struct err *err);
void cached_file_deinit(struct cached_file *f);

/* How many of its bytes are in memory, or known: a hole of tmpfs is zeros. */
uint64_t cached_file_resident(const struct cached_file *f);

/*
 * Read the first len bytes, up to its size, in one batch; zeros stand for what
 * is not in memory.  ERR_UNREADABLE: a page that is there cannot be read.
 */
int cached_file_read(struct kernel *k, const struct cached_file *f, void *dst,
		     size_t len, struct err *err);

#endif
