/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/ksm_merging_pages and ksm_stat (fs/proc/base.c). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/mm_numbers.h"
#include "proc/proc.h"

/* include/linux/sched/coredump.h, from 6.18 on mm_types.h */
#define MMF_VM_MERGEABLE (1ULL << 16)
#define MMF_VM_MERGE_ANY (1ULL << 30)

/* Which lines this kernel has, and what it takes. */
struct ksm_form {
	bool profit;	/* 6.4 */
	bool mergeable; /* 6.15 */
	uint32_t item;	/* bytes of each of its items */
};

static void put_profit(const struct mm_numbers *mm, const struct ksm_form *form,
		       struct buf *out)
{
	uint64_t pages = mm->v[MM_KSM_MERGING] + mm->v[MM_KSM_ZERO];

	buf_printf(out, "ksm_merging_pages %" PRIu64 "\n",
		   mm->v[MM_KSM_MERGING]);
	buf_printf(out, "ksm_process_profit %" PRId64 "\n",
		   (int64_t)(pages * PAGE_SIZE_4K -
			     mm->v[MM_KSM_ITEMS] * form->item));
}

/* Areas can be merged only where the kernel was once told so. */
static void put_mergeable(const struct mm_numbers *mm, struct proc_part *part)
{
	uint64_t flags = mm->v[MM_FLAGS];

	buf_printf(&part->text, "ksm_merge_any: %s\n",
		   flags & MMF_VM_MERGE_ANY ? "yes" : "no");
	if (!(flags & MMF_VM_MERGEABLE)) {
		buf_puts(&part->text, "ksm_mergeable: no\n");
		return;
	}
	part->torn = true;
	buf_puts(&part->why, "its areas are not read");
}

static void put_stat(const struct mm_numbers *mm, const struct ksm_form *form,
		     struct proc_part *part)
{
	if (!mm->known[MM_KSM_ITEMS] || !mm->known[MM_KSM_MERGING] ||
	    !mm->known[MM_FLAGS] || (form->profit && !form->item)) {
		proc_part_unknown(part, mm->torn);
		return;
	}
	buf_printf(&part->text, "ksm_rmap_items %" PRIu64 "\n",
		   mm->v[MM_KSM_ITEMS]);
	if (mm->known[MM_KSM_ZERO])
		buf_printf(&part->text, "ksm_zero_pages %" PRId64 "\n",
			   (int64_t)mm->v[MM_KSM_ZERO]);
	if (form->profit)
		put_profit(mm, form, &part->text);
	if (form->mergeable)
		put_mergeable(mm, part);
}

static void put_merging(const struct mm_numbers *mm,
			const struct ksm_form *form, struct proc_part *part)
{
	(void)form;
	if (mm->known[MM_KSM_MERGING])
		buf_printf(&part->text, "%" PRIu64 "\n", mm->v[MM_KSM_MERGING]);
	else
		proc_part_unknown(part, mm->torn);
}

typedef void ksm_print(const struct mm_numbers *mm, const struct ksm_form *form,
		       struct proc_part *part);

/* A task without memory has none of it: its file is empty. */
static int ksm_texts(ksm_print *print, struct kernel *k,
		     struct proc_values *out, struct err *err)
{
	_cleanup_free_ struct mm_numbers *mm = calloc(out->n + 1, sizeof(*mm));
	struct ksm_form form = {.item = mm_ksm_item_size(k)};
	uint64_t va;
	size_t i;
	int rc;

	if (!mm)
		return err_nomem(err);
	form.profit = profile_symbol(k->profile, "ksm_process_profit", &va);
	form.mergeable =
		profile_symbol(k->profile, "ksm_process_mergeable", &va);
	rc = mm_numbers_read(k, out->tasks, out->n, mm, err);
	for (i = 0; i < out->n && !rc; i++)
		if (!mm[i].none)
			print(&mm[i], &form, &out->parts[i]);
	return rc;
}

static int ksm_merging_read(struct kernel *k, struct proc_values *out,
			    struct err *err)
{
	return ksm_texts(put_merging, k, out, err);
}

static int ksm_stat_read(struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	return ksm_texts(put_stat, k, out, err);
}

const struct proc_file proc_pid_ksm_merging = {
	.name = "ksm_merging_pages",
	.scope = PROC_TASK,
	.needs = "proc_pid_ksm_merging_pages",
	.read = ksm_merging_read,
};

const struct proc_file proc_pid_ksm_stat = {
	.name = "ksm_stat",
	.scope = PROC_TASK,
	.needs = "proc_pid_ksm_stat",
	.read = ksm_stat_read,
};
