/* SPDX-License-Identifier: BSD-2-Clause */
/* Forms of page tables: addresses and entries. */
#include "arch/paging.h"

#include <stdio.h>

bool paging_canonical(const struct paging *p, uint64_t va)
{
	uint64_t high = va >> (p->va_bits - 1);

	switch ((enum paging_half)p->half) {
	case PAGING_LOW:
		return va >> p->va_bits == 0;
	case PAGING_HIGH:
		return va >> p->va_bits == ~0ULL >> p->va_bits;
	case PAGING_BOTH:
		break;
	}
	return high == 0 || high == ~0ULL >> (p->va_bits - 1);
}

uint64_t paging_extend(const struct paging *p, uint64_t va)
{
	unsigned int drop = 64 - p->va_bits;

	switch ((enum paging_half)p->half) {
	case PAGING_LOW:
		return va << drop >> drop;
	case PAGING_HIGH:
		return va | ~0ULL << p->va_bits;
	case PAGING_BOTH:
		break;
	}
	return (uint64_t)((int64_t)(va << drop) >> drop);
}

const char *paging_level_name(const struct paging *p, unsigned int level)
{
	static const char *const names[] = {"", "pte", "pmd", "pud", "p4d"};

	return level == p->levels ? "pgd" : names[level];
}

/* One name, with its value where it is a field; the length so far. */
static size_t paging_add_name(const struct paging_bit *b, uint64_t value,
			      char *text, size_t size, size_t len)
{
	if (len >= size)
		return len;
	len += (size_t)snprintf(text + len, size - len, "%s%s", len ? " " : "",
				b->name);
	if (b->width > 1 && len < size)
		len += (size_t)snprintf(text + len, size - len, "=%u",
					(unsigned int)value);
	return len;
}

void paging_entry_bits(const struct paging *p, unsigned int level,
		       uint64_t entry, char *text, size_t size)
{
	uint64_t named = entry & p->family->form[level].named, value;
	const struct paging_bit *b;
	struct paging_entry e;
	unsigned int where = PAGING_IN_TABLE;
	size_t len = 0;

	text[0] = '\0';
	p->family->decode(p->family, level, entry, &e);
	if (e.kind == PAGING_ABSENT)
		return; /* the bits of an absent entry mean other things */
	if (e.kind == PAGING_PAGE)
		where = level == 1 ? PAGING_IN_PTE : PAGING_IN_HUGE;
	for (b = p->family->bits; b->name; b++) {
		value = named >> b->bit & ((1U << b->width) - 1);
		if (b->where & where && !(b->where & PAGING_QUIET) && value)
			len = paging_add_name(b, value, text, size, len);
	}
}
