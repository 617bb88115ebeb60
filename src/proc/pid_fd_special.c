/* SPDX-License-Identifier: BSD-2-Clause */
/* What files of special kinds add to /proc/PID/fdinfo. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "proc/pid_fd_special.h"

/* ep_show_fdinfo() of fs/eventpoll.c */
static bool special_put_epoll(const struct fd_specials *s, size_t nr,
			      struct buf *out)
{
	const struct epolls *e = &s->epolls;
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
static bool special_put_pidfd(const struct fd_specials *s, size_t nr,
			      struct buf *out)
{
	const struct pidfds *p = &s->pidfds;
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
static bool special_put_timer(const struct fd_specials *s, size_t nr,
			      struct buf *out)
{
	const struct timerfd *t = &s->timers[nr];

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

#define UFFD_API 0xaa

/* userfaultfd_show_fdinfo() of fs/userfaultfd.c, later mm/userfaultfd.c */
static bool special_put_userfault(const struct fd_specials *s, size_t nr,
				  struct buf *out)
{
	const struct userfaultfd *u = &s->faults[nr];

	if (!u->known || !out)
		return u->known;
	buf_printf(out,
		   "pending:\t%" PRIu64 "\n"
		   "total:\t%" PRIu64 "\n"
		   "API:\t%x:%" PRIx32 ":%" PRIx64 "\n",
		   u->pending, u->total, UFFD_API, u->features, u->ioctls);
	return true;
}

static int special_read_epolls(struct kernel *k, const uint64_t *at, size_t n,
			       struct fd_specials *out, struct err *err)
{
	return epolls_read(k, at, n, &out->epolls, err);
}

static int special_read_pidfds(struct kernel *k, const uint64_t *at, size_t n,
			       struct fd_specials *out, struct err *err)
{
	return pidfds_read(k, at, n, &out->pidfds, err);
}

static int special_read_timers(struct kernel *k, const uint64_t *at, size_t n,
			       struct fd_specials *out, struct err *err)
{
	out->timers = calloc(n, sizeof(*out->timers));
	return out->timers ? timerfds_read(k, at, n, out->timers, err)
			   : err_nomem(err);
}

static int special_read_faults(struct kernel *k, const uint64_t *at, size_t n,
			       struct fd_specials *out, struct err *err)
{
	out->faults = calloc(n, sizeof(*out->faults));
	return out->faults ? userfaultfds_read(k, at, n, out->faults, err)
			   : err_nomem(err);
}

static const struct fd_special special_epoll = {special_read_epolls,
						special_put_epoll};
static const struct fd_special special_pidfd = {special_read_pidfds,
						special_put_pidfd};
static const struct fd_special special_timer = {special_read_timers,
						special_put_timer};
static const struct fd_special special_userfault = {special_read_faults,
						    special_put_userfault};

/* By their kinds; NULL: these are read with their files. */
static const struct fd_special *const specials[OPEN_FILE_UNKNOWN] = {
	[OPEN_FILE_EPOLL] = &special_epoll,
	[OPEN_FILE_PIDFD] = &special_pidfd,
	[OPEN_FILE_TIMERFD] = &special_timer,
	[OPEN_FILE_INOTIFY] = &proc_fd_inotify,
	[OPEN_FILE_FANOTIFY] = &proc_fd_fanotify,
	[OPEN_FILE_USERFAULT] = &special_userfault,
	[OPEN_FILE_BPF_MAP] = &proc_fd_bpf_map,
	[OPEN_FILE_BPF_PROG] = &proc_fd_bpf_prog,
	[OPEN_FILE_BPF_LINK] = &proc_fd_bpf_link,
	[OPEN_FILE_BPF_TYPES] = &proc_fd_bpf_types,
	[OPEN_FILE_IO_URING] = &proc_fd_io_uring,
};

bool proc_fds_put_special(const struct fd_values *own,
			  const struct open_file *f, struct buf *out)
{
	const struct fd_specials *s = &own->specials;

	if (!s->nr || f->extra >= OPEN_FILE_UNKNOWN || !specials[f->extra])
		return true;
	return specials[f->extra]->put(s, s->nr[f - own->open], out);
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
	enum open_file_extra kind;
	int rc = 0;

	own->specials.nr = calloc(all + 1, sizeof(*own->specials.nr));
	if (!at || !own->specials.nr)
		return err_nomem(err);
	for (kind = 0; kind < OPEN_FILE_UNKNOWN && !rc; kind++) {
		if (!specials[kind])
			continue;
		n = special_sort(own, kind, at);
		if (n)
			rc = specials[kind]->read(k, at, n, &own->specials,
						  err);
		if (rc == ERR_NO_LINUX) /* then they are not known */
			rc = 0;
	}
	return rc;
}

void proc_fds_specials_deinit(struct fd_specials *s)
{
	free(s->nr);
	epolls_deinit(&s->epolls);
	pidfds_deinit(&s->pidfds);
	free(s->timers);
	fsnotify_groups_deinit(&s->inotifies);
	fsnotify_groups_deinit(&s->fanotifies);
	free(s->faults);
	bpf_maps_deinit(&s->bpf_maps);
	bpf_progs_deinit(&s->bpf_progs);
	bpf_links_deinit(&s->bpf_links);
	free(s->bpf_types);
	io_urings_deinit(&s->rings);
}
