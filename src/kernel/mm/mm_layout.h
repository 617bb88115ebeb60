/* SPDX-License-Identifier: BSD-2-Clause */
/* How a process's half of the addresses is laid out, and what is random. */
#ifndef KERNEL_MM_LAYOUT_H
#define KERNEL_MM_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* Flags of personality(2), include/uapi/linux/personality.h. */
#define MM_ADDR_NO_RANDOMIZE  0x0040000u
#define MM_MMAP_PAGE_ZERO     0x0100000u
#define MM_ADDR_COMPAT_LAYOUT 0x0200000u
#define MM_ADDR_LIMIT_3GB     0x8000000u

/* Of one process; addresses as /proc/PID/stat has them, 0: not known. */
struct mm_layout {
	uint64_t start_code, end_code, start_data, end_data, start_brk, brk,
		start_stack, arg_start, arg_end, env_start, env_end;
	uint64_t task_size; /* addresses end there */
	uint64_t mmap_base, mmap_legacy_base;
	uint64_t total_pages; /* of all areas */
	bool compat;	      /* a program of 32 bits */
	bool has_tags;	      /* the kernel knows of LAM */
	uint64_t tags; /* bits of an address that it looks past; 0: none */
	bool has_personality, randomized; /* when it was started */
	uint32_t personality;
	bool has_stack_limit;
	uint64_t stack_limit; /* UINT64_MAX: none */
};

/* What the system has set; a member that is not known is UINT64_MAX. */
struct mm_settings {
	uint64_t randomize_va_space;
	uint64_t min_addr;	  /* vm.mmap_min_addr */
	uint64_t min_addr_in_use; /* with that of security modules */
	uint64_t stack_guard_gap; /* bytes */
	uint64_t rnd_bits, rnd_compat_bits;
};

/* Read these of a task that has memory, in a few batches. */
int mm_layout_read(struct kernel *k, const struct task *t,
		   struct mm_layout *out, struct err *err);
int mm_settings_read(struct kernel *k, struct mm_settings *out,
		     struct err *err);

#endif
