/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads where sleeping tasks left their CPU, and their stacks. */
#include "kernel/stack/x86_64_sleeper.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/stack/task_stack.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_STACK = WANTS_OF(READER_X86_64_SLEEPER),
	FIELD_TASK_SP,
	FIELD_TASK_ON_CPU,
	FIELD_FRAME_BP,
	FIELD_FRAME_RET_ADDR,
	STRUCT_FRAME
};

static const struct want want_table[] = {
	FIELD(TASK_STACK, "task_struct", REQUIRED, "stack"),
	FIELD(TASK_SP, "task_struct", REQUIRED, "thread.sp"),
	FIELD(TASK_ON_CPU, "task_struct", OPTIONAL, "on_cpu"), /* SMP */
	FIELD(FRAME_BP, "inactive_task_frame", REQUIRED, "bp"),
	FIELD(FRAME_RET_ADDR, "inactive_task_frame", REQUIRED, "ret_addr"),
	STRUCT(FRAME, "inactive_task_frame", REQUIRED),
};

const struct wants x86_64_sleeper_wants = {
	.reader = "stacks of tasks", .v = want_table, .n = WANTS_N(want_table)};

/* Many tasks' stacks being read; each has room for a whole one. */
struct sleeper_reader {
	struct kernel *k;
	const struct unwinder *u;
	uint64_t size;
	struct records tasks;
	struct space_read *reads;
};

static void sleeper_reader_deinit(struct sleeper_reader *r)
{
	records_deinit(&r->tasks);
	free(r->reads);
}

/*
 * Its stack from thread.sp on, which only a task that was switched from has
 * there: one that is dead may have none any more, while sp stays
 * (docs/facts/trace.md, "Where a task left its CPU").
 */
static void sleeper_want(struct sleeper_reader *r, size_t i,
			 struct sleepers *out)
{
	uint64_t stack = records_u64(&r->tasks, i, FIELD_TASK_STACK);
	uint64_t sp = records_u64(&r->tasks, i, FIELD_TASK_SP);

	out->v[i].top = stack + r->size;
	r->reads[i] = (struct space_read){
		.root = &r->k->root, .va = sp, .dst = out->bytes + i * r->size};
	if (r->tasks.ok[i] && !records_u64(&r->tasks, i, FIELD_TASK_ON_CPU) &&
	    kernel_pointer(r->k, stack) && sp % 8 == 0 && sp - stack < r->size)
		r->reads[i].len = out->v[i].top - sp;
}

static void sleeper_begin(const struct sleeper_reader *r, size_t i,
			  struct sleeper *s)
{
	const struct space_read *read = &r->reads[i];
	const struct profile *p = r->k->profile;
	uint32_t frame = profile_sizeof(p, STRUCT_FRAME);
	uint32_t bp = profile_field(p, FIELD_FRAME_BP)->offset;
	uint32_t ip = profile_field(p, FIELD_FRAME_RET_ADDR)->offset;
	const uint8_t *bytes = read->dst;

	s->torn = !r->tasks.ok[i] || read->got < read->len;
	if (!read->len || read->got < read->len || frame < 8 ||
	    read->len <= frame || bp > frame - 8 || ip > frame - 8)
		return;
	s->sleeps = true;
	s->stack = (struct unwind_piece){read->va, read->len, bytes};
	s->start = (struct unwind_start){.ip = le64(bytes + ip),
					 .sp = read->va + frame,
					 .bp = le64(bytes + bp)};
	s->start.interrupted = s->start.ip == r->u->forked;
}

int sleepers_read(struct kernel *k, const struct unwinder *u,
		  const uint64_t *tasks, size_t n, struct sleepers *out,
		  struct err *err)
{
	static const uint32_t fields[] = {FIELD_TASK_STACK, FIELD_TASK_SP,
					  FIELD_TASK_ON_CPU};
	_cleanup_(sleeper_reader_deinit) struct sleeper_reader r = {
		.k = k, .u = u, .size = task_stack_size(k)};
	size_t i;
	int rc;

	r.reads = calloc(n + 1, sizeof(*r.reads));
	*out = (struct sleepers){.v = calloc(n + 1, sizeof(*out->v)),
				 .n = n,
				 .bytes = calloc(n + 1, r.size + 1)};
	if (!r.reads || !out->v || !out->bytes)
		return err_nomem(err);
	rc = records_read(k, tasks, n, fields, 3, &r.tasks, err);
	for (i = 0; i < n && !rc; i++)
		sleeper_want(&r, i, out);
	if (!rc)
		rc = space_read(k->machine, r.reads, n, err);
	for (i = 0; i < n && !rc; i++)
		sleeper_begin(&r, i, &out->v[i]);
	return rc;
}

void sleepers_deinit(struct sleepers *s)
{
	free(s->v);
	free(s->bytes);
}
