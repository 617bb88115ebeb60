/* SPDX-License-Identifier: BSD-2-Clause */
/* A parsed address brought together with a guest: where it is. */
#include "guest/place.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "guest/lookup.h"
#include "guest/paging.h"
#include "kernel/x86_64.h"
#include "kernel/x86_64_swap.h"
#include "machine/regs.h"

static int resolve_root(struct guest *g, struct place *p, struct err *err)
{
	const struct guest_opts *o = g->opts;
	const struct vcpu *only = o->has_vcpu
					  ? machine_vcpu(g->machine, o->vcpu)
					  : NULL,
			  *by = NULL;
	int rc = paging_of_root(g->machine, only, &p->named, &by, err);

	if (rc)
		return rc;
	p->root = (struct walk_root){
		.pgd = p->named.value,
		.paging = by->arch->paging(by, p->named.number),
		.os = kernel_absent(by->arch)};
	if (by->arch->strip)
		p->at = by->arch->strip(by, p->named.number, p->at);
	return 0;
}

int place_value(struct guest *g, const struct addr *a, uint64_t *at,
		struct err *err)
{
	return addr_value(a, lookup_symbol, &g->symbols, at, err);
}

struct place place_of(const struct addr *a)
{
	return (struct place){
		.space = a->space, .named = a->root, .task.pid = a->pid};
}

/* Processes that are looked for together. */
struct seekers {
	uint32_t *pids;
	struct task *tasks;
	struct mm *mms;
	struct err torn;
	size_t n; /* how many of them */
};

static void seekers_deinit(struct seekers *q)
{
	free(q->pids);
	free(q->tasks);
	free(q->mms);
}

static int seekers_init(struct seekers *q, size_t n)
{
	q->pids = calloc(n + 1, sizeof(*q->pids));
	q->tasks = calloc(n + 1, sizeof(*q->tasks));
	q->mms = calloc(n + 1, sizeof(*q->mms));
	return q->pids && q->tasks && q->mms ? 0 : ERR_NOMEM;
}

/* What was found of a process, or the words for what was not. */
static int place_take_process(struct place *p, const struct seekers *q,
			      size_t i, struct err *err)
{
	int rc;

	if (!q->tasks[i].addr)
		return task_missing(p->task.pid, &q->torn, err);
	rc = mm_check(&q->tasks[i], &q->mms[i], err);
	p->task = q->tasks[i];
	p->mm = q->mms[i];
	p->root = p->mm.root;
	return rc;
}

/* The roots of those that are in no process, and whose roots have to be. */
static int enter_roots(struct guest *g, struct place *places, size_t n,
		       struct seekers *q, size_t *bad, struct err *err)
{
	int rc = 0;
	size_t i;

	for (i = 0; i < n && !rc; i++) {
		struct place *p = &places[i];

		*bad = i;
		if (p->space == ADDR_KERNEL)
			p->root = g->kernel->root;
		else if (p->space == ADDR_PID)
			q->pids[q->n++] = p->task.pid;
		else if (p->space == ADDR_ROOT)
			rc = resolve_root(g, p, err);
	}
	return rc;
}

int places_enter(struct guest *g, struct place *places, size_t n, size_t *bad,
		 struct err *err)
{
	_cleanup_(seekers_deinit) struct seekers q = {0};
	size_t i, at = 0;
	int rc;

	*bad = 0;
	if (seekers_init(&q, n))
		return err_nomem(err);
	rc = enter_roots(g, places, n, &q, bad, err);
	if (rc || !q.n)
		return rc;
	*bad = 0;
	rc = tasks_find(g->kernel, q.pids, q.n, q.tasks, &q.torn, err);
	if (!rc)
		rc = mm_of_tasks(g->kernel, q.tasks, q.n, q.mms, err);
	for (i = 0; i < n && !rc; i++)
		if (places[i].space == ADDR_PID) {
			*bad = i;
			rc = place_take_process(&places[i], &q, at++, err);
		}
	return rc;
}

int place_resolve(struct guest *g, const struct addr *a, struct place *p,
		  struct err *err)
{
	size_t bad;
	int rc;

	*p = place_of(a);
	rc = place_value(g, a, &p->at, err);
	return rc ? rc : places_enter(g, p, 1, &bad, err);
}

void place_label(const struct place *p, uint64_t at, char *text, size_t size)
{
	switch (p->space) {
	case ADDR_KERNEL:
		snprintf(text, size, "0x%" PRIx64, at);
		break;
	case ADDR_PID:
		snprintf(text, size, "%u:0x%" PRIx64, p->task.pid, at);
		break;
	case ADDR_PHYS:
		snprintf(text, size, "p:0x%" PRIx64, at);
		break;
	case ADDR_ROOT:
		snprintf(text, size, "%s=0x%" PRIx64 ":0x%" PRIx64,
			 addr_root_name(&p->named), p->named.value, at);
		break;
	}
}

bool place_fits(uint64_t at, uint64_t len)
{
	return !len || at <= UINT64_MAX - (len - 1);
}

static int cut_range(const struct place_range *r, size_t number,
		     struct pieces *out, struct err *err)
{
	struct piece piece = {.range = number};
	size_t done;

	for (done = 0; done < r->len; done += piece.len) {
		piece.at = piece.pa = r->at + done;
		piece.len = PAGE_SIZE_4K - piece.at % PAGE_SIZE_4K;
		if (piece.len > r->len - done)
			piece.len = r->len - done;
		if (vec_push(&out->list, piece))
			return err_nomem(err);
	}
	return 0;
}

/* Where a walk ended is where the piece is. */
static void take_walk(struct piece *piece, const struct walk *w)
{
	piece->pa = w->pa;
	piece->writes = w->write;
	piece->dirty = w->n && x86_64_is_dirty(w->level[w->n - 1].entry);
}

/* Whether a piece can be written; w is the walk to it, if it is virtual. */
static int check_piece(const struct machine *m, const struct place *p,
		       const struct piece *piece, const struct walk *w,
		       struct err *err)
{
	char label[64], text[128];

	place_label(p, piece->at, label, sizeof(label));
	if (w && w->result != WALK_MAPPED) {
		walk_describe(w, text, sizeof(text));
		return err_set(err, ERR_REFUSED, "%s: no page there: %s", label,
			       text);
	}
	if (!machine_is_ram(m, piece->pa, piece->len))
		return err_set(err, ERR_REFUSED,
			       "%s: physical 0x%" PRIx64 " is not RAM", label,
			       piece->pa);
	return 0;
}

/* One walk for each piece, in order; those of physical places are not run. */
static int walk_pieces(struct machine *m, const struct place_range *ranges,
		       const struct pieces *pieces, struct walk *walks,
		       struct err *err)
{
	const struct piece *v = pieces->list.v;
	size_t i, n = 0;

	for (i = 0; i < pieces->list.n; i++)
		if (ranges[v[i].range].place->space != ADDR_PHYS)
			walk_launch(&walks[n++],
				    &ranges[v[i].range].place->root, v[i].at);
	return walk_run(m, walks, n, err);
}

int place_pieces(struct machine *m, const struct place_range *ranges, size_t n,
		 struct pieces *out, size_t *bad, struct err *err)
{
	_cleanup_free_ struct walk *walks = NULL;
	const struct walk *next;
	struct piece *piece;
	size_t i;
	int rc = 0;

	for (i = 0; i < n && !rc; i++)
		rc = cut_range(&ranges[i], i, out, err);
	if (rc)
		return rc;
	next = walks = calloc(out->list.n + 1, sizeof(*walks));
	if (!walks)
		return err_nomem(err);
	rc = walk_pieces(m, ranges, out, walks, err);
	for (i = 0; i < out->list.n && !rc; i++) {
		const struct place *p;

		piece = &out->list.v[i];
		p = ranges[piece->range].place;
		*bad = piece->range;
		if (p->space != ADDR_PHYS)
			take_walk(piece, next);
		rc = check_piece(m, p, piece,
				 p->space == ADDR_PHYS ? NULL : next++, err);
	}
	return rc;
}

void pieces_deinit(struct pieces *p)
{
	vec_deinit(&p->list);
}
