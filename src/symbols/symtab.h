/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel's symbols: by name and by address, flat enough to be mapped. */
#ifndef SYMBOLS_SYMTAB_H
#define SYMBOLS_SYMTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"

#define SYMTAB_MAX_SYMBOLS (1u << 22)
#define SYMTAB_MAX_NAME	   511u /* KSYM_NAME_LEN - 1, kernel 6.1 and later */
#define SYMTAB_NAME_BITS   25
#define SYMTAB_MAX_NAMES                                     \
	(1u << SYMTAB_NAME_BITS) /* bytes; a kernel has 3 to \
				    6 MiB */

/*
 * What moves with the image lies within 1 GiB of _text (docs/facts/kernel.md,
 * "Where the kernel is"); everything else is absolute: per-CPU offsets up to
 * 6.14, and plain numbers.
 */
#define SYMTAB_IMAGE_MAX (1ULL << 30)

/*
 * A symbol.  The first n_absolute of a table hold plain values, the others
 * distances from _text; each part ascends, symbols of one value keep the order
 * they were added in.
 */
struct symtab_entry {
	uint64_t value;
	uint32_t name : SYMTAB_NAME_BITS;      /* offset into names */
	uint32_t type : 32 - SYMTAB_NAME_BITS; /* see symtab_symbol */
	uint32_t next; /* entry number + 1 in the same bucket; 0: last */
};

/*
 * A view of one flat blob in host byte order:
 *
 *   struct symtab_header | entries[n] | buckets[n_buckets] | names
 *
 * A bucket holds the symbols whose names agree up to the first dot, in order,
 * so that "name" and "name.suffix" are found together.  The view owns nothing.
 */
struct symtab {
	const struct symtab_entry *entries;
	const uint32_t *buckets; /* entry number + 1; 0: empty */
	const char *names;
	uint32_t n, n_absolute, n_buckets;
	size_t names_len; /* the last byte is a NUL */
	const void *blob;
	size_t blob_len;
};

/*
 * Take a blob, aligned to 8, as a table; ERR_CORRUPT when its sizes do not
 * add up.  Any bytes are safe to use afterwards: every lookup checks bounds.
 */
int symtab_view(struct symtab *s, const void *blob, size_t len,
		struct err *err);

struct symtab_symbol {
	uint64_t value;
	bool absolute; /* else value is a distance from _text */
	char type;     /* the letter of nm(1); SYMTAB_NO_TYPE: not known */
};

#define SYMTAB_NO_TYPE '?'

/* Entry i, which is there. */
struct symtab_symbol symtab_at(const struct symtab *s, uint32_t i);

/* The first symbol of that name, else the first called "name.suffix". */
bool symtab_find(const struct symtab *s, const char *name,
		 struct symtab_symbol *sym);

/*
 * All of that name or, where there is none, all called "name.suffix", in their
 * order: the numbers of the first `most`, and how many there are.
 */
size_t symtab_named(const struct symtab *s, const char *name, uint32_t *entries,
		    size_t most);

/*
 * Entry numbers in the image part (or the absolute part): the first entry
 * whose value is greater than `value`, in [n_absolute, n] (or [0,
 * n_absolute]).
 */
uint32_t symtab_above(const struct symtab *s, uint64_t value, bool absolute);

/* The name of an entry; "" when the table is corrupt. */
const char *symtab_name(const struct symtab *s, uint32_t i);

/* A table being filled; zero-initialise. */
struct symtab_builder {
	VEC(struct symtab_entry) image, absolute;
	VEC(char) names;
};

/*
 * Add one symbol; 0, ERR_NOMEM, or ERR_CORRUPT beyond the limits above.  A type
 * that is no letter counts as not known.
 */
int symtab_add(struct symtab_builder *b, const struct symtab_symbol *sym,
	       const char *name, size_t len);

/* Sort and index what was added into a blob that the caller frees. */
int symtab_finish(struct symtab_builder *b, void **blob, size_t *len,
		  struct err *err);
void symtab_builder_deinit(struct symtab_builder *b);

/*
 * The symbol of an address as a kernel numbers it: a distance where it lies
 * in the image whose _text is at `text`, absolute elsewhere.  Of no type yet.
 */
struct symtab_symbol symtab_classify(uint64_t address, uint64_t text);

#endif
