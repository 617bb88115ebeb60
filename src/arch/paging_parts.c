/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of page tables taken apart, bit by bit. */
#include <string.h>

#include "arch/paging.h"

static bool has_bit(uint64_t mask, unsigned int bit)
{
	return mask >> bit & 1;
}

/* The bits of a run of ones that holds `top`, from there down. */
static unsigned int run_down(uint64_t mask, unsigned int top)
{
	unsigned int low = top;

	while (low && has_bit(mask, low - 1))
		low--;
	return top - low + 1;
}

/* What the parts of an entry are cut out of. */
struct cut {
	const struct paging_bit *bits;
	uint64_t named, address, high, reserved;
	unsigned int where;
	uint64_t entry;
};

static struct cut cut_of(const struct paging *p, unsigned int level,
			 uint64_t entry, const struct paging_bit *absent)
{
	const struct paging_form *f = &p->family->form[level];
	struct paging_entry e;
	bool page;

	p->family->decode(p->family, level, entry, &e);
	if (e.kind == PAGING_ABSENT)
		/* All forms have in bit 0 that it is there. */
		return (struct cut){.bits = absent ? absent : p->family->bits,
				    .named = absent ? ~0ULL : 1,
				    .where = PAGING_IN_ANY,
				    .entry = entry};
	page = e.kind == PAGING_PAGE ||
	       (e.kind == PAGING_RESERVED && entry & f->page_reserved);
	return (struct cut){
		.bits = p->family->bits,
		.named = f->named,
		.address = page ? f->page : f->table,
		/* aarch64 has them in tables, too: see its decode */
		.high = f->page_high &
			(page || p->family->entry_bytes == 8 ? ~0ULL : 0),
		.reserved = page ? f->page_reserved : f->table_reserved,
		.where = !page	      ? PAGING_IN_TABLE
			 : level == 1 ? PAGING_IN_PTE
				      : PAGING_IN_HUGE,
		.entry = entry,
	};
}

/* The named bits that end at `top` or hold it, or NULL. */
static const struct paging_bit *bit_at(const struct cut *c, unsigned int top)
{
	const struct paging_bit *b;

	for (b = c->bits; b->name; b++)
		if (b->where & c->where && has_bit(c->named, b->bit) &&
		    top >= b->bit && top < b->bit + (unsigned int)b->width)
			return b;
	return NULL;
}

static uint64_t bits_of(uint64_t entry, unsigned int bit, unsigned int width)
{
	return entry >> bit & (width < 64 ? (1ULL << width) - 1 : ~0ULL);
}

/* A run of ones in one of the masks; the bits of an address stay in place. */
static struct paging_part part_of(const struct cut *c, uint64_t mask,
				  unsigned int top, const char *name,
				  const char *words)
{
	unsigned int width = run_down(mask, top), low = top + 1 - width;
	uint64_t value = bits_of(c->entry, low, width);

	return (struct paging_part){.name = name,
				    .words = words,
				    .bit = (uint8_t)low,
				    .width = (uint8_t)width,
				    .value = value};
}

static struct paging_part part_of_address(const struct cut *c, uint64_t mask,
					  unsigned int top, const char *name,
					  const char *words)
{
	struct paging_part part = part_of(c, mask, top, name, words);

	part.is_address = true;
	part.value <<= part.bit;
	return part;
}

static struct paging_part part_named(const struct cut *c,
				     const struct paging_bit *b)
{
	uint64_t value = bits_of(c->entry, b->bit, b->width);

	return (struct paging_part){.name = b->name,
				    .words = value || b->width > 1 ? b->set
								   : b->clear,
				    .bit = b->bit,
				    .width = b->width,
				    .value = value};
}

/* Bits up to the next one that means something. */
static struct paging_part part_without(const struct cut *c, unsigned int top)
{
	uint64_t other = c->address | c->high | c->reserved;
	unsigned int low = top;

	while (low && !has_bit(other, low - 1) && !bit_at(c, low - 1))
		low--;
	return (struct paging_part){
		.name = "",
		.words = "the CPU ignores it, so software may use it",
		.bit = (uint8_t)low,
		.width = (uint8_t)(top - low + 1),
		.value = bits_of(c->entry, low, top - low + 1)};
}

static struct paging_part part_at(const struct cut *c, unsigned int top)
{
	const struct paging_bit *b;

	if (has_bit(c->high, top))
		return part_of_address(c, c->high, top, "address, high",
				       "more bits of the address, further up");
	if (has_bit(c->address, top))
		return part_of_address(
			c, c->address, top, "address",
			c->where == PAGING_IN_TABLE
				? "where the next table lies in physical memory"
				: "where the page lies in physical memory");
	b = bit_at(c, top);
	if (b)
		return part_named(c, b);
	if (has_bit(c->reserved, top))
		return part_of(c, c->reserved, top, "reserved",
			       "has to be zero, or the CPU faults");
	return part_without(c, top);
}

size_t paging_parts(const struct paging *p, unsigned int level, uint64_t entry,
		    const struct paging_bit *absent,
		    struct paging_part parts[PAGING_MAX_PARTS])
{
	struct cut c = cut_of(p, level, entry, absent);
	unsigned int left = p->family->entry_bytes * 8u;
	size_t n = 0;

	while (left && n < PAGING_MAX_PARTS) {
		parts[n] = part_at(&c, left - 1);
		left = parts[n++].bit;
	}
	return n;
}

const struct paging_part *paging_part_find(const struct paging_part *parts,
					   size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(parts[i].name, name))
			return &parts[i];
	return NULL;
}
