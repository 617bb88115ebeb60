/* SPDX-License-Identifier: BSD-2-Clause */
/* What inotify and fanotify add to /proc/PID/fdinfo (fs/notify/fdinfo.c). */
#include <inttypes.h>

#include "proc/pid_fd_special.h"

static int notify_read_inotify(struct kernel *k, const uint64_t *at, size_t n,
			       struct fd_specials *out, struct err *err)
{
	return fsnotify_groups_read(k, FSNOTIFY_INOTIFY, at, n, &out->inotifies,
				    err);
}

static int notify_read_fanotify(struct kernel *k, const uint64_t *at, size_t n,
				struct fd_specials *out, struct err *err)
{
	return fsnotify_groups_read(k, FSNOTIFY_FANOTIFY, at, n,
				    &out->fanotifies, err);
}

/* show_mark_fhandle(), with the end of the line */
static void notify_put_handle(const struct fsnotify_mark *m, struct buf *out)
{
	uint32_t words[3] = {(uint32_t)m->ino, m->generation, 0};
	size_t i, n = 2;

	if (m->handle == FSNOTIFY_HANDLE_SHMEM) {
		words[0] = m->generation;
		words[1] = (uint32_t)m->ino;
		words[2] = (uint32_t)(m->ino >> 32);
		n = 3;
	}
	if (m->handle != FSNOTIFY_HANDLE_NONE) {
		buf_printf(out,
			   "fhandle-bytes:%zx fhandle-type:1 f_handle:", 4 * n);
		for (i = 0; i < 4 * n; i++)
			buf_printf(out, "%02" PRIx32,
				   words[i / 4] >> i % 4 * 8 & 0xff);
	}
	buf_puts(out, "\n");
}

/* inotify_fdinfo() */
static bool notify_put_inotify(const struct fd_specials *s, size_t nr,
			       struct buf *out)
{
	const struct fsnotify_groups *all = &s->inotifies;
	const struct fsnotify_group *g = &all->of[nr];
	size_t i;

	for (i = g->first; i < g->first + g->n && out; i++) {
		const struct fsnotify_mark *m = &all->v[i];

		if (m->object != FSNOTIFY_INODE)
			continue;
		buf_printf(out,
			   "inotify wd:%" PRIx32 " ino:%" PRIx64
			   " sdev:%" PRIx32 " mask:%" PRIx32 " ignored_mask:0 ",
			   (uint32_t)m->wd, m->ino, m->dev, m->mask);
		notify_put_handle(m, out);
	}
	return g->known;
}

const struct fd_special proc_fd_inotify = {notify_read_inotify,
					   notify_put_inotify};

/* fanotify_fdinfo() */
static void notify_put_mark(const struct fsnotify_mark *m, struct buf *out)
{
	switch (m->object) {
	case FSNOTIFY_INODE:
		buf_printf(out, "fanotify ino:%" PRIx64 " sdev:%" PRIx32,
			   m->ino, m->dev);
		break;
	case FSNOTIFY_MOUNT:
		buf_printf(out, "fanotify mnt_id:%" PRIx32, m->number);
		break;
	case FSNOTIFY_SUPER:
		buf_printf(out, "fanotify sdev:%" PRIx32, m->dev);
		break;
	case FSNOTIFY_MOUNTS:
		buf_printf(out, "fanotify mnt_ns:%" PRIu32, m->number);
		break;
	default:
		return;
	}
	buf_printf(out,
		   " mflags:%" PRIx32 " mask:%" PRIx32 " ignored_mask:%" PRIx32,
		   m->flags, m->mask, m->ignored);
	if (m->object != FSNOTIFY_INODE) {
		buf_puts(out, "\n");
		return;
	}
	buf_puts(out, " ");
	notify_put_handle(m, out);
}

/* fanotify_show_fdinfo() */
static bool notify_put_fanotify(const struct fd_specials *s, size_t nr,
				struct buf *out)
{
	const struct fsnotify_groups *all = &s->fanotifies;
	const struct fsnotify_group *g = &all->of[nr];
	size_t i;

	if (!out)
		return g->known;
	buf_printf(out, "fanotify flags:%" PRIx32 " event-flags:%" PRIx32 "\n",
		   g->flags, g->file_flags);
	for (i = g->first; i < g->first + g->n; i++)
		notify_put_mark(&all->v[i], out);
	return g->known;
}

const struct fd_special proc_fd_fanotify = {notify_read_fanotify,
					    notify_put_fanotify};
