/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel asks of directories. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "mount/answer_inside.h"
#include "mount/nodes.h"

void answer_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct answer_open *o = answer_open_create(req, ino);
	int rc;

	if (!o)
		return;
	rc = mount_tree_list(answer_tree(req), o->path, &o->names, &o->whole,
			     NULL);
	answer_open_reply(req, o, rc, fi);
}

/* The entry at a place: ".", "..", and then the names; and its path, or "". */
static const char *dir_entry(const struct answer_open *o, size_t i,
			     struct stat *st, char *path)
{
	const struct mount_tree_name *name;

	*path = '\0';
	*st = (struct stat){.st_mode = S_IFDIR,
			    .st_ino = inodes_number(o->path)};
	if (i < 2)
		return i ? ".." : ".";
	name = &o->names.v.v[i - 2];
	st->st_mode = nodes_mode(name->kind);
	if (nodes_join(o->path, name->name, path))
		st->st_ino = inodes_number(path);
	else
		*path = '\0';
	return name->name;
}

/* Put an entry into a buffer; its length, which may be more than there is room
 * for. */
typedef size_t dir_add(fuse_req_t req, const struct answer_open *o, size_t i,
		       char *buf, size_t size);

static size_t add_name(fuse_req_t req, const struct answer_open *o, size_t i,
		       char *buf, size_t size)
{
	char path[PROC_PATH_MAX];
	struct stat st;
	const char *name = dir_entry(o, i, &st, path);

	return fuse_add_direntry(req, buf, size, name, &st, (off_t)i + 1);
}

/* What cannot be found by now is a name alone. */
static size_t add_entry(fuse_req_t req, const struct answer_open *o, size_t i,
			char *buf, size_t size)
{
	struct serve *s = fuse_req_userdata(req);
	char path[PROC_PATH_MAX];
	struct fuse_entry_param e = {0};
	struct mount_tree_place p;
	struct stat st;
	const char *name = dir_entry(o, i, &st, path);
	size_t n;

	if (!*path || mount_tree_find(s->tree, path, &p, NULL) ||
	    !answer_entry(s, path, &p, &e))
		e.attr = st;
	n = fuse_add_direntry_plus(req, buf, size, name, &e, (off_t)i + 1);
	if (n > size && e.ino)
		inodes_forget(&s->inodes, e.ino, 1);
	return n;
}

static void read_directory(fuse_req_t req, size_t size, off_t off,
			   const struct answer_open *o, dir_add *add)
{
	_cleanup_free_ char *out = malloc(size);
	size_t i, n = 0, total = o->names.v.n + 2;

	if (o->boot != answer_tree(req)->boot || !out) {
		fuse_reply_err(req, out ? ESTALE : ENOMEM);
		return;
	}
	for (i = (uint64_t)off < total ? (size_t)off : total; i < total; i++) {
		size_t more = add(req, o, i, out + n, size - n);

		if (more > size - n)
			break;
		n += more;
	}
	if (!n && i == total && !o->whole)
		fuse_reply_err(req, EIO);
	else
		fuse_reply_buf(req, out, n);
}

void answer_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	(void)ino;
	read_directory(req, size, off, open_of(fi), add_name);
}

void answer_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
			struct fuse_file_info *fi)
{
	(void)ino;
	read_directory(req, size, off, open_of(fi), add_entry);
}
