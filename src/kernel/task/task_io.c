/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what tasks have read and written, and adds it up. */
#include "kernel/task/task_io.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/task/task_threads.h"

/* What is wanted of the types: of a task by number, and of its signals. */
enum {
	FIELD_TASK_FIRST = WANTS_OF(READER_TASK_IO),
	FIELD_GROUP_FIRST = FIELD_TASK_FIRST + TASK_IO_NUMBERS,
	FIELD_TASK_SIGNAL = FIELD_GROUP_FIRST + TASK_IO_NUMBERS
};

#define NUMBER(id, member)                                                   \
	[TASK_IO_##                                                          \
		id] = {WANT_FIELD, OPTIONAL, "task_struct", "ioac." member}, \
     [TASK_IO_NUMBERS + TASK_IO_##                                           \
	     id] = {WANT_FIELD, OPTIONAL, "signal_struct", "ioac." member}

static const struct want want_table[] = {
	NUMBER(RCHAR, "rchar"),
	NUMBER(WCHAR, "wchar"),
	NUMBER(SYSCR, "syscr"),
	NUMBER(SYSCW, "syscw"),
	NUMBER(READ_BYTES, "read_bytes"),
	NUMBER(WRITE_BYTES, "write_bytes"),
	NUMBER(CANCELLED, "cancelled_write_bytes"),
	FIELD(TASK_SIGNAL, "task_struct", REQUIRED, "signal"),
};

const struct wants task_io_wants = {
	.reader = "what processes read and write",
	.v = want_table,
	.n = WANTS_N(want_table),
};

/* Add the numbers of object i, whose ids begin at `first`. */
static void task_io_add(const struct records *r, size_t i, uint32_t first,
			struct task_io *sum)
{
	uint32_t number;

	sum->torn |= !r->ok[i];
	for (number = 0; number < TASK_IO_NUMBERS; number++) {
		sum->known &= records_have(r, first + number);
		sum->v[number] += records_u64(r, i, first + number);
	}
}

/* The ids from `first` on, and one more. */
static void ids_from(uint32_t first, uint32_t *ids)
{
	uint32_t number;

	for (number = 0; number < TASK_IO_NUMBERS; number++)
		ids[number] = first + number;
	ids[number] = FIELD_TASK_SIGNAL;
}

/* Of each thread, and where the signals of those are that were asked for. */
static int task_io_read_threads(struct kernel *k,
				const struct task_threads *all,
				uint64_t *signals, struct task_io *out,
				struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(all->v.n + 1, sizeof(*addrs));
	uint32_t ids[TASK_IO_NUMBERS + 1];
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	ids_from(FIELD_TASK_FIRST, ids);
	for (i = 0; i < all->v.n; i++)
		addrs[i] = all->v.v[i].addr;
	rc = records_read(k, addrs, all->v.n, ids, TASK_IO_NUMBERS + 1, &r,
			  err);
	for (i = 0; i < all->v.n && !rc; i++) {
		size_t to = all->of.v[i];

		task_io_add(&r, i, FIELD_TASK_FIRST, &out[to]);
		if (to == i)
			signals[i] = records_u64(&r, i, FIELD_TASK_SIGNAL);
	}
	return rc;
}

/* What threads left behind that have exited. */
static int task_io_read_groups(struct kernel *k, const uint64_t *signals,
			       size_t n, struct task_io *out, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	uint32_t ids[TASK_IO_NUMBERS + 1];
	size_t i;
	int rc;

	ids_from(FIELD_GROUP_FIRST, ids);
	rc = records_read(k, signals, n, ids, TASK_IO_NUMBERS, &r, err);
	for (i = 0; i < n && !rc; i++)
		task_io_add(&r, i, FIELD_GROUP_FIRST, &out[i]);
	return rc;
}

int task_io_read(struct kernel *k, const struct task *tasks, size_t n,
		 bool groups, struct task_io *out, struct err *err)
{
	_cleanup_(task_threads_deinit) struct task_threads all = {0};
	_cleanup_free_ uint64_t *signals = calloc(n + 1, sizeof(*signals));
	size_t i;
	int rc = signals ? 0 : err_nomem(err);

	for (i = 0; i < n && !rc; i++)
		out[i] = (struct task_io){.known = true};
	if (!rc)
		rc = task_threads_read(k, tasks, n, groups, &all, err);
	if (!rc)
		rc = task_io_read_threads(k, &all, signals, out, err);
	if (!rc && groups)
		rc = task_io_read_groups(k, signals, n, out, err);
	for (i = 0; i < n && !rc; i++) {
		out[i].torn |= all.torn;
		out[i].known &= !out[i].torn;
	}
	return rc;
}
