/* SPDX-License-Identifier: BSD-2-Clause */
/* Unwinds a kernel stack by the kernel's own rules (ORC). */
#ifndef KERNEL_X86_64_UNWIND_H
#define KERNEL_X86_64_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/code/x86_64_orc.h"

#define UNWIND_FRAMES_MAX  256u
#define UNWIND_TRACERS_MAX 4u

/* sizeof(struct pt_regs): docs/facts/trace.md, "Registers on stacks" */
#define X86_64_PT_REGS 168u

/* What it takes of a kernel; tables are borrowed. */
struct unwinder {
	const struct orc_tables *tables;
	uint64_t forked; /* where a task that never ran begins; 0: not known */
	/* What tracers have functions return to, in place of their callers. */
	uint64_t tracers[UNWIND_TRACERS_MAX];
	size_t n_tracers;
};

void unwinder_init(struct unwinder *u, const struct kernel *k,
		   const struct orc_tables *tables);

/* Memory that stacks are in, as pieces of it that were read. */
struct unwind_piece {
	uint64_t va;
	size_t len;
	const uint8_t *bytes;
};

/* Registers that rules may ask for, by enum orc_base. */
struct unwind_regs {
	uint64_t v[ORC_BASES];
	bool known[ORC_BASES];
};

/* Where it begins.  A vCPU was interrupted, and knows all of `regs`. */
struct unwind_start {
	uint64_t ip, sp, bp;
	bool interrupted;
	struct unwind_regs regs;
};

struct unwind_frame {
	uint64_t ip;	  /* what it would do next */
	uint64_t sp;	  /* then */
	uint64_t regs;	  /* the struct pt_regs that these are from, or 0 */
	bool interrupted; /* at ip; else it made a call, just before ip */
	bool guessed;	  /* by rbp alone: the one before it is in other code */
};

enum unwind_end {
	UNWIND_DONE,	   /* the last frame says that it is that */
	UNWIND_USER,	   /* the last frame is user mode's */
	UNWIND_TRACED,	   /* a tracer has the next one's address */
	UNWIND_NO_RULE,	   /* that of the last frame tells nothing */
	UNWIND_NO_CODE,	   /* the last frame is in no code that has any */
	UNWIND_NO_VALUE,   /* the rule asks for a register: its value is lost */
	UNWIND_UNREADABLE, /* memory that is needed was not read */
	UNWIND_STUCK,	   /* the next one is not up the stack */
	UNWIND_LONG	   /* as many as UNWIND_FRAMES_MAX says */
};

struct unwind {
	VEC(struct unwind_frame) frames; /* the innermost first */
	enum unwind_end end;
};

/*
 * Unwind from `start` as arch/x86/kernel/unwind_orc.c does
 * (docs/facts/trace.md, "Unwinding"), in memory of n pieces.  0 or ERR_NOMEM;
 * the caller deinits.
 */
int unwind_run(const struct unwinder *u, const struct unwind_start *start,
	       const struct unwind_piece *memory, size_t n, struct unwind *out);
void unwind_deinit(struct unwind *u);

#endif
