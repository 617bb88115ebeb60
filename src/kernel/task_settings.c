/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what is set of tasks, of their signals and memory. */
#include "kernel/task_settings.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_SIGNAL = WANTS_OF(READER_TASK_SETTINGS),
	FIELD_TASK_LOGINUID,
	FIELD_TASK_SESSIONID,
	FIELD_TASK_TIMER_SLACK,
	FIELD_TASK_PERSONALITY,
	FIELD_SIGNAL_OOM_SCORE_ADJ,
	FIELD_MM_FLAGS
};

static const struct want want_table[] = {
	FIELD(TASK_SIGNAL, "task_struct", REQUIRED, "signal"),
	FIELD(TASK_LOGINUID, "task_struct", OPTIONAL, "loginuid"),
	FIELD(TASK_SESSIONID, "task_struct", OPTIONAL, "sessionid"),
	FIELD(TASK_TIMER_SLACK, "task_struct", OPTIONAL, "timer_slack_ns"),
	FIELD(TASK_PERSONALITY, "task_struct", OPTIONAL, "personality"),
	FIELD(SIGNAL_OOM_SCORE_ADJ, "signal_struct", OPTIONAL, "oom_score_adj"),
	FIELD(MM_FLAGS, "mm_struct", OPTIONAL, "flags"), /* a bitmap: 6.18 */
};

const struct wants task_settings_wants = {.reader = "settings of processes",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

/* What holds each. */
enum holder {
	HOLDER_TASK,
	HOLDER_SIGNAL,
	HOLDER_MM,
	HOLDERS
};

static const struct {
	enum holder holder;
	uint32_t field;
} settings[TASK_SETTINGS] = {
	[TASK_OOM_SCORE_ADJ] = {HOLDER_SIGNAL, FIELD_SIGNAL_OOM_SCORE_ADJ},
	[TASK_LOGINUID] = {HOLDER_TASK, FIELD_TASK_LOGINUID},
	[TASK_SESSIONID] = {HOLDER_TASK, FIELD_TASK_SESSIONID},
	[TASK_TIMERSLACK_NS] = {HOLDER_TASK, FIELD_TASK_TIMER_SLACK},
	[TASK_PERSONALITY] = {HOLDER_TASK, FIELD_TASK_PERSONALITY},
	[TASK_MM_FLAGS] = {HOLDER_MM, FIELD_MM_FLAGS},
};

static void take_settings(const struct records *r, size_t i,
			  const uint64_t *addrs[], struct task_settings *out)
{
	size_t s;

	for (s = 0; s < TASK_SETTINGS; s++) {
		enum holder h = settings[s].holder;

		if (!addrs[h][i])
			continue;
		out->torn |= !r[h].ok[i];
		out->known[s] =
			r[h].ok[i] && records_have(&r[h], settings[s].field);
		out->v[s] = records_u64(&r[h], i, settings[s].field);
	}
}

static int read_holders(struct kernel *k, const uint64_t *addrs[], size_t n,
			struct records *r, struct err *err)
{
	static const uint32_t signal[] = {FIELD_SIGNAL_OOM_SCORE_ADJ};
	static const uint32_t mm[] = {FIELD_MM_FLAGS};
	const struct records_want wants[] = {
		{addrs[HOLDER_SIGNAL], n, signal, 1},
		{addrs[HOLDER_MM], n, mm, 1}};

	return records_read_all(k, wants, 2, r + HOLDER_SIGNAL, err);
}

int task_settings_read(struct kernel *k, const struct task *tasks, size_t n,
		       struct task_settings *out, struct err *err)
{
	static const uint32_t fields[] = {
		FIELD_TASK_SIGNAL, FIELD_TASK_LOGINUID, FIELD_TASK_SESSIONID,
		FIELD_TASK_TIMER_SLACK, FIELD_TASK_PERSONALITY};
	_cleanup_free_ uint64_t *all = calloc(HOLDERS * n + 1, sizeof(*all));
	const uint64_t *addrs[HOLDERS];
	struct records r[HOLDERS] = {0};
	size_t i;
	int rc;

	if (!all)
		return err_nomem(err);
	for (i = 0; i < HOLDERS; i++)
		addrs[i] = all + i * n;
	for (i = 0; i < n; i++) {
		out[i] = (struct task_settings){0};
		all[HOLDER_TASK * n + i] = tasks[i].addr;
		if (task_has_memory(&tasks[i]))
			all[HOLDER_MM * n + i] = tasks[i].mm;
	}
	rc = records_read(k, addrs[HOLDER_TASK], n, fields, 5, &r[HOLDER_TASK],
			  err);
	for (i = 0; i < n && !rc; i++)
		all[HOLDER_SIGNAL * n + i] =
			records_u64(&r[HOLDER_TASK], i, FIELD_TASK_SIGNAL);
	if (!rc)
		rc = read_holders(k, addrs, n, r, err);
	for (i = 0; i < n && !rc; i++)
		take_settings(r, i, addrs, &out[i]);
	for (i = 0; i < HOLDERS; i++)
		records_deinit(&r[i]);
	return rc;
}
