/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what is set of transparent huge pages, and judges VMAs by it. */
#include "kernel/mm/thp.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	CONSTANT_UNSUPPORTED = WANTS_OF(READER_THP),
	CONSTANT_NEVER_DAX,
	CONSTANT_ALWAYS,
	CONSTANT_MADVISE,
	CONSTANT_MAYBE_GUARD,
	FIELD_FILE_INODE,
	FIELD_INODE_SB,
	FIELD_SB_INFO,
	FIELD_SHMEM_HUGE
};

static const struct want want_table[] = {
	CONSTANT(UNSUPPORTED, "transparent_hugepage_flag",
		 "TRANSPARENT_HUGEPAGE_UNSUPPORTED"), /* 6.3 */
	CONSTANT(NEVER_DAX, "transparent_hugepage_flag",
		 "TRANSPARENT_HUGEPAGE_NEVER_DAX"),
	CONSTANT(ALWAYS, "transparent_hugepage_flag",
		 "TRANSPARENT_HUGEPAGE_FLAG"),
	CONSTANT(MADVISE, "transparent_hugepage_flag",
		 "TRANSPARENT_HUGEPAGE_REQ_MADV_FLAG"),
	CONSTANT(MAYBE_GUARD, "", "VMA_MAYBE_GUARD_BIT"), /* 6.19 */
	FIELD(FILE_INODE, "file", OPTIONAL, "f_inode"),
	FIELD(INODE_SB, "inode", OPTIONAL, "i_sb"),
	FIELD(SB_INFO, "super_block", OPTIONAL, "s_fs_info"),
	FIELD(SHMEM_HUGE, "shmem_sb_info", OPTIONAL, "huge"),
};

const struct wants thp_wants = {.reader = "transparent huge pages",
				.v = want_table,
				.n = WANTS_N(want_table)};

enum {
	FLAGS,
	ORDERS_ALWAYS,
	ORDERS_MADVISE,
	ORDERS_INHERIT,
	SHMEM,
	SHMEM_ALWAYS,
	SHMEM_WITHIN_SIZE,
	SHMEM_MADVISE,
	VARIABLES
};

static const char *const variables[VARIABLES] = {
	[FLAGS] = "transparent_hugepage_flags",
	[ORDERS_ALWAYS] = "huge_anon_orders_always",
	[ORDERS_MADVISE] = "huge_anon_orders_madvise",
	[ORDERS_INHERIT] = "huge_anon_orders_inherit",
	[SHMEM] = "shmem_huge",
	[SHMEM_ALWAYS] = "huge_shmem_orders_always", /* 6.10 */
	[SHMEM_WITHIN_SIZE] = "huge_shmem_orders_within_size",
	[SHMEM_MADVISE] = "huge_shmem_orders_madvise",
};

static bool thp_flag(const struct kernel *k, uint64_t flags, uint32_t id)
{
	int64_t bit;

	return profile_constant(k->profile, id, &bit) && bit >= 0 && bit < 64 &&
	       flags >> bit & 1;
}

static void thp_find_ops(const struct kernel *k, struct thp *t)
{
	profile_symbol(k->profile, "shmem_vm_ops", &t->shmem_ops);
	profile_symbol(k->profile, "shmem_anon_vm_ops", &t->shmem_anon_ops);
	profile_symbol(k->profile, "shm_vm_ops", &t->shm_ops);
}

int thp_read(struct kernel *k, struct thp *out, struct err *err)
{
	struct space_read reads[VARIABLES];
	uint8_t bytes[VARIABLES][8] = {{0}};
	uint64_t va, flags;
	int64_t bit;
	size_t i, n = 0;
	int rc;

	*out = (struct thp){0};
	thp_find_ops(k, out);
	for (i = 0; i < VARIABLES; i++)
		if (profile_symbol(k->profile, variables[i], &va))
			reads[n++] = (struct space_read){.root = &k->root,
							 .va = va,
							 .dst = bytes[i],
							 .len = 8};
		else if (i == FLAGS)
			return 0;
	rc = space_read(k->machine, reads, n, err);
	if (rc)
		return rc;
	flags = le64(bytes[FLAGS]);
	out->known = reads[0].got == 8;
	out->unsupported = thp_flag(k, flags, CONSTANT_UNSUPPORTED) ||
			   thp_flag(k, flags, CONSTANT_NEVER_DAX);
	out->always = thp_flag(k, flags, CONSTANT_ALWAYS);
	out->madvise = thp_flag(k, flags, CONSTANT_MADVISE);
	out->any_order =
		profile_symbol(k->profile, variables[ORDERS_ALWAYS], &va);
	out->has_except =
		profile_constant(k->profile, CONSTANT_MAYBE_GUARD, &bit);
	out->orders_always = le64(bytes[ORDERS_ALWAYS]);
	out->orders_madvise = le64(bytes[ORDERS_MADVISE]);
	out->orders_inherit = le64(bytes[ORDERS_INHERIT]);
	out->shmem = (int32_t)le32(bytes[SHMEM]);
	out->shmem_orders = le64(bytes[SHMEM_ALWAYS]) |
			    le64(bytes[SHMEM_WITHIN_SIZE]) |
			    le64(bytes[SHMEM_MADVISE]);
	return 0;
}

/* docs/facts/kernel.md, "What a process's memory uses" */
#define MMF_DISABLE_THP		       24
#define MMF_DISABLE_THP_EXCEPT_ADVISED 23 /* 6.18; before, another bit */

/* SHMEM_HUGE_* of mm/shmem.c */
#define SHMEM_HUGE_ALWAYS 1
#define SHMEM_WITHIN	  2
#define SHMEM_ADVISE	  3
#define SHMEM_DENY	  (-1)
#define SHMEM_FORCE	  (-2)

#define PMD_ORDER	  9
#define LEAST_ORDER	  2
#define STACK_SETUP	  (VM_RAND_READ | VM_SEQ_READ)
#define NO_HUGE_PAGE	  (VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP)

/* thp_vma_suitable_order(): files must lie as their pages do. */
static bool thp_fits(const struct vma *v, unsigned int order)
{
	uint64_t size = (uint64_t)PAGE_SIZE_4K << order;
	uint64_t end = v->end & ~(size - 1);

	if (v->ops && (v->start / PAGE_SIZE_4K - v->pgoff) % (1u << order))
		return false;
	return end >= size && end - size >= v->start;
}

/* What is set allows these orders, a bit each. */
static uint64_t thp_orders(const struct thp *t, const struct vma *v)
{
	bool advised = v->flags & VM_HUGEPAGE;
	bool on = t->always || (advised && t->madvise);

	if (!t->any_order)
		return on ? 1u << PMD_ORDER : 0;
	return t->orders_always | (advised ? t->orders_madvise : 0) |
	       (on ? t->orders_inherit : 0);
}

/* By what is set, of the process or of the VMA. */
static bool thp_forbidden(const struct thp *t, const struct mm *mm,
			  const struct vma *v)
{
	if (!t->known || t->unsupported || (v->flags & VM_NOHUGEPAGE) ||
	    (mm->flags >> MMF_DISABLE_THP & 1))
		return true;
	return t->has_except && !(v->flags & VM_HUGEPAGE) &&
	       (mm->flags >> MMF_DISABLE_THP_EXCEPT_ADVISED & 1);
}

static bool thp_anon_eligible(const struct thp *t, const struct vma *v)
{
	uint64_t orders = thp_orders(t, v);
	unsigned int order;

	if (!t->any_order && (v->flags & NO_HUGE_PAGE))
		return false;
	if ((v->flags & VM_GROWSDOWN) &&
	    (v->flags & STACK_SETUP) == STACK_SETUP)
		return false;
	for (order = LEAST_ORDER; order <= PMD_ORDER; order++)
		if ((orders >> order & 1) && thp_fits(v, order))
			return true;
	return false;
}

/*
 * shmem_allowable_huge_orders(), before shmem_is_huge().  It is unknown where
 * the size of the file counts, or what is set for testing, or for several
 * sizes.
 */
static enum thp_answer thp_shmem_eligible(const struct thp *t,
					  const struct vma *v, int huge)
{
	bool advised = v->flags & VM_HUGEPAGE;

	if (t->shmem == SHMEM_DENY ||
	    !thp_fits(v, t->any_order ? 1 : PMD_ORDER))
		return THP_NO;
	if (t->shmem == SHMEM_FORCE || huge < 0 || huge == SHMEM_WITHIN ||
	    huge > SHMEM_ADVISE)
		return THP_UNKNOWN;
	if (huge && v->ops != t->shmem_ops)
		return THP_UNKNOWN;
	if (v->ops == t->shmem_anon_ops && t->shmem_orders)
		return THP_UNKNOWN;
	return huge == SHMEM_HUGE_ALWAYS || (huge == SHMEM_ADVISE && advised)
		       ? THP_YES
		       : THP_NO;
}

enum thp_answer thp_eligible(const struct thp *t, const struct mm *mm,
			     const struct vma *v, int huge)
{
	if (thp_forbidden(t, mm, v))
		return THP_NO;
	if (thp_is_shmem(t, v))
		return thp_shmem_eligible(t, v, huge);
	return !v->ops && thp_anon_eligible(t, v) ? THP_YES : THP_NO;
}

bool thp_is_shmem(const struct thp *t, const struct vma *v)
{
	return v->ops && !(v->flags & VM_HUGETLB) &&
	       (v->ops == t->shmem_ops || v->ops == t->shmem_anon_ops ||
		v->ops == t->shm_ops);
}

int thp_mounts_read(struct kernel *k, const uint64_t *files, size_t n, int *out,
		    struct err *err)
{
	static const uint32_t steps[] = {FIELD_FILE_INODE, FIELD_INODE_SB,
					 FIELD_SB_INFO, FIELD_SHMEM_HUGE};
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	size_t i, step;
	int rc = 0;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		at[i] = files[i];
		out[i] = THP_HUGE_UNKNOWN;
	}
	for (step = 0; step < WANTS_N(steps) && !rc; step++) {
		_cleanup_(records_deinit) struct records r = {0};
		bool last = step == WANTS_N(steps) - 1;

		rc = records_read(k, at, n, &steps[step], 1, &r, err);
		for (i = 0; i < n && !rc; i++) {
			at[i] = records_u64(&r, i, steps[step]);
			if (last && r.ok[i] && records_have(&r, steps[step]))
				out[i] = (int)at[i];
		}
	}
	return rc;
}
