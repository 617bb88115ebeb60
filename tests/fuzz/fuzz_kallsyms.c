/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the search for kallsyms, its decoding, and the table it becomes. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "kernel/readers.h"
#include "symbols/kallsyms.h"
#include "symbols/names.h"
#include "profile/scan.h"

/*
 * An input: u8, the low bits of the address; then the bytes of a kernel's
 * read-only data from WINDOW on, of which a real guest has megabytes.
 */
#define TEXT	   0xffffffff81000000ULL
#define WINDOW	   0x200000u
#define MAX_TOKENS 4

struct window {
	const uint8_t *bytes;
	size_t len;
	uint64_t offset; /* from _text */
};

static int read_window(const void *ctx, struct image_read *reads, size_t n,
		       struct err *err)
{
	const struct window *w = ctx;
	size_t i;

	(void)err;
	for (i = 0; i < n; i++) {
		uint64_t at = reads[i].offset - w->offset;

		reads[i].ok = at <= w->len && reads[i].len <= w->len - at;
		if (reads[i].ok)
			memcpy(reads[i].dst, w->bytes + at, reads[i].len);
	}
	return 0;
}

/* Both parts ascend, and every name finds a symbol of that name. */
static void check_table(const struct symtab *s)
{
	struct symtab_symbol sym;
	uint32_t i;

	fuzz_require(s->n && s->n_absolute <= s->n);
	for (i = 0; i < s->n; i++) {
		const char *name = symtab_name(s, i);

		fuzz_require(strlen(name) <= SYMTAB_MAX_NAME);
		fuzz_require(!i || i == s->n_absolute ||
			     s->entries[i - 1].value <= s->entries[i].value);
		if (i % 61 == 0)
			fuzz_require(symtab_find(s, name, &sym));
		if (i % 61 == 0 && i >= s->n_absolute)
			fuzz_require(names_best(s, i) <= i &&
				     names_find(s, i, "_text") <= i);
	}
	i = s->n - 1;
	fuzz_require(symtab_above(s, s->entries[i].value, i < s->n_absolute) ==
		     s->n);
}

/* What proves the kernel's identity is made from these places. */
static void check_places(const struct parts *found,
			 const struct image_bytes *image)
{
	struct parts p = *found;
	char text[IDENTITY_BANNER];

	parts_find_places(&p);
	if (identity_make(&p.id, &p.places, image, NULL))
		return;
	fuzz_require(identity_valid(&p.id));
	identity_banner(&p.id, text, sizeof(text));
	fuzz_require(!strncmp(text, "Linux version ", 14));
	identity_hash(&p.id);
}

/* Decode by every encoding that fits, not only by the one that proves right. */
static void decode_all(const struct scan *s, size_t token_table)
{
	struct kallsyms_trial trials[KALLSYMS_TRIALS];
	struct symtab_builder b;
	struct kallsyms k;
	struct parts p;
	size_t i, n;

	if (!kallsyms_find(&k, s->at, s->len, s->va, token_table))
		return;
	n = kallsyms_trials(&k, trials);
	fuzz_require(n <= KALLSYMS_TRIALS);
	for (i = 0; i < n; i++) {
		b = (struct symtab_builder){0};
		p = (struct parts){.readers = &kernel_readers};
		if (!kallsyms_decode(&k, &trials[i], trials[i].text, &b,
				     NULL) &&
		    !parts_take_symbols(&p, &b, NULL))
			check_table(&p.sym);
		symtab_builder_deinit(&b);
		parts_deinit(&p);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct window w;
	struct scan s;
	struct parts p = {.readers = &kernel_readers};
	size_t at, tables = 0;

	if (!size)
		return 0;
	w = (struct window){data + 1, size - 1, WINDOW + (data[0] & 12)};
	s = (struct scan){.at = w.bytes,
			  .len = w.len,
			  .va = TEXT + w.offset,
			  .text = TEXT,
			  .image = {read_window, &w}};
	for (at = 0; tables < MAX_TOKENS && kallsyms_tokens(s.at, s.len, &at);
	     at++, tables++) {
		decode_all(&s, at);
		if (scan_kallsyms(&s, at, &p, NULL) > 0) {
			check_table(&p.sym);
			check_places(&p, &s.image);
		}
	}
	parts_deinit(&p);
	return 0;
}
