/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths that the kernel of the host holds on to, by number. */
#ifndef MOUNT_INODES_H
#define MOUNT_INODES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define INODES_ROOT    1u /* as FUSE_ROOT_ID */
#define INODES_BUCKETS 16384

struct inode;

/* Who has what a path leads to: with another owner it is another inode, for
 * the kernel may hold on to what it was told of this one. */
struct inode_owner {
	uid_t uid;
	gid_t gid;
};

/* What the kernel was told of one, or will be. */
struct inode_told {
	struct inode_owner owner;
	time_t since; /* when it was asked for first */
	/* Of a text (held.h): how long what the kernel holds is, and how often
	 * it is open. */
	uint64_t size;
	uint64_t opens;
};

/* Zero-initialise. */
struct inodes {
	struct inode *buckets[INODES_BUCKETS];
	size_t n;
	struct inode_told root;
};

/* The path of a number that was given and is not forgotten; "": the root. */
const char *inodes_path(uint64_t number);

/* The number of a path, the same for as long as it is not forgotten as often
 * as it was asked for; 0: no memory. */
uint64_t inodes_take(struct inodes *n, const char *path,
		     struct inode_owner owner);
void inodes_forget(struct inodes *n, uint64_t number, uint64_t times);

/* Of a number that was given and is not forgotten, or the root. */
struct inode_told *inodes_told(struct inodes *n, uint64_t number);

/* Call a function with each number that is open. */
void inodes_each_open(const struct inodes *n,
		      void (*work)(void *ctx, uint64_t number), void *ctx);

void inodes_deinit(struct inodes *n);

/* What a path has for an inode: never 0. */
uint64_t inodes_number(const char *path);

#endif
