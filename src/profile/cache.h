/* SPDX-License-Identifier: BSD-2-Clause */
/* The cache of profiles on disk: one file per kernel. */
#ifndef PROFILE_CACHE_H
#define PROFILE_CACHE_H

#include <stdbool.h>

#include "profile/parts.h"

/* Profiles that are kept, and looked through; the longest unused go first. */
#define CACHE_FILES 32u

/* The files of the cache as they were found, open. */
struct cache;

/*
 * What can be done before there is a guest: open the directory, which is
 * $XDG_CACHE_HOME/qvmi or ~/.cache/qvmi, made by the rules of home.h; read the
 * identities of all files (one small read each), and load the one that was used
 * last.  Damaged files are no error, nor is a directory that cannot be had: an
 * empty cache.  Its profiles are for those readers.  The caller closes *out.
 */
int cache_open(const struct readers *r, struct cache **out, struct err *err);
void cache_close(struct cache *c);

/* Have none of its files any more, which is what they take; only store. */
void cache_forget(struct cache *c);

/* The descriptor of its directory, in which files are made; -1: none. */
int cache_dir(const struct cache *c);

/*
 * Find the profile of the running kernel: the guest is asked in one batch for
 * all probes of the file used last and the banners of the others; a second
 * batch is needed only when another file's banner matches.  A profile that was
 * not proven in this boot of the guest is proven before it is used, which
 * takes reading all it was made of (proof.h).  1 found (*stale: the file
 * should be written anew), 0 none, or a negative code when the machine is
 * gone.
 */
int cache_find(struct cache *c, const struct profile_image *img,
	       struct parts *p, bool *stale, struct err *err);

/* The roots that are known of boots of this machine, up to max; newest first
 * by profile. */
size_t cache_roots(const struct cache *c, const struct machine *m,
		   struct profile_root *roots, size_t max);

/* Whether one was proven in the boot that the image is of: 1, 0, or negative.
 */
int cache_knows(const struct cache *c, const struct profile_image *img,
		struct err *err);

/*
 * Store a profile; ERR_SYS or ERR_REFUSED with the reason.  Beyond CACHE_FILES
 * those that were not used for longest are removed: files whose names and first
 * bytes are those of the cache, and no others.
 */
int cache_store(const struct cache *c, const struct parts *p, struct err *err);

#endif
