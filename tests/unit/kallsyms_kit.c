/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes kallsyms tables: scripts/kallsyms.c told again, for tests. */
#include "unit/kallsyms_kit.h"

#include <stdlib.h>
#include <string.h>

/* How a layout differs from the others. */
static const struct style {
	size_t align, count_size, marker_size;
	bool wide_lengths, seqs_between, tokens_first, base;
	enum {
		ABSOLUTE,
		PERCPU,
		BASE,
		PLACE
	} encoding;
} styles[KIT_LAYOUTS] = {
	[KIT_3_16] = {8, 8, 8, false, false, false, false, ABSOLUTE},
	[KIT_4_6] = {8, 8, 8, false, false, false, true, PERCPU},
	[KIT_4_20] = {8, 4, 4, false, false, false, true, PERCPU},
	[KIT_6_2] = {8, 4, 4, true, true, false, true, PERCPU},
	[KIT_6_4] = {8, 4, 4, true, false, true, true, PERCPU},
	[KIT_6_4_ABSOLUTE] = {8, 4, 4, true, false, true, false, ABSOLUTE},
	[KIT_6_15] = {8, 4, 4, true, false, true, true, BASE},
	[KIT_7_0] = {4, 4, 4, true, false, true, false, PLACE},
};

bool kit_lists_itself(enum kit_layout layout)
{
	return styles[layout].tokens_first;
}

void kit_put(struct buf *out, uint64_t value, size_t size)
{
	char byte;
	size_t i;

	for (i = 0; i < size; i++) {
		byte = (char)(i < 8 ? value >> 8 * i : 0);
		buf_add(out, &byte, 1);
	}
}

void kit_align(struct buf *out, uint64_t va, size_t to)
{
	while ((va + out->len) % to)
		kit_put(out, 0, 1);
}

static int by_address(const void *a, const void *b)
{
	const struct kit_symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return strcmp(x->name, y->name);
}

void kit_sort(struct kit_symbol *syms, size_t n)
{
	qsort(syms, n, sizeof(*syms), by_address);
}

/* One symbol as token numbers. */
struct packed {
	unsigned char t[520];
	size_t len;
};

/* A token: a character, or two others; len 0: never used. */
struct token {
	unsigned char t[2];
	size_t len;
};

struct packer {
	struct token token[256];
	struct packed *sym;
	size_t n;
};

static void load(struct packer *p, const struct kit_symbol *syms, size_t n)
{
	size_t i, j;

	memset(p->token, 0, sizeof(p->token));
	p->n = n;
	p->sym = calloc(n, sizeof(*p->sym));
	for (i = 0; i < n; i++) {
		struct packed *s = &p->sym[i];

		s->t[s->len++] = (unsigned char)syms[i].type;
		for (j = 0; syms[i].name[j]; j++)
			s->t[s->len++] = (unsigned char)syms[i].name[j];
		for (j = 0; j < s->len; j++)
			p->token[s->t[j]] = (struct token){{s->t[j], 0}, 1};
	}
}

/* The most frequent pair of tokens, or 0 when none occurs twice. */
static unsigned int best_pair(const struct packer *p, unsigned int *count)
{
	unsigned int best = 0;
	size_t i, j, pair;

	memset(count, 0, 65536 * sizeof(*count));
	for (i = 0; i < p->n; i++)
		for (j = 0; j + 1 < p->sym[i].len; j++) {
			pair = p->sym[i].t[j] | p->sym[i].t[j + 1] << 8;
			count[pair]++;
			if (count[pair] > count[best])
				best = (unsigned int)pair;
		}
	return count[best] > 1 ? best : 0;
}

static void replace_pair(struct packer *p, unsigned int pair, unsigned char by)
{
	size_t i, j, to;

	for (i = 0; i < p->n; i++) {
		struct packed *s = &p->sym[i];

		for (j = to = 0; j < s->len; j++, to++) {
			bool hit = j + 1 < s->len &&
				   (s->t[j] | s->t[j + 1] << 8) == (int)pair;

			s->t[to] = hit ? by : s->t[j];
			j += hit;
		}
		s->len = to;
	}
}

/* Give every unused number to the best pair of the moment. */
static void compress(struct packer *p)
{
	unsigned int *count = calloc(65536, sizeof(*count));
	unsigned int pair;
	int i;

	for (i = 255; i >= 0; i--) {
		if (p->token[i].len)
			continue;
		pair = best_pair(p, count);
		if (!pair)
			break;
		p->token[i] = (struct token){
			{(unsigned char)pair, (unsigned char)(pair >> 8)}, 2};
		replace_pair(p, pair, (unsigned char)i);
	}
	free(count);
}

static void expand(const struct packer *p, unsigned int i, struct buf *out)
{
	const struct token *t = &p->token[i];

	if (t->len == 1) {
		buf_add(out, t->t, 1);
	} else if (t->len == 2) {
		expand(p, t->t[0], out);
		expand(p, t->t[1], out);
	}
}

static void put_tokens(struct buf *out, const struct packer *p,
		       const struct style *s, uint64_t va,
		       struct kit_places *places)
{
	uint16_t index[256];
	size_t i;

	kit_align(out, va, s->align);
	places->table = out->len;
	for (i = 0; i < 256; i++) {
		index[i] = (uint16_t)(out->len - places->table);
		expand(p, (unsigned int)i, out);
		kit_put(out, 0, 1);
	}
	kit_align(out, va, s->align);
	places->index = out->len;
	for (i = 0; i < 256; i++)
		kit_put(out, index[i], 2);
}

static void put_names(struct buf *out, const struct packer *p,
		      const struct style *s, uint64_t va,
		      struct kit_places *places)
{
	uint64_t *markers = calloc(p->n / 256 + 1, sizeof(*markers));
	size_t i;

	kit_align(out, va, s->align);
	places->names = out->len;
	for (i = 0; i < p->n; i++) {
		size_t len = p->sym[i].len;

		if (i % 256 == 0)
			markers[i / 256] = out->len - places->names;
		if (len > 0x7f) {
			kit_put(out, (len & 0x7f) | 0x80, 1);
			kit_put(out, len >> 7, 1);
		} else {
			kit_put(out, len, 1);
		}
		buf_add(out, p->sym[i].t, len);
	}
	kit_align(out, va, s->align);
	places->markers = out->len;
	for (i = 0; i < p->n; i += 256)
		kit_put(out, markers[i / 256], s->marker_size);
	free(markers);
}

static void put_addresses(struct buf *out, const struct kit_symbol *syms,
			  size_t n, const struct style *s, uint64_t va,
			  uint64_t text, struct kit_places *places)
{
	size_t i;

	kit_align(out, va, s->align);
	places->addresses = out->len;
	for (i = 0; i < n; i++) {
		uint64_t a = syms[i].address;

		if (s->encoding == ABSOLUTE)
			kit_put(out, a, 8);
		else if (s->encoding == PLACE)
			kit_put(out, a - (va + out->len), 4);
		else if (s->encoding == PERCPU && a < text)
			kit_put(out, a, 4);
		else if (s->encoding == PERCPU)
			kit_put(out, text - 1 - a, 4);
		else
			kit_put(out, a - text, 4);
	}
	if (!s->base)
		return;
	kit_align(out, va, s->align);
	places->base = out->len;
	kit_put(out, text, 8);
}

/* Content does not matter to readers; bytes that are not zero do. */
static void put_seqs(struct buf *out, size_t n, const struct style *s,
		     uint64_t va, struct kit_places *places)
{
	size_t i;

	kit_align(out, va, s->align);
	places->seqs = out->len;
	for (i = 0; i < n; i++) {
		kit_put(out, (n - i) >> 16, 1);
		kit_put(out, (n - i) >> 8, 1);
		kit_put(out, (n - i) | 1, 1);
	}
}

static void put_count(struct buf *out, size_t n, const struct style *s,
		      uint64_t va, struct kit_places *places)
{
	kit_align(out, va, s->align);
	places->num_syms = out->len;
	kit_put(out, n, s->count_size);
}

void kit_kallsyms(struct buf *out, enum kit_layout layout,
		  const struct kit_symbol *syms, size_t n, uint64_t va,
		  uint64_t text, struct kit_places *places)
{
	const struct style *s = &styles[layout];
	struct packer p;

	*places = (struct kit_places){0};
	load(&p, syms, n);
	compress(&p);
	if (!s->tokens_first)
		put_addresses(out, syms, n, s, va, text, places);
	put_count(out, n, s, va, places);
	put_names(out, &p, s, va, places);
	if (s->seqs_between)
		put_seqs(out, n, s, va, places);
	put_tokens(out, &p, s, va, places);
	if (s->tokens_first) {
		put_addresses(out, syms, n, s, va, text, places);
		put_seqs(out, n, s, va, places);
	}
	free(p.sym);
}
