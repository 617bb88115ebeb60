/* SPDX-License-Identifier: BSD-2-Clause */
/* Mounts as rows: what /proc/PID/mountinfo says, but for options that each file
 * system has for itself. */
#include "proc/mount_rows.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/dev.h"

void proc_mounts_missing(const struct mount_space *s, bool cut,
			 struct proc_part *part)
{
	part->torn = s->torn || cut;
	if (s->torn)
		buf_printf(&part->why,
			   "mounts are missing from 0x%" PRIx64 " on",
			   s->torn_at);
	else if (cut)
		buf_puts(&part->why, "there are more mounts than qvmi reads");
}

static void mount_part(const struct mount_space *s, struct proc_part *part)
{
	size_t i;

	part->records = s->v.n;
	proc_mounts_missing(s, s->cut, part);
	for (i = 0; i < s->v.n && !part->torn; i++) {
		if (s->v.v[i].known)
			continue;
		part->torn = true;
		buf_printf(&part->why,
			   "the mount at 0x%" PRIx64 " cannot be read",
			   s->v.v[i].addr);
	}
}

static int mount_rows_read(struct kernel *k, struct proc_values *out,
			   struct err *err)
{
	struct mount_spaces *m = calloc(1, sizeof(*m));
	size_t i, next = 0;
	int rc;

	out->own = m;
	if (!m)
		return err_nomem(err);
	rc = mount_spaces_read(k, out->tasks, out->n, m, err);
	for (i = 0; i < out->n && !rc; i++)
		/* they are numbered as they come up */
		if (m->of[i] == next)
			mount_part(&m->v.v[next++], &out->parts[i]);
	return rc;
}

static void mount_rows_deinit(struct proc_values *v)
{
	mount_spaces_deinit(v->own);
	free(v->own);
}

static const struct mount_info *mount_of(const struct proc_values *v, size_t i,
					 size_t record)
{
	const struct mount_spaces *m = v->own;

	return &m->v.v[m->of[i]].v.v[record];
}

/* A flag, and the word for it. */
struct mount_word {
	uint32_t flag;
	const char *word;
};

/* show_vfsmnt_opts() and show_sb_opts() of fs/proc_namespace.c */
static const struct mount_word mount_words[] = {
	{MNT_NOSUID, "nosuid"},		  {MNT_NODEV, "nodev"},
	{MNT_NOEXEC, "noexec"},		  {MNT_NOATIME, "noatime"},
	{MNT_NODIRATIME, "nodiratime"},	  {MNT_RELATIME, "relatime"},
	{MNT_NOSYMFOLLOW, "nosymfollow"}, {0, NULL},
};

static const struct mount_word super_words[] = {
	{SB_SYNCHRONOUS, "sync"},
	{SB_DIRSYNC, "dirsync"},
	{SB_MANDLOCK, "mand"},
	{SB_LAZYTIME, "lazytime"},
	{0, NULL},
};

static void mount_put_words(struct buf *out, const struct mount_word *words,
			    uint32_t flags)
{
	for (; words->word; words++)
		if (flags & words->flag)
			buf_printf(out, ",%s", words->word);
}

void proc_mount_words(struct buf *out, uint32_t flags)
{
	mount_put_words(out, mount_words, flags);
}

void proc_super_words(struct buf *out, uint32_t flags)
{
	mount_put_words(out, super_words, flags);
}

static void mount_row_words(struct row_table *out, size_t column, bool ro,
			    const struct mount_word *words, uint32_t flags)
{
	_cleanup_(buf_deinit) struct buf b = {0};

	buf_puts(&b, ro ? "ro" : "rw");
	mount_put_words(&b, words, flags);
	out->rows->oom |= b.oom;
	if (b.len)
		row_bytes(out, column, b.data, b.len);
}

enum {
	ID = PROC_ROW_OWN,
	PARENT,
	TYPE,
	SOURCE,
	MAJOR,
	MINOR,
	ROOT,
	POINT,
	OPTIONS,
	SUPER_OPTIONS,
	SHARED,
	MASTER,
	UNBINDABLE,
	N_COLUMNS
};

static const struct row_column columns[] = {
	PROC_ROW_COLUMNS,
	[ID] = ROW_COLUMN("id", "ID", ROW_COUNT),
	[PARENT] = ROW_COLUMN("parent", "PARENT", ROW_COUNT),
	[TYPE] = ROW_COLUMN("type", "TYPE", ROW_GUEST),
	[SOURCE] = ROW_COLUMN("source", "SOURCE", ROW_GUEST),
	[MAJOR] = ROW_COLUMN("major", NULL, ROW_COUNT),
	[MINOR] = ROW_COLUMN("minor", NULL, ROW_COUNT),
	[ROOT] = ROW_COLUMN("root", NULL, ROW_GUEST),
	[POINT] = ROW_COLUMN("mount_point", "MOUNT_POINT", ROW_GUEST),
	[OPTIONS] = ROW_COLUMN("options", "OPTIONS", ROW_WORDS),
	[SUPER_OPTIONS] = ROW_COLUMN("super_options", NULL, ROW_WORDS),
	[SHARED] = ROW_COLUMN("shared", NULL, ROW_COUNT),
	[MASTER] = ROW_COLUMN("master", NULL, ROW_COUNT),
	[UNBINDABLE] = ROW_COLUMN("unbindable", NULL, ROW_FLAG),
};

static void mount_row_state(const struct mount_info *m, struct row_table *out)
{
	row_number(out, ID, (uint64_t)m->id);
	row_number(out, PARENT, (uint64_t)m->parent);
	row_string(out, TYPE, m->type);
	row_string(out, SOURCE, m->source ? m->source : "none");
	row_number(out, MAJOR, dev_major(m->dev));
	row_number(out, MINOR, dev_minor(m->dev));
	mount_row_words(out, OPTIONS, m->flags & MNT_READONLY, mount_words,
			m->flags);
	mount_row_words(out, SUPER_OPTIONS, m->sb_flags & SB_RDONLY,
			super_words, m->sb_flags);
	if (m->shared)
		row_number(out, SHARED, (uint64_t)m->group);
	if (m->master)
		row_number(out, MASTER, (uint64_t)m->master);
	row_number(out, UNBINDABLE, m->unbindable);
}

static void mount_rows(const struct proc_values *v, size_t i, size_t record,
		       struct row_table *out)
{
	const struct mount_info *m = mount_of(v, i, record);

	if (!m->known)
		return;
	proc_row_add(v, i, out);
	mount_row_state(m, out);
	if (m->root)
		row_string(out, ROOT, m->root);
	if (m->point.text)
		row_string(out, POINT, m->point.text);
}

/* One per line; there is no such file. */
static void mount_text(const struct proc_values *v, size_t i, size_t record,
		       struct buf *out)
{
	const struct mount_info *m = mount_of(v, i, record);

	buf_printf(out, "%s\n", m->point.text ? m->point.text : "");
}

const struct proc_file proc_mount_rows = {
	.name = "mounts",
	.scope = PROC_TASK,
	.read = mount_rows_read,
	.text = mount_text,
	.columns = columns,
	.n_columns = N_COLUMNS,
	.rows = mount_rows,
	.deinit = mount_rows_deinit,
};
