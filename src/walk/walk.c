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
	return w->root->mode->levels - w->n;
}

static const struct walk_form *next_form(const struct walk *w)
{
	return &w->root->mode->form[next_level(w)];
}

static uint64_t in_page(const struct walk *w, const struct walk_form *f)
{
	return w->va & ((1ULL << f->shift) - 1);
}

void walk_launch(struct walk *w, const struct walk_root *root, uint64_t va)
{
	*w = (struct walk){.root = root, .va = va, .write = true, .user = true};
	if (!walk_canonical(root->mode, va)) {
		w->result = WALK_NON_CANONICAL;
		w->done = true;
	}
}

static uint64_t next_table(const struct walk *w)
{
	const struct walk_mode *mode = w->root->mode;

	return w->n ? w->level[w->n - 1].entry &
			       mode->form[next_level(w) + 1].table
		    : w->root->pgd & mode->root;
}

static unsigned int next_index(const struct walk *w)
{
	const struct walk_form *f = next_form(w);

	return (w->va >> f->shift) & ((1U << f->bits) - 1);
}

/* Physical address of the entry that the next step needs. */
static uint64_t walk_next_entry(const struct walk *w)
{
	return next_table(w) + next_index(w) * w->root->mode->entry_bytes;
}

static void end_walk(struct walk *w, enum walk_result result)
{
	w->level[w->n - 1].kind =
		result == WALK_MAPPED ? ENTRY_PAGE : ENTRY_END;
	w->result = result;
	w->done = true;
}

/* The frame in a non-present entry; its address bits may be inverted. */
static uint64_t hidden_frame(uint64_t entry, uint64_t mask)
{
	/* Since the L1TF fix; docs/facts/kernel.md, "Page-table entries". */
	if ((entry >> 46 & 0x3f) == 0x3f)
		entry = ~entry;
	return entry & mask;
}

/* Software types of swap entries are the top ones of 0..31, in this order. */
static enum walk_result swap_result(const struct walk_swap_format *f,
				    unsigned int type)
{
	if (type >= f->swapin_error)
		return WALK_POISONED;
	if (type >= f->marker)
		return WALK_MARKER;
	if (type >= f->device)
		return WALK_DEVICE;
	if (type >= f->migration)
		return WALK_MIGRATING;
	return type >= f->hwpoison ? WALK_POISONED : WALK_SWAPPED;
}

/*
 * Its type and offset, before and since the L1TF fix: docs/facts/kernel.md,
 * "Swap entries".
 */
static void end_swapped(struct walk *w, uint64_t entry,
			const struct walk_form *form)
{
	const struct walk_swap_format *f = w->root->swap;

	if (!f || !f->known) {
		end_walk(w, WALK_NOT_PRESENT);
		return;
	}
	if (f->inverted) {
		w->swap_type = (uint8_t)(entry >> 59);
		w->swap_offset = (~entry << 5) >> 14;
	} else {
		w->swap_type = (entry >> 9) & 31;
		w->swap_offset = entry >> 14;
	}
	end_walk(w, swap_result(f, w->swap_type));
	if (w->result == WALK_MIGRATING || w->result == WALK_DEVICE)
		w->swap_offset &= (1ULL << f->pfn_bits) - 1;
	if (w->result == WALK_MIGRATING)
		w->pa = (w->swap_offset << 12) + in_page(w, form);
}

/* What Linux keeps in such entries is known for x86-64 only. */
static void step_absent(struct walk *w, uint64_t entry, unsigned int level,
			const struct walk_form *f)
{
	if (!entry) {
		end_walk(w, WALK_ABSENT);
	} else if (level > 2 || !w->root->mode->halves) {
		end_walk(w, WALK_NOT_PRESENT);
	} else if (entry & PTE_G || (level == 2 && entry & PTE_PS)) {
		/* _PAGE_PROTNONE is the global bit; a huge page that is being
		 * split keeps PS (pmd_mkinvalid()). */
		end_walk(w, WALK_PROT_NONE);
		w->pa = hidden_frame(entry, f->page) | in_page(w, f);
	} else {
		end_swapped(w, entry, f);
	}
}

static void step_page(struct walk *w, uint64_t entry, const struct walk_form *f)
{
	if (entry & f->page_reserved) {
		end_walk(w, WALK_RESERVED);
		return;
	}
	end_walk(w, WALK_MAPPED);
	w->pa = (entry & f->page) | (entry & f->page_high) << f->high_shift |
		in_page(w, f);
}

void walk_step(struct walk *w, uint64_t entry, bool readable)
{
	const struct walk_form *f = next_form(w);
	unsigned int level = next_level(w);
	bool poison = w->root->pti_kernel && !w->n && next_index(w) < 256;

	w->level[w->n] = (struct walk_level){
		.table = next_table(w),
		.entry = readable ? entry : 0,
		.index = (uint16_t)next_index(w),
		.level = (uint8_t)level,
		.kind = ENTRY_TABLE,
	};
	w->n++;
	w->page_size = 1ULL << f->shift;
	if (!readable) {
		end_walk(w, WALK_UNREADABLE);
		return;
	}
	if (!(entry & PTE_P)) {
		step_absent(w, entry, level, f);
		return;
	}
	w->write &= !(f->rights & PTE_RW) || entry & PTE_RW;
	w->user &= !(f->rights & PTE_US) || entry & PTE_US;
	w->nx |= entry & f->rights & PTE_NX && !poison;
	if (level == 1 || (f->large && entry & PTE_PS))
		step_page(w, entry, f);
	else if (entry & f->table_reserved)
		end_walk(w, WALK_RESERVED);
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
				.len = walks[i].root->mode->entry_bytes};
			active++;
		}
		if (!active)
			return 0;
		rc = machine_read(m, r.reads, active, err);
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
