/* SPDX-License-Identifier: BSD-2-Clause */
/* What /proc/PID/maps tells of a process, as values. */
#ifndef KERNEL_MAPS_H
#define KERNEL_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/file.h"
#include "kernel/kernel.h"
#include "kernel/task.h"
#include "kernel/vma_name.h"

/* One line of /proc/PID/maps (fs/proc/task_mmu.c, show_map_vma()). */
struct map_entry {
	uint64_t start, end;
	uint64_t offset; /* in the file, in bytes */
	uint64_t ino;
	uint32_t major, minor;
	char perms[5];	  /* "r-xp" */
	const char *name; /* path or [name], raw bytes; NULL: none, or: */
	uint64_t maker;	  /* the function that makes its name is not known */
};

/* The lines of one process; torn: why says what is missing. */
struct maps {
	struct map_entry *v;
	size_t n;
	bool torn;
	char why[160];
};

/* Those of several processes; a name belongs to all lines that have it. */
struct maps_set {
	struct maps *v;
	size_t n;
	struct file_infos files;
	struct vma_names names;
};

/*
 * The maps of n tasks, breadth-first over all of them; a task without an mm
 * gives no lines.  Distinct files, dentries and mounts are read once.  The
 * caller frees with maps_deinit(), also after an error.
 */
int maps_read(struct kernel *k, const struct task *tasks, size_t n,
	      struct maps_set *out, struct err *err);
void maps_deinit(struct maps_set *m);

#endif
