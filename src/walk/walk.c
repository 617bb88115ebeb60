/* SPDX-License-Identifier: BSD-2-Clause */
/* The page-walk engine: one step per level, for one or many addresses. */
#include "walk/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"

/* The level that the next step reads. */
static unsigned int next_level(const struct walk *w)
{
	return w->root->paging->levels - w->n;
}

void walk_launch(struct walk *w, const struct walk_root *root, uint64_t va)
{
	*w = (struct walk){.root = root, .va = va, .write = true, .user = true};
	if (!paging_canonical(root->paging, va)) {
		w->result = WALK_NON_CANONICAL;
		w->done = true;
	}
}

static uint64_t next_table(const struct walk *w)
{
	return w->n ? w->next : paging_root(w->root->paging, w->root->pgd);
}

static unsigned int next_index(const struct walk *w)
{
	const struct paging *p = w->root->paging;
	unsigned int level = next_level(w);

	return (w->va >> p->family->form[level].shift) &
	       ((1U << paging_bits(p, level)) - 1);
}

/* Physical address of the entry that the next step needs. */
static uint64_t walk_next_entry(const struct walk *w)
{
	return next_table(w) +
	       next_index(w) * w->root->paging->family->entry_bytes;
}

void walk_end(struct walk *w, enum walk_result result)
{
	w->level[w->n - 1].kind =
		result == WALK_MAPPED ? ENTRY_PAGE : ENTRY_END;
	w->result = result;
	w->done = true;
}

/* Entry i as the CPU means it: poison of the top's lower half is none. */
static uint64_t walk_sound_entry(const struct walk *w, unsigned int i)
{
	const struct paging *p = w->root->paging;
	bool low = i == 0 &&
		   !(w->level[0].index >> (paging_bits(p, p->levels) - 1));

	return low ? w->level[i].entry & ~w->root->poison : w->level[i].entry;
}

uint8_t walk_level_denied(const struct walk *w, unsigned int i)
{
	const struct paging_family *f = w->root->paging->family;
	struct paging_entry e;

	f->decode(f, w->level[i].level, walk_sound_entry(w, i), &e);
	return e.denied;
}

size_t walk_level_parts(const struct walk *w, unsigned int i,
			struct paging_part parts[PAGING_MAX_PARTS])
{
	const struct walk_os *os = w->root->os;
	const struct walk_level *l = &w->level[i];
	const struct paging_bit *absent =
		l->kind == ENTRY_END && l->entry && os && os->parts
			? os->parts(os, w)
			: NULL;

	return paging_parts(w->root->paging, l->level, l->entry, absent, parts);
}

static void settle_rights(struct walk *w)
{
	w->write = !(w->denied & DENIED_WRITE);
	w->user = !(w->denied & DENIED_USER);
	w->nx = w->denied & (w->user ? DENIED_USER_EXEC : DENIED_KERNEL_EXEC);
}

/* The entry is in w->level[] already. */
static void take_entry(struct walk *w, uint64_t entry, unsigned int level)
{
	const struct paging *p = w->root->paging;
	const struct walk_os *os = w->root->os;
	struct paging_entry e;

	p->family->decode(p->family, level, walk_sound_entry(w, w->n - 1), &e);
	w->denied |= e.denied;
	settle_rights(w);
	switch (e.kind) {
	case PAGING_TABLE:
		w->next = e.pa;
		break;
	case PAGING_PAGE:
		walk_end(w, WALK_MAPPED);
		w->pa = e.pa | walk_in_page(w);
		break;
	case PAGING_RESERVED:
		walk_end(w, WALK_RESERVED);
		break;
	case PAGING_ABSENT:
		if (entry && os)
			os->absent(os, w, entry, level);
		else
			walk_end(w, entry ? WALK_NOT_PRESENT : WALK_ABSENT);
		break;
	}
}

void walk_step(struct walk *w, uint64_t entry, bool readable)
{
	unsigned int level = next_level(w);

	w->level[w->n] = (struct walk_level){
		.table = next_table(w),
		.entry = readable ? entry : 0,
		.index = (uint16_t)next_index(w),
		.level = (uint8_t)level,
		.kind = ENTRY_TABLE,
	};
	w->n++;
	w->page_size = 1ULL << w->root->paging->family->form[level].shift;
	if (readable)
		take_entry(w, entry, level);
	else
		walk_end(w, WALK_UNREADABLE);
}

void walk_enter(struct walk *w, const struct walk_root *root, uint64_t va,
		unsigned int level, uint8_t denied, uint64_t entry)
{
	walk_launch(w, root, va);
	w->n = root->paging->levels - level;
	w->denied = denied;
	walk_step(w, entry, true);
}

/* The walks of a batch that go on, and the entries that they ask for. */
struct round {
	struct mem_read *reads;
	uint64_t *entries;
	size_t *walks;
};

static void round_deinit(struct round *r)
{
	free(r->reads);
	free(r->entries);
	free(r->walks);
}

static int round_init(struct round *r, size_t n)
{
	r->reads = calloc(n, sizeof(*r->reads));
	r->entries = calloc(n, sizeof(*r->entries));
	r->walks = calloc(n, sizeof(*r->walks));
	return r->reads && r->entries && r->walks ? 0 : ERR_NOMEM;
}

int walk_run(struct machine *m, struct walk *walks, size_t n, struct err *err)
{
	_cleanup_(round_deinit) struct round r = {0};
	size_t i, active;
	int rc;

	if (round_init(&r, n + 1))
		return err_nomem(err);
	for (;;) {
		for (i = active = 0; i < n; i++) {
			if (walks[i].done)
				continue;
			r.walks[active] = i;
			r.entries[active] = 0;
			r.reads[active] = (struct mem_read){
				.pa = walk_next_entry(&walks[i]),
				.dst = &r.entries[active],
				.len = walks[i].root->paging->family
					       ->entry_bytes};
			active++;
		}
		if (!active)
			return 0;
		rc = machine_read_way(m, r.reads, active, err);
		if (rc)
			return rc;
		for (i = 0; i < active; i++)
			walk_step(&walks[r.walks[i]], le64(&r.entries[i]),
				  r.reads[i].status == MEM_OK);
	}
}

int walk_one(struct machine *m, const struct walk_root *root, uint64_t va,
	     struct walk *w, struct err *err)
{
	walk_launch(w, root, va);
	return walk_run(m, w, 1, err);
}
