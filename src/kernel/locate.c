/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the kernels that the vCPUs' page tables show. */
#include "kernel/locate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/choose.h"

/* Table pages that the mapping of 1 GiB can need, with the levels above. */
#define TEXT_TABLES (512 + 4)

void location_deinit(struct location_views *l)
{
	size_t i;

	for (i = 0; l->v && i <= l->n; i++)
		free(l->v[i].at.runs);
	free(l->v);
	*l = (struct location_views){0};
}

/* Take the root if it maps more of a kernel's image than the best so far. */
static int consider(struct machine *m, const struct walk_root *root,
		    struct space_tables *tables, struct location *best,
		    struct err *err)
{
	struct location l = {.root = *root};
	struct walk w = {0};
	int rc;

	tables->left = TEXT_TABLES;
	rc = space_runs(m, &l.root, KERNEL_MAP, KERNEL_MAP + KERNEL_MAP_SIZE,
			tables, &l.runs, &l.n_runs, err);

	/* More tables than can be: these are no page tables of Linux. */
	if (rc == ERR_CORRUPT)
		return 0;
	if (!rc && l.runs && location_bytes(&l) > location_bytes(best)) {
		l.text = l.runs[0].va;
		/* of tables that were just read */
		rc = walk_one(m, &l.root, l.text, &w, err);
		l.phys_text = w.pa;
		free(best->runs);
		*best = l;
	} else {
		free(l.runs);
	}
	return rc;
}

/*
 * Whether two PGDs are a PTI pair: the user halves agree but for the NX bit,
 * which poisons the entries of the kernel's (docs/facts/kernel.md, "Page-table
 * isolation").
 */
static int is_pti_pair(struct machine *m, uint64_t kernel, uint64_t user,
		       bool *pair, struct err *err)
{
	uint8_t half[2][PAGE_SIZE_4K / 2];
	struct mem_read reads[2] = {
		{.pa = kernel, .dst = half[0], .len = sizeof(half[0])},
		{.pa = user, .dst = half[1], .len = sizeof(half[1])},
	};
	size_t i;
	int rc = machine_read(m, reads, 2, err);

	if (rc)
		return rc;
	*pair = reads[0].status == MEM_OK && reads[1].status == MEM_OK;
	for (i = 0; i < sizeof(half[0]) && *pair; i += 8)
		*pair = ((le64(half[0] + i) ^ le64(half[1] + i)) & ~PTE_NX &
			 ~PTE_A) == 0;
	return 0;
}

/* The kernel that one vCPU shows, if any. */
static int look(struct machine *m, const struct vcpu *v,
		struct space_tables *tables, struct location_view *view,
		struct err *err)
{
	struct walk_root root = {.pgd = v->cr3 & CR3_ADDR,
				 .mode = walk_mode_of_cr4(v->cr4)};
	uint64_t user = root.pgd;
	bool pair = false;
	int rc;

	if (location_mode(v) != LOCATION_PAGED_64)
		return 0;
	rc = consider(m, &root, tables, &view->at, err);
	if (rc || !(user & PTI_USER_PGD))
		return rc;
	root.pgd = user & ~PTI_USER_PGD;
	rc = is_pti_pair(m, root.pgd, user, &pair, err);
	return rc || !pair ? rc : consider(m, &root, tables, &view->at, err);
}

/* The image lies in one piece, virtually as physically. */
static bool is_same_image(const struct location *a, const struct location *b)
{
	const struct space_run *last_a = &a->runs[a->n_runs - 1];
	const struct space_run *last_b = &b->runs[b->n_runs - 1];

	return a->phys_text - a->text == b->phys_text - b->text &&
	       a->text < last_b->va + last_b->len &&
	       b->text < last_a->va + last_a->len;
}

static void number_images(struct location_views *l)
{
	size_t i, k;

	for (i = 0; i < l->n; i++) {
		struct location_view *view = &l->v[i];

		view->image = i;
		for (k = 0; k < i && view->image == i && view->at.n_runs; k++)
			if (l->v[k].at.n_runs &&
			    is_same_image(&view->at, &l->v[k].at))
				view->image = l->v[k].image;
	}
}

/*
 * Whether all that is seen is one kernel, as nearly always: then it does not
 * matter whether it runs.
 */
static bool is_plain(const struct machine *m, const struct location_views *l)
{
	size_t i, first = l->n;

	for (i = 0; i < l->n; i++) {
		if (!l->v[i].at.n_runs)
			continue;
		if (first < l->n && l->v[i].image != first)
			return false;
		first = l->v[i].image;
	}
	return location_runs_without(m, l) == l->n;
}

#define RFLAGS_IF (1ULL << 9)

/* What is looked at of a vCPU's code: some bytes on both sides of its RIP. */
#define CODE_BEFORE 2
#define CODE_LEN    6

/*
 * Code that a CPU never leaves with interrupts off; RIP is `at` bytes into it.
 * docs/facts/kernel.md, "Kernels that have ended"
 */
static const struct still {
	uint8_t at, len, code[4];
} stills[] = {
	{1, 1, {0xf4}},			  /* hlt */
	{0, 4, {0xf3, 0x90, 0xeb, 0xfc}}, /* pause; jmp to it */
	{2, 4, {0xf3, 0x90, 0xeb, 0xfc}},
	{0, 2, {0xeb, 0xfe}}, /* jmp to itself */
};

/* code[CODE_BEFORE] is the byte at RIP. */
static bool stands_still(const uint8_t *code)
{
	size_t i;

	for (i = 0; i < sizeof(stills) / sizeof(stills[0]); i++)
		if (memcmp(code + CODE_BEFORE - stills[i].at, stills[i].code,
			   stills[i].len) == 0)
			return true;
	return false;
}

/* Where the code is gone, what the provider says of the vCPU has to do. */
static int find_parked(struct machine *m, struct location_views *l,
		       struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(l->n, sizeof(*reads));
	_cleanup_free_ uint8_t *code = calloc(l->n, CODE_LEN);
	size_t i;
	int rc;

	if (!reads || !code)
		return err_nomem(err);
	for (i = 0; i < l->n; i++)
		reads[i] = (struct space_read){
			.root = &l->v[i].at.root,
			.va = m->vcpus.v[i].rip - CODE_BEFORE,
			.dst = &code[i * CODE_LEN],
			.len = l->v[i].at.n_runs ? CODE_LEN : 0};
	rc = space_read(m, reads, l->n, err);
	for (i = 0; i < l->n && !rc; i++)
		l->v[i].parked =
			l->v[i].at.n_runs &&
			!(m->vcpus.v[i].rflags & RFLAGS_IF) &&
			(reads[i].got ? stands_still(&code[i * CODE_LEN])
				      : m->vcpus.v[i].halted);
	return rc;
}

/* What each vCPU shows, and room for one more. */
static int look_at_all(struct machine *m, struct location_views *l,
		       struct err *err)
{
	size_t i;
	int rc = 0;

	*l = (struct location_views){.v = calloc(m->vcpus.n + 1, sizeof(*l->v)),
				     .n = m->vcpus.n};
	if (!l->v)
		return err_nomem(err);
	for (i = 0; i < l->n && !rc; i++)
		rc = look(m, &m->vcpus.v[i], &l->tables, &l->v[i], err);
	number_images(l);
	return rc;
}

int location_find(struct machine *m, struct location_choice *choice,
		  struct location_views *out, struct err *err)
{
	struct location_views l;
	int rc;

	choice->needed = choice->later = false;
	rc = look_at_all(m, &l, err);
	if (!rc && !is_plain(m, &l))
		rc = find_parked(m, &l, err);
	if (!rc)
		rc = location_choose(m, &l, choice, err);
	if (rc) {
		location_deinit(&l);
		return rc;
	}
	*out = l;
	return 0;
}

int location_by_root(struct machine *m, const struct walk_root *root,
		     struct location_views *out, struct err *err)
{
	struct location_views l;
	int rc = look_at_all(m, &l, err);

	if (!rc)
		rc = consider(m, root, &l.tables, &l.v[l.n].at, err);
	if (!rc && !l.v[l.n].at.n_runs)
		rc = err_set(err, ERR_NO_LINUX, "the root maps no kernel");
	if (rc) {
		location_deinit(&l);
		return rc;
	}
	l.v[l.n].image = l.chosen = l.n;
	*out = l;
	return 0;
}
