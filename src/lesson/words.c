/* SPDX-License-Identifier: BSD-2-Clause */
/* A walk in words: its rules, its area, its page, its twin, the TLB. */
#include <inttypes.h>
#include <stdio.h>

#include "lesson/lesson.h"

/* Whether pages of this form can be kept from being run. */
static bool knows_no_execute(const struct paging *p)
{
	struct paging_part parts[PAGING_MAX_PARTS];
	/* A page in all forms: see the decode of each. */
	size_t n = paging_parts(p, 1, 3, NULL, parts);

	return paging_part_find(parts, n, "NX") ||
	       paging_part_find(parts, n, "UXN");
}

static void say_rules(struct lesson *l)
{
	const struct walk *w = l->walk;
	const struct paging *p = w->root->paging;
	const struct paging_form *f = p->family->form;

	if (p->family->flat)
		lesson_say(l, "rights",
			   "Tables take no rights away here (HPD): the last "
			   "entry alone counts.");
	else
		lesson_say(l, "rights",
			   "Writes and user mode are an AND: every entry on "
			   "the way has to permit them%s. %s",
			   f[1].rights && !f[p->levels].rights
				   ? ", but for the top table, which has no say"
				   : "",
			   knows_no_execute(p)
				   ? "No-execute is an OR: one entry is enough "
				     "to forbid it."
				   : "Nothing can forbid execution.");
	if (w->root->poison && w->n && w->level[0].entry & w->root->poison)
		lesson_say(l, "rights",
			   "The no-execute bit of the top entry does not "
			   "count: Linux sets it in the kernel's tables so "
			   "that user mode cannot run on them by mistake "
			   "(PTI).");
}

static void say_flags(struct lesson *l, const struct vma *v)
{
	lesson_say(l, "area",
		   "The address lies in the area 0x%" PRIx64 "-0x%" PRIx64
		   " (%c%c%c%c).",
		   v->start, v->end, v->flags & VM_READ ? 'r' : '-',
		   v->flags & VM_WRITE ? 'w' : '-',
		   v->flags & VM_EXEC ? 'x' : '-',
		   v->flags & VM_MAYSHARE ? 's' : 'p');
}

static bool is_kernel_address(const struct walk *w)
{
	return w->root->paging->half == PAGING_BOTH && w->va >> 63;
}

static void say_no_area(struct lesson *l)
{
	uint64_t va = l->walk->va, before = 0, after = 0;
	size_t i;

	if (is_kernel_address(l->walk))
		return;
	for (i = 0; i < l->areas.n; i++) {
		if (l->areas.v[i].end <= va)
			before = l->areas.v[i].end;
		else if (l->areas.v[i].start > va && !after)
			after = l->areas.v[i].start;
	}
	if (l->areas.torn)
		lesson_say(l, "area",
			   "No area with this address was found, but the list "
			   "of areas is not whole.");
	else if (before && after)
		lesson_say(l, "area",
			   "No area of the process holds the address: there "
			   "is nothing between 0x%" PRIx64 " and 0x%" PRIx64
			   ". An access ends in SIGSEGV (unless it is just "
			   "below a stack, which grows).",
			   before, after);
	else
		lesson_say(l, "area",
			   "No area of the process holds the address: it lies "
			   "%s all of them. An access ends in SIGSEGV.",
			   after ? "below" : "above");
}

static void say_area(struct lesson *l)
{
	const struct vma *v = lesson_area(l);

	if (!l->has_areas)
		return;
	if (!v) {
		say_no_area(l);
		return;
	}
	say_flags(l, v);
	if (l->walk->result == WALK_ABSENT && v->flags & (VM_READ | VM_WRITE))
		lesson_say(l, "area",
			   "So the first access makes the page: memory is "
			   "filled on demand.");
	else if (l->walk->result == WALK_ABSENT)
		lesson_say(l, "area",
			   "It permits nothing: an access ends in SIGSEGV.");
}

static void say_sharers(struct lesson *l)
{
	const struct page_info *p = &l->page;

	if (!l->has_page)
		return;
	if (p->kind == PAGE_ZERO || p->kind == PAGE_HUGE_ZERO)
		lesson_say(l, "cow",
			   "The page is the zero page, which all processes "
			   "share: nothing was ever written here.");
	else if (p->maps_counted && p->mapcount > 1)
		lesson_say(l, "cow",
			   "%" PRIu32 " entries of page tables share the page "
			   "(its mapcount): the writer gets a copy of its "
			   "own.",
			   p->mapcount);
	else if (p->maps_counted && p->mapcount == 1 && page_is_anon(p->kind))
		lesson_say(l, "cow",
			   "Nobody else maps the page (its mapcount is 1): the "
			   "kernel may well make it writable without a copy.");
}

/* Why an area that may be written to has a page that may not. */
static void say_write_protected(struct lesson *l)
{
	const struct vma *v = lesson_area(l);

	if (l->walk->result != WALK_MAPPED || l->walk->write || !v)
		return;
	if (!(v->flags & VM_WRITE)) {
		lesson_say(l, "cow",
			   "The area permits no writes, either: a write ends "
			   "in SIGSEGV.");
	} else if (v->flags & VM_SHARED) {
		lesson_say(l, "cow",
			   "The area permits writes, and is shared: the first "
			   "write faults so that the kernel learns of it, and "
			   "then goes through to the page.");
	} else {
		lesson_say(l, "cow",
			   "The area permits writes, the entry does not: copy "
			   "on write. The first write faults, and the kernel "
			   "gives the process a page of its own.");
		say_sharers(l);
	}
}

static void say_page(struct lesson *l)
{
	const struct page_info *p = &l->page;

	if (!l->has_page)
		return;
	lesson_say(l, "page", "Frame 0x%" PRIx64 " is %s.", p->pfn,
		   page_kind_words(p->kind));
	if (p->maps_counted && p->refs_counted)
		lesson_say(l, "page",
			   "Its struct page counts %" PRIu32
			   " mapping%s and %" PRIu32 " reference%s.",
			   p->mapcount, p->mapcount == 1 ? "" : "s",
			   (uint32_t)p->refcount, p->refcount == 1 ? "" : "s");
}

static void say_twin(struct lesson *l)
{
	const struct walk *t = &l->twin;

	if (!l->paired)
		return;
	lesson_say(l, "twin",
		   "Page-table isolation (PTI): the process has a second set "
		   "of tables, for %s, with its top table at 0x%" PRIx64 ".",
		   l->of_user ? "the kernel" : "user mode",
		   paging_root(t->root->paging, t->root->pgd));
	if (t->result != l->walk->result)
		lesson_say(l, "twin",
			   "There the same address is %s: what user mode "
			   "cannot see, it cannot guess at either (Meltdown).",
			   walk_result_name(t->result));
	else if (t->n > 1 && l->walk->n > 1 &&
		 t->level[1].table == l->walk->level[1].table)
		lesson_say(l, "twin",
			   "There the walk goes to the same next table: below "
			   "the top both are one.");
	else
		lesson_say(l, "twin",
			   "There the same address is %s, too, by other "
			   "tables.",
			   walk_result_name(t->result));
}

static bool is_global(const struct walk *w)
{
	struct paging_part parts[PAGING_MAX_PARTS];
	size_t n = walk_level_parts(w, w->n - 1, parts);
	const struct paging_part *g = paging_part_find(parts, n, "G"),
				 *ng = paging_part_find(parts, n, "NG");

	return g ? g->value : ng && !ng->value;
}

static void say_tag(struct lesson *l)
{
	uint64_t tag;

	if (is_global(l->walk))
		lesson_say(l, "tlb",
			   "It is global: it holds in every address space.");
	else if (!l->by)
		lesson_say(l, "tlb",
			   "It is not global, so it belongs to this address "
			   "space; no vCPU has these tables in use now.");
	else if (l->by->arch->tag(l->by, l->by_root, &tag))
		lesson_say(l, "tlb",
			   "It is not global, and is kept for %s 0x%" PRIx64
			   ", which vCPU %u has in use with these tables.",
			   l->by->arch->roots[l->by_root].tag_name, tag,
			   l->by->index);
	else
		lesson_say(l, "tlb",
			   "It is not global, and vCPU %u, which uses these "
			   "tables, tags nothing: it goes with the next "
			   "change of them.",
			   l->by->index);
}

static void say_tlb(struct lesson *l)
{
	const struct walk *w = l->walk;
	unsigned int shift, saved;

	if (w->result != WALK_MAPPED)
		return;
	shift = w->root->paging->family->form[w->level[w->n - 1].level].shift;
	lesson_say(l, "tlb",
		   "A TLB that has this walk holds: page number 0x%" PRIx64
		   " (the address >> %u), the %s at 0x%" PRIx64
		   ", and the rights, so that no table is read again.",
		   w->va >> shift, shift, lesson_size(w->page_size).text,
		   w->pa - walk_in_page(w));
	say_tag(l);
	saved = w->root->paging->levels - w->n;
	if (saved)
		lesson_say(l, "huge",
			   "The walk ends %u level%s early: one entry, and one "
			   "place in the TLB, does for %s, which else takes "
			   "%" PRIu64 " entries of the last level.",
			   saved, saved == 1 ? "" : "s",
			   lesson_size(w->page_size).text,
			   w->page_size >>
				   w->root->paging->family->form[1].shift);
}

int lesson_tell(struct lesson *l, struct err *err)
{
	lesson_try_accesses(l);
	lesson_tell_result(l);
	if (l->walk->n)
		say_rules(l);
	lesson_tell_control(l);
	say_area(l);
	say_write_protected(l);
	say_page(l);
	say_twin(l);
	say_tlb(l);
	return l->oom ? err_nomem(err) : 0;
}
