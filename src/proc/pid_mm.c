/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/auxv, coredump_filter and statm: what an mm_struct says. */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/mm/mm_numbers.h"
#include "kernel/mm/rss.h"
#include "proc/proc.h"

typedef void mm_print(const struct mm_numbers *mm, struct proc_part *part);

/* A task without memory has none of it: its file is empty. */
static int mm_texts(mm_print *print, struct kernel *k, struct proc_values *out,
		    struct err *err)
{
	struct mm_numbers *mm = calloc(out->n + 1, sizeof(*mm));
	size_t i;
	int rc = mm ? mm_numbers_read(k, out->tasks, out->n, mm, err)
		    : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		if (!mm[i].none)
			print(&mm[i], &out->parts[i]);
	free(mm);
	return rc;
}

/* Pairs of words, the last of which has a type of 0 (auxv_read()). */
static void print_auxv(const struct mm_numbers *mm, struct proc_part *part)
{
	size_t n = 0;

	while (n + 2 <= mm->n_auxv && mm->auxv[n])
		n += 2;
	if (n + 2 > mm->n_auxv)
		proc_part_unknown(part, mm->n_auxv || mm->torn);
	else
		buf_add(&part->text, mm->auxv, 8 * (n + 2));
}

static int auxv_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	return mm_texts(print_auxv, k, out, err);
}

const struct proc_file proc_pid_auxv = {
	.name = "auxv",
	.scope = PROC_TASK,
	.read = auxv_read,
};

/* Nine bits behind two of dumpability (include/linux/sched/coredump.h) */
#define MMF_DUMP_FILTER_SHIFT 2
#define MMF_DUMP_FILTER_BITS  0x1ffu

static void print_coredump_filter(const struct mm_numbers *mm,
				  struct proc_part *part)
{
	if (mm->known[MM_FLAGS])
		buf_printf(&part->text, "%08x\n",
			   (unsigned int)(mm->v[MM_FLAGS] >>
					  MMF_DUMP_FILTER_SHIFT) &
				   MMF_DUMP_FILTER_BITS);
	else
		proc_part_unknown(part, mm->torn);
}

static int coredump_filter_read(struct kernel *k, struct proc_values *out,
				struct err *err)
{
	return mm_texts(print_coredump_filter, k, out, err);
}

const struct proc_file proc_pid_coredump_filter = {
	.name = "coredump_filter",
	.scope = PROC_PROCESS,
	.read = coredump_filter_read,
};

/* task_statm(), fs/proc/task_mmu.c: in pages. */
static void print_statm(const struct mm_numbers *mm, const struct rss *rss,
			struct proc_part *part)
{
	if (mm->none)
		buf_puts(&part->text, "0 0 0 0 0 0 0\n");
	else if (!mm->known[MM_TOTAL_VM] || !mm->known[MM_DATA_VM] ||
		 !mm->known[MM_STACK_VM] || !mm->known[MM_START_CODE] ||
		 !mm->known[MM_END_CODE] || !rss->known)
		proc_part_unknown(part, mm->torn || !rss->known);
	else
		buf_printf(&part->text,
			   "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
			   " 0 %" PRIu64 " 0\n",
			   mm->v[MM_TOTAL_VM], rss_total(rss),
			   rss->file + rss->shmem, mm_text_pages(mm),
			   mm->v[MM_DATA_VM] + mm->v[MM_STACK_VM]);
}

static int statm_read(struct kernel *k, struct proc_values *out,
		      struct err *err)
{
	struct mm_numbers *mm = calloc(out->n + 1, sizeof(*mm));
	struct rss *rss = calloc(out->n + 1, sizeof(*rss));
	size_t i;
	int rc = mm && rss ? mm_numbers_read(k, out->tasks, out->n, mm, err)
			   : err_nomem(err);

	if (!rc)
		rc = rss_of_tasks(k, out->tasks, out->n, rss, err);
	for (i = 0; i < out->n && !rc; i++)
		print_statm(&mm[i], &rss[i], &out->parts[i]);
	free(mm);
	free(rss);
	return rc;
}

const struct proc_file proc_pid_statm = {
	.name = "statm",
	.scope = PROC_TASK,
	.read = statm_read,
};
