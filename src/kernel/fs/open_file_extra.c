/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what eventfds, signalfds and sockets say of themselves. */
#include "kernel/fs/open_file_extra.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_EVENTFD_COUNT = WANTS_OF(READER_OPEN_FILE_EXTRA),
	FIELD_EVENTFD_FLAGS,
	FIELD_EVENTFD_ID,
	FIELD_SIGNALFD_MASK,
	FIELD_SOCKET_OPS,
	FIELD_SOCKET_SK,
	FIELD_PROTO_SHOW,
	FIELD_UNIX_FDS
};

static const struct want want_table[] = {
	FIELD(EVENTFD_COUNT, "eventfd_ctx", OPTIONAL, "count"),
	FIELD(EVENTFD_FLAGS, "eventfd_ctx", OPTIONAL, "flags"),
	FIELD(EVENTFD_ID, "eventfd_ctx", OPTIONAL, "id"), /* 5.2 */
	FIELD(SIGNALFD_MASK, "signalfd_ctx", OPTIONAL, "sigmask"),
	FIELD(SOCKET_OPS, "socket", OPTIONAL, "ops"),
	FIELD(SOCKET_SK, "socket", OPTIONAL, "sk"),
	FIELD(PROTO_SHOW, "proto_ops", OPTIONAL, "show_fdinfo"),   /* 5.10 */
	FIELD(UNIX_FDS, "unix_sock", OPTIONAL, "scm_stat.nr_fds"), /* 5.10 */
};

const struct wants open_file_extra_wants = {
	.reader = "special files", .v = want_table, .n = WANTS_N(want_table)};

#define EFD_SEMAPHORE 1u

/* The functions that show what is known, and what is read on its own, where
 * somebody asks for it. */
enum extra_function {
	SHOW_EVENTFD,
	SHOW_SIGNALFD,
	SHOW_SOCKET,
	SHOW_UNIX,
	SHOW_EPOLL,
	SHOW_PIDFD,
	SHOW_TIMERFD,
	SHOW_INOTIFY,
	SHOW_FANOTIFY,
	SHOW_USERFAULT,
	SHOW_BPF_MAP,
	SHOW_BPF_PROG,
	SHOW_BPF_LINK,
	SHOW_BPF_TYPES,
	SHOW_IO_URING,
	SHOWS
};

static const struct {
	const char *name;
	enum open_file_extra apart;
} extra_functions[SHOWS] = {
	[SHOW_EVENTFD] = {"eventfd_show_fdinfo", OPEN_FILE_UNKNOWN},
	[SHOW_SIGNALFD] = {"signalfd_show_fdinfo", OPEN_FILE_UNKNOWN},
	[SHOW_SOCKET] = {"sock_show_fdinfo", OPEN_FILE_UNKNOWN},
	[SHOW_UNIX] = {"unix_show_fdinfo", OPEN_FILE_UNKNOWN},
	[SHOW_EPOLL] = {"ep_show_fdinfo", OPEN_FILE_EPOLL},
	[SHOW_PIDFD] = {"pidfd_show_fdinfo", OPEN_FILE_PIDFD},
	[SHOW_TIMERFD] = {"timerfd_show", OPEN_FILE_TIMERFD},
	[SHOW_INOTIFY] = {"inotify_show_fdinfo", OPEN_FILE_INOTIFY},
	[SHOW_FANOTIFY] = {"fanotify_show_fdinfo", OPEN_FILE_FANOTIFY},
	[SHOW_USERFAULT] = {"userfaultfd_show_fdinfo", OPEN_FILE_USERFAULT},
	[SHOW_BPF_MAP] = {"bpf_map_show_fdinfo", OPEN_FILE_BPF_MAP},
	[SHOW_BPF_PROG] = {"bpf_prog_show_fdinfo", OPEN_FILE_BPF_PROG},
	[SHOW_BPF_LINK] = {"bpf_link_show_fdinfo", OPEN_FILE_BPF_LINK},
	[SHOW_BPF_TYPES] = {"bpf_btf_show_fdinfo", OPEN_FILE_BPF_TYPES},
	[SHOW_IO_URING] = {"io_uring_show_fdinfo", OPEN_FILE_IO_URING},
};

/* Private data by kind, for one batch: 0 where it is of another one. */
struct extra_work {
	struct kernel *k;
	size_t n;
	struct open_file *out;
	uint64_t show[SHOWS]; /* 0: not there */
	uint64_t *eventfd, *signalfd, *socket;
};

static bool extra_all_there(const struct kernel *k, const uint32_t *fields,
			    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!profile_field(k->profile, fields[i])->present)
			return false;
	return true;
}

/* Those that are read on their own; a pidfd's data may be its inode's. */
static void extra_apart(const struct extra_work *w, struct open_file *f,
			uint64_t data)
{
	size_t i;

	for (i = 0; i < SHOWS; i++) {
		if (f->show != w->show[i])
			continue;
		f->extra = extra_functions[i].apart;
		if (f->extra != OPEN_FILE_PIDFD || !f->data)
			f->data = data;
		return;
	}
}

static void extra_sort(struct extra_work *w, const uint64_t *data)
{
	size_t i;

	for (i = 0; i < SHOWS; i++)
		if (!profile_symbol(w->k->profile, extra_functions[i].name,
				    &w->show[i]))
			w->show[i] = 0;
	for (i = 0; i < w->n; i++) {
		uint64_t show = w->out[i].show;

		if (!show)
			continue;
		w->out[i].extra = OPEN_FILE_UNKNOWN;
		if (show == w->show[SHOW_EVENTFD])
			w->eventfd[i] = data[i];
		else if (show == w->show[SHOW_SIGNALFD])
			w->signalfd[i] = data[i];
		else if (show == w->show[SHOW_SOCKET])
			w->socket[i] = data[i];
		else
			extra_apart(w, &w->out[i], data[i]);
	}
}

static const uint32_t eventfd_fields[] = {
	FIELD_EVENTFD_COUNT, FIELD_EVENTFD_FLAGS, FIELD_EVENTFD_ID};
static const uint32_t signalfd_fields[] = {FIELD_SIGNALFD_MASK};
static const uint32_t socket_fields[] = {FIELD_SOCKET_OPS, FIELD_SOCKET_SK};
static const uint32_t proto_fields[] = {FIELD_PROTO_SHOW};
static const uint32_t unix_fields[] = {FIELD_UNIX_FDS};

static void extra_take(struct extra_work *w, const struct records r[3])
{
	bool eventfds = extra_all_there(w->k, eventfd_fields, 3);
	bool signalfds = extra_all_there(w->k, signalfd_fields, 1);
	size_t i;

	for (i = 0; i < w->n; i++) {
		struct open_file *f = &w->out[i];

		if (w->eventfd[i] && r[0].ok[i] && eventfds) {
			f->extra = OPEN_FILE_EVENTFD;
			f->count = records_u64(&r[0], i, FIELD_EVENTFD_COUNT);
			f->id = (int32_t)records_u64(&r[0], i,
						     FIELD_EVENTFD_ID);
			f->semaphore =
				records_u64(&r[0], i, FIELD_EVENTFD_FLAGS) &
				EFD_SEMAPHORE;
		}
		if (w->signalfd[i] && r[1].ok[i] && signalfds) {
			f->extra = OPEN_FILE_SIGNALFD;
			f->sigmask =
				~records_u64(&r[1], i, FIELD_SIGNALFD_MASK);
		}
	}
}

/* sock_show_fdinfo(): a protocol's own, of which that of AF_UNIX is known. */
static int extra_sockets(struct extra_work *w, const struct records *sockets,
			 struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(2 * w->n + 1, sizeof(*at));
	const struct records_want wants[] = {{at, w->n, proto_fields, 1},
					     {at + w->n, w->n, unix_fields, 1}};
	struct records r[2] = {{0}};
	size_t i;
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		if (w->socket[i] && sockets->ok[i]) {
			at[i] = records_u64(sockets, i, FIELD_SOCKET_OPS);
			at[w->n + i] = records_u64(sockets, i, FIELD_SOCKET_SK);
		}
	rc = records_read_all(w->k, wants, 2, r, err);
	for (i = 0; i < w->n && !rc; i++) {
		struct open_file *f = &w->out[i];
		uint64_t show = records_u64(&r[0], i, FIELD_PROTO_SHOW);

		if (!at[i] || !r[0].ok[i] ||
		    !records_have(&r[0], FIELD_PROTO_SHOW))
			continue;
		if (!show)
			f->extra = OPEN_FILE_PLAIN;
		if (!show || show != w->show[SHOW_UNIX] ||
		    !records_have(&r[1], FIELD_UNIX_FDS))
			continue;
		f->extra = OPEN_FILE_UNIX;
		f->has_sock = at[w->n + i] && r[1].ok[i];
		f->scm_fds = (uint32_t)records_u64(&r[1], i, FIELD_UNIX_FDS);
	}
	records_deinit(&r[0]);
	records_deinit(&r[1]);
	return rc;
}

static int extra_read(struct extra_work *w, const uint64_t *data,
		      struct err *err)
{
	const struct records_want wants[] = {
		{w->eventfd, w->n, eventfd_fields, 3},
		{w->signalfd, w->n, signalfd_fields, 1},
		{w->socket, w->n, socket_fields, 2}};
	struct records r[3] = {{0}};
	size_t i;
	int rc;

	extra_sort(w, data);
	rc = records_read_all(w->k, wants, 3, r, err);
	if (!rc) {
		extra_take(w, r);
		rc = extra_sockets(w, &r[2], err);
	}
	for (i = 0; i < 3; i++)
		records_deinit(&r[i]);
	return rc;
}

int open_extras_read(struct kernel *k, const uint64_t *data, size_t n,
		     struct open_file *out, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(3 * n + 1, sizeof(*at));
	struct extra_work w = {.k = k, .n = n, .out = out};

	if (!at)
		return err_nomem(err);
	w.eventfd = at;
	w.signalfd = at + n;
	w.socket = at + 2 * n;
	return extra_read(&w, data, err);
}
