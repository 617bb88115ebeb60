/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the kernels that the vCPUs' page tables show. */
#include "kernel/locate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/choose.h"
#include "kernel/x86_64.h"
#include "machine/places.h"

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

/* The kernel that one vCPU shows, if any. */
static int locate_look(struct machine *m, const struct vcpu *v,
		       struct space_tables *tables, struct location_view *view,
		       struct err *err)
{
	struct walk_root root = x86_64_root(v);
	uint64_t user = root.pgd;
	bool pair = false;
	int rc;

	if (location_mode(v) != LOCATION_PAGED_64)
		return 0;
	rc = consider(m, &root, tables, &view->at, err);
	if (rc || !x86_64_is_user_half(user))
		return rc;
	root.pgd = x86_64_kernel_half(user);
	rc = x86_64_is_pti_pair(m, root.pgd, user, &pair, err);
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

/*
 * Whether a vCPU with interrupts off stays where it is.  Not all providers say
 * that one is halted, then the code does; and where they do, the next kernel
 * may lie by now where that code was.
 */
static bool stays(const struct vcpu *v, const uint8_t *code, bool there)
{
	return (there && x86_64_stands_still(code)) ||
	       (v->halted && !(there && x86_64_waits(code)));
}

static int find_parked(struct machine *m, struct location_views *l,
		       struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(l->n, sizeof(*reads));
	_cleanup_free_ uint8_t *code = calloc(l->n, X86_64_CODE_LEN);
	size_t i;
	int rc;

	if (!reads || !code)
		return err_nomem(err);
	for (i = 0; i < l->n; i++)
		reads[i] = (struct space_read){
			.root = &l->v[i].at.root,
			.va = m->vcpus.v[i].reg[m->vcpus.v[i].arch->pc] -
			      X86_64_CODE_BEFORE,
			.dst = &code[i * X86_64_CODE_LEN],
			.len = l->v[i].at.n_runs ? X86_64_CODE_LEN : 0};
	rc = space_read(m, reads, l->n, err);
	for (i = 0; i < l->n && !rc; i++)
		l->v[i].parked =
			l->v[i].at.n_runs &&
			!x86_64_interruptible(&m->vcpus.v[i]) &&
			stays(&m->vcpus.v[i], &code[i * X86_64_CODE_LEN],
			      reads[i].got == X86_64_CODE_LEN);
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
		rc = locate_look(m, &m->vcpus.v[i], &l->tables, &l->v[i], err);
	number_images(l);
	return rc;
}

size_t location_places(const struct machine *m, uint64_t *places, size_t max)
{
	size_t i, n = 0;

	for (i = 0; i < m->vcpus.n && n + 2 <= max; i++) {
		const struct vcpu *v = &m->vcpus.v[i];
		uint64_t pgd;

		if (location_mode(v) != LOCATION_PAGED_64)
			continue;
		pgd = x86_64_root(v).pgd;
		places[n++] = place_of_page(pgd);
		if (x86_64_is_user_half(pgd))
			places[n++] = place_of_page(x86_64_kernel_half(pgd));
	}
	return n;
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
