/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel asks of a file system, and the answers of the tree. */
#include "mount/answer_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "mount/nodes.h"
#include "mount/refuse.h"
#include "mount/serve.h"

/* How long the kernel may hold on to names that are the same for all tasks, in
 * seconds: what it finds by them is asked for all the same. */
#define NAMES_LAST 3600

/* The directory is asked for by who has that number. */
static bool is_own(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	const struct serve *s = fuse_req_userdata(req);
	char number[16];

	snprintf(number, sizeof(number), "%d", fuse_req_ctx(req)->pid);
	return s->numbers && parent == FUSE_ROOT_ID && !strcmp(name, number);
}

/* What it is called in the tree; false: there is no such long path. */
static bool path_of(fuse_req_t req, fuse_ino_t parent, const char *name,
		    char *out)
{
	const struct serve *s = fuse_req_userdata(req);

	if (!s->beside || parent != FUSE_ROOT_ID || *name != '.')
		return nodes_join(inodes_path(parent), name, out);
	return snprintf(out, PROC_PATH_MAX, "/%s", name + 1) < PROC_PATH_MAX;
}

static double left_seconds(const struct mount_tree *t)
{
	return (double)mount_tree_left_us(t) / 1e6;
}

static void answer_init(void *user, struct fuse_conn_info *conn)
{
	(void)user;
	/* Who is confined can make no pipes: docs/facts/fuse.md, "The
	 * library". */
	conn->want &=
		~(unsigned int)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
				FUSE_CAP_SPLICE_MOVE);
}

static void answer_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct serve *s = fuse_req_userdata(req);
	struct fuse_entry_param e = {0};
	char path[PROC_PATH_MAX], known[PROC_PATH_MAX];
	struct mount_tree_place p;
	bool own = false;
	int rc;

	if (!path_of(req, parent, name, path)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	rc = mount_tree_find(s->tree, nodes_in_tree(path, known), &p, NULL);
	if ((rc == ERR_NOT_FOUND || rc == ERR_UNREADABLE) &&
	    is_own(req, parent, name)) {
		own = true;
		snprintf(path, sizeof(path), NODES_OWN);
		rc = mount_tree_find(s->tree, "1", &p, NULL);
	}
	if (!rc) {
		e.ino = inodes_take(&s->inodes, path);
		e.attr = nodes_stat(s->tree, &p, path);
		e.attr_timeout = left_seconds(s->tree);
		e.entry_timeout = own ? 0 : e.attr_timeout;
	}
	if (p.lasts)
		e.entry_timeout = NAMES_LAST;
	if (rc == ERR_NOT_FOUND && p.lasts)
		fuse_reply_entry(req, &e);
	else if (rc || !e.ino)
		answer_code(req, rc ? rc : ERR_NOMEM);
	else if (fuse_reply_entry(req, &e))
		inodes_forget(&s->inodes, e.ino, 1);
}

static void answer_forget(fuse_req_t req, fuse_ino_t ino, uint64_t n)
{
	struct serve *s = fuse_req_userdata(req);

	inodes_forget(&s->inodes, ino, n);
	fuse_reply_none(req);
}

static void answer_forget_multi(fuse_req_t req, size_t count,
				struct fuse_forget_data *forgets)
{
	struct serve *s = fuse_req_userdata(req);
	size_t i;

	for (i = 0; i < count; i++)
		inodes_forget(&s->inodes, forgets[i].ino, forgets[i].nlookup);
	fuse_reply_none(req);
}

static void answer_getattr(fuse_req_t req, fuse_ino_t ino,
			   struct fuse_file_info *fi)
{
	const char *path = inodes_path(ino);
	struct mount_tree *t = answer_tree(req);
	char known[PROC_PATH_MAX];
	struct mount_tree_place p;
	struct stat st;
	int rc = mount_tree_find(t, nodes_in_tree(path, known), &p, NULL);

	(void)fi;
	if (rc) {
		answer_code(req, rc);
		return;
	}
	st = nodes_stat(t, &p, path);
	fuse_reply_attr(req, &st, left_seconds(t));
}

static void answer_readlink(fuse_req_t req, fuse_ino_t ino)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	char known[PROC_PATH_MAX];
	bool whole;
	int rc = mount_tree_text(answer_tree(req),
				 nodes_in_tree(inodes_path(ino), known), &b,
				 &whole, NULL);

	if (rc)
		answer_code(req, rc);
	else if (!b.len)
		fuse_reply_err(req, EIO);
	else if (b.len >= PATH_MAX) /* as d_path() has it */
		fuse_reply_err(req, ENAMETOOLONG);
	else
		fuse_reply_readlink(req, b.data);
}

static void open_destroy(struct answer_open *o)
{
	buf_deinit(&o->text);
	mount_tree_names_deinit(&o->names);
	free(o);
}

/* NULL: it was answered. */
static struct answer_open *open_create(fuse_req_t req, fuse_ino_t ino)
{
	struct answer_open *o = calloc(1, sizeof(*o));
	const char *path;

	if (!o) {
		fuse_reply_err(req, ENOMEM);
		return NULL;
	}
	path = nodes_in_tree(inodes_path(ino), o->path);
	if (path != o->path)
		snprintf(o->path, sizeof(o->path), "%s", path);
	return o;
}

/* Hand it to the kernel, unless there was an error. */
static void open_reply(fuse_req_t req, struct answer_open *o, int rc,
		       struct fuse_file_info *fi)
{
	o->boot = answer_tree(req)->boot;
	fi->fh = (uintptr_t)o;
	if (rc)
		answer_code(req, rc);
	if (rc || fuse_reply_open(req, fi))
		open_destroy(o);
}

/* A text is read at once. */
static int open_file(struct mount_tree *t, struct answer_open *o)
{
	struct mount_tree_place p;
	int rc;

	o->kind = mount_tree_kind_named(o->path);
	o->by_records = mount_tree_by_records(o->path);
	if (o->kind != TREE_BYTES && o->kind != TREE_OBJECT)
		return mount_tree_text(t, o->path, &o->text, &o->whole, NULL);
	rc = mount_tree_find(t, o->path, &p, NULL);
	if (!rc && o->kind == TREE_BYTES)
		o->bytes = (struct mount_tree_bytes){p.file,
						     p.task ? p.task->pid : 0,
						     p.task ? p.task->mm : 0};
	return rc;
}

static bool open_writes(const struct fuse_file_info *fi)
{
	return (fi->flags & O_ACCMODE) != O_RDONLY;
}

static void answer_open(fuse_req_t req, fuse_ino_t ino,
			struct fuse_file_info *fi)
{
	struct mount_tree *t = answer_tree(req);
	struct answer_open *o;
	int rc;

	if ((open_writes(fi) && !t->guest->write) || (fi->flags & O_TRUNC)) {
		fuse_reply_err(req, EACCES);
		return;
	}
	o = open_create(req, ino);
	if (!o)
		return;
	t->counts.opens++;
	rc = open_file(t, o);
	/* docs/facts/fuse.md, "Sizes of 0" */
	fi->direct_io = 1;
	if (!rc && open_writes(fi) &&
	    !mount_tree_is_written(t, o->bytes.file)) {
		fuse_reply_err(req, EACCES);
		open_destroy(o);
		return;
	}
	open_reply(req, o, rc, fi);
}

/* What is not whole ends in an error, not as if it were. */
static void answer_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
			struct fuse_file_info *fi)
{
	const struct answer_open *o = open_of(fi);
	size_t from = (uint64_t)off < o->text.len ? (size_t)off : o->text.len;
	size_t n = o->by_records ? nodes_record(o->text.data, o->text.len, from)
				 : o->text.len - from;

	(void)ino;
	if (o->boot != answer_tree(req)->boot)
		fuse_reply_err(req, ESTALE);
	else if (o->kind == TREE_OBJECT)
		fuse_reply_err(req, EINVAL);
	else if (o->kind == TREE_BYTES)
		answer_read_bytes(req, o, size, off);
	else if (!n && !o->whole)
		fuse_reply_err(req, EIO);
	else
		fuse_reply_buf(req, n ? o->text.data + from : NULL,
			       n < size ? n : size);
}

static void answer_release(fuse_req_t req, fuse_ino_t ino,
			   struct fuse_file_info *fi)
{
	(void)ino;
	open_destroy(open_of(fi));
	fuse_reply_err(req, 0);
}

static void answer_opendir(fuse_req_t req, fuse_ino_t ino,
			   struct fuse_file_info *fi)
{
	struct answer_open *o = open_create(req, ino);
	int rc;

	if (!o)
		return;
	rc = mount_tree_list(answer_tree(req), o->path, &o->names, &o->whole,
			     NULL);
	open_reply(req, o, rc, fi);
}

/* The entry at a place: ".", "..", and then the names. */
static const char *dir_entry(const struct answer_open *o, size_t i,
			     struct stat *st)
{
	const struct mount_tree_name *name;
	char path[PROC_PATH_MAX];

	*st = (struct stat){.st_mode = S_IFDIR,
			    .st_ino = inodes_number(o->path)};
	if (i < 2)
		return i ? ".." : ".";
	name = &o->names.v.v[i - 2];
	st->st_mode = nodes_mode(name->kind);
	if (nodes_join(o->path, name->name, path))
		st->st_ino = inodes_number(path);
	return name->name;
}

static void answer_readdir(fuse_req_t req, fuse_ino_t ino, size_t size,
			   off_t off, struct fuse_file_info *fi)
{
	const struct answer_open *o = open_of(fi);
	_cleanup_free_ char *out = malloc(size);
	size_t i, n = 0, total = o->names.v.n + 2;

	(void)ino;
	if (o->boot != answer_tree(req)->boot || !out) {
		fuse_reply_err(req, out ? ESTALE : ENOMEM);
		return;
	}
	for (i = (uint64_t)off < total ? (size_t)off : total; i < total; i++) {
		struct stat st;
		const char *name = dir_entry(o, i, &st);
		size_t more = fuse_add_direntry(req, out + n, size - n, name,
						&st, (off_t)i + 1);

		if (more > size - n)
			break;
		n += more;
	}
	if (!n && i == total && !o->whole)
		fuse_reply_err(req, EIO);
	else
		fuse_reply_buf(req, out, n);
}

const struct fuse_lowlevel_ops answer_ops = {
	.init = answer_init,
	.lookup = answer_lookup,
	.forget = answer_forget,
	.forget_multi = answer_forget_multi,
	.getattr = answer_getattr,
	.readlink = answer_readlink,
	.open = answer_open,
	.read = answer_read,
	.write = answer_write,
	.lseek = answer_lseek,
	.release = answer_release,
	.opendir = answer_opendir,
	.readdir = answer_readdir,
	.releasedir = answer_release,
	REFUSE_OPS,
};
