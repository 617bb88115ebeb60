/* SPDX-License-Identifier: BSD-2-Clause */
/* A walk in words: what it ended in, and what comes of touching it. */
#include <inttypes.h>
#include <stdio.h>

#include "lesson/lesson.h"

/* The last entry, as it is named: "pte[12]". */
struct entry_name {
	char text[16];
};

static struct entry_name entry_name(const struct walk *w, unsigned int i)
{
	struct entry_name n;

	snprintf(n.text, sizeof(n.text), "%s[%u]",
		 paging_level_name(w->root->paging, w->level[i].level),
		 w->level[i].index);
	return n;
}

static void say_absent(struct lesson *l, const char *entry)
{
	const struct walk *w = l->walk;

	if (w->level[w->n - 1].level == 1)
		lesson_say(l, "result",
			   "%s is zero: it maps no page. Any access faults, "
			   "and the kernel decides what comes of it.",
			   entry);
	else
		lesson_say(l, "result",
			   "%s is zero: there is no next table, so nothing is "
			   "mapped in all of the %s from 0x%" PRIx64
			   " on. Any access faults, and the kernel decides "
			   "what comes of it.",
			   entry, lesson_size(w->page_size).text,
			   w->va & ~(w->page_size - 1));
}

static void say_swapped(struct lesson *l, const char *entry)
{
	const struct walk *w = l->walk;
	const struct swap_area *a = &l->swap;

	lesson_say(l, "result",
		   "%s is a swap entry: the page is in slot %" PRIu64
		   " of swap area %u. The next access faults, and the kernel "
		   "reads it back into RAM (a major fault).",
		   entry, w->swap_offset, w->swap_type);
	if (a->known && a->path)
		lesson_say(l, "swap",
			   "Swap area %u is %s, with %" PRIu64
			   " slots of a page each.",
			   w->swap_type, a->path, a->pages);
	else
		lesson_say(l, "swap",
			   "Which file or device swap area %u is, is not "
			   "known.",
			   w->swap_type);
}

static void say_prot_none(struct lesson *l, const char *entry)
{
	const struct vma *v = lesson_area(l);

	lesson_say(l, "result",
		   "%s keeps its frame 0x%" PRIx64
		   ", and is not present on purpose: any access faults "
		   "(PROT_NONE).",
		   entry, l->walk->pa - walk_in_page(l->walk));
	if (v && !(v->flags & (VM_READ | VM_WRITE | VM_EXEC)))
		lesson_say(l, "result",
			   "Its area permits nothing, as mprotect(PROT_NONE) "
			   "has it: SIGSEGV.");
	else if (v)
		lesson_say(l, "result",
			   "Its area does permit access: the kernel looks "
			   "who touches the page (NUMA balancing), and lets "
			   "it through.");
}

/* include/linux/swapops.h: docs/facts/kernel.md, "Swap entries" */
#define MARKER_UFFD_WP	1
#define MARKER_POISONED 2
#define MARKER_GUARD	4

static void say_marker(struct lesson *l, const char *entry)
{
	uint64_t marker = l->walk->swap_offset;
	const char *words =
		marker & MARKER_GUARD ? "a guard: any access ends in SIGSEGV "
					"(MADV_GUARD_INSTALL)"
		: marker & MARKER_POISONED ? "poison: any access ends in SIGBUS"
		: marker & MARKER_UFFD_WP
			? "a reminder that userfaultfd is told of writes; the "
			  "page itself is not there yet"
			: "of a kind that is not known here";

	lesson_say(l, "result", "%s is a marker, with no page behind it: %s.",
		   entry, words);
}

/* Why the CPU never looked at a table. */
static void say_no_address(struct lesson *l)
{
	const struct walk *w = l->walk;
	const struct paging *p = w->root->paging;

	if (p->half == PAGING_BOTH)
		lesson_say(l, "result",
			   "The address is not canonical: with %s paging bits "
			   "63 to %u have to be alike. The CPU refuses it "
			   "before it looks at any table (#GP).",
			   p->name, p->va_bits - 1u);
	else
		lesson_say(l, "result",
			   "With this paging addresses have %u bits, and this "
			   "one does not lie there: no table is looked at.",
			   p->va_bits);
}

static const char *const plain[WALK_RESULTS] = {
	[WALK_MIGRATING] = "is a migration entry: the page is being moved to "
			   "another frame. Who touches it waits until that "
			   "is done",
	[WALK_DEVICE] = "stands for memory of a device, which the CPU cannot "
			"reach: an access has the driver move the page back",
	[WALK_POISONED] = "stands for a page that is lost, by an error of the "
			  "hardware or of swap: any access ends in SIGBUS",
	[WALK_NOT_PRESENT] = "is not present and not zero, of a kind that is "
			     "not known here: any access faults",
	[WALK_RESERVED] = "has a reserved bit set: any access faults, and the "
			  "error code says RSVD",
};

void lesson_tell_result(struct lesson *l)
{
	const struct walk *w = l->walk;
	struct entry_name e;

	if (!w->n) {
		say_no_address(l);
		return;
	}
	e = entry_name(w, w->n - 1);
	if (w->result == WALK_MAPPED)
		lesson_say(l, "result",
			   "%s is a page of %s at 0x%" PRIx64
			   "; the address lies 0x%" PRIx64
			   " bytes into it, at 0x%" PRIx64
			   " in physical memory.",
			   e.text, lesson_size(w->page_size).text,
			   w->pa - walk_in_page(w), walk_in_page(w), w->pa);
	else if (w->result == WALK_ABSENT)
		say_absent(l, e.text);
	else if (w->result == WALK_SWAPPED)
		say_swapped(l, e.text);
	else if (w->result == WALK_PROT_NONE)
		say_prot_none(l, e.text);
	else if (w->result == WALK_MARKER)
		say_marker(l, e.text);
	else if (w->result == WALK_UNREADABLE)
		lesson_say(l, "result",
			   "%s cannot be read: its table at 0x%" PRIx64
			   " lies outside RAM, or nothing answers there.",
			   e.text, w->level[w->n - 1].table);
	else
		lesson_say(l, "result", "%s %s.", e.text, plain[w->result]);
}

/* An access, and what must not be denied to it. */
static void try_access(struct lesson *l, const char *name, unsigned int wants)
{
	static const struct {
		unsigned int denied;
		const char *words;
	} reasons[] = {
		{DENIED_USER, "is for the kernel alone"},
		{DENIED_WRITE, "permits no writes"},
		{DENIED_USER_EXEC | DENIED_KERNEL_EXEC,
		 "permits no fetching of instructions"},
	};
	struct lesson_access *a = &l->access[l->n_accesses++];
	const struct walk *w = l->walk;
	unsigned int i, r, denied;

	*a = (struct lesson_access){.name = name,
				    .works = !(w->denied & wants)};
	for (i = 0; i < w->n; i++) {
		denied = walk_level_denied(w, i) & wants;
		for (r = 0; r < sizeof(reasons) / sizeof(*reasons); r++)
			if (denied & reasons[r].denied && !*a->because)
				snprintf(a->because, sizeof(a->because),
					 "%s %s", entry_name(w, i).text,
					 reasons[r].words);
	}
}

void lesson_try_accesses(struct lesson *l)
{
	l->n_accesses = 0;
	if (l->walk->result != WALK_MAPPED)
		return;
	try_access(l, "user read", DENIED_USER);
	try_access(l, "user write", DENIED_USER | DENIED_WRITE);
	try_access(l, "user fetch", DENIED_USER | DENIED_USER_EXEC);
	if (l->walk->user)
		return;
	try_access(l, "kernel read", 0);
	try_access(l, "kernel write", DENIED_WRITE);
	try_access(l, "kernel fetch", DENIED_KERNEL_EXEC);
}
