/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/status (fs/proc/array.c, proc_pid_status()). */
#include <stdlib.h>

#include "base/cleanup.h"
#include "proc/proc.h"
#include "proc/status.h"

struct status_reading {
	size_t n;
	struct status_values v;
};

static void status_reading_deinit(struct status_reading *r)
{
	creds_deinit(r->v.creds, r->n);
	free(r->v.numbers);
	free(r->v.mm);
	free(r->v.rss);
	free(r->v.creds);
	free(r->v.signals);
	free(r->v.limits);
	task_pids_deinit(&r->v.pids);
	task_masks_deinit(&r->v.masks);
}

static int status_reading_init(struct status_reading *r)
{
	struct status_values *v = &r->v;
	size_t n = r->n + 1;

	v->numbers = calloc(n, sizeof(*v->numbers));
	v->mm = calloc(n, sizeof(*v->mm));
	v->rss = calloc(n, sizeof(*v->rss));
	v->creds = calloc(n, sizeof(*v->creds));
	v->signals = calloc(n, sizeof(*v->signals));
	v->limits = calloc(n, sizeof(*v->limits));
	return v->numbers && v->mm && v->rss && v->creds && v->signals &&
			       v->limits
		       ? 0
		       : ERR_NOMEM;
}

static bool has_symbol(const struct kernel *k, const char *name)
{
	uint64_t va;

	return profile_symbol(k->profile, name, &va);
}

static int status_reading_read(struct kernel *k, const struct task *tasks,
			       struct status_reading *r, struct err *err)
{
	struct status_values *v = &r->v;
	int rc = task_numbers_read(k, tasks, r->n, v->numbers, err);

	if (!rc)
		rc = mm_numbers_read(k, tasks, r->n, v->mm, err);
	if (!rc)
		rc = rss_of_tasks(k, tasks, r->n, v->rss, err);
	if (!rc)
		rc = creds_read(k, tasks, r->n, v->creds, err);
	if (!rc)
		rc = task_signals_read(k, tasks, r->n, v->signals, err);
	if (!rc)
		rc = task_limits_read(k, tasks, r->n, v->limits, err);
	if (!rc)
		rc = task_pids_read(k, tasks, r->n, &v->pids, err);
	if (!rc)
		rc = task_masks_read(k, tasks, r->n, &v->masks, err);
	if (!rc)
		rc = x86_64_spec_read(k, &v->spec, err);
	v->has = (struct status_lines){
		.namespaces = has_symbol(k, "copy_pid_ns"),
		.kthread = has_symbol(k, "__x64_sys_mseal"), /* 6.10, too */
		.thp = has_symbol(k, "transparent_hugepage_flags"),
	};
	return rc;
}

/* Whether all that makes it is there; what only some kernels have may lack. */
static bool status_known(const struct status_values *v, size_t i)
{
	static const enum task_number needed[] = {
		TASK_NR_THREADS, TASK_ATOMIC_FLAGS, TASK_NVCSW, TASK_NIVCSW};
	static const enum mm_number of_memory[] = {
		MM_TOTAL_VM,	   MM_HIWATER_VM, MM_HIWATER_RSS, MM_LOCKED_VM,
		MM_PINNED_VM,	   MM_DATA_VM,	  MM_STACK_VM,	  MM_EXEC_VM,
		MM_PGTABLES_BYTES, MM_START_CODE, MM_END_CODE,	  MM_FLAGS};
	bool known = !v->numbers[i].torn && v->rss[i].known &&
		     v->creds[i].known && v->creds[i].has_sigpending &&
		     v->signals[i].known && v->limits[i].known &&
		     v->pids.known[i] && v->masks.ok[i] && v->masks.cpus.bits &&
		     (!v->masks.mems.stride || v->masks.mems.bits);
	size_t j;

	for (j = 0; j < sizeof(needed) / sizeof(needed[0]); j++)
		known &= v->numbers[i].known[needed[j]];
	for (j = 0; j < sizeof(of_memory) / sizeof(of_memory[0]); j++)
		known &= v->mm[i].none || v->mm[i].known[of_memory[j]];
	return known;
}

static bool status_torn(const struct status_values *v, size_t i)
{
	return v->numbers[i].torn || v->mm[i].torn || !v->rss[i].known ||
	       v->creds[i].torn || v->signals[i].torn || v->limits[i].torn ||
	       !v->masks.ok[i];
}

static int status_read(struct kernel *k, struct proc_values *out,
		       struct err *err)
{
	_cleanup_(status_reading_deinit) struct status_reading r = {
		.n = out->n};
	size_t i;
	int rc;

	if (status_reading_init(&r))
		return err_nomem(err);
	rc = status_reading_read(k, out->tasks, &r, err);
	for (i = 0; i < out->n && !rc; i++) {
		struct proc_part *part = &out->parts[i];

		if (!status_known(&r.v, i)) {
			proc_part_unknown(part, status_torn(&r.v, i));
			continue;
		}
		status_put_identity(&r.v, &out->tasks[i], i, &part->text);
		status_put_memory(&r.v, i, &part->text);
		status_put_rights(&r.v, i, &part->text);
	}
	return rc;
}

const struct proc_file proc_pid_status = {
	.name = "status",
	.scope = PROC_TASK,
	.read = status_read,
};
