/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what is set of transparent huge pages, and judges VMAs by it. */
#include "kernel/thp.h"

#include "base/cursor.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	CONSTANT_UNSUPPORTED = WANTS_OF(READER_THP),
	CONSTANT_NEVER_DAX,
	CONSTANT_ALWAYS,
	CONSTANT_MADVISE,
	CONSTANT_MAYBE_GUARD
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
};

const struct wants thp_wants = {.reader = "transparent huge pages",
				.v = want_table,
				.n = WANTS_N(want_table)};

enum {
	FLAGS,
	ORDERS_ALWAYS,
	ORDERS_MADVISE,
	ORDERS_INHERIT,
	VARIABLES
};

static const char *const variables[VARIABLES] = {
	[FLAGS] = "transparent_hugepage_flags",
	[ORDERS_ALWAYS] = "huge_anon_orders_always",
	[ORDERS_MADVISE] = "huge_anon_orders_madvise",
	[ORDERS_INHERIT] = "huge_anon_orders_inherit",
};

static bool thp_flag(const struct kernel *k, uint64_t flags, uint32_t id)
{
	int64_t bit;

	return profile_constant(k->profile, id, &bit) && bit >= 0 && bit < 64 &&
	       flags >> bit & 1;
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
	*out = (struct thp){
		.known = reads[0].got == 8,
		.unsupported = thp_flag(k, flags, CONSTANT_UNSUPPORTED) ||
			       thp_flag(k, flags, CONSTANT_NEVER_DAX),
		.always = thp_flag(k, flags, CONSTANT_ALWAYS),
		.madvise = thp_flag(k, flags, CONSTANT_MADVISE),
		.any_order = n > 1,
		.has_except = profile_constant(k->profile, CONSTANT_MAYBE_GUARD,
					       &bit),
		.orders_always = le64(bytes[ORDERS_ALWAYS]),
		.orders_madvise = le64(bytes[ORDERS_MADVISE]),
		.orders_inherit = le64(bytes[ORDERS_INHERIT]),
	};
	return 0;
}

/* docs/facts/kernel.md, "What a process's memory uses" */
#define MMF_DISABLE_THP		       24
#define MMF_DISABLE_THP_EXCEPT_ADVISED 23 /* 6.18; before, another bit */

#define PMD_ORDER		       9
#define LEAST_ORDER		       2
#define STACK_SETUP		       (VM_RAND_READ | VM_SEQ_READ)
#define NO_HUGE_PAGE		       (VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP)

static bool thp_fits(const struct vma *v, unsigned int order)
{
	uint64_t size = (uint64_t)PAGE_SIZE_4K << order;
	uint64_t end = v->end & ~(size - 1);

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

bool thp_eligible(const struct thp *t, const struct mm *mm, const struct vma *v)
{
	uint64_t orders = thp_orders(t, v);
	unsigned int order;

	if (!t->known || t->unsupported || v->ops ||
	    (v->flags & VM_NOHUGEPAGE) || (mm->flags >> MMF_DISABLE_THP & 1))
		return false;
	if (t->has_except && !(v->flags & VM_HUGEPAGE) &&
	    (mm->flags >> MMF_DISABLE_THP_EXCEPT_ADVISED & 1))
		return false;
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
