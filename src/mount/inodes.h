/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths that the kernel of the host holds on to, by number. */
#ifndef MOUNT_INODES_H
#define MOUNT_INODES_H

#include <stddef.h>
#include <stdint.h>

#define INODES_ROOT    1u /* as FUSE_ROOT_ID */
#define INODES_BUCKETS 16384

struct inode;

/* Zero-initialise. */
struct inodes {
	struct inode *buckets[INODES_BUCKETS];
	size_t n;
};

/* The path of a number that was given and is not forgotten; "": the root. */
const char *inodes_path(uint64_t number);

/* The number of a path, the same for as long as it is not forgotten as often
 * as it was asked for; 0: no memory. */
uint64_t inodes_take(struct inodes *n, const char *path);
void inodes_forget(struct inodes *n, uint64_t number, uint64_t times);

void inodes_deinit(struct inodes *n);

/* What a path has for an inode: never 0. */
uint64_t inodes_number(const char *path);

#endif
