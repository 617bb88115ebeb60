/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/mountinfo, mounts and mountstats (fs/proc_namespace.c). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/escape.h"
#include "kernel/dev.h"
#include "kernel/fs/mount_view.h"
#include "proc/mount_rows.h"
#include "proc/proc.h"

/* What parts the fields of a line, in paths and in other words. */
#define PATH_BLANKS " \t\n\\"
#define WORD_BLANKS " \t\n\\#" /* without the last one in 5.10 */

/* What of a mount a file shows beside its place. */
enum mount_fields {
	SHOWS_OPTIONS = 1 << 0,
	SHOWS_ROOT = 1 << 1,
	SHOWS_STATS = 1 << 2
};

/* A mount of a view, with all that belongs to it. */
struct mount_line {
	const struct mount_seen *seen;
	const struct mount_info *info;
	const struct mount_super *super;
	bool mapped, idmap_known;
	enum mount_hash hash;
};

static struct mount_line mount_line_of(const struct mount_views *m,
				       const struct mount_view *view,
				       size_t record)
{
	const struct mount_seen *seen = &view->v.v[record];
	const struct mount_info *info = mount_seen_info(m, view, record);

	return (struct mount_line){
		.seen = seen,
		.info = info,
		.super = &m->supers.v.v[seen->super],
		.mapped = mount_is_mapped(m, info, &m->supers.v.v[seen->super]),
		.idmap_known = m->idmaps_known,
		.hash = m->hash,
	};
}

/* Why a mount's line is not known; NULL: it is.  Who reads the file sees the
 * line all the same, and so none is made up here. */
static const char *mount_line_lacks(const struct mount_line *l,
				    unsigned int shows)
{
	static const char *const says[] = {
		[MOUNT_SAYS] = NULL,
		[MOUNT_TORN] = "cannot be read",
		[MOUNT_UNKNOWN] = "are made by a function that qvmi does not "
				  "know",
		[MOUNT_LACKS] = "are of a kind that qvmi does not know",
		[MOUNT_UNTYPED] = "are in a module, whose types this kernel "
				  "does not have",
	};

	if (!l->info->known || !l->seen->point)
		return "cannot be read";
	if (!l->hash && mount_has_hash(l->info))
		return says[MOUNT_LACKS];
	if (l->super->show_devname)
		return says[MOUNT_UNKNOWN];
	if (shows & SHOWS_STATS)
		return l->super->show_stats ? says[MOUNT_UNKNOWN] : NULL;
	if (shows & SHOWS_ROOT && l->super->path_say)
		return says[l->super->path_say];
	if (shows & SHOWS_ROOT &&
	    (l->seen->unknown_masters || (!l->super->path && !l->info->root)))
		return says[MOUNT_TORN];
	return l->idmap_known ? says[l->super->say] : says[MOUNT_LACKS];
}

static unsigned int mount_file_shows(const struct proc_file *f)
{
	return f == &proc_pid_mounts	   ? SHOWS_OPTIONS
	       : f == &proc_pid_mountstats ? SHOWS_STATS
					   : SHOWS_OPTIONS | SHOWS_ROOT;
}

static void mount_part_lines(const struct mount_views *m,
			     const struct mount_view *view, unsigned int shows,
			     struct proc_part *part)
{
	size_t i, lack = 0;

	for (i = 0; i < view->v.n; i++) {
		struct mount_line l = mount_line_of(m, view, i);
		const char *why = mount_line_lacks(&l, shows);

		if (!why || lack++)
			continue;
		part->torn = true;
		if (l.seen->point)
			buf_printf(&part->why, "details of the mount at %s",
				   l.seen->point);
		else
			buf_printf(&part->why,
				   "details of the mount at 0x%" PRIx64,
				   l.info->addr);
		buf_printf(&part->why, " (%s) %s", l.info->type, why);
	}
	if (lack > 1)
		buf_printf(&part->why, "; and of %zu more", lack - 1);
}

static void mount_part(const struct mount_views *m,
		       const struct mount_view *view, unsigned int shows,
		       struct proc_part *part)
{
	const struct mount_space *s = &m->spaces.v.v[view->space];

	part->records = view->v.n;
	proc_mounts_missing(s, s->cut || view->cut, part);
	if (!part->torn)
		mount_part_lines(m, view, shows, part);
}

static int mount_files_read(struct kernel *k, struct proc_values *out,
			    struct err *err)
{
	struct mount_views *m = calloc(1, sizeof(*m));
	unsigned int shows = mount_file_shows(out->file);
	size_t i;
	int rc;

	out->own = m;
	if (!m)
		return err_nomem(err);
	rc = mount_views_read(k, out->tasks, out->n, m, err);
	for (i = 0; i < out->n && !rc; i++)
		/* a process without a namespace shows nothing */
		if (m->of[i] != SIZE_MAX)
			mount_part(m, &m->v.v[m->of[i]], shows, &out->parts[i]);
	return rc;
}

static void mount_files_deinit(struct proc_values *v)
{
	mount_views_deinit(v->own);
	free(v->own);
}

static struct mount_line mount_line(const struct proc_values *v, size_t i,
				    size_t record)
{
	const struct mount_views *m = v->own;

	return mount_line_of(m, &m->v.v[m->of[i]], record);
}

static void mount_put_word(const struct mount_line *l, const char *word,
			   struct buf *out)
{
	escape_add_octal(out, word,
			 l->hash == MOUNT_HASH_ESCAPED ? WORD_BLANKS
						       : PATH_BLANKS);
}

static void mount_put_source(const struct mount_line *l, struct buf *out)
{
	mount_put_word(l, l->info->source ? l->info->source : "none", out);
}

static void mount_put_options(const struct mount_line *l, struct buf *out)
{
	proc_mount_words(out, l->info->flags);
	if (l->mapped)
		buf_puts(out, ",idmapped");
}

static void mount_put_own(const struct mount_line *l, struct buf *out)
{
	buf_add(out, l->super->options.data, l->super->options.len);
}

/* show_vfsmnt(); the last two numbers are fstab's. */
static void mounts_text(const struct proc_values *v, size_t i, size_t record,
			struct buf *out)
{
	struct mount_line l = mount_line(v, i, record);
	bool ro = l.info->flags & MNT_READONLY || l.info->sb_flags & SB_RDONLY;

	if (mount_line_lacks(&l, mount_file_shows(v->file)))
		return;
	mount_put_source(&l, out);
	buf_puts(out, " ");
	escape_add_octal(out, l.seen->point, PATH_BLANKS);
	buf_puts(out, " ");
	mount_put_word(&l, l.info->type, out);
	buf_puts(out, ro ? " ro" : " rw");
	proc_super_words(out, l.info->sb_flags);
	mount_put_options(&l, out);
	mount_put_own(&l, out);
	buf_puts(out, " 0 0\n");
}

static void mountinfo_put_root(const struct mount_line *l, struct buf *out)
{
	if (l->super->path) {
		buf_puts(out, l->super->path);
		return;
	}
	escape_add_octal(out, l->info->root, PATH_BLANKS);
	if (l->info->deleted && !l->super->never_deleted)
		buf_puts(out, "//deleted");
}

static void mountinfo_put_groups(const struct mount_line *l, struct buf *out)
{
	if (l->info->shared)
		buf_printf(out, " shared:%" PRId32, l->info->group);
	if (l->info->master_at) {
		buf_printf(out, " master:%" PRId32, l->info->master);
		if (l->seen->from && l->seen->from != l->info->master)
			buf_printf(out, " propagate_from:%" PRId32,
				   l->seen->from);
	}
	if (l->info->unbindable)
		buf_puts(out, " unbindable");
}

/* show_mountinfo() */
static void mountinfo_text(const struct proc_values *v, size_t i, size_t record,
			   struct buf *out)
{
	struct mount_line l = mount_line(v, i, record);

	if (mount_line_lacks(&l, mount_file_shows(v->file)))
		return;
	buf_printf(out, "%" PRId32 " %" PRId32 " %u:%u ", l.info->id,
		   l.info->parent, dev_major(l.info->dev),
		   dev_minor(l.info->dev));
	mountinfo_put_root(&l, out);
	buf_puts(out, " ");
	escape_add_octal(out, l.seen->point, PATH_BLANKS);
	buf_puts(out, l.info->flags & MNT_READONLY ? " ro" : " rw");
	mount_put_options(&l, out);
	mountinfo_put_groups(&l, out);
	buf_puts(out, " - ");
	mount_put_word(&l, l.info->type, out);
	buf_puts(out, " ");
	mount_put_source(&l, out);
	buf_puts(out, l.info->sb_flags & SB_RDONLY ? " ro" : " rw");
	proc_super_words(out, l.info->sb_flags);
	mount_put_own(&l, out);
	buf_puts(out, "\n");
}

/* show_vfsstat() */
static void mountstats_text(const struct proc_values *v, size_t i,
			    size_t record, struct buf *out)
{
	struct mount_line l = mount_line(v, i, record);

	if (mount_line_lacks(&l, mount_file_shows(v->file)))
		return;
	buf_puts(out, l.info->source ? "device " : "no device");
	if (l.info->source)
		mount_put_source(&l, out);
	buf_puts(out, " mounted on ");
	escape_add_octal(out, l.seen->point, PATH_BLANKS);
	buf_puts(out, " with fstype ");
	mount_put_word(&l, l.info->type, out);
	buf_puts(out, "\n");
}

const struct proc_file proc_pid_mountinfo = {
	.name = "mountinfo",
	.scope = PROC_TASK,
	.read = mount_files_read,
	.text = mountinfo_text,
	.deinit = mount_files_deinit,
};

const struct proc_file proc_pid_mounts = {
	.name = "mounts",
	.scope = PROC_TASK,
	.read = mount_files_read,
	.text = mounts_text,
	.deinit = mount_files_deinit,
};

const struct proc_file proc_pid_mountstats = {
	.name = "mountstats",
	.scope = PROC_PROCESS,
	.read = mount_files_read,
	.text = mountstats_text,
	.deinit = mount_files_deinit,
};

static int mounts_link_read(struct kernel *k, struct proc_values *out,
			    struct err *err)
{
	(void)k;
	(void)err;
	buf_puts(&out->parts->text, "self/mounts");
	return 0;
}

const struct proc_file proc_mounts = {
	.name = "mounts",
	.scope = PROC_SYSTEM,
	.kind = PROC_LINK,
	.read = mounts_link_read,
};
