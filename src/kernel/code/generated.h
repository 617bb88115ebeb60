/* SPDX-License-Identifier: BSD-2-Clause */
/* Code that a kernel makes while it runs: BPF programs, ftrace, kprobes. */
#ifndef KERNEL_GENERATED_H
#define KERNEL_GENERATED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/list.h"
#include "kernel/remarks.h"

/* Who makes it; a list each. */
enum generator {
	GENERATED_FTRACE,    /* trampolines (5.9) */
	GENERATED_BPF,	     /* programs and trampolines (5.7) */
	GENERATED_KPROBES,   /* instructions that probes stand on (5.9) */
	GENERATED_OPTPROBES, /* those of optimised probes */
	GENERATORS
};

/* Code under one name, as /proc/kallsyms lists it. */
struct generated {
	uint64_t start, size;
	size_t name; /* offset into names */
	enum generator by;
};

struct generated_code {
	VEC(struct generated) list; /* in the order of /proc/kallsyms */
	struct buf names;	    /* each ends in a NUL */
};

/*
 * Where the lists are, into lists[0 .. GENERATORS - 1].  False in `known`
 * where this kernel has one and keeps it in no way that is known; what it does
 * not have is an empty list.
 */
void generated_lists(struct kernel *k, struct list *lists, bool *known);

/*
 * All that is on these lists, once they were read.  What is not as it must be
 * is left out, with a remark.  The caller frees with generated_deinit(), also
 * after an error.
 */
int generated_read(struct kernel *k, const struct list *lists,
		   struct generated_code *out, struct remarks *remarks,
		   struct err *err);
void generated_deinit(struct generated_code *code);

/* What stands in brackets in /proc/kallsyms: "bpf", "__builtin__ftrace"... */
const char *generated_module(enum generator by);

const char *generated_name(const struct generated_code *code,
			   const struct generated *g);

#endif
