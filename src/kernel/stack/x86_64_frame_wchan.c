/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows frame pointers of sleeping tasks as kernels up to 5.15 do. */
#include "kernel/stack/x86_64_frame_wchan.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/code/sched_text.h"
#include "kernel/stack/x86_64_sleeper.h"

#define FRAMES_MAX 17 /* that get_wchan() looks at */

static uint64_t frame_wchan(const struct sched_text *text,
			    const struct sleeper *s)
{
	uint64_t fp = s->start.bp, sp = s->stack.va, ip;
	unsigned int i;

	for (i = 0; i < FRAMES_MAX; i++) {
		if (fp < sp || fp > s->top - 16)
			return 0;
		ip = le64(s->stack.bytes + (fp + 8 - sp));
		if (!sched_text_has(text, ip))
			return ip;
		fp = le64(s->stack.bytes + (fp - sp));
	}
	return 0;
}

static int frame_wchan_some(struct kernel *k, const struct task *tasks,
			    size_t n, uint64_t *out, struct err *err)
{
	const struct unwinder none = {0};
	_cleanup_(sleepers_deinit) struct sleepers s = {0};
	struct sched_text text;
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		out[i] = tasks[i].addr;
	rc = sleepers_read(k, &none, out, n, &s, err);
	sched_text_init(&text, k);
	for (i = 0; i < n && !rc; i++)
		out[i] = s.v[i].sleeps && tasks[i].state != 'R'
				 ? frame_wchan(&text, &s.v[i])
				 : 0;
	return rc;
}

int x86_64_frame_wchans(struct kernel *k, const struct task *tasks, size_t n,
			uint64_t *out, struct err *err)
{
	size_t i, some;
	int rc = 0;

	for (i = 0; i < n && !rc; i += some) {
		some = n - i < SLEEPERS_SLICE ? n - i : SLEEPERS_SLICE;
		rc = frame_wchan_some(k, tasks + i, some, out + i, err);
	}
	return rc;
}
