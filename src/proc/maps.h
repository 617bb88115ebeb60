/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/maps, as values and byte for byte. */
#ifndef PROC_MAPS_H
#define PROC_MAPS_H

#include <stdint.h>

#include "base/buf.h"
#include "kernel/fs/file.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/vma.h"
#include "kernel/mm/vma_name.h"
#include "proc/proc.h"

/* One line of it (fs/proc/task_mmu.c, show_map_vma()). */
struct map_entry {
	uint64_t start, end;
	uint64_t offset; /* in the file, in bytes */
	uint64_t ino;
	uint32_t major, minor;
	char perms[5];	  /* "r-xp" */
	const char *name; /* path or [name], raw bytes; NULL: none, or: */
	uint64_t maker;	  /* the function that makes its name is not known */
};

/*
 * What proc_values.own of proc_pid_maps is.  A task without an mm has no lines.
 * Distinct files, dentries and mounts are read once; a name belongs to all
 * lines that have it.
 */
struct maps {
	struct mm *mms;		 /* of each part */
	struct vma_list *lists;	 /* of each part; the gate is in none */
	struct map_entry **v;	 /* of each part: its lines, a record each */
	struct map_entry *lines; /* all of them */
	struct file_infos files;
	struct vma_names names;
};

/* Its mms and lists alone; and where some are missing, that is said. */
int proc_maps_vmas(struct kernel *k, struct proc_values *out, struct maps *m,
		   struct err *err);

/* Fill it, and the parts of *out, of whose tasks it is; the caller frees it
 * with proc_maps_deinit(), also after an error. */
int proc_maps_read(struct kernel *k, struct proc_values *out, struct maps *m,
		   struct err *err);
void proc_maps_deinit(struct maps *m, size_t n);

/* The size of a VMA's pages. */
uint64_t proc_maps_page_size(const struct maps *m, const struct vma *v);

/* Append what of its lines' names is not known. */
void proc_maps_notes(const struct proc_values *v, const struct maps *m,
		     const struct profile *p, struct buf *out);

/* Append the line that the guest's kernel would print. */
void proc_maps_line(const struct map_entry *e, struct buf *out);

#endif
