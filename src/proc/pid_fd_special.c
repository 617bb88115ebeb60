/* SPDX-License-Identifier: BSD-2-Clause */
/* What files of special kinds add to /proc/PID/fdinfo. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "proc/pid_fd.h"

/* ep_show_fdinfo() of fs/eventpoll.c */
static bool special_put_epoll(const struct epolls *e, size_t nr,
			      struct buf *out)
{
	const struct epoll_range *r = &e->of[nr];
	size_t i;

	for (i = r->first; i < r->first + r->n && out; i++) {
		const struct epoll_watch *w = &e->v[i];

		buf_printf(out,
			   "tfd: %8" PRId32 " events: %8" PRIx32
			   " data: %16" PRIx64 "  pos:%" PRId64 " ino:%" PRIx64
			   " sdev:%" PRIx32 "\n",
			   w->fd, w->events, w->data, w->pos, w->ino, w->dev);
	}
	return r->known;
}

/* pidfd_show_fdinfo() of kernel/fork.c, later fs/pidfs.c; as PID 1's /proc. */
static bool special_put_pidfd(const struct pidfds *p, size_t nr,
			      struct buf *out)
{
	const struct pid_numbers *numbers = &p->pids.of[nr];
	int32_t pid = p->alive[nr] ? (int32_t)pids_first(&p->pids, nr) : -1;
	size_t level;

	if (!numbers->n || !out)
		return numbers->n;
	buf_printf(out, "Pid:\t%" PRId32 "\n", pid);
	if (!p->namespaces)
		return true;
	buf_printf(out, "NSpid:\t%" PRId32, pid);
	for (level = 1; level < numbers->n && pid > 0; level++)
		buf_printf(out, "\t%" PRIu32,
			   p->pids.numbers[numbers->first + level].nr);
	buf_puts(out, "\n");
	return true;
}

#define SECOND 1000000000

static void special_put_time(const char *name, int64_t ns, struct buf *out)
{
	buf_printf(out, "%s: (%" PRId64 ", %" PRId64 ")\n", name, ns / SECOND,
		   ns % SECOND);
}

/* timerfd_show() of fs/timerfd.c */
static bool special_put_timer(const struct timerfd *t, struct buf *out)
{
	if (!t->known || !out)
		return t->known;
	buf_printf(out,
		   "clockid: %" PRId32 "\n"
		   "ticks: %" PRIu64 "\n"
		   "settime flags: 0%" PRIo32 "\n",
		   t->clock, t->ticks, t->flags);
	special_put_time("it_value", t->left, out);
	special_put_time("it_interval", t->interval, out);
	return true;
}

static void special_put_handle(const struct inotify_watch *w, struct buf *out)
{
	uint32_t words[3] = {(uint32_t)w->ino, w->generation, 0};
	size_t i, n = 2;

	if (w->handle == INOTIFY_HANDLE_NONE)
		return;
	if (w->handle == INOTIFY_HANDLE_SHMEM) {
		words[0] = w->generation;
		words[1] = (uint32_t)w->ino;
		words[2] = (uint32_t)(w->ino >> 32);
		n = 3;
	}
	buf_printf(out, "fhandle-bytes:%zx fhandle-type:1 f_handle:", 4 * n);
	for (i = 0; i < 4 * n; i++)
		buf_printf(out, "%02" PRIx32, words[i / 4] >> i % 4 * 8 & 0xff);
}

/* inotify_fdinfo() of fs/notify/fdinfo.c */
static bool special_put_inotify(const struct inotifies *n, size_t nr,
				struct buf *out)
{
	const struct inotify_range *r = &n->of[nr];
	size_t i;

	for (i = r->first; i < r->first + r->n && out; i++) {
		const struct inotify_watch *w = &n->v[i];

		if (!w->is_inode)
			continue;
		buf_printf(out,
			   "inotify wd:%" PRIx32 " ino:%" PRIx64
			   " sdev:%" PRIx32 " mask:%" PRIx32 " ignored_mask:0 ",
			   (uint32_t)w->wd, w->ino, w->dev, w->mask);
		special_put_handle(w, out);
		buf_puts(out, "\n");
	}
	return r->known;
}

bool proc_fds_put_special(const struct fd_values *own,
			  const struct open_file *f, struct buf *out)
{
	const struct fd_specials *s = &own->specials;
	size_t nr = s->nr ? s->nr[f - own->open] : 0;

	if (!s->nr)
		return true;
	switch (f->extra) {
	case OPEN_FILE_EPOLL:
		return special_put_epoll(&s->epolls, nr, out);
	case OPEN_FILE_PIDFD:
		return special_put_pidfd(&s->pidfds, nr, out);
	case OPEN_FILE_INOTIFY:
		return special_put_inotify(&s->inotifies, nr, out);
	case OPEN_FILE_TIMERFD:
		return special_put_timer(&s->timers[nr], out);
	default:
		return true;
	}
}

/* The files of a kind are numbered; at[i] is what i of them is read of. */
static size_t special_sort(struct fd_values *own, enum open_file_extra kind,
			   uint64_t *at)
{
	size_t i, n = 0;

	for (i = 0; i < own->infos.files.n; i++)
		if (own->open[i].extra == kind) {
			own->specials.nr[i] = n;
			at[n++] = own->open[i].data;
		}
	return n;
}

int proc_fds_read_specials(struct kernel *k, struct fd_values *own,
			   struct err *err)
{
	size_t all = own->infos.files.n, n;
	_cleanup_free_ uint64_t *at = calloc(all + 1, sizeof(*at));
	struct fd_specials *s = &own->specials;
	int rc;

	s->nr = calloc(all + 1, sizeof(*s->nr));
	if (!at || !s->nr)
		return err_nomem(err);
	n = special_sort(own, OPEN_FILE_EPOLL, at);
	rc = n ? epolls_read(k, at, n, &s->epolls, err) : 0;
	if (rc && rc != ERR_NO_LINUX) /* then they are not known */
		return rc;
	n = special_sort(own, OPEN_FILE_INOTIFY, at);
	rc = n ? inotifies_read(k, at, n, &s->inotifies, err) : 0;
	if (rc && rc != ERR_NO_LINUX)
		return rc;
	n = special_sort(own, OPEN_FILE_TIMERFD, at);
	s->timers = calloc(n + 1, sizeof(*s->timers));
	if (!s->timers)
		return err_nomem(err);
	rc = n ? timerfds_read(k, at, n, s->timers, err) : 0;
	if (rc && rc != ERR_NO_LINUX)
		return rc;
	n = special_sort(own, OPEN_FILE_PIDFD, at);
	return n ? pidfds_read(k, at, n, &s->pidfds, err) : 0;
}

void proc_fds_specials_deinit(struct fd_specials *s)
{
	free(s->nr);
	epolls_deinit(&s->epolls);
	pidfds_deinit(&s->pidfds);
	free(s->timers);
	inotifies_deinit(&s->inotifies);
}
