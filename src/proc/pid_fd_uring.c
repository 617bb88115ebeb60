/* SPDX-License-Identifier: BSD-2-Clause */
/* What rings of io_uring add to /proc/PID/fdinfo (io_uring/fdinfo.c). */
#include <inttypes.h>

#include "base/escape.h"
#include "proc/pid_fd_special.h"

static int uring_read(struct kernel *k, const uint64_t *at, size_t n,
		      struct fd_specials *out, struct err *err)
{
	return io_urings_read(k, at, n, &out->rings, err);
}

static void uring_put_done(const struct io_urings *all,
			   const struct io_uring *u, struct buf *out)
{
	const char *flags = all->own_flags ? "flags" : "flag";
	size_t i;

	buf_printf(out, "CQEs:\t%" PRIu32 "\n", u->cq_tail - u->cq_head);
	for (i = u->first_done; i < u->first_done + u->n_done; i++) {
		const struct io_uring_done *d = &all->done[i];

		buf_printf(out,
			   "%5" PRIu32 ": user_data:%" PRIu64 ", res:%" PRId32
			   ", %s:%" PRIx32 "\n",
			   d->index, d->user_data, d->result, flags, d->flags);
	}
}

static void uring_put_rings(const struct io_urings *all,
			    const struct io_uring *u, struct buf *out)
{
	buf_printf(out,
		   "SqMask:\t0x%" PRIx32 "\n"
		   "SqHead:\t%" PRIu32 "\n"
		   "SqTail:\t%" PRIu32 "\n"
		   "CachedSqHead:\t%" PRIu32 "\n",
		   u->sq_entries - 1, u->sq_head, u->sq_tail,
		   u->sq_cached_head);
	buf_printf(out,
		   "CqMask:\t0x%" PRIx32 "\n"
		   "CqHead:\t%" PRIu32 "\n"
		   "CqTail:\t%" PRIu32 "\n"
		   "CachedCqTail:\t%" PRIu32 "\n"
		   "SQEs:\t%" PRIu32 "\n",
		   u->cq_entries - 1, u->cq_head, u->cq_tail, u->cq_cached_tail,
		   u->sq_tail - u->sq_head);
	uring_put_done(all, u, out);
}

static void uring_put_napi_on(const struct io_uring *u, const char *tracking,
			      struct buf *out)
{
	buf_puts(out, "NAPI:\tenabled\n");
	if (tracking)
		buf_printf(out, "napi tracking:\t%s\n", tracking);
	buf_printf(out,
		   "napi_busy_poll_dt:\t%" PRIu64 "\n"
		   "napi_prefer_busy_poll:\t%s\n",
		   u->napi_timeout, u->napi_preferred ? "true" : "false");
}

#define TRACKING_INACTIVE 255 /* enum io_uring_napi_tracking_strategy */

/* napi_show_fdinfo(), and what stood for it before */
static void uring_put_napi(const struct io_urings *all,
			   const struct io_uring *u, struct buf *out)
{
	static const char *const tracking[] = {"dynamic", "static"};
	bool tracks = all->napi == IO_URING_NAPI_TRACKING;

	if (u->napi == (tracks ? TRACKING_INACTIVE : 0))
		buf_puts(out, "NAPI:\tdisabled\n");
	else if (!tracks)
		uring_put_napi_on(u, NULL, out);
	else if (u->napi < sizeof(tracking) / sizeof(tracking[0]))
		uring_put_napi_on(u, tracking[u->napi], out);
	else
		buf_printf(out, "NAPI:\tunknown mode (%u)\n", u->napi);
}

static void uring_put_file(const struct io_urings *all,
			   const struct io_uring_file *f, size_t nr,
			   struct buf *out)
{
	if (!all->paths) {
		buf_printf(out, "%5zu: %s\n", nr, f->none ? "<none>" : f->name);
	} else if (!f->none) {
		buf_printf(out, "%5zu: ", nr);
		escape_add_octal(out, f->path, " \t\n\\");
		buf_puts(out, "\n");
	}
}

static void uring_put_kept(const struct io_urings *all,
			   const struct io_uring *u, struct buf *out)
{
	size_t i;

	buf_printf(out, "UserFiles:\t%zu\n", u->n_files);
	for (i = 0; i < u->n_files; i++)
		uring_put_file(all, &all->files[u->first_file + i], i, out);
	buf_printf(out, "UserBufs:\t%zu\n", u->n_buffers);
	for (i = 0; i < u->n_buffers; i++) {
		const struct io_uring_buffer *b =
			&all->buffers[u->first_buffer + i];

		if (b->none)
			buf_printf(out, "%5zu: <none>\n", i);
		else
			buf_printf(out, "%5zu: 0x%" PRIx64 "/%" PRIu64 "\n", i,
				   b->at, b->len);
	}
}

/* io_uring_show_fdinfo() of one without a thread */
static bool uring_put(const struct fd_specials *s, size_t nr, struct buf *out)
{
	const struct io_urings *all = &s->rings;
	const struct io_uring *u = &all->v[nr];
	size_t i;

	if (!u->known || !out)
		return u->known;
	if (all->rings)
		uring_put_rings(all, u, out);
	buf_puts(out, "SqThread:\t-1\nSqThreadCpu:\t-1\n");
	if (all->times)
		buf_puts(out, "SqTotalTime:\t0\nSqWorkTime:\t0\n");
	uring_put_kept(all, u, out);
	buf_puts(out, "PollList:\n");
	for (i = u->first_poll; i < u->first_poll + u->n_polls; i++)
		buf_printf(out, "  op=%u, task_works=%d\n",
			   all->polls[i].opcode, all->polls[i].task_works);
	if (all->rings)
		buf_puts(out, "CqOverflowList:\n");
	if (all->napi)
		uring_put_napi(all, u, out);
	return true;
}

const struct fd_special proc_fd_io_uring = {uring_read, uring_put};
