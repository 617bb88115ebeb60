/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads sets of signals, and makes those of handlers. */
#include "kernel/task/task_signals.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_SIGNAL = WANTS_OF(READER_TASK_SIGNALS),
	FIELD_TASK_SIGHAND,
	FIELD_TASK_PENDING,
	FIELD_TASK_BLOCKED,
	FIELD_SIGNAL_SHARED,
	FIELD_SIGHAND_ACTION,
	FIELD_SIGACTION_HANDLER
};

static const struct want want_table[] = {
	FIELD(TASK_SIGNAL, "task_struct", REQUIRED, "signal"),
	FIELD(TASK_SIGHAND, "task_struct", REQUIRED, "sighand"),
	FIELD(TASK_PENDING, "task_struct", OPTIONAL, "pending.signal"),
	FIELD(TASK_BLOCKED, "task_struct", OPTIONAL, "blocked"),
	FIELD(SIGNAL_SHARED, "signal_struct", OPTIONAL,
	      "shared_pending.signal"),
	FIELD(SIGHAND_ACTION, "sighand_struct", OPTIONAL, "action"),
	FIELD(SIGACTION_HANDLER, "k_sigaction", OPTIONAL, "sa.sa_handler"),
};

const struct wants task_signals_wants = {
	.reader = "signals", .v = want_table, .n = WANTS_N(want_table)};

#define SIGNALS 64 /* _NSIG, asm/signal.h */
#define SIG_DFL 0
#define SIG_IGN 1

/* What is read of the tasks, of their signal_structs, and their handlers. */
struct signal_records {
	struct records task, of[2];
};

static void signal_records_deinit(struct signal_records *r)
{
	records_deinit(&r->task);
	records_deinit(&r->of[0]);
	records_deinit(&r->of[1]);
}

/* collect_sigign_sigcatch(), fs/proc/array.c */
static bool take_handlers(struct kernel *k, const struct records *r, size_t i,
			  struct task_signals *out)
{
	const struct profile_field *handler =
		profile_field(k->profile, FIELD_SIGACTION_HANDLER);
	const uint8_t *actions = records_bytes(r, i, FIELD_SIGHAND_ACTION);
	uint32_t size = records_size(r, FIELD_SIGHAND_ACTION) / SIGNALS;
	unsigned int sig;

	if (!actions || !handler->present || size < 8 ||
	    handler->offset > size - 8)
		return false;
	for (sig = 0; sig < SIGNALS; sig++, actions += size) {
		uint64_t to = le64(actions + handler->offset);

		if (to == SIG_IGN)
			out->ignored |= 1ULL << sig;
		else if (to != SIG_DFL)
			out->caught |= 1ULL << sig;
	}
	return true;
}

static void signals_take(struct kernel *k, const struct signal_records *r,
			 size_t i, struct task_signals *out)
{
	const struct records *signal = &r->of[0], *sighand = &r->of[1];

	out->torn = !r->task.ok[i] || !signal->ok[i] || !sighand->ok[i];
	out->pending = records_u64(&r->task, i, FIELD_TASK_PENDING);
	out->blocked = records_u64(&r->task, i, FIELD_TASK_BLOCKED);
	out->shared = records_u64(signal, i, FIELD_SIGNAL_SHARED);
	out->known = take_handlers(k, sighand, i, out) && !out->torn &&
		     records_have(&r->task, FIELD_TASK_PENDING) &&
		     records_have(&r->task, FIELD_TASK_BLOCKED) &&
		     records_have(signal, FIELD_SIGNAL_SHARED);
}

int task_signals_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct task_signals *out, struct err *err)
{
	static const uint32_t task[] = {FIELD_TASK_SIGNAL, FIELD_TASK_SIGHAND,
					FIELD_TASK_PENDING, FIELD_TASK_BLOCKED};
	static const uint32_t signal[] = {FIELD_SIGNAL_SHARED};
	static const uint32_t sighand[] = {FIELD_SIGHAND_ACTION};
	_cleanup_(signal_records_deinit) struct signal_records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(2 * n + 1, sizeof(*addrs));
	struct records_want wants[] = {{NULL, n, signal, 1},
				       {NULL, n, sighand, 1}};
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	wants[0].addrs = addrs;
	wants[1].addrs = addrs + n;
	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].addr;
	rc = records_read(k, addrs, n, task, 4, &r.task, err);
	for (i = 0; i < n && !rc; i++) {
		addrs[i] = records_u64(&r.task, i, FIELD_TASK_SIGNAL);
		addrs[n + i] = records_u64(&r.task, i, FIELD_TASK_SIGHAND);
	}
	if (!rc)
		rc = records_read_all(k, wants, 2, r.of, err);
	for (i = 0; i < n && !rc; i++) {
		out[i] = (struct task_signals){0};
		signals_take(k, &r, i, &out[i]);
	}
	return rc;
}
