/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/ksm_merging_pages and ksm_stat (fs/proc/base.c). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/mm_numbers.h"
#include "kernel/mm/vma.h"
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

/* Areas that can be merged: whether a task has one. */
enum ksm_areas {
	KSM_AREAS_NONE,
	KSM_AREAS_SOME,
	KSM_AREAS_TORN /* none is among those that can be read */
};

static enum ksm_areas ksm_judge(const struct vma_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].flags & VM_MERGEABLE)
			return KSM_AREAS_SOME;
	return l->torn ? KSM_AREAS_TORN : KSM_AREAS_NONE;
}

/* Areas can be merged only where the kernel was once told so. */
static int ksm_find_areas(struct kernel *k, const struct proc_values *v,
			  const struct mm_numbers *numbers,
			  enum ksm_areas *areas, struct err *err)
{
	_cleanup_free_ struct mm *mms = calloc(v->n + 1, sizeof(*mms));
	struct vma_list *lists = calloc(v->n + 1, sizeof(*lists));
	bool some = false;
	size_t i;
	int rc = mms && lists ? mm_of_tasks(k, v->tasks, v->n, mms, err)
			      : err_nomem(err);

	for (i = 0; i < v->n && !rc; i++)
		if (numbers[i].v[MM_FLAGS] & MMF_VM_MERGEABLE)
			some = true;
		else
			mms[i] = (struct mm){0};
	if (some)
		rc = vma_lists_read(k, mms, v->n, lists, err);
	for (i = 0; i < v->n && !rc && some; i++)
		if (mms[i].addr)
			areas[i] = ksm_judge(&lists[i]);
	if (lists)
		vma_lists_deinit(lists, v->n);
	free(lists);
	return rc;
}

static void put_mergeable(const struct mm_numbers *mm, enum ksm_areas areas,
			  struct proc_part *part)
{
	buf_printf(&part->text, "ksm_merge_any: %s\n",
		   mm->v[MM_FLAGS] & MMF_VM_MERGE_ANY ? "yes" : "no");
	if (areas != KSM_AREAS_TORN) {
		buf_printf(&part->text, "ksm_mergeable: %s\n",
			   areas == KSM_AREAS_SOME ? "yes" : "no");
		return;
	}
	part->torn = true;
	buf_puts(&part->why, "some of its areas cannot be read");
}

static void put_stat(const struct mm_numbers *mm, const struct ksm_form *form,
		     enum ksm_areas areas, struct proc_part *part)
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
		put_mergeable(mm, areas, part);
}

static int ksm_merging_read(struct kernel *k, struct proc_values *out,
			    struct err *err)
{
	_cleanup_free_ struct mm_numbers *mm = calloc(out->n + 1, sizeof(*mm));
	size_t i;
	int rc = mm ? mm_numbers_read(k, out->tasks, out->n, mm, err)
		    : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		if (mm[i].known[MM_KSM_MERGING])
			buf_printf(&out->parts[i].text, "%" PRIu64 "\n",
				   mm[i].v[MM_KSM_MERGING]);
		else if (!mm[i].none)
			proc_part_unknown(&out->parts[i], mm[i].torn);
	return rc;
}

/* A task without memory has none of it: its file is empty. */
static int ksm_stat_read(struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	_cleanup_free_ struct mm_numbers *mm = calloc(out->n + 1, sizeof(*mm));
	_cleanup_free_ enum ksm_areas *areas =
		calloc(out->n + 1, sizeof(*areas));
	struct ksm_form form = {.item = mm_ksm_item_size(k)};
	uint64_t va;
	size_t i;
	int rc;

	if (!mm || !areas)
		return err_nomem(err);
	form.profit = profile_symbol(k->profile, "ksm_process_profit", &va);
	form.mergeable =
		profile_symbol(k->profile, "ksm_process_mergeable", &va);
	rc = mm_numbers_read(k, out->tasks, out->n, mm, err);
	if (!rc && form.mergeable)
		rc = ksm_find_areas(k, out, mm, areas, err);
	for (i = 0; i < out->n && !rc; i++)
		if (!mm[i].none)
			put_stat(&mm[i], &form, areas[i], &out->parts[i]);
	return rc;
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
