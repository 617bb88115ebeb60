/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows frame pointers of sleeping tasks as kernels up to 5.15 do. */
#include "kernel/x86_64_frame_wchan.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/task_stack.h"
#include "kernel/x86_64_sleeper.h"

#define FRAMES_MAX 17 /* that get_wchan() looks at */

/* in_sched_functions(): code of the scheduler, and of locks. */
static bool is_scheduler(const struct kernel *k, uint64_t va)
{
	static const char *const ranges[][2] = {
		{"__sched_text_start", "__sched_text_end"},
		{"__lock_text_start", "__lock_text_end"}};
	uint64_t start, end;
	size_t i;

	for (i = 0; i < 2; i++)
		if (profile_symbol(k->profile, ranges[i][0], &start) &&
		    profile_symbol(k->profile, ranges[i][1], &end) &&
		    va >= start && va < end)
			return true;
	return false;
}

static uint64_t frame_wchan(const struct kernel *k, const struct sleeper *s)
{
	uint64_t fp = s->start.bp, sp = s->stack.va, ip;
	unsigned int i;

	for (i = 0; i < FRAMES_MAX; i++) {
		if (fp < sp || fp > s->top - 16)
			return 0;
		ip = le64(s->stack.bytes + (fp + 8 - sp));
		if (!is_scheduler(k, ip))
			return ip;
		fp = le64(s->stack.bytes + (fp - sp));
	}
	return 0;
}

int x86_64_frame_wchans(struct kernel *k, const struct task *tasks, size_t n,
			uint64_t *out, struct err *err)
{
	const struct unwinder none = {0};
	_cleanup_(sleepers_deinit) struct sleepers s = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].addr;
	rc = sleepers_read(k, &none, addrs, n, &s, err);
	for (i = 0; i < n && !rc; i++)
		out[i] = s.v[i].sleeps && tasks[i].state != 'R'
				 ? frame_wchan(k, &s.v[i])
				 : 0;
	return rc;
}
