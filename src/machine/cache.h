/* SPDX-License-Identifier: BSD-2-Clause */
/* The page cache that lives for one pause. */
#ifndef MACHINE_CACHE_H
#define MACHINE_CACHE_H

/*
 * Memory is cached in 4 KiB pages of 64 lines, and fetched by lines: a reader
 * of small structures moves little more than it asks for, and neighbours come
 * for nothing.  Interface: machine_read(), machine_drop_cache() in machine.h.
 */
#define CACHE_LINE_SHIFT 6
#define CACHE_LINE	 (1u << CACHE_LINE_SHIFT)

/* Pages and lines are kept in blocks of so many bytes. */
#define CACHE_BLOCK (256u << 10)

/*
 * Missing lines that lie no further apart than this are fetched as one: by a
 * stub, 512 bytes more cost about as much as one packet more.
 */
#define CACHE_GAP_LINES 8

/*
 * A guest can make a reader touch any number of pages.  When so many (128 MiB)
 * are cached all are forgotten; a batch that needs more is more than one.
 */
#define CACHE_MAX_PAGES (1u << 15)

/* Longer reads bypass the cache: nobody reads the same bulk twice. */
#define CACHE_DIRECT (32u << 10)

#endif
