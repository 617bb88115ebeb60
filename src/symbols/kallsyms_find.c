/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding the tables of kallsyms by what they must look like. */
#include <string.h>

#include "base/cursor.h"
#include "symbols/kallsyms.h"

#define TOKENS	     256
#define TOKEN_MAX    512u
#define DIGIT_ZERO   48 /* number of the token "0": its character */
#define INDEX_LEN    (TOKENS * 2)
#define INDEX_GAP    16u
#define MARKER_PAD   64u
#define MARKER_STEP  256u	/* symbols from marker to marker */
#define STEP_MIN     512u	/* two bytes per record */
#define STEP_MAX     33280u	/* 130 bytes per record */
#define SEQS_MAX     (4u << 20) /* seqs_of_names between tables */
#define MIN_MARKERS  3u
#define SURE_MARKERS 64u   /* no chance: a kernel has hundreds */
#define TRIES	     1024u /* of what begins like a token table */

/* Tokens of '0' to '9': docs/facts/kernel.md, "kallsyms". */
static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";

/* Lay token starts out from `start`; *end is behind the last of them. */
static bool lay_out(const uint8_t *bytes, size_t len, size_t start,
		    uint16_t token[TOKENS], size_t *end)
{
	struct cursor c;
	size_t i, from;

	cursor_init(&c, bytes, len);
	cursor_seek(&c, start);
	for (i = 0; i < TOKENS; i++) {
		from = c.pos;
		if (from - start > UINT16_MAX)
			return false;
		token[i] = (uint16_t)(from - start);
		if (!cursor_cstr(&c) || c.pos - from > TOKEN_MAX)
			return false;
	}
	*end = c.pos;
	return true;
}

/*
 * The index behind tokens that end at `end`: it says the same of them, but
 * that token 0 may be longer, by up to `more` bytes; *shift is by how many.
 */
static bool find_index(const uint8_t *bytes, size_t len, size_t end,
		       const uint16_t token[TOKENS], size_t more, size_t *index,
		       size_t *shift)
{
	size_t at, i;

	for (at = end; at <= end + INDEX_GAP; at++) {
		if (len < INDEX_LEN || at > len - INDEX_LEN)
			return false;
		*shift = (size_t)le16(bytes + at + 2) - token[1];
		if (le16(bytes + at) || *shift > more)
			continue;
		for (i = 1; i < TOKENS; i++)
			if (le16(bytes + at + 2 * i) != token[i] + *shift)
				break;
		if (i == TOKENS) {
			*index = at;
			return true;
		}
	}
	return false;
}

/*
 * Positions where token 0 may start when token 48 starts at `zero`: [*lo,
 * *hi].  What comes before the table need not end in a NUL; the index tells
 * which it is.
 */
static bool token_start_range(const uint8_t *bytes, size_t zero, size_t *lo,
			      size_t *hi)
{
	size_t pos = zero, count = 0;

	while (pos > 0 && zero - pos < DIGIT_ZERO * TOKEN_MAX) {
		if (!bytes[pos - 1] && ++count == DIGIT_ZERO)
			break;
		pos--;
	}
	if (count < DIGIT_ZERO)
		return false;
	*hi = pos - 1; /* the NUL that ends token 0 */
	for (*lo = *hi; *lo > 0 && bytes[*lo - 1]; (*lo)--)
		if (*hi - *lo >= TOKEN_MAX)
			break;
	return true;
}

bool kallsyms_tokens(const void *bytes, size_t len, size_t *at)
{
	const uint8_t *b = bytes, *hit;
	uint16_t token[TOKENS];
	size_t pos = *at, lo, hi, end, index, shift;
	unsigned int tries;

	for (tries = 0; pos < len && tries < TRIES; tries++) {
		hit = memmem(b + pos, len - pos, digits, sizeof(digits));
		if (!hit)
			return false;
		pos = (size_t)(hit - b) + 1;
		if (token_start_range(b, pos - 1, &lo, &hi) &&
		    lay_out(b, len, hi, token, &end) &&
		    find_index(b, len, end, token, hi - lo, &index, &shift) &&
		    hi - shift >= *at) {
			*at = hi - shift;
			return true;
		}
	}
	return false;
}

bool kallsyms_record(const struct kallsyms *k, size_t *pos,
		     const uint8_t **tokens, size_t *n)
{
	size_t p = *pos, len;

	if (p >= k->len)
		return false;
	len = k->bytes[p++];
	if (len & 0x80) { /* 6.1; before, no record was that long */
		if (p >= k->len)
			return false;
		len = (len & 0x7f) | (size_t)k->bytes[p++] << 7;
	}
	if (!len || len > k->len - p)
		return false;
	*tokens = k->bytes + p;
	*n = len;
	*pos = p + len;
	return true;
}

static uint64_t element(const struct kallsyms *k, size_t pos, size_t size)
{
	return size == 8 ? le64(k->bytes + pos) : le32(k->bytes + pos);
}

/* Spend one step of the search's budget; false when it is used up. */
static bool kallsyms_find_step(struct kallsyms *k)
{
	return k->steps && k->steps--;
}

static bool is_step(uint64_t from, uint64_t to)
{
	return to > from && to - from >= STEP_MIN && to - from <= STEP_MAX;
}

/* Number of markers in an array that ends at `end`, or 0. */
static uint32_t markers_back(struct kallsyms *k, size_t end, size_t size)
{
	size_t pos = end;
	uint32_t n = 1;

	if (end < size)
		return 0;
	for (pos -= size; element(k, pos, size); n++, pos -= size)
		if (pos < size || !kallsyms_find_step(k) ||
		    !is_step(element(k, pos - size, size),
			     element(k, pos, size)))
			return 0;
	return n >= MIN_MARKERS ? n : 0;
}

/* Number of markers (u32) in an array that starts at `pos`, or 0. */
static uint32_t markers_forward(struct kallsyms *k, size_t pos)
{
	uint32_t n = 1;

	if (le32(k->bytes + pos))
		return 0;
	for (; pos + 8 <= k->token_table && kallsyms_find_step(k);
	     pos += 4, n++)
		if (!is_step(le32(k->bytes + pos), le32(k->bytes + pos + 4)))
			break;
	return n >= MIN_MARKERS ? n : 0;
}

/* Walk all n records against all markers; sets names_len. */
static bool check_names(struct kallsyms *k, size_t size)
{
	size_t pos = k->names, n_tokens;
	const uint8_t *tokens;
	uint32_t i;

	for (i = 0; i < k->n && kallsyms_find_step(k); i++) {
		if (i % MARKER_STEP == 0 &&
		    element(k, k->markers + i / MARKER_STEP * size, size) !=
			    pos - k->names)
			return false;
		if (!kallsyms_record(k, &pos, &tokens, &n_tokens))
			return false;
	}
	k->names_len = pos - k->names;
	return i == k->n && pos <= k->markers && k->markers - pos < 8;
}

/* num_syms right before names: u32, or u32 (or u64) padded to 8. */
static bool check_num_syms(struct kallsyms *k, size_t size)
{
	static const size_t before[] = {4, 8, 16};
	size_t i;

	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		if (k->names < before[i])
			return false;
		k->num_syms = k->names - before[i];
		k->n = le32(k->bytes + k->num_syms);
		if (k->n <= SYMTAB_MAX_SYMBOLS &&
		    (k->n + MARKER_STEP - 1) / MARKER_STEP == k->n_markers &&
		    check_names(k, size))
			return true;
	}
	return false;
}

/*
 * With markers known, names start so far before them that the last marker
 * still leaves room for up to 256 records.
 */
static bool find_names(struct kallsyms *k, size_t markers, uint32_t n,
		       size_t size)
{
	uint64_t last = element(k, markers + (n - 1) * size, size);
	size_t back;

	k->markers = markers;
	k->n_markers = n;
	for (back = 2; back <= STEP_MAX + 8 && kallsyms_find_step(k); back++) {
		if (last + back > markers)
			return false;
		k->names = markers - last - back;
		if ((k->va + k->names) % 4)
			continue;
		if (check_num_syms(k, size))
			return true;
	}
	return false;
}

/* Markers directly before the tokens, or seqs_of_names between. */
static bool find_markers(struct kallsyms *k)
{
	static const size_t sizes[] = {4, 8};
	size_t i, pad, pos, stop;
	uint32_t n;

	for (i = 0; i < 2; i++)
		for (pad = 0; pad <= MARKER_PAD; pad++) {
			if (pad > k->token_table)
				break;
			pos = k->token_table - pad;
			n = markers_back(k, pos, sizes[i]);
			if (n && find_names(k, pos - n * sizes[i], n, sizes[i]))
				return true;
			if (n >= SURE_MARKERS)
				return false; /* names are not in the bytes */
		}
	stop = k->token_table > SEQS_MAX ? k->token_table - SEQS_MAX : 0;
	for (pos = k->token_table; pos >= stop + 4 && kallsyms_find_step(k);
	     pos--) {
		if ((k->va + pos) % 4)
			continue;
		n = markers_forward(k, pos - 4);
		if (n && find_names(k, pos - 4, n, 4))
			return true;
	}
	return false;
}

/* Does the record expand to a type letter and `name`? */
static bool record_is(const struct kallsyms *k, const uint8_t *tokens, size_t n,
		      const char *name)
{
	const char *text = NULL;
	size_t i, skip = 1, len;

	for (i = 0; i < n; i++) {
		text = (const char *)k->bytes + k->token_table +
		       k->token[tokens[i]];
		len = strlen(text);
		if (len < skip) {
			skip -= len;
			continue;
		}
		len -= skip;
		if (strncmp(name, text + skip, len) != 0)
			return false;
		name += len;
		skip = 0;
	}
	return !*name;
}

/* Note the numbers of the symbols that tell the encodings apart. */
static void find_landmarks(struct kallsyms *k)
{
	struct {
		const char *name;
		uint32_t *number;
	} landmarks[] = {
		{"linux_banner", &k->banner},
		{"_text", &k->text},
		{"kallsyms_offsets", &k->offsets},
	};
	size_t pos = k->names, n, j;
	const uint8_t *tokens;
	uint32_t i;

	for (j = 0; j < 3; j++)
		*landmarks[j].number = KALLSYMS_NONE;
	for (i = 0; i < k->n; i++) {
		if (!kallsyms_record(k, &pos, &tokens, &n))
			return;
		for (j = 0; j < 3; j++)
			if (*landmarks[j].number == KALLSYMS_NONE &&
			    record_is(k, tokens, n, landmarks[j].name))
				*landmarks[j].number = i;
	}
}

bool kallsyms_find(struct kallsyms *k, const void *bytes, size_t len,
		   uint64_t va, size_t token_table)
{
	size_t end, shift;

	*k = (struct kallsyms){.bytes = bytes,
			       .len = len,
			       .va = va,
			       .token_table = token_table,
			       .steps = KALLSYMS_STEPS};
	if (!lay_out(bytes, len, token_table, k->token, &end) ||
	    !find_index(bytes, len, end, k->token, 0, &k->token_index, &shift))
		return false;
	k->token_table_len = end - token_table;
	if (!find_markers(k))
		return false;
	find_landmarks(k);
	return true;
}
