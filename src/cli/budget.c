/* SPDX-License-Identifier: BSD-2-Clause */
/* What a large read through the stub will take, said before it begins. */
#include "cli/budget.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* Less is not worth a sample: it is read while one would be thought about. */
#define MUCH (16ULL << 20)

/* Long enough for requests to be many at a time, and 1/64 of it. */
#define SAMPLE (256u << 10)

/* QEMU's own memory is read at more than that; a stub's pace shows itself. */
#define PROCESS_RATE (64ULL << 20) /* bytes a second */

/* Who waits so long, wants to know why. */
#define WORTH_SAYING_US 1000000

uint64_t budget_ram(const struct machine *m, uint64_t at, uint64_t len)
{
	uint64_t last = len > UINT64_MAX - at ? UINT64_MAX : at + len, sum = 0;
	size_t i;

	for (i = 0; i < m->ram.n; i++) {
		uint64_t start = m->ram.v[i].start;
		uint64_t end = start + m->ram.v[i].size;

		start = start > at ? start : at;
		end = end < last ? end : last;
		sum += end > start ? end - start : 0;
	}
	return sum;
}

/* Microseconds for a sample: of low memory, which each guest has in use. */
static int budget_sample(struct machine *m, uint64_t *us, size_t *len,
			 struct err *err)
{
	_cleanup_free_ void *bytes = malloc(SAMPLE);
	struct mem_read read = {.pa = m->ram.v[0].start, .dst = bytes};
	uint64_t since = clock_now_us();
	int rc;

	if (!bytes)
		return err_nomem(err);
	read.len = m->ram.v[0].size < SAMPLE ? m->ram.v[0].size : SAMPLE;
	rc = machine_read_past(m, &read, 1, err);
	*us = clock_now_us() - since;
	*len = read.len;
	return rc;
}

/* "0.52 s", "43 s" */
static void budget_time(uint64_t us, char *text, size_t size)
{
	if (us < 10 * 1000000)
		snprintf(text, size, "%.2g s", (double)us / 1e6);
	else
		snprintf(text, size, "%" PRIu64 " s", (us + 500000) / 1000000);
}

static int budget_judge(struct session *s, uint64_t bytes, uint64_t us,
			struct err *err)
{
	unsigned int max_ms = s->options->qemu.max_pause_ms;
	struct source_stats stats;
	char what[128], time[32], max[32];

	budget_time(us, time, sizeof(time));
	snprintf(what, sizeof(what),
		 "about %" PRIu64 " MiB are read through the stub, which takes "
		 "about %s",
		 (bytes + (1 << 19)) >> 20, time);
	source_stats(&s->guest.source, &stats);
	if (max_ms && stats.pause_us + us > max_ms * 1000ULL) {
		budget_time(max_ms * 1000ULL, max, sizeof(max));
		return err_set(err, ERR_REFUSED,
			       "%s, and the guest may stand still for %s: ask "
			       "for less, allow more (--max-pause), or read "
			       "QEMU's own memory (--memory process)",
			       what, max);
	}
	if (us >= WORTH_SAYING_US)
		progress_say(&s->progress, what);
	return 0;
}

int budget_check(struct session *s, uint64_t bytes, struct err *err)
{
	struct source_info info;
	uint64_t us = 0;
	size_t len = 1;
	int rc;

	source_info(&s->guest.source, &info);
	source_announce(&s->guest.source, bytes / (PROCESS_RATE / 1000000));
	/* Nobody would be told, and nothing refused. */
	if (!s->progress.wanted && !s->options->qemu.max_pause_ms)
		return 0;
	if (bytes < MUCH || !s->guest.machine->ram.n ||
	    strcmp(info.memory_path, "stub") != 0)
		return 0;
	rc = budget_sample(s->guest.machine, &us, &len, err);
	if (rc)
		return rc;
	/* No stub reads a terabyte in the microsecond that was rounded off. */
	us = (uint64_t)((double)bytes / (double)len * (double)(us + 1));
	return budget_judge(s, bytes, us, err);
}
