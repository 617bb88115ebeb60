/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths that the kernel of the host holds on to, by number. */
#include "mount/inodes.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct inode {
	struct inode *next; /* in its bucket */
	uint64_t times;	    /* that it was given */
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

uint64_t inodes_take(struct inodes *n, const char *path)
{
	struct inode **bucket = inode_bucket(n, path), *inode;
	size_t len = strlen(path) + 1;

	for (inode = *bucket; inode && strcmp(inode->path, path) != 0;)
		inode = inode->next;
	if (!inode) {
		inode = calloc(1, sizeof(*inode) + len);
		if (!inode)
			return 0;
		memcpy(inode->path, path, len);
		inode->next = *bucket;
		*bucket = inode;
		n->n++;
	}
	inode->times++;
	return (uintptr_t)inode;
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
