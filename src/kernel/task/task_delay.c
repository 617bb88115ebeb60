/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads task_delay_infos. */
#include "kernel/task/task_delay.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_DELAYS = WANTS_OF(READER_TASK_DELAY),
	FIELD_DELAY_BLKIO,
	FIELD_DELAY_SWAPIN,
	FIELD_DELAY_SWAPIN_START
};

static const struct want want_table[] = {
	FIELD(TASK_DELAYS, "task_struct", OPTIONAL, "delays"),
	FIELD(DELAY_BLKIO, "task_delay_info", OPTIONAL, "blkio_delay"),
	FIELD(DELAY_SWAPIN, "task_delay_info", OPTIONAL, "swapin_delay"),
	FIELD(DELAY_SWAPIN_START, "task_delay_info", OPTIONAL,
	      "swapin_start"), /* 5.18: counted apart */
};

const struct wants task_delay_wants = {
	.reader = "delays", .v = want_table, .n = WANTS_N(want_table)};

int task_delays_read(struct kernel *k, const struct task *tasks, size_t n,
		     uint64_t *out, struct err *err)
{
	static const uint32_t task[] = {FIELD_TASK_DELAYS};
	static const uint32_t delay[] = {FIELD_DELAY_BLKIO, FIELD_DELAY_SWAPIN,
					 FIELD_DELAY_SWAPIN_START};
	_cleanup_(records_deinit) struct records t = {0};
	_cleanup_(records_deinit) struct records d = {0};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		out[i] = tasks[i].addr;
	rc = records_read(k, out, n, task, 1, &t, err);
	for (i = 0; i < n && !rc; i++)
		out[i] = records_u64(&t, i, FIELD_TASK_DELAYS);
	if (!rc)
		rc = records_read(k, out, n, delay, 3, &d, err);
	for (i = 0; i < n && !rc; i++) {
		if ((out[i] || !t.ok[i]) && !d.ok[i]) {
			out[i] = TASK_DELAY_UNKNOWN;
			continue;
		}
		out[i] = records_u64(&d, i, FIELD_DELAY_BLKIO);
		if (!records_have(&d, FIELD_DELAY_SWAPIN_START))
			out[i] += records_u64(&d, i, FIELD_DELAY_SWAPIN);
	}
	return rc;
}
