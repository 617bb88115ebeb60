/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel is told of the nodes of a tree. */
#include "mount/nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool nodes_join(const char *dir, const char *name, char *out)
{
	int n = snprintf(out, PROC_PATH_MAX, "%s%s%s", dir, *dir ? "/" : "",
			 name);

	return n > 0 && n < PROC_PATH_MAX;
}

const char *nodes_in_tree(const char *path, char *out)
{
	size_t n = strlen(NODES_OWN);

	if (strncmp(path, NODES_OWN, n) != 0)
		return path;
	snprintf(out, PROC_PATH_MAX, "1%s", path + n);
	return out;
}

size_t nodes_record(const char *text, size_t len, size_t from)
{
	size_t n = from;

	while (n < len && (text[n] != '\n' || text[n + 1] == ' '))
		n++;
	return n - from + (n < len);
}

mode_t nodes_mode(enum mount_tree_kind kind)
{
	switch (kind) {
	case TREE_DIR:
		return S_IFDIR | 0555;
	case TREE_LINK:
		return S_IFLNK | 0777;
	case TREE_TEXT:
	case TREE_BYTES:
	case TREE_OBJECT:
		break;
	}
	return S_IFREG | 0444;
}

/* "socket:[7]" has the number 7. */
static void object_stat(const char *path, struct stat *st)
{
	const char *slash = strrchr(path, '/'), *number = strstr(path, ":[");
	const char *name = slash ? slash + 1 : path;

	if (!strncmp(name, "socket:", 7))
		st->st_mode = S_IFSOCK | 0777;
	else if (!strncmp(name, "pipe:", 5))
		st->st_mode = S_IFIFO | 0600;
	if (number)
		st->st_ino = strtoul(number + 2, NULL, 10);
}

struct inode_owner nodes_owner(const struct mount_tree_place *p)
{
	return (struct inode_owner){.uid = p->task ? p->task->euid : 0,
				    .gid = p->task ? p->task->egid : 0};
}

static struct stat stat_of(enum mount_tree_kind kind, struct inode_owner owner,
			   const char *path, const struct inode_told *told)
{
	return (struct stat){
		.st_ino = inodes_number(path),
		.st_mode = nodes_mode(kind),
		.st_nlink = kind == TREE_DIR ? 2 : 1,
		.st_uid = owner.uid,
		.st_gid = owner.gid,
		.st_size = (off_t)told->size,
		.st_blksize = 1024,
		.st_atim.tv_sec = told->since,
		.st_mtim.tv_sec = told->since,
		.st_ctim.tv_sec = told->since,
	};
}

struct stat nodes_stat_text(const char *path, const struct inode_told *told)
{
	return stat_of(TREE_TEXT, told->owner, path, told);
}

struct stat nodes_stat(const struct mount_tree *t,
		       const struct mount_tree_place *p, const char *path,
		       const struct inode_told *told)
{
	struct stat st = stat_of(p->kind, nodes_owner(p), path, told);
	uint64_t there;

	if (p->kind == TREE_OBJECT)
		object_stat(path, &st);
	if (p->kind == TREE_BYTES) {
		if (mount_tree_is_written(t, p->file))
			st.st_mode |= S_IWUSR;
		st.st_size = (off_t)mount_tree_size(t, p->file, &there);
		st.st_blocks = (blkcnt_t)(there / 512);
	}
	return st;
}
