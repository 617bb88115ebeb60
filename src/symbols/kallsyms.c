/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoding kallsyms: addresses in every encoding, and names. */
#include "symbols/kallsyms.h"

#include <string.h>

#include "base/cursor.h"

static size_t align_up(const struct kallsyms *k, size_t pos, size_t to)
{
	return pos + (size_t)(-(k->va + pos) & (to - 1));
}

static size_t element_size(enum kallsyms_encoding encoding)
{
	return encoding == KALLSYMS_ABSOLUTE ? 8 : 4;
}

size_t kallsyms_table_len(const struct kallsyms *k,
			  const struct kallsyms_trial *trial)
{
	return k->n * element_size(trial->encoding);
}

/* The address of symbol i; the table is known to lie in the bytes
 * (docs/facts/kernel.md, "kallsyms"). */
static uint64_t address(const struct kallsyms *k,
			const struct kallsyms_trial *t, uint32_t i)
{
	size_t pos = t->table + i * element_size(t->encoding);
	int64_t offset;

	if (t->encoding == KALLSYMS_ABSOLUTE)
		return le64(k->bytes + pos);
	offset = (int32_t)le32(k->bytes + pos);
	switch (t->encoding) {
	case KALLSYMS_ABSOLUTE_PERCPU:
		return offset >= 0 ? (uint64_t)offset
				   : t->base - 1 - (uint64_t)offset;
	case KALLSYMS_BASE_RELATIVE:
		return t->base + (uint32_t)offset;
	default:
		return k->va + pos + (uint64_t)offset;
	}
}

/*
 * Append a trial if its table lies in the bytes and the symbol
 * kallsyms_offsets, where it must be listed, agrees.
 */
static void add_trial(const struct kallsyms *k, struct kallsyms_trial *trials,
		      size_t *n, struct kallsyms_trial t)
{
	size_t len = kallsyms_table_len(k, &t);

	if (t.table > k->len || len > k->len - t.table)
		return;
	if (t.table > k->token_index && k->offsets != KALLSYMS_NONE &&
	    address(k, &t, k->offsets) != k->va + t.table)
		return;
	t.banner = address(k, &t, k->banner);
	t.text = address(k, &t, k->text);
	trials[(*n)++] = t;
}

/* Both encodings that stand on a base, if the base is in the bytes. */
static void add_based(const struct kallsyms *k, struct kallsyms_trial *trials,
		      size_t *n, size_t table, size_t base)
{
	struct kallsyms_trial t = {.encoding = KALLSYMS_ABSOLUTE_PERCPU,
				   .table = table};

	if (k->len < 8 || base > k->len - 8)
		return;
	t.base = le64(k->bytes + base);
	add_trial(k, trials, n, t);
	t.encoding = KALLSYMS_BASE_RELATIVE;
	add_trial(k, trials, n, t);
}

size_t kallsyms_trials(const struct kallsyms *k,
		       struct kallsyms_trial trials[KALLSYMS_TRIALS])
{
	size_t four = (size_t)k->n * 4, eight = (size_t)k->n * 8;
	size_t behind = k->token_index + 512, table, n = 0;

	if (k->banner == KALLSYMS_NONE || k->text == KALLSYMS_NONE)
		return 0;
	table = align_up(k, behind, 4);
	add_trial(k, trials, &n,
		  (struct kallsyms_trial){.encoding = KALLSYMS_PLACE_RELATIVE,
					  .table = table});
	table = align_up(k, behind, 8);
	add_based(k, trials, &n, table, align_up(k, table + four, 8));
	add_trial(k, trials, &n, (struct kallsyms_trial){.table = table});
	if (k->num_syms >= ((four + 7) & ~(size_t)7) + 8) {
		table = k->num_syms - 8 - ((four + 7) & ~(size_t)7);
		add_based(k, trials, &n, table, k->num_syms - 8);
	}
	if (k->num_syms >= eight)
		add_trial(
			k, trials, &n,
			(struct kallsyms_trial){.table = k->num_syms - eight});
	return n;
}

/*
 * The tokens' texts.  Short ones, nearly all, are copied with their fixed
 * size, which costs much less than copying their length.
 */
#define TOKEN_SHORT 16u

struct tokens {
	char head[256][TOKEN_SHORT];
	const char *text[256];
	uint16_t len[256];
};

static void load_tokens(const struct kallsyms *k, struct tokens *t)
{
	size_t i, len;

	memset(t->head, 0, sizeof(t->head));
	for (i = 0; i < 256; i++) {
		t->text[i] =
			(const char *)k->bytes + k->token_table + k->token[i];
		len = strlen(t->text[i]);
		t->len[i] = (uint16_t)len;
		memcpy(t->head[i], t->text[i],
		       len < TOKEN_SHORT ? len : TOKEN_SHORT);
	}
}

/* One symbol's text: type letter and name, and room for a whole token. */
#define TEXT_MAX (SYMTAB_MAX_NAME + 1)

/* Expand a record; its length, more than TEXT_MAX when it is longer. */
static size_t expand(const struct tokens *t, const uint8_t *tokens, size_t n,
		     char text[TEXT_MAX + TOKEN_SHORT])
{
	size_t i, len = 0, part;

	for (i = 0; i < n; i++) {
		part = t->len[tokens[i]];
		if (part > TEXT_MAX - len)
			return TEXT_MAX + 1;
		if (part <= TOKEN_SHORT)
			memcpy(text + len, t->head[tokens[i]], TOKEN_SHORT);
		else
			memcpy(text + len, t->text[tokens[i]], part);
		len += part;
	}
	return len;
}

int kallsyms_decode(const struct kallsyms *k,
		    const struct kallsyms_trial *trial, uint64_t text,
		    struct symtab_builder *out, struct err *err)
{
	struct symtab_symbol sym;
	struct tokens t;
	char name[TEXT_MAX + TOKEN_SHORT];
	const uint8_t *tokens;
	size_t pos = k->names, n, len;
	uint32_t i;
	int rc;

	load_tokens(k, &t);
	for (i = 0; i < k->n; i++) {
		if (!kallsyms_record(k, &pos, &tokens, &n))
			return err_set(err, ERR_CORRUPT, "kallsyms: cut off");
		len = expand(&t, tokens, n, name);
		if (len < 2 || len > TEXT_MAX)
			continue; /* no name, or none that could be real */
		sym = symtab_classify(address(k, trial, i), text);
		sym.type = *name;
		rc = symtab_add(out, &sym, name + 1, len - 1);
		if (rc)
			return err_set(err, rc, "kallsyms: symbol %u", i);
	}
	return 0;
}
