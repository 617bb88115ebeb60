/* SPDX-License-Identifier: BSD-2-Clause */
/* What tasks asked the kernel for, and where they were. */
#ifndef KERNEL_X86_64_SYSCALL_H
#define KERNEL_X86_64_SYSCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

#define SYSCALL_ARGS 6

/*
 * The registers of user mode at the top of a task's stack, as
 * task_current_syscall() takes them (lib/syscall.c).
 */
struct x86_64_syscall {
	bool known;   /* else: it could not be read */
	bool running; /* it waits for nothing, and nothing else is known */
	int32_t nr;   /* -1: in none, as where a page is waited for */
	uint64_t args[SYSCALL_ARGS], sp, ip;
};

/* Those of n tasks, in two batches. */
int x86_64_syscalls_read(struct kernel *k, const struct task *tasks, size_t n,
			 struct x86_64_syscall *out, struct err *err);

#endif
