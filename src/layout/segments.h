/* SPDX-License-Identifier: BSD-2-Clause */
/* What each area of a process is, and what the gaps between them are. */
#ifndef LAYOUT_SEGMENTS_H
#define LAYOUT_SEGMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "kernel/mm/mm_layout.h"
#include "kernel/task/task.h"
#include "kernel/mm/x86_64_moved.h"
#include "proc/maps.h"

enum layout_kind {
	LAYOUT_TEXT,
	LAYOUT_RODATA,
	LAYOUT_DATA,
	LAYOUT_BSS,
	LAYOUT_HEAP,
	LAYOUT_MMAP,
	LAYOUT_STACK,	     /* of the first thread */
	LAYOUT_THREAD_STACK, /* of another one */
	LAYOUT_GUARD,	     /* pages without access before one of these */
	LAYOUT_NO_ACCESS,    /* other pages without access */
	LAYOUT_VVAR,
	LAYOUT_VDSO,
	LAYOUT_VSYSCALL,
	LAYOUT_NULL,	  /* from here on are gaps: below vm.mmap_min_addr */
	LAYOUT_STACK_GAP, /* that the kernel keeps before a stack */
	LAYOUT_GAP,
	LAYOUT_KINDS_OF_SEGMENTS
};

/* "thread stack" */
const char *layout_kind_name(enum layout_kind kind);

/* A part of the space: an area, or the gap between two. */
struct layout_segment {
	enum layout_kind kind;
	uint64_t start, end;
	const struct map_entry *area; /* borrowed; NULL: a gap */
	uint32_t tid;		      /* of a thread's stack, else 0 */
	char words[128];	      /* more of it; or "" */
};

struct layout_segments {
	VEC(struct layout_segment)
	list; /* ascending, without holes up to
		 task_size */
};

/* What they are made of; all borrowed. */
struct layout_space {
	const struct map_entry *areas; /* as in /proc/PID/maps */
	size_t n;
	const struct mm_layout *mm;
	const struct mm_settings *set;
	const struct task *threads; /* of the process, but the first */
	const uint64_t *sps;	    /* of each, in user mode; 0: not known */
	size_t n_threads;
};

/* 0 or ERR_NOMEM; the caller frees the list, also then.  *e is what the
 * distances are counted from. */
int layout_segments(const struct layout_space *s, struct layout_segments *out,
		    struct x86_64_edges *e);

#endif
