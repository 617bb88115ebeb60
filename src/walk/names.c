/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks and entries in words. */
#include <stdio.h>
#include <string.h>

#include "walk/walk.h"

static const struct {
	const char *name;
	bool frame;
} results[WALK_RESULTS] = {
	[WALK_MAPPED] = {"mapped", true},
	[WALK_ABSENT] = {"absent", false},
	[WALK_SWAPPED] = {"swapped", false},
	[WALK_MIGRATING] = {"migrating", false},
	[WALK_PROT_NONE] = {"prot-none", true},
	[WALK_DEVICE] = {"device-private", false},
	[WALK_POISONED] = {"poisoned", false},
	[WALK_MARKER] = {"pte-marker", false},
	[WALK_NOT_PRESENT] = {"not-present", false},
	[WALK_RESERVED] = {"reserved-bit", false},
	[WALK_UNREADABLE] = {"unreadable", false},
	[WALK_NON_CANONICAL] = {"non-canonical", false},
};

bool walk_has_frame(enum walk_result result)
{
	return results[result].frame;
}

const char *walk_result_name(enum walk_result result)
{
	return results[result].name;
}

const char *walk_level_name(const struct walk_mode *mode, unsigned int level)
{
	static const char *const names[] = {"", "pte", "pmd", "pud", "p4d"};

	return level == mode->levels ? "pgd" : names[level];
}

void walk_describe(const struct walk *w, char *text, size_t size)
{
	const struct walk_level *l = w->n ? &w->level[w->n - 1] : NULL;
	const char *name;

	if (!l) {
		snprintf(text, size, "0x%llx is %s with %s paging",
			 (unsigned long long)w->va,
			 w->root->mode->halves ? "not canonical"
					       : "beyond the last address",
			 w->root->mode->name);
		return;
	}
	name = walk_level_name(w->root->mode, l->level);
	if (w->result == WALK_UNREADABLE)
		snprintf(text, size, "%s[%u]: the table at 0x%llx %s", name,
			 l->index, (unsigned long long)l->table,
			 "cannot be read");
	else
		snprintf(text, size, "%s[%u] = 0x%llx (%s)", name, l->index,
			 (unsigned long long)l->entry,
			 walk_result_name(w->result));
}

enum applies {
	TABLE = 1,
	PTE = 2,
	HUGE = 4,
	LEAF = PTE | HUGE,
	ANY = 7
};

/* Intel SDM vol. 3A 4.5; software bits as in Linux pgtable_types.h. */
static const struct {
	uint64_t mask;
	const char *name;
	unsigned int applies;
} bits[] = {
	{PTE_P, "P", ANY},
	{PTE_RW, "RW", ANY},
	{PTE_US, "US", ANY},
	{1ULL << 3, "PWT", ANY},
	{1ULL << 4, "PCD", ANY},
	{PTE_A, "A", ANY},
	{PTE_D, "D", LEAF},
	{PTE_PS, "PAT", PTE},
	{PTE_PS, "PS", HUGE},
	{PTE_G, "G", LEAF},
	{PTE_SPECIAL, "SPECIAL", LEAF},
	{1ULL << 10, "UFFD_WP", LEAF},
	{1ULL << 11, "SOFT_DIRTY", LEAF},
	{1ULL << 12, "PAT", HUGE},
	{PTE_SAVED_D, "SAVED_DIRTY", LEAF},
	{PTE_NX, "NX", ANY},
};

void walk_entry_bits(const struct walk_mode *mode, const struct walk_level *l,
		     char *text, size_t size)
{
	uint64_t entry = l->entry & mode->form[l->level].named;
	unsigned int what = TABLE;
	size_t i, len = 0;

	text[0] = '\0';
	if (!(entry & PTE_P))
		return; /* the bits of an absent entry mean other things */
	if (l->kind == ENTRY_PAGE)
		what = l->level == 1 ? PTE : HUGE;
	for (i = 0; i < sizeof(bits) / sizeof(bits[0]) && len < size; i++)
		if (entry & bits[i].mask && bits[i].applies & what)
			len += (size_t)snprintf(text + len, size - len, "%s%s",
						len ? " " : "", bits[i].name);
	if (what != TABLE && entry >> 59 & 15 && len < size)
		snprintf(text + len, size - len, " PKEY=%u",
			 (unsigned int)(entry >> 59 & 15));
}
