/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies where in a kernel's memory: pieces, and the symbols in them. */
#include "export/layout.h"

#include <stdlib.h>
#include <string.h>

#include "export/named.h"

/* Symbols of one owner that are farther apart are in different pieces. */
#define FAR  (1ULL << 20)
#define PAGE 4096ULL

/* Borders that the linker script gives names (arch/x86/kernel/vmlinux.lds.S) */
static const struct border {
	enum piece_kind kind;
	const char *start, *end;
} borders[] = {
	{PIECE_TEXT, "_stext", "_etext"},
	{PIECE_INIT_TEXT, "_sinittext", "_einittext"},
	{PIECE_RODATA, "__start_rodata", "__end_rodata"},
	{PIECE_DATA, "_sdata", "_edata"},
	{PIECE_BSS, "__bss_start", "__bss_stop"},
};

#define BORDERS (sizeof(borders) / sizeof(*borders))

bool piece_is_code(const struct piece *piece)
{
	return piece->kind == PIECE_TEXT || piece->kind == PIECE_INIT_TEXT;
}

static uint64_t piece_end(const struct piece *piece)
{
	return piece->va + piece->len;
}

/* The number of the first piece that ends behind va. */
static size_t layout_at(const struct layout *l, uint64_t va)
{
	size_t low = 0, high = l->pieces.n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (piece_end(&l->pieces.v[mid]) <= va)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The piece of a symbol; one at the very end of the last one is in it, too. */
static uint32_t layout_find(const struct layout *l, uint64_t va)
{
	size_t i = layout_at(l, va);

	if (i < l->pieces.n && l->pieces.v[i].va <= va)
		return (uint32_t)i;
	if (i && piece_end(&l->pieces.v[i - 1]) == va)
		return (uint32_t)(i - 1);
	return LAYOUT_NOWHERE;
}

/* [va, end) of a piece becomes number i. */
static int layout_insert(struct layout *l, size_t i, const struct piece *whole,
			 uint64_t va, uint64_t end)
{
	struct piece *v;

	if (l->pieces.n >= LAYOUT_PIECES)
		return 0;
	if (vec_reserve(&l->pieces, 1))
		return ERR_NOMEM;
	v = l->pieces.v + i;
	memmove(v + 1, v, (l->pieces.n++ - i) * sizeof(*v));
	*v = *whole;
	v->va = va;
	v->len = end - va;
	if (v->bytes)
		v->bytes += va - whole->va;
	return 0;
}

/* Add what no piece before has of this one. */
static int layout_fill(struct layout *l, const struct piece *piece)
{
	uint64_t va = piece->va, end = piece_end(piece), next;
	size_t i = layout_at(l, va);
	int rc = 0;

	for (; va < end && !rc; i++) {
		next = i < l->pieces.n && l->pieces.v[i].va < end
			       ? l->pieces.v[i].va
			       : end;
		if (next > va) {
			rc = layout_insert(l, i, piece, va, next);
			va = next;
		} else {
			va = piece_end(&l->pieces.v[i]);
		}
	}
	return rc;
}

/* Where the image's borders are; those of others stay empty. */
static void layout_borders(const struct portrait *p,
			   struct piece pieces[BORDERS])
{
	uint64_t start[BORDERS] = {0}, end[BORDERS] = {0};
	size_t i, b;

	for (i = 0; i < p->symbols.n; i++) {
		const struct portrait_symbol *s = &p->symbols.v[i];
		const char *name = portrait_name(p, s);

		if (s->owner != PORTRAIT_IMAGE || s->absolute || *name != '_')
			continue;
		for (b = 0; b < BORDERS; b++) {
			if (!strcmp(name, borders[b].start))
				start[b] = s->va;
			else if (!strcmp(name, borders[b].end))
				end[b] = s->va;
		}
	}
	for (b = 0; b < BORDERS; b++) {
		pieces[b] = (struct piece){.kind = borders[b].kind};
		if (start[b] < p->start || end[b] > p->end ||
		    start[b] >= end[b])
			continue;
		pieces[b].va = start[b];
		pieces[b].len = end[b] - start[b];
	}
}

static bool piece_holds(const struct piece *piece, uint64_t va)
{
	return va >= piece->va && va - piece->va < piece->len;
}

static int layout_code(struct layout *l, const struct piece *init)
{
	const struct portrait *p = l->p;
	size_t i;
	int rc = 0;

	for (i = 0; i < p->text.n && !rc; i++) {
		const struct portrait_text *t = &p->text.v[i];
		struct piece piece = {
			.va = t->va,
			.len = t->len,
			.owner = t->owner,
			.kind = piece_holds(init, t->va) ? PIECE_INIT_TEXT
							 : PIECE_TEXT,
			.bytes = t->bytes,
		};

		if (t->len <= UINT64_MAX - t->va)
			rc = layout_fill(l, &piece);
	}
	for (i = 0; i < p->owners.n && !rc; i++) {
		struct piece piece = {
			.va = p->owners.v[i].text,
			.len = p->owners.v[i].text_size,
			.owner = (uint32_t)i + 1,
			.kind = PIECE_TEXT,
		};

		if (piece.len <= UINT64_MAX - piece.va)
			rc = layout_fill(l, &piece);
	}
	return rc;
}

static int layout_image(struct layout *l)
{
	const struct portrait *p = l->p;
	struct piece pieces[BORDERS];
	struct piece rest = {.va = p->start, .kind = PIECE_IMAGE};
	size_t b;
	int rc;

	layout_borders(p, pieces);
	rc = layout_code(l, &pieces[1]);
	for (b = 0; b < BORDERS && !rc; b++)
		rc = layout_fill(l, &pieces[b]);
	if (p->end > p->start)
		rest.len = p->end - p->start;
	return rc ? rc : layout_fill(l, &rest);
}

bool layout_per_cpu(const struct portrait *p, const struct portrait_symbol *s,
		    uint64_t *offset)
{
	if (s->owner != PORTRAIT_IMAGE || s->va < p->per_cpu ||
	    s->va >= p->per_cpu_end || s->absolute != !p->per_cpu ||
	    (p->per_cpu && !strcmp(portrait_name(p, s), "__per_cpu_start")))
		return false;
	*offset = s->va - p->per_cpu;
	return true;
}

/* Whether a symbol is a place in memory, as the kernel's half has it. */
static bool symbol_has_place(const struct portrait *p,
			     const struct portrait_symbol *s)
{
	uint64_t offset;

	return !s->absolute && s->va >> 63 && !layout_per_cpu(p, s, &offset);
}

static int order_by_address(const void *va, const void *vb, void *ctx)
{
	const struct portrait_symbol *symbols = ctx;
	const struct portrait_symbol *a = &symbols[*(const uint32_t *)va];
	const struct portrait_symbol *b = &symbols[*(const uint32_t *)vb];

	return a->va < b->va ? -1 : a->va > b->va;
}

static int order_by_owner(const void *va, const void *vb, void *ctx)
{
	const struct portrait_symbol *symbols = ctx;
	const struct portrait_symbol *a = &symbols[*(const uint32_t *)va];
	const struct portrait_symbol *b = &symbols[*(const uint32_t *)vb];

	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	return order_by_address(va, vb, ctx);
}

/* Pieces around symbols, which ascend: one for neighbours of one owner. */
static int layout_around(struct layout *l, const uint32_t *order, size_t n)
{
	const struct portrait_symbol *symbols = l->p->symbols.v, *s, *last;
	size_t i, first = 0;
	int rc = 0;

	for (i = 1; i <= n && !rc; i++) {
		struct piece piece;
		bool code;

		s = &symbols[order[first]];
		last = &symbols[order[i - 1]];
		code = named_is_code(s->type);
		if (i < n && symbols[order[i]].owner == s->owner &&
		    named_is_code(symbols[order[i]].type) == code &&
		    symbols[order[i]].va - last->va < FAR)
			continue;
		piece = (struct piece){
			.va = s->va & ~(PAGE - 1),
			.owner = s->owner,
			.kind = code ? PIECE_TEXT : PIECE_OTHER,
		};
		/* Not quite up to the last byte, where it would wrap. */
		piece.len = (last->va | (PAGE - 1)) - piece.va;
		piece.len += last->va < UINT64_MAX - PAGE;
		rc = layout_fill(l, &piece);
		first = i;
	}
	return rc;
}

/* Numbers of the symbols that have a place, and with it a piece or not. */
static size_t layout_list(const struct layout *l, bool placed, uint32_t *order)
{
	const struct portrait *p = l->p;
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < p->symbols.n; i++) {
		const struct portrait_symbol *s = &p->symbols.v[i];

		if (symbol_has_place(p, s) &&
		    (layout_find(l, s->va) != LAYOUT_NOWHERE) == placed)
			order[n++] = i;
	}
	return n;
}

/* How far each of the symbols, which ascend by owner, is from the next. */
static void layout_sizes(struct layout *l, const uint32_t *order, size_t n)
{
	const struct portrait_symbol *symbols = l->p->symbols.v;
	const struct portrait_symbol *after = NULL;
	uint64_t next = 0;
	size_t i;

	for (i = n; i--;) {
		const struct portrait_symbol *s = &symbols[order[i]];
		struct placed *placed = &l->symbols[order[i]];
		const struct piece *piece;
		bool alike = after && after->owner == s->owner;

		placed->piece = layout_find(l, s->va);
		piece = &l->pieces.v[placed->piece];
		if (!alike || after->va >= piece_end(piece))
			next = piece->kind == PIECE_OTHER ? s->va
							  : piece_end(piece);
		else if (after->va != s->va)
			next = after->va;
		if (next - s->va <= UINT32_MAX)
			placed->size = (uint32_t)(next - s->va);
		after = s;
	}
}

int layout_init(struct layout *l, const struct portrait *p, struct err *err)
{
	uint32_t *order = NULL;
	size_t n = p->symbols.n, i;
	int rc;

	*l = (struct layout){.p = p};
	rc = layout_image(l);
	if (!rc && n) {
		order = malloc(n * sizeof(*order));
		l->symbols = malloc(n * sizeof(*l->symbols));
		rc = order && l->symbols ? 0 : ERR_NOMEM;
	}
	for (i = 0; i < n && !rc; i++)
		l->symbols[i] = (struct placed){.piece = LAYOUT_NOWHERE};
	if (!rc && order) {
		n = layout_list(l, false, order);
		qsort_r(order, n, sizeof(*order), order_by_address,
			p->symbols.v);
		rc = n ? layout_around(l, order, n) : 0;
	}
	if (!rc && order) {
		n = layout_list(l, true, order);
		qsort_r(order, n, sizeof(*order), order_by_owner, p->symbols.v);
		layout_sizes(l, order, n);
	}
	free(order);
	return rc ? err_nomem(err) : 0;
}

void layout_deinit(struct layout *l)
{
	vec_deinit(&l->pieces);
	free(l->symbols);
	*l = (struct layout){0};
}
