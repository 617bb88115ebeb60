/* SPDX-License-Identifier: BSD-2-Clause */
/* What a walk makes of its address, and of each entry: numbers of a lesson. */
#include <inttypes.h>
#include <stdio.h>

#include "lesson/lesson.h"
#include "lesson/parts.h"

/* One more part, below what is there. */
static void part_add(struct paging_part *parts, size_t *n, const struct walk *w,
		     const char *name, const char *words, unsigned int bit,
		     unsigned int width)
{
	if (width)
		parts[(*n)++] = (struct paging_part){
			.name = name,
			.words = words,
			.bit = (uint8_t)bit,
			.width = (uint8_t)width,
			.value = w->va >> bit & (~0ULL >> (64 - width))};
}

static const char *const above[] = {
	[PAGING_BOTH] = "copies of the bit below them: else no address",
	[PAGING_LOW] = "zeros: this is the lower half of the addresses",
	[PAGING_HIGH] = "ones: this is the upper half of the addresses",
};

size_t walk_address_parts(const struct walk *w, unsigned int *bits,
			  struct paging_part parts[PAGING_MAX_PARTS])
{
	const struct paging *p = w->root->paging;
	unsigned int last = 1, level;
	bool page = w->n && w->level[w->n - 1].kind != ENTRY_TABLE &&
		    walk_has_frame(w->result);
	size_t n = 0;

	if (page)
		last = w->level[w->n - 1].level;
	*bits = p->va_bits <= 32 && w->va <= UINT32_MAX ? 32 : 64;
	part_add(parts, &n, w, "sign", above[p->half], p->va_bits,
		 *bits - p->va_bits);
	for (level = p->levels; level >= last; level--)
		part_add(parts, &n, w, paging_level_name(p, level),
			 "which entry of that table",
			 p->family->form[level].shift, paging_bits(p, level));
	part_add(parts, &n, w, "offset", "how far into the page", 0,
		 p->family->form[last].shift);
	return n;
}

void walk_table_from(const struct walk *w, unsigned int i, char *text,
		     size_t size)
{
	const struct paging *p = w->root->paging;
	const struct paging_family *f = p->family;
	uint64_t table = paging_root(p, w->root->pgd);

	if (i)
		lesson_arithmetic(w, i - 1, text, size);
	else if ((w->root->pgd & f->root) == table)
		snprintf(text, size,
			 "0x%" PRIx64 " & 0x%" PRIx64 " = 0x%" PRIx64,
			 w->root->pgd, f->root, table);
	else
		snprintf(text, size,
			 "(0x%" PRIx64 " & 0x%" PRIx64 ") | (0x%" PRIx64
			 " & 0x%" PRIx64 ") << %u = 0x%" PRIx64,
			 w->root->pgd, f->root, w->root->pgd, f->root_high,
			 f->root_shift, table);
}

struct walk_rights walk_rights_so_far(const struct walk *w, unsigned int i)
{
	unsigned int denied = 0, at;
	bool user;

	for (at = 0; at <= i; at++)
		denied |= walk_level_denied(w, at);
	user = !(denied & DENIED_USER);
	return (struct walk_rights){
		.write = !(denied & DENIED_WRITE),
		.user = user,
		.nx = denied & (user ? DENIED_USER_EXEC : DENIED_KERNEL_EXEC)};
}
