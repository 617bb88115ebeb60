/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The limit that qvmi is measured against: moves guest memory with as little
 * work as can be, looks at nothing, and prints how long that took.
 *
 *     raw stub|process ADDRESS bytes COUNT    one stretch of memory
 *     raw stub|process ADDRESS trace FILE     the reads of a trace
 *
 * By the stub: `m` requests, written before the clock starts, pipelined within
 * a batch; replies are counted and dropped.  By process memory: bare
 * process_vm_readv(), whose bytes go to one small buffer again and again for a
 * stretch, to memory of their own for a trace.  Connecting and finding out
 * where memory lies is not timed, by neither way.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "bench.h"
#include "qemu/path.h"

#define START	   0x100000u  /* RAM on every PC */
#define STEP	   (1u << 20) /* of one stretch, by process memory */
#define TIMEOUT_MS 10000

/*
 * Characters of replies under way: enough to keep QEMU busy, less than a Unix
 * socket holds, since QEMU sleeps where a write would block.
 */
#define WINDOW (128u << 10)

/* A request in the text of all, and what comes back for it. */
struct request {
	size_t end;   /* in the text */
	size_t reply; /* characters: "+$", two per byte, "#xx" */
};

/* What there is to do, ready before the clock starts. */
struct plan {
	struct buf text;
	VEC(struct request) requests;
	VEC(struct iovec) remote;
	VEC(size_t) ends; /* of batches, in requests or remote */
};

static void plan_deinit(struct plan *p)
{
	buf_deinit(&p->text);
	vec_deinit(&p->requests);
	vec_deinit(&p->remote);
	vec_deinit(&p->ends);
}

/* The m requests of one piece. */
static int ask_stub(struct plan *p, const struct qemu_path *path,
		    const struct trace_piece *piece, struct err *err)
{
	size_t most = path->stub.client->packet_size / 2;
	uint64_t done, n;
	char body[48];
	int len;

	for (done = 0; done < piece->len; done += n) {
		n = piece->len - done < most ? piece->len - done : most;
		len = snprintf(body, sizeof(body), "m%" PRIx64 ",%" PRIx64,
			       piece->pa + done, n);
		gdbrsp_encode(&p->text, body, (size_t)len);
		if (p->text.oom ||
		    vec_push(&p->requests, {p->text.len, 2 * n + 5}))
			return err_nomem(err);
	}
	return 0;
}

/* Where one piece lies in the process. */
static int ask_process(struct plan *p, const struct qemu_path *path,
		       const struct trace_piece *piece, struct err *err)
{
	const struct qemu_process *process = &path->process;
	uint64_t pa = piece->pa, end = piece->pa + piece->len, n;
	size_t i;

	for (i = 0; i < process->blocks.n && pa < end; i++) {
		const struct process_block *b = &process->blocks.v[i];

		if (pa - b->start >= b->size)
			continue;
		n = b->start + b->size - pa < end - pa ? b->start + b->size - pa
						       : end - pa;
		/* An address of another process: a number here. */
		if (vec_push(
			    &p->remote,
			    {(void *)(uintptr_t)(b->hva + (pa - b->start)), n}))
			return err_nomem(err);
		pa += n;
	}
	return pa == end ? 0
			 : err_set(err, ERR_NOT_FOUND, "0x%" PRIx64 ": no RAM",
				   pa);
}

static int make_plan(struct plan *p, const struct qemu_path *path,
		     const struct trace *t, struct err *err)
{
	size_t b, i = 0;
	int rc = 0;

	for (b = 0; b < t->ends.n; b++) {
		for (; i < t->ends.v[b] && !rc; i++)
			rc = path->by_process
				     ? ask_process(p, path, &t->pieces.v[i],
						   err)
				     : ask_stub(p, path, &t->pieces.v[i], err);
		if (rc)
			return rc;
		if (vec_push(&p->ends,
			     path->by_process ? p->remote.n : p->requests.n))
			return err_nomem(err);
	}
	return 0;
}

/* The requests of one batch under way. */
struct flight {
	const struct plan *plan;
	int fd;
	size_t next, end;   /* requests not yet let go */
	size_t sent, ready; /* characters of the text */
	size_t due;	    /* characters under way or not yet asked for */
};

/* Let go of more, once half of what may be under way has come. */
static void refill(struct flight *f)
{
	if (f->due > WINDOW / 2)
		return;
	for (; f->next < f->end && f->due < WINDOW; f->next++) {
		f->due += f->plan->requests.v[f->next].reply;
		f->ready = f->plan->requests.v[f->next].end;
	}
}

static int pump(struct flight *f, struct err *err)
{
	char replies[256 << 10];
	struct pollfd poller = {.fd = f->fd};
	ssize_t n;

	for (refill(f); f->due; refill(f)) {
		if (f->sent < f->ready) {
			n = send(f->fd, f->plan->text.data + f->sent,
				 f->ready - f->sent, MSG_NOSIGNAL);
			f->sent += n > 0 ? (size_t)n : 0;
		}
		poller.events = f->sent < f->ready ? POLLIN | POLLOUT : POLLIN;
		if (poll(&poller, 1, TIMEOUT_MS) <= 0)
			return err_set(err, ERR_NO_GUEST,
				       "the stub answers no more, or with an "
				       "error");
		n = recv(f->fd, replies, sizeof(replies), 0);
		if (!n || (n < 0 && errno != EAGAIN))
			return err_set(err, ERR_NO_GUEST, "connection lost");
		if (n > 0 && (size_t)n > f->due)
			return err_set(err, ERR_CORRUPT, "more than expected");
		f->due -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int by_stub(const struct plan *p, const struct qemu_path *path,
		   struct err *err)
{
	struct flight f = {.plan = p,
			   .fd = gdbrsp_conn_fd(path->stub.client->conn)};
	size_t b;
	int rc = 0;

	for (b = 0; b < p->ends.n && !rc; b++) {
		f.end = p->ends.v[b];
		rc = pump(&f, err);
	}
	return rc;
}

/* One call; its bytes go to `to`. */
static int call(const struct plan *p, pid_t pid, size_t at, size_t n, void *to,
		size_t *moved, struct err *err)
{
	struct iovec local = {to, 0};
	size_t i;

	for (i = 0; i < n; i++)
		local.iov_len += p->remote.v[at + i].iov_len;
	if (process_vm_readv(pid, &local, 1, &p->remote.v[at], n, 0) !=
	    (ssize_t)local.iov_len)
		return err_sys(err, ERR_SYS, "process_vm_readv");
	*moved += local.iov_len;
	return 0;
}

static int by_process(const struct plan *p, pid_t pid, uint8_t *to, bool keep,
		      struct err *err)
{
	size_t b, i = 0, n, moved = 0;
	int rc = 0;

	for (b = 0; b < p->ends.n; b++)
		for (; i < p->ends.v[b] && !rc; i += n) {
			n = p->ends.v[b] - i < IOV_MAX ? p->ends.v[b] - i
						       : IOV_MAX;
			rc = call(p, pid, i, n, keep ? to + moved : to, &moved,
				  err);
		}
	return rc;
}

/* One stretch: one batch by the stub, so many calls by process memory. */
static int stretch(struct trace *t, bool process, uint64_t bytes)
{
	uint64_t done, n;

	for (done = 0; done < bytes; done += n) {
		n = bytes - done < STEP ? bytes - done : STEP;
		if (trace_add(t, START + done, n) || (process && trace_end(t)))
			return ERR_NOMEM;
	}
	return process ? 0 : trace_end(t);
}

static uint64_t bytes_of(const struct trace *t)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < t->pieces.n; i++)
		sum += t->pieces.v[i].len;
	return sum;
}

static int measure(const struct qemu_path *path, const struct trace *t,
		   bool keep, struct err *err)
{
	_cleanup_(plan_deinit) struct plan plan = {0};
	uint64_t bytes = bytes_of(t), start, us;
	_cleanup_free_ uint8_t *to = NULL;
	int rc = make_plan(&plan, path, t, err);

	if (rc)
		return rc;
	/* Pages of a block of this size come from the system, untouched. */
	to = malloc(keep ? bytes + STEP : STEP);
	if (!to)
		return err_nomem(err);
	start = clock_now_us();
	rc = path->by_process
		     ? by_process(&plan, path->process.bound.pid, to, keep, err)
		     : by_stub(&plan, path, err);
	us = clock_now_us() - start;
	if (!rc)
		printf("us=%" PRIu64 " bytes=%" PRIu64 " batches=%zu "
		       "requests=%zu\n",
		       us, bytes, plan.ends.n,
		       path->by_process ? plan.remote.n : plan.requests.n);
	return rc;
}

static int run(char **argv, struct err *err)
{
	_cleanup_(trace_deinit) struct trace t = {0};
	bool process = !strcmp(argv[1], "process");
	bool keep = !strcmp(argv[3], "trace");
	const struct qemu_opts opts = {.address = argv[2],
				       .memory = process ? MEMORY_PROCESS
							 : MEMORY_STUB,
				       .timeout_ms = TIMEOUT_MS};
	struct err left = {0};
	struct qemu *target;
	int rc;

	rc = keep ? trace_load(&t, argv[4], err)
		  : stretch(&t, process, strtoull(argv[4], NULL, 0));
	if (rc)
		return rc;
	rc = qemu_open(&opts, &target, err);
	if (rc)
		return rc;
	/* What a machine of a target has for ctx, see qemu/path.h. */
	rc = measure(qemu_machine(target)->ctx, &t, keep, err);
	if (qemu_release(target, &left) && !rc)
		rc = err_set(err, left.code, "%s", left.text);
	qemu_destroy(target);
	return rc;
}

int main(int argc, char **argv)
{
	struct err err = {0};

	if (argc != 5) {
		fputs("usage: raw stub|process ADDRESS bytes|trace WHAT\n",
		      stderr);
		return 1;
	}
	if (!run(argv, &err))
		return 0;
	fprintf(stderr, "raw: %s\n", err.text);
	return 1;
}
