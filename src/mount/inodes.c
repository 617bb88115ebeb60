/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths that the kernel of the host holds on to, by number. */
#include "mount/inodes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct inode {
	struct inode *next; /* in its bucket */
	uint64_t times;	    /* that it was given */
	struct inode_told told;
	char path[];
};

uint64_t inodes_number(const char *path)
{
	uint64_t hash = HASH_START;

	for (; *path; path++)
		hash = hash_add(hash, (unsigned char)*path);
	return hash ? hash : 1;
}

static struct inode **inode_bucket(struct inodes *n, const char *path)
{
	return &n->buckets[inodes_number(path) % INODES_BUCKETS];
}

static struct inode *inode_of(uint64_t number)
{
	return (struct inode *)(uintptr_t)number;
}

const char *inodes_path(uint64_t number)
{
	return number == INODES_ROOT ? "" : inode_of(number)->path;
}

static bool is_same(const struct inode *inode, const char *path,
		    struct inode_owner owner)
{
	return inode->told.owner.uid == owner.uid &&
	       inode->told.owner.gid == owner.gid && !strcmp(inode->path, path);
}

static struct inode *inode_create(const char *path, struct inode_owner owner)
{
	size_t len = strlen(path) + 1;
	struct inode *inode = calloc(1, sizeof(*inode) + len);

	if (!inode)
		return NULL;
	memcpy(inode->path, path, len);
	inode->told.owner = owner;
	inode->told.since = time(NULL);
	return inode;
}

uint64_t inodes_take(struct inodes *n, const char *path,
		     struct inode_owner owner)
{
	struct inode **bucket = inode_bucket(n, path), *inode;

	for (inode = *bucket; inode && !is_same(inode, path, owner);)
		inode = inode->next;
	if (!inode) {
		inode = inode_create(path, owner);
		if (!inode)
			return 0;
		inode->next = *bucket;
		*bucket = inode;
		n->n++;
	}
	inode->times++;
	return (uintptr_t)inode;
}

struct inode_told *inodes_told(struct inodes *n, uint64_t number)
{
	return number == INODES_ROOT ? &n->root : &inode_of(number)->told;
}

void inodes_each_open(const struct inodes *n,
		      void (*work)(void *ctx, uint64_t number), void *ctx)
{
	const struct inode *inode;
	size_t i;

	for (i = 0; i < INODES_BUCKETS; i++)
		for (inode = n->buckets[i]; inode; inode = inode->next)
			if (inode->told.opens)
				work(ctx, (uintptr_t)inode);
}

void inodes_forget(struct inodes *n, uint64_t number, uint64_t times)
{
	struct inode *inode = inode_of(number), **at;

	if (number == INODES_ROOT)
		return;
	inode->times -= times < inode->times ? times : inode->times;
	if (inode->times)
		return;
	for (at = inode_bucket(n, inode->path); *at != inode;)
		at = &(*at)->next;
	*at = inode->next;
	n->n--;
	free(inode);
}

void inodes_deinit(struct inodes *n)
{
	struct inode *inode, *next;
	size_t i;

	for (i = 0; i < INODES_BUCKETS; i++)
		for (inode = n->buckets[i]; inode; inode = next) {
			next = inode->next;
			free(inode);
		}
	*n = (struct inodes){0};
}
