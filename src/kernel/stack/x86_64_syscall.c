/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the registers with which tasks came into the kernel. */
#include "kernel/stack/x86_64_syscall.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/stack/task_stack.h"
#include "kernel/stack/x86_64_unwind.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_STACK = WANTS_OF(READER_X86_64_SYSCALL),
	FIELD_TASK_STATE,
	FIELD_TASK_STATUS
};

static const struct want want_table[] = {
	FIELD(TASK_STACK, "task_struct", OPTIONAL, "stack"),
	FIELD(TASK_STATE, "task_struct", OPTIONAL, "__state|state"), /* 5.14 */
	FIELD(TASK_STATUS, "task_struct", OPTIONAL, "thread_info.status"),
};

const struct wants x86_64_syscall_wants = {
	.reader = "system calls", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t task_fields[] = {FIELD_TASK_STACK, FIELD_TASK_STATE,
				       FIELD_TASK_STATUS};

/* struct pt_regs: docs/facts/trace.md, "Registers on stacks" */
#define REGS_ORIG_AX 120u
#define REGS_IP	     128u
#define REGS_SP	     152u
#define TS_COMPAT    0x2u /* asm/thread_info.h */

/* Arguments of calls of 64 bits, and of 32. */
static const uint32_t args_at[2][SYSCALL_ARGS] = {{112, 104, 96, 56, 72, 64},
						  {40, 88, 96, 104, 112, 32}};

/* What is left free above the registers: 16 bytes where the kernel knows FRED.
 */
static uint64_t padding_of(const struct kernel *k)
{
	uint64_t va;

	return profile_symbol(k->profile, "asm_fred_entrypoint_user", &va) ? 16
									   : 0;
}

static void syscall_take(const uint8_t *regs, bool compat,
			 struct x86_64_syscall *out)
{
	size_t i;

	out->nr = (int32_t)le32(regs + REGS_ORIG_AX);
	out->ip = le64(regs + REGS_IP);
	out->sp = le64(regs + REGS_SP);
	for (i = 0; i < SYSCALL_ARGS && out->nr != -1; i++)
		out->args[i] = le64(regs + args_at[compat][i]);
}

int x86_64_syscalls_read(struct kernel *k, const struct task *tasks, size_t n,
			 struct x86_64_syscall *out, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint8_t *regs = calloc(n + 1, X86_64_PT_REGS);
	uint64_t size = task_stack_size(k), top = size - padding_of(k);
	size_t i;
	int rc;

	if (!addrs || !reads || !regs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].addr;
	rc = records_read(k, addrs, n, task_fields, 3, &r, err);
	for (i = 0; i < n && !rc; i++) {
		uint64_t stack = records_u64(&r, i, FIELD_TASK_STACK);

		reads[i] = (struct space_read){
			.root = &k->root,
			.va = stack + top - X86_64_PT_REGS,
			.dst = regs + i * X86_64_PT_REGS,
			.len = size && stack ? X86_64_PT_REGS : 0};
	}
	if (!rc)
		rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++) {
		bool has_stack = records_u64(&r, i, FIELD_TASK_STACK) != 0;

		out[i] = (struct x86_64_syscall){
			.known = r.ok[i] && size &&
				 records_have(&r, FIELD_TASK_STACK) &&
				 records_have(&r, FIELD_TASK_STATE),
			.running = !records_u64(&r, i, FIELD_TASK_STATE),
			.nr = -1};
		if (has_stack && reads[i].got < reads[i].len)
			out[i].known = false;
		else if (has_stack)
			syscall_take(regs + i * X86_64_PT_REGS,
				     records_u64(&r, i, FIELD_TASK_STATUS) &
					     TS_COMPAT,
				     &out[i]);
	}
	return rc;
}
