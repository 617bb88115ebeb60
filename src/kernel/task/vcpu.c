/* SPDX-License-Identifier: BSD-2-Clause */
/* What each vCPU runs: its Linux CPU number and current task. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/kernel.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/task/task.h"
#include "kernel/views.h"
#include "kernel/x86_64.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_PID = WANTS_OF(READER_VCPU),
	FIELD_TASK_COMM,
	FIELD_PCPU_HOT_CURRENT
};

static const struct want want_table[] = {
	FIELD(TASK_PID, "task_struct", OPTIONAL, "pid"),
	FIELD(TASK_COMM, "task_struct", OPTIONAL, "comm"),
	FIELD(PCPU_HOT_CURRENT, "pcpu_hot", OPTIONAL,
	      "current_task"), /* 6.2-14 */
};

const struct wants vcpu_wants = {
	.reader = "what vCPUs run", .v = want_table, .n = WANTS_N(want_table)};

static int linux_cpu(const struct vcpu *v, const uint64_t *offsets, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (x86_64_has_percpu(v, offsets[i]))
			return (int)i;
	return -1;
}

/* Percpu `current_task`, within pcpu_hot from 6.2 to 6.14. */
static bool current_task_symbol(struct kernel *k, uint64_t *va)
{
	const struct profile_field *hot =
		profile_field(k->profile, FIELD_PCPU_HOT_CURRENT);

	if (hot->present && profile_symbol(k->profile, "pcpu_hot", va)) {
		*va += hot->offset;
		return true;
	}
	return profile_symbol(k->profile, "current_task", va);
}

static int read_current(struct kernel *k, struct kernel_vcpu *out,
			const uint64_t *offsets, struct err *err)
{
	static const uint32_t fields[] = {FIELD_TASK_PID, FIELD_TASK_COMM};
	size_t n = k->machine->vcpus.n, i;
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint64_t *tasks = calloc(n + 1, sizeof(*tasks));
	size_t comm = sizeof(out->comm) - 1;
	uint64_t symbol;
	int rc;

	if (!reads || !tasks)
		return err_nomem(err);
	if (!current_task_symbol(k, &symbol))
		return 0;
	for (i = 0; i < n; i++)
		reads[i] = (struct space_read){
			.root = &k->root,
			.va = out[i].cpu < 0 ? 0 : symbol + offsets[out[i].cpu],
			.dst = &tasks[i],
			.len = 8};
	rc = space_read(k->machine, reads, n, err);
	if (!rc)
		rc = records_read(k, tasks, n, fields, 2, &r, err);
	if (records_size(&r, FIELD_TASK_COMM) < comm)
		comm = records_size(&r, FIELD_TASK_COMM);
	for (i = 0; i < n && !rc; i++) {
		if (out[i].cpu < 0 || reads[i].got != 8 || !r.ok[i])
			continue;
		if (records_have(&r, FIELD_TASK_PID)) {
			out[i].task = le64(&tasks[i]);
			out[i].pid =
				(uint32_t)records_u64(&r, i, FIELD_TASK_PID);
		}
		if (comm)
			memcpy(out[i].comm,
			       records_bytes(&r, i, FIELD_TASK_COMM), comm);
	}
	return rc;
}

int kernel_vcpus(struct kernel *k, struct kernel_vcpu *out, struct err *err)
{
	_cleanup_free_ uint64_t *offsets = NULL;
	size_t n = 0, i;
	int rc = percpu_offsets(k, &offsets, &n, err);

	if (rc)
		return rc;
	for (i = 0; i < k->machine->vcpus.n; i++) {
		const struct vcpu *v = &k->machine->vcpus.v[i];

		bool own = kernel_view_of(k, v)->shows == SHOWS_THIS;

		out[i] = (struct kernel_vcpu){
			.index = v->index,
			.own = own,
			.cpu = own ? linux_cpu(v, offsets, n) : -1,
			.user = v->arch->user_mode(v),
		};
	}
	return read_current(k, out, offsets, err);
}
