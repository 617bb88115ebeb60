/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads mm_structs and their resident set counters. */
#include "kernel/mm.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/percpu.h"
#include "kernel/records.h"

#define NR_MM_COUNTERS 4

/* arch/x86/include/asm/mmu.h, >= 5.12; before, ia32_compat tells */
#define MM_CONTEXT_HAS_VSYSCALL 2u

uint64_t mm_rss(const struct mm *mm)
{
	return mm->rss_file + mm->rss_anon + mm->rss_shmem;
}

static uint64_t *counter_of(struct mm *mm, enum constant_id id)
{
	switch (id) {
	case CONSTANT_MM_FILEPAGES:
		return &mm->rss_file;
	case CONSTANT_MM_ANONPAGES:
		return &mm->rss_anon;
	case CONSTANT_MM_SWAPENTS:
		return &mm->swap;
	default:
		return &mm->rss_shmem;
	}
}

/* Give the counters to the members that this kernel's enumeration names. */
static void set_counters(struct kernel *k, struct mm *mm, const int64_t *value)
{
	static const enum constant_id ids[] = {
		CONSTANT_MM_FILEPAGES, CONSTANT_MM_ANONPAGES,
		CONSTANT_MM_SWAPENTS, CONSTANT_MM_SHMEMPAGES};
	size_t i;

	for (i = 0; i < NR_MM_COUNTERS; i++) {
		int64_t at;

		if (profile_constant(k->profile, ids[i], &at) && at >= 0 &&
		    at < NR_MM_COUNTERS && value[at] > 0)
			*counter_of(mm, ids[i]) = (uint64_t)value[at];
	}
}

/* Up to 6.1: mm_rss_stat.count[], one atomic_long_t each. */
static void plain_counters(struct kernel *k, const struct records *r,
			   struct mm *out)
{
	size_t i, c;

	for (i = 0; i < r->n; i++) {
		const uint8_t *p = records_bytes(r, i, FIELD_MM_RSS_COUNT);
		int64_t value[NR_MM_COUNTERS] = {0};

		for (c = 0; c < NR_MM_COUNTERS &&
			    c * 8 + 8 <= r->size[FIELD_MM_RSS_COUNT];
		     c++)
			value[c] = (int64_t)le64(p + c * 8);
		out[i].rss_known = r->ok[i];
		set_counters(k, &out[i], value);
	}
}

/* So many reads are one batch: more of them would only take memory. */
#define SLICE (1u << 16)

/* What sums are made of: per counter a count, and an s32 of each CPU. */
struct percpu_sums {
	const struct profile_field *count, *counters;
	uint32_t size; /* of struct percpu_counter */
	uint64_t *offsets;
	size_t n_cpus;
	size_t n_mms;		  /* so many at once */
	int32_t *delta;		  /* n_mms * NR_MM_COUNTERS * n_cpus */
	struct space_read *reads; /* as delta */
};

static void percpu_sums_deinit(struct percpu_sums *s)
{
	free(s->delta);
	free(s->reads);
	free(s->offsets);
}

static int percpu_sums_init(struct kernel *k, const struct records *r,
			    struct percpu_sums *s, struct err *err)
{
	size_t per_mm;
	int rc;

	s->count = profile_field(k->profile, FIELD_PERCPU_COUNTER_COUNT);
	s->counters = profile_field(k->profile, FIELD_PERCPU_COUNTER_COUNTERS);
	s->size = profile_sizeof(k->profile, STRUCT_PERCPU_COUNTER);
	if (!s->count->present || !s->counters->present ||
	    s->count->offset + 8 > s->size ||
	    s->counters->offset + 8 > s->size ||
	    r->size[FIELD_MM_RSS_STAT] < NR_MM_COUNTERS * s->size)
		return err_set(err, ERR_NO_LINUX,
			       "mm_struct.rss_stat has an unknown form");
	rc = percpu_offsets(k, &s->offsets, &s->n_cpus, err);
	if (rc)
		return rc;
	per_mm = NR_MM_COUNTERS * s->n_cpus;
	s->n_mms = SLICE / per_mm + 1;
	if (s->n_mms > r->n)
		s->n_mms = r->n;
	s->delta = calloc(s->n_mms * per_mm + 1, sizeof(*s->delta));
	s->reads = calloc(s->n_mms * per_mm + 1, sizeof(*s->reads));
	return s->delta && s->reads ? 0 : err_nomem(err);
}

/* Counter c of object i. */
static const uint8_t *counter_at(const struct records *r, size_t i,
				 const struct percpu_sums *s, size_t c)
{
	return records_bytes(r, i, FIELD_MM_RSS_STAT) + c * s->size;
}

static void plan_mm(struct kernel *k, const struct records *r, size_t i,
		    struct percpu_sums *s, size_t at)
{
	size_t c, cpu;
	uint64_t base;

	at *= NR_MM_COUNTERS * s->n_cpus;
	for (c = 0; c < NR_MM_COUNTERS; c++) {
		base = le64(counter_at(r, i, s, c) + s->counters->offset);
		for (cpu = 0; cpu < s->n_cpus; cpu++, at++)
			s->reads[at] = (struct space_read){
				.root = &k->root,
				.va = base + s->offsets[cpu],
				.dst = &s->delta[at],
				.len = r->ok[i] ? 4 : 0};
	}
}

/* The sums are exact only where every CPU's share is there. */
static void sum_mm(struct kernel *k, const struct records *r, size_t i,
		   const struct percpu_sums *s, size_t at, struct mm *mm)
{
	int64_t value[NR_MM_COUNTERS];
	size_t c, cpu;

	at *= NR_MM_COUNTERS * s->n_cpus;
	mm->rss_known = r->ok[i];
	for (c = 0; c < NR_MM_COUNTERS; c++) {
		value[c] = (int64_t)le64(counter_at(r, i, s, c) +
					 s->count->offset);
		for (cpu = 0; cpu < s->n_cpus; cpu++, at++) {
			mm->rss_known &= s->reads[at].got == 4;
			/* as the CPU adds: hostile values may overflow */
			value[c] = (int64_t)((uint64_t)value[c] +
					     (uint64_t)(int32_t)le32(
						     &s->delta[at]));
		}
	}
	if (mm->rss_known)
		set_counters(k, mm, value);
}

/* From 6.2 on: percpu_counter[4]. */
static int percpu_counters(struct kernel *k, const struct records *r,
			   struct mm *out, struct err *err)
{
	_cleanup_(percpu_sums_deinit) struct percpu_sums s = {0};
	size_t i, at, some;
	int rc = percpu_sums_init(k, r, &s, err);

	for (i = 0; i < r->n && !rc; i += some) {
		some = r->n - i < s.n_mms ? r->n - i : s.n_mms;
		for (at = 0; at < some; at++)
			plan_mm(k, r, i + at, &s, at);
		rc = space_read(k->machine, s.reads,
				some * NR_MM_COUNTERS * s.n_cpus, err);
		for (at = 0; at < some && !rc; at++)
			sum_mm(k, r, i + at, &s, at, &out[i + at]);
	}
	return rc;
}

static int read_counters(struct kernel *k, const struct records *r,
			 struct mm *out, struct err *err)
{
	if (r->at[FIELD_MM_RSS_COUNT]) {
		plain_counters(k, r, out);
		return 0;
	}
	return percpu_counters(k, r, out, err);
}

static void fill_mm(struct kernel *k, const struct records *r, size_t i,
		    struct mm *mm)
{
	mm->readable = r->ok[i];
	mm->root = k->root;
	mm->start_brk = records_u64(r, i, FIELD_MM_START_BRK);
	mm->brk = records_u64(r, i, FIELD_MM_BRK);
	mm->start_stack = records_u64(r, i, FIELD_MM_START_STACK);
	mm->map_count = (uint32_t)records_u64(r, i, FIELD_MM_MAP_COUNT);
	mm->vma_head = records_u64(
		r, i, r->at[FIELD_MM_MT_ROOT] ? FIELD_MM_MT_ROOT : FIELD_MM_RB);
	mm->vsyscall = r->at[FIELD_MM_CONTEXT_FLAGS]
			       ? records_u64(r, i, FIELD_MM_CONTEXT_FLAGS) &
					 MM_CONTEXT_HAS_VSYSCALL
			       : !records_u64(r, i, FIELD_MM_IA32_COMPAT);
}

/* mm.pgd is a virtual address (always of the kernel PGD): translate them. */
static int find_roots(struct kernel *k, const struct records *r, struct mm *out,
		      struct err *err)
{
	_cleanup_free_ struct walk *walks = calloc(r->n + 1, sizeof(*walks));
	size_t i;
	int rc;

	if (!walks)
		return err_nomem(err);
	for (i = 0; i < r->n; i++)
		walk_launch(&walks[i], &k->root,
			    records_u64(r, i, FIELD_MM_PGD));
	rc = walk_run(k->machine, walks, r->n, err);
	for (i = 0; i < r->n && !rc; i++) {
		out[i].root.pgd = walks[i].pa;
		out[i].readable &= walks[i].result == WALK_MAPPED;
	}
	return rc;
}

int mm_read(struct kernel *k, const uint64_t *addrs, size_t n, struct mm *out,
	    struct err *err)
{
	static const enum field_id fields[] = {
		FIELD_MM_PGD,
		FIELD_MM_MT_ROOT,
		FIELD_MM_RB,
		FIELD_MM_MAP_COUNT,
		FIELD_MM_START_BRK,
		FIELD_MM_BRK,
		FIELD_MM_RSS_COUNT,
		FIELD_MM_RSS_STAT,
		FIELD_MM_START_STACK,
		FIELD_MM_IA32_COMPAT,
		FIELD_MM_CONTEXT_FLAGS,
	};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	memset(out, 0, n * sizeof(*out));
	rc = records_read(k, addrs, n, fields,
			  sizeof(fields) / sizeof(fields[0]), &r, err);
	for (i = 0; i < n && !rc; i++) {
		out[i].addr = addrs[i];
		fill_mm(k, &r, i, &out[i]);
	}
	if (!rc)
		rc = find_roots(k, &r, out, err);
	if (!rc)
		rc = read_counters(k, &r, out, err);
	return rc;
}

int mm_of_task(struct kernel *k, const struct task *t, struct mm *out,
	       struct err *err)
{
	int rc;

	if (task_is_kthread(t) || !t->mm)
		return err_set(err, ERR_NOT_FOUND,
			       "pid %u (%s) %s: it has no user memory", t->pid,
			       t->comm,
			       task_is_kthread(t) ? "is a kernel thread"
						  : "has exited");
	rc = mm_read(k, &t->mm, 1, out, err);
	if (!rc && !out->readable)
		rc = err_set(err, ERR_UNREADABLE,
			     "pid %u: mm_struct at 0x%llx cannot be read",
			     t->pid, (unsigned long long)t->mm);
	return rc;
}
