/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads mm_structs. */
#include "kernel/mm/mm.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_MM_PGD = WANTS_OF(READER_MM),
	FIELD_MM_MT_ROOT,
	FIELD_MM_RB,
	FIELD_MM_MAP_COUNT,
	FIELD_MM_START_BRK,
	FIELD_MM_BRK,
	FIELD_MM_START_STACK,
	FIELD_MM_CONTEXT_FLAGS,
	FIELD_MM_FLAGS,
	FIELD_MM_TASK_SIZE,
	FIELD_MM_IA32_COMPAT
};

static const struct want want_table[] = {
	FIELD(MM_PGD, "mm_struct", REQUIRED, "pgd"),
	FIELD(MM_MT_ROOT, "mm_struct", OPTIONAL, "mm_mt.ma_root"), /* 6.1 */
	FIELD(MM_RB, "mm_struct", OPTIONAL, "mm_rb.rb_node"), /* up to 6.0 */
	FIELD(MM_MAP_COUNT, "mm_struct", REQUIRED, "map_count"),
	FIELD(MM_START_BRK, "mm_struct", REQUIRED, "start_brk"),
	FIELD(MM_BRK, "mm_struct", REQUIRED, "brk"),
	FIELD(MM_START_STACK, "mm_struct", REQUIRED, "start_stack"),
	FIELD(MM_CONTEXT_FLAGS, "mm_struct", OPTIONAL,
	      "context.flags"),				 /* 5.12 */
	FIELD(MM_FLAGS, "mm_struct", OPTIONAL, "flags"), /* a bitmap: 6.18 */
	FIELD(MM_TASK_SIZE, "mm_struct", OPTIONAL, "task_size"),
	FIELD(MM_IA32_COMPAT, "mm_struct", OPTIONAL, "context.ia32_compat"),
};

const struct wants mm_wants = {
	.reader = "address spaces", .v = want_table, .n = WANTS_N(want_table)};

/* >= 5.12; before, ia32_compat tells: docs/facts/kernel.md, "Files of /proc" */
#define MM_CONTEXT_HAS_VSYSCALL 2u

static void fill_mm(struct kernel *k, const struct records *r, size_t i,
		    struct mm *mm)
{
	mm->readable = r->ok[i];
	mm->root = k->root;
	mm->task_size = records_u64(r, i, FIELD_MM_TASK_SIZE);
	mm->flags = records_u64(r, i, FIELD_MM_FLAGS);
	mm->start_brk = records_u64(r, i, FIELD_MM_START_BRK);
	mm->brk = records_u64(r, i, FIELD_MM_BRK);
	mm->start_stack = records_u64(r, i, FIELD_MM_START_STACK);
	mm->map_count = (uint32_t)records_u64(r, i, FIELD_MM_MAP_COUNT);
	mm->vma_head =
		records_u64(r, i,
			    records_have(r, FIELD_MM_MT_ROOT) ? FIELD_MM_MT_ROOT
							      : FIELD_MM_RB);
	mm->vsyscall = records_have(r, FIELD_MM_CONTEXT_FLAGS)
			       ? records_u64(r, i, FIELD_MM_CONTEXT_FLAGS) &
					 MM_CONTEXT_HAS_VSYSCALL
			       : !records_u64(r, i, FIELD_MM_IA32_COMPAT);
}

/* mm.pgd is a virtual address (always of the kernel PGD): translate them. */
static int find_roots(struct kernel *k, const struct records *r, struct mm *out,
		      struct err *err)
{
	_cleanup_free_ struct walk *walks = calloc(r->n + 1, sizeof(*walks));
	size_t i;
	int rc;

	if (!walks)
		return err_nomem(err);
	for (i = 0; i < r->n; i++)
		walk_launch(&walks[i], &k->root,
			    records_u64(r, i, FIELD_MM_PGD));
	rc = walk_run(k->machine, walks, r->n, err);
	for (i = 0; i < r->n && !rc; i++) {
		out[i].root.pgd = walks[i].pa;
		if (walks[i].result != WALK_MAPPED)
			out[i].readable = false;
	}
	return rc;
}

int mm_read(struct kernel *k, const uint64_t *addrs, size_t n, struct mm *out,
	    struct err *err)
{
	static const uint32_t fields[] = {
		FIELD_MM_PGD,
		FIELD_MM_MT_ROOT,
		FIELD_MM_RB,
		FIELD_MM_MAP_COUNT,
		FIELD_MM_START_BRK,
		FIELD_MM_BRK,
		FIELD_MM_START_STACK,
		FIELD_MM_IA32_COMPAT,
		FIELD_MM_CONTEXT_FLAGS,
		FIELD_MM_FLAGS,
		FIELD_MM_TASK_SIZE,
	};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	memset(out, 0, n * sizeof(*out));
	rc = records_read(k, addrs, n, fields,
			  sizeof(fields) / sizeof(fields[0]), &r, err);
	for (i = 0; i < n && !rc; i++) {
		out[i].addr = addrs[i];
		fill_mm(k, &r, i, &out[i]);
	}
	return rc ? rc : find_roots(k, &r, out, err);
}

int mm_of_tasks(struct kernel *k, const struct task *tasks, size_t n,
		struct mm *out, struct err *err)
{
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	_cleanup_free_ struct mm *got = calloc(n + 1, sizeof(*got));
	size_t i, some = 0;
	int rc;

	if (!addrs || !got)
		return err_nomem(err);
	memset(out, 0, n * sizeof(*out));
	for (i = 0; i < n; i++)
		if (task_has_memory(&tasks[i]))
			addrs[some++] = tasks[i].mm;
	rc = mm_read(k, addrs, some, got, err);
	for (i = some = 0; i < n && !rc; i++)
		if (task_has_memory(&tasks[i]))
			out[i] = got[some++];
	return rc;
}

int mm_check(const struct task *t, const struct mm *mm, struct err *err)
{
	if (!task_has_memory(t))
		return err_set(err, ERR_NOT_FOUND,
			       "pid %u (%s) %s: it has no user memory", t->pid,
			       t->comm,
			       task_is_kthread(t) ? "is a kernel thread"
						  : "has exited");
	if (!mm->readable)
		return err_set(err, ERR_UNREADABLE,
			       "pid %u: mm_struct at 0x%llx cannot be read",
			       t->pid, (unsigned long long)t->mm);
	return 0;
}

int mm_of_task(struct kernel *k, const struct task *t, struct mm *out,
	       struct err *err)
{
	int rc = mm_of_tasks(k, t, 1, out, err);

	return rc ? rc : mm_check(t, out, err);
}
