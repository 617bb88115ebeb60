/* SPDX-License-Identifier: BSD-2-Clause */
/* Dentries and mounts, read in batches and kept for as long as paths need. */
#ifndef KERNEL_DENTRY_H
#define KERNEL_DENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/kernel.h"

/*
 * Most file systems have names of 255 bytes at most (NAME_MAX), FUSE of
 * PATH_MAX - 1; nothing that is looked up is longer (docs/facts/kernel.md,
 * "Names and paths").
 */
#define DENTRY_NAME_MAX 4095

struct dentry {
	bool ok;
	bool unhashed; /* d_unhashed(): its name is gone */
	uint64_t parent, inode;
	uint64_t d_dname; /* function that makes up its name, 0: none */
	uint32_t name_len;
	size_t name_at; /* see dentry_name() */
};

struct mount {
	bool ok;
	uint64_t root;	     /* dentry */
	uint64_t parent;     /* struct vfsmount inside the parent mount */
	uint64_t mountpoint; /* dentry in the parent mount */
};

/* Zero-initialise; free with dentry_cache_deinit(). */
struct dentry_cache {
	struct map dentry_at, mount_at; /* address to index */
	VEC(struct dentry) dentries;
	VEC(struct mount) mounts;
	struct buf names;
};

/* What was read for this address, or NULL if it was not read yet. */
const struct dentry *dentry_get(const struct dentry_cache *c, uint64_t addr);
/* The name_len bytes of a dentry's name, valid until the next read. */
const char *dentry_name(const struct dentry_cache *c, const struct dentry *d);
const struct mount *mount_get(const struct dentry_cache *c, uint64_t vfsmount);

/*
 * Read those of n dentries and n struct vfsmounts that are not there yet: both
 * in one batch, names and operations that lie elsewhere in further ones.
 */
int dentry_cache_read(struct kernel *k, struct dentry_cache *c,
		      const uint64_t *dentries, const uint64_t *vfsmounts,
		      size_t n, struct err *err);

void dentry_cache_deinit(struct dentry_cache *c);

#endif
