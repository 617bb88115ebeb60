/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads numbers of tasks, of their signals and files, by one table. */
#include "kernel/task/task_numbers.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types: what leads to others, then by number. */
enum {
	FIELD_TASK_SIGNAL = WANTS_OF(READER_TASK_NUMBERS),
	FIELD_TASK_FILES,
	FIELD_FILES_FDT,
	FIELD_FIRST
};

#define FIELD_OF(number) (FIELD_FIRST + (uint32_t)(number))
#define NUMBER(id, type, members) \
	[WANTS_INDEX(FIELD_OF(id))] = {WANT_FIELD, OPTIONAL, type, members}

static const struct want want_table[] = {
	FIELD(TASK_SIGNAL, "task_struct", REQUIRED, "signal"),
	FIELD(TASK_FILES, "task_struct", OPTIONAL, "files"),
	FIELD(FILES_FDT, "files_struct", OPTIONAL, "fdt"),
	NUMBER(TASK_LOGINUID, "task_struct", "loginuid"),
	NUMBER(TASK_SESSIONID, "task_struct", "sessionid"),
	NUMBER(TASK_TIMERSLACK_NS, "task_struct", "timer_slack_ns"),
	NUMBER(TASK_PERSONALITY, "task_struct", "personality"),
	NUMBER(TASK_MIN_FLT, "task_struct", "min_flt"),
	NUMBER(TASK_MAJ_FLT, "task_struct", "maj_flt"),
	NUMBER(TASK_GTIME, "task_struct", "gtime"),
	NUMBER(TASK_PRIO, "task_struct", "prio"),
	NUMBER(TASK_STATIC_PRIO, "task_struct", "static_prio"),
	NUMBER(TASK_RT_PRIORITY, "task_struct", "rt_priority"),
	NUMBER(TASK_POLICY, "task_struct", "policy"),
	NUMBER(TASK_EXIT_SIGNAL, "task_struct", "exit_signal"),
	NUMBER(TASK_EXIT_CODE, "task_struct", "exit_code"),
	NUMBER(TASK_CPU, "task_struct", "thread_info.cpu|cpu"), /* 5.16 */
	NUMBER(TASK_NVCSW, "task_struct", "nvcsw"),
	NUMBER(TASK_NIVCSW, "task_struct", "nivcsw"),
	NUMBER(TASK_STATE_WORD, "task_struct", "__state|state"), /* 5.14 */
	NUMBER(TASK_ON_RQ, "task_struct", "on_rq"),
	NUMBER(TASK_ATOMIC_FLAGS, "task_struct", "atomic_flags"),
	NUMBER(TASK_SECCOMP_MODE, "task_struct", "seccomp.mode"),
	NUMBER(TASK_SECCOMP_FILTERS, "task_struct", "seccomp.filter_count"),
	NUMBER(TASK_PTRACE, "task_struct", "ptrace"),
	NUMBER(TASK_FEATURES, "task_struct", "thread.features"), /* 6.6 */
	NUMBER(TASK_FEATURES_LOCKED, "task_struct", "thread.features_locked"),
	NUMBER(TASK_RUNTIME, "task_struct", "se.sum_exec_runtime"),
	NUMBER(TASK_RUN_DELAY, "task_struct", "sched_info.run_delay"),
	NUMBER(TASK_TIMES_RUN, "task_struct", "sched_info.pcount"),
	NUMBER(TASK_PATCH_STATE, "task_struct", "patch_state"),
	NUMBER(TASK_VFORK_DONE, "task_struct", "vfork_done"),
	NUMBER(TASK_REAL_PARENT, "task_struct", "real_parent"),
	NUMBER(TASK_OOM_SCORE_ADJ, "signal_struct", "oom_score_adj"),
	NUMBER(TASK_NR_THREADS, "signal_struct", "nr_threads"),
	NUMBER(TASK_GROUP_MIN_FLT, "signal_struct", "min_flt"),
	NUMBER(TASK_GROUP_MAJ_FLT, "signal_struct", "maj_flt"),
	NUMBER(TASK_GROUP_GTIME, "signal_struct", "gtime"),
	NUMBER(TASK_CHILD_MIN_FLT, "signal_struct", "cmin_flt"),
	NUMBER(TASK_CHILD_MAJ_FLT, "signal_struct", "cmaj_flt"),
	NUMBER(TASK_CHILD_UTIME, "signal_struct", "cutime"),
	NUMBER(TASK_CHILD_STIME, "signal_struct", "cstime"),
	NUMBER(TASK_CHILD_GTIME, "signal_struct", "cgtime"),
	NUMBER(TASK_SIGNAL_FLAGS, "signal_struct", "flags"),
	NUMBER(TASK_GROUP_EXIT_CODE, "signal_struct", "group_exit_code"),
	NUMBER(TASK_CORE_STATE, "signal_struct", "core_state"), /* 5.16 */
	NUMBER(TASK_TTY, "signal_struct", "tty"),
	NUMBER(TASK_UMASK, "fs_struct", "umask"),
	NUMBER(TASK_MAX_FDS, "fdtable", "max_fds"),
};

const struct wants task_numbers_wants = {.reader = "numbers of processes",
					 .v = want_table,
					 .n = WANTS_N(want_table)};

_Static_assert(FIELD_OF(TASK_NUMBERS) - WANTS_OF(READER_TASK_NUMBERS) <=
		       WANTS_MAX,
	       "one reader's");

bool task_numbers_have(const struct kernel *k, enum task_number number)
{
	return profile_field(k->profile, FIELD_OF(number))->present;
}

/* What holds them; `end` is the number behind the last. */
enum holder {
	HOLDER_TASK,
	HOLDER_SIGNAL,
	HOLDER_FS,
	HOLDER_FDT,
	HOLDERS
};

static const enum task_number ends[HOLDERS] = {
	[HOLDER_TASK] = TASK_OOM_SCORE_ADJ,
	[HOLDER_SIGNAL] = TASK_UMASK,
	[HOLDER_FS] = TASK_MAX_FDS,
	[HOLDER_FDT] = TASK_NUMBERS,
};

/* The ids of the numbers of a holder; how many. */
static size_t ids_of(enum holder h, uint32_t *ids)
{
	size_t number = h ? ends[h - 1] : 0, n = 0;

	while (number < ends[h])
		ids[n++] = FIELD_OF(number++);
	return n;
}

struct reading {
	struct kernel *k;
	size_t n;
	uint64_t *addrs[HOLDERS];
	uint64_t *files;
	struct records r[HOLDERS];
	struct records fdt;
};

static void task_numbers_deinit(struct reading *r)
{
	size_t h;

	for (h = 0; h < HOLDERS; h++)
		records_deinit(&r->r[h]);
	records_deinit(&r->fdt);
	free(r->addrs[0]);
}

static int task_numbers_read_tasks(struct reading *r, const struct task *tasks,
				   struct err *err)
{
	uint32_t ids[TASK_NUMBERS + 2] = {0};
	size_t n = ids_of(HOLDER_TASK, ids), i;
	int rc;

	ids[n++] = FIELD_TASK_SIGNAL;
	ids[n++] = FIELD_TASK_FILES;
	for (i = 0; i < r->n; i++) {
		r->addrs[HOLDER_TASK][i] = tasks[i].addr;
		r->addrs[HOLDER_FS][i] = tasks[i].fs;
	}
	rc = records_read(r->k, r->addrs[HOLDER_TASK], r->n, ids, n,
			  &r->r[HOLDER_TASK], err);
	for (i = 0; i < r->n && !rc; i++) {
		r->addrs[HOLDER_SIGNAL][i] =
			records_u64(&r->r[HOLDER_TASK], i, FIELD_TASK_SIGNAL);
		r->files[i] =
			records_u64(&r->r[HOLDER_TASK], i, FIELD_TASK_FILES);
	}
	return rc;
}

/* Their signals, paths and files; then the tables of these. */
static int task_numbers_read_holders(struct reading *r, struct err *err)
{
	static const uint32_t fdt[] = {FIELD_FILES_FDT};
	uint32_t signal[TASK_NUMBERS], fs[TASK_NUMBERS], table[TASK_NUMBERS];
	size_t n_table = ids_of(HOLDER_FDT, table), i;
	const struct records_want wants[] = {
		{r->addrs[HOLDER_SIGNAL], r->n, signal,
		 ids_of(HOLDER_SIGNAL, signal)},
		{r->addrs[HOLDER_FS], r->n, fs, ids_of(HOLDER_FS, fs)},
		{r->files, r->n, fdt, 1}};
	struct records got[3];
	int rc = records_read_all(r->k, wants, 3, got, err);

	r->r[HOLDER_SIGNAL] = got[0];
	r->r[HOLDER_FS] = got[1];
	r->fdt = got[2];
	for (i = 0; i < r->n && !rc; i++)
		r->addrs[HOLDER_FDT][i] =
			records_u64(&r->fdt, i, FIELD_FILES_FDT);
	return rc ? rc
		  : records_read(r->k, r->addrs[HOLDER_FDT], r->n, table,
				 n_table, &r->r[HOLDER_FDT], err);
}

static void task_numbers_take(const struct reading *r, size_t i,
			      struct task_numbers *out)
{
	size_t h, number = 0;

	*out = (struct task_numbers){.torn = r->files[i] && !r->fdt.ok[i]};
	for (h = 0; h < HOLDERS; h++) {
		out->torn |= r->addrs[h][i] && !r->r[h].ok[i];
		for (; number < ends[h]; number++) {
			uint32_t id = FIELD_OF(number);

			out->known[number] =
				r->r[h].ok[i] && records_have(&r->r[h], id);
			out->v[number] = records_u64(&r->r[h], i, id);
		}
	}
}

int task_numbers_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct task_numbers *out, struct err *err)
{
	_cleanup_(task_numbers_deinit) struct reading r = {.k = k, .n = n};
	uint64_t *all = calloc((HOLDERS + 1) * n + 1, sizeof(*all));
	size_t i;
	int rc;

	if (!all)
		return err_nomem(err);
	for (i = 0; i < HOLDERS; i++)
		r.addrs[i] = all + i * n;
	r.files = all + HOLDERS * n;
	rc = task_numbers_read_tasks(&r, tasks, err);
	if (!rc)
		rc = task_numbers_read_holders(&r, err);
	for (i = 0; i < n && !rc; i++)
		task_numbers_take(&r, i, &out[i]);
	return rc;
}
