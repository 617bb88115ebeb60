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
#include "mount/held.h"
#include "mount/nodes.h"
#include "mount/refuse.h"
#include "mount/serve.h"

/* How long the kernel may hold on to names that are the same for all tasks, in
 * seconds: what it finds by them is asked for all the same. */
#define NAMES_LAST 3600

/* And on to attributes of texts, so that who goes on looking need not ask: as
 * long as the tree takes something for a habit.  That another owner has a task
 * is found where its directory is looked up (inodes.h). */
#define TEXTS_LAST 10

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

/* How long attributes hold. */
static double attributes_last(const struct mount_tree *t,
			      enum mount_tree_kind kind)
{
	return kind == TREE_TEXT ? TEXTS_LAST : left_seconds(t);
}

static void answer_init(void *user, struct fuse_conn_info *conn)
{
	struct serve *s = user;

	/* Then each read sees attributes that hold. */
	s->holds = conn->capable & FUSE_CAP_AUTO_INVAL_DATA;
	/* Who is confined can make no pipes: docs/facts/fuse.md, "The
	 * library".  And who lists a directory looks at all of it mostly. */
	conn->want &= ~(
		unsigned int)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
			      FUSE_CAP_SPLICE_MOVE | FUSE_CAP_READDIRPLUS_AUTO);
}

bool answer_entry(struct serve *s, const char *path,
		  const struct mount_tree_place *p,
		  struct fuse_entry_param *out)
{
	*out = (struct fuse_entry_param){
		.ino = inodes_take(&s->inodes, path, nodes_owner(p)),
		.attr_timeout = attributes_last(s->tree, p->kind),
		.entry_timeout = p->lasts ? NAMES_LAST : left_seconds(s->tree)};
	if (!out->ino)
		return false;
	held_look(s, out->ino, p);
	out->attr =
		nodes_stat(s->tree, p, path, inodes_told(&s->inodes, out->ino));
	return true;
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
	if (!rc && !answer_entry(s, path, &p, &e))
		rc = ERR_NOMEM;
	if (own)
		e.entry_timeout = 0;
	if (rc == ERR_NOT_FOUND && p.lasts) {
		e.entry_timeout = NAMES_LAST;
		fuse_reply_entry(req, &e);
	} else if (rc) {
		answer_code(req, rc);
	} else if (fuse_reply_entry(req, &e)) {
		inodes_forget(&s->inodes, e.ino, 1);
	}
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

/* Of a text that is open, and held: as it was then. */
static void getattr_held(fuse_req_t req, fuse_ino_t ino,
			 const struct answer_open *o)
{
	struct serve *s = fuse_req_userdata(req);
	struct stat st =
		nodes_stat_text(inodes_path(ino), inodes_told(&s->inodes, ino));

	if (o->boot != s->tree->boot)
		fuse_reply_err(req, ESTALE);
	else
		fuse_reply_attr(req, &st, TEXTS_LAST);
}

static void answer_getattr(fuse_req_t req, fuse_ino_t ino,
			   struct fuse_file_info *fi)
{
	struct serve *s = fuse_req_userdata(req);
	const char *path = inodes_path(ino);
	char known[PROC_PATH_MAX];
	struct mount_tree_place p;
	struct stat st;
	int rc;

	if (fi && open_of(fi)->held) {
		getattr_held(req, ino, open_of(fi));
		return;
	}
	rc = mount_tree_find(s->tree, nodes_in_tree(path, known), &p, NULL);
	if (rc) {
		answer_code(req, rc);
		return;
	}
	held_look(s, ino, &p);
	st = nodes_stat(s->tree, &p, path, inodes_told(&s->inodes, ino));
	fuse_reply_attr(req, &st, attributes_last(s->tree, p.kind));
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

void answer_close(struct serve *s, struct answer_open *o)
{
	if (o->node)
		held_close(s, o->node);
	buf_deinit(&o->text);
	mount_tree_names_deinit(&o->names);
	free(o);
}

struct answer_open *answer_open_create(fuse_req_t req, fuse_ino_t ino)
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

void answer_open_reply(fuse_req_t req, struct answer_open *o, int rc,
		       struct fuse_file_info *fi)
{
	struct serve *s = fuse_req_userdata(req);

	o->boot = s->tree->boot;
	fi->fh = (uintptr_t)o;
	if (rc)
		answer_code(req, rc);
	if (rc || fuse_reply_open(req, fi))
		answer_close(s, o);
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

/* What is not held is read bit by bit (docs/facts/fuse.md, "Sizes of 0"). */
static void open_held(fuse_req_t req, fuse_ino_t ino, struct answer_open *o,
		      struct fuse_file_info *fi)
{
	bool holds = o->kind == TREE_TEXT && o->whole && !o->by_records;

	o->node = ino;
	o->held =
		held_open(fuse_req_userdata(req), ino, holds ? &o->text : NULL);
	fi->direct_io = !o->held;
	fi->keep_cache = o->held;
	fi->noflush = 1;
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
	o = answer_open_create(req, ino);
	if (!o)
		return;
	t->counts.opens++;
	rc = open_file(t, o);
	if (!rc && open_writes(fi) &&
	    !mount_tree_is_written(t, o->bytes.file)) {
		answer_close(fuse_req_userdata(req), o);
		fuse_reply_err(req, EACCES);
		return;
	}
	if (!rc)
		open_held(req, ino, o, fi);
	answer_open_reply(req, o, rc, fi);
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

void answer_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	answer_close(fuse_req_userdata(req), open_of(fi));
	fuse_reply_err(req, 0);
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
	.readdirplus = answer_readdirplus,
	.releasedir = answer_release,
	REFUSE_OPS,
};
