/* SPDX-License-Identifier: BSD-2-Clause */
/* Cuts a kernel's kallsyms down to some hundred symbols. */
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "fuzz/seeds/cut.h"
#include "symbols/kallsyms.h"

#define FIRST  520u /* symbols; there must be three markers */
#define MARKER 256u
#define BANNER "Linux version 6.0.0-cut #1 SMP\n"

/* What is made out of what. */
struct cutter {
	const struct kallsyms *from;
	const struct kallsyms_trial *how;
	uint64_t va; /* of the first byte that comes out */
	size_t align;
	uint32_t number[FIRST + 3]; /* of the symbols that are kept */
	uint32_t n;
	struct buf *out;
};

static void put(struct buf *out, uint64_t value, size_t size)
{
	buf_add(out, &value, size);
}

static void align(struct cutter *c)
{
	while ((c->va + c->out->len) % c->align)
		put(c->out, 0, 1);
}

/* The record of a symbol, its length in front. */
static const uint8_t *record(const struct kallsyms *k, uint32_t number,
			     size_t *len)
{
	size_t pos = k->names, start, n;
	const uint8_t *tokens;
	uint32_t i;

	for (i = 0; i <= number; i++) {
		start = pos;
		if (!kallsyms_record(k, &pos, &tokens, &n))
			abort();
	}
	*len = pos - start;
	return k->bytes + start;
}

static void put_names(struct cutter *c)
{
	uint32_t markers[FIRST / MARKER + 1], i;
	size_t start, len;

	align(c);
	put(c->out, c->n, 4);
	align(c);
	start = c->out->len;
	for (i = 0; i < c->n; i++) {
		const uint8_t *bytes = record(c->from, c->number[i], &len);

		if (i % MARKER == 0)
			markers[i / MARKER] = (uint32_t)(c->out->len - start);
		buf_add(c->out, bytes, len);
	}
	align(c);
	for (i = 0; i < c->n; i += MARKER)
		put(c->out, markers[i / MARKER], 4);
}

static void put_tokens(struct cutter *c)
{
	const struct kallsyms *k = c->from;

	align(c);
	buf_add(c->out, k->bytes + k->token_table,
		k->token_index + 512 - k->token_table);
}

/* The address of a kept symbol, as the kernel has it or as it is here. */
static uint64_t address(const struct cutter *c, uint32_t number, uint64_t table)
{
	const struct kallsyms *k = c->from;
	size_t pos = c->how->table + number * 4ULL;
	int64_t offset = (int32_t)le32(k->bytes + pos);

	if (number == k->banner)
		return c->va;
	if (number == k->offsets)
		return table;
	if (c->how->encoding == KALLSYMS_PLACE_RELATIVE)
		return k->va + pos + (uint64_t)offset;
	if (c->how->encoding == KALLSYMS_BASE_RELATIVE)
		return c->how->base + (uint32_t)offset;
	return offset >= 0 ? (uint64_t)offset
			   : c->how->base - 1 - (uint64_t)offset;
}

static void put_addresses(struct cutter *c)
{
	uint64_t base = c->how->base, table, a;
	uint32_t i;

	align(c);
	table = c->va + c->out->len;
	for (i = 0; i < c->n; i++) {
		a = address(c, c->number[i], table);
		if (c->how->encoding == KALLSYMS_PLACE_RELATIVE)
			a -= c->va + c->out->len;
		else if (c->how->encoding == KALLSYMS_BASE_RELATIVE)
			a -= base;
		else if (a >= base)
			a = base - 1 - a;
		put(c->out, a, 4);
	}
	if (c->how->encoding == KALLSYMS_PLACE_RELATIVE)
		return;
	align(c);
	put(c->out, base, 8);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The first ones, and the three that the search needs. */
static void choose(struct cutter *c)
{
	const struct kallsyms *k = c->from;
	const uint32_t needed[] = {k->banner, k->text, k->offsets};
	uint32_t i;

	for (i = 0; i < FIRST; i++)
		c->number[c->n++] = i;
	for (i = 0; i < 3; i++)
		if (needed[i] != KALLSYMS_NONE && needed[i] >= FIRST)
			c->number[c->n++] = needed[i];
	qsort(c->number, c->n, sizeof(c->number[0]), by_number);
}

static const struct kallsyms_trial *
right_one(const struct kallsyms *k, uint64_t text,
	  const struct kallsyms_trial *trials, size_t n)
{
	static const char banner[] = "Linux version ";
	size_t i, at;

	for (i = 0; i < n; i++) {
		at = trials[i].banner - k->va;
		if (trials[i].text == text && at < k->len - sizeof(banner) &&
		    !memcmp(k->bytes + at, banner, sizeof(banner) - 1))
			return &trials[i];
	}
	return NULL;
}

bool cut_kallsyms(const void *bytes, size_t len, uint64_t va, uint64_t text,
		  uint64_t to, struct buf *out)
{
	struct kallsyms_trial trials[KALLSYMS_TRIALS];
	struct cutter c = {.va = text + to, .out = out};
	struct kallsyms k;
	size_t at = 0;

	for (; kallsyms_tokens(bytes, len, &at); at++)
		if (kallsyms_find(&k, bytes, len, va, at)) {
			c.from = &k;
			c.how = right_one(&k, text, trials,
					  kallsyms_trials(&k, trials));
			if (c.how)
				break;
		}
	if (!c.how || c.how->encoding == KALLSYMS_ABSOLUTE)
		return false;
	c.align = c.how->encoding == KALLSYMS_PLACE_RELATIVE ? 4 : 8;
	choose(&c);
	buf_add(out, BANNER, sizeof(BANNER));
	if (c.how->table < k.names)
		put_addresses(&c);
	put_names(&c);
	put_tokens(&c);
	if (c.how->table > k.names)
		put_addresses(&c);
	return true;
}
