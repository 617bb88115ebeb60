/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel's symbols: by name and by address. */
#include "symbols/symtab.h"

#include <stdlib.h>
#include <string.h>

struct symtab_header {
	uint32_t n, n_absolute, n_buckets, names_len;
};

/* Length of a name without the suffix that a compiler gave it. */
static size_t base_len(const char *name, size_t len)
{
	const char *dot = len ? memchr(name + 1, '.', len - 1) : NULL;

	return dot ? (size_t)(dot - name) : len;
}

/* Eight bytes a step; only ever compared within one host's files. */
static uint32_t hash_name(const char *name, size_t len)
{
	uint64_t h = len, word;
	size_t step;

	for (; len; len -= step, name += step) {
		step = len < 8 ? len : 8;
		word = 0;
		memcpy(&word, name, step);
		h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
		h ^= h >> 32;
	}
	return (uint32_t)h;
}

int symtab_view(struct symtab *s, const void *blob, size_t len, struct err *err)
{
	const struct symtab_header *h = blob;
	size_t entries, buckets;

	if (len < sizeof(*h) || h->n > SYMTAB_MAX_SYMBOLS ||
	    h->n_absolute > h->n || h->n_buckets > 2 * SYMTAB_MAX_SYMBOLS ||
	    !h->n_buckets || (h->n_buckets & (h->n_buckets - 1)))
		return err_set(err, ERR_CORRUPT, "not a symbol table");
	entries = sizeof(*h);
	buckets = entries + h->n * sizeof(struct symtab_entry);
	*s = (struct symtab){
		.entries = (const void *)((const char *)blob + entries),
		.buckets = (const void *)((const char *)blob + buckets),
		.names = (const char *)blob + buckets + h->n_buckets * 4ULL,
		.n = h->n,
		.n_absolute = h->n_absolute,
		.n_buckets = h->n_buckets,
		.names_len = h->names_len,
		.blob = blob,
		.blob_len = len,
	};
	if (buckets + h->n_buckets * 4ULL + s->names_len != len ||
	    !s->names_len || s->names[s->names_len - 1])
		return err_set(err, ERR_CORRUPT, "symbol table is cut off");
	return 0;
}

const char *symtab_name(const struct symtab *s, uint32_t i)
{
	if (i >= s->n || s->entries[i].name >= s->names_len)
		return "";
	return s->names + s->entries[i].name;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Of a foreign table it may be any number. */
struct symtab_symbol symtab_at(const struct symtab *s, uint32_t i)
{
	char type = (char)s->entries[i].type;

	return (struct symtab_symbol){.value = s->entries[i].value,
				      .absolute = i < s->n_absolute,
				      .type = is_letter(type) ? type
							      : SYMTAB_NO_TYPE};
}

/* Those of a bucket that are called so, or with a suffix behind it. */
static size_t scan_bucket(const struct symtab *s, const char *name,
			  bool suffixed, uint32_t *entries, size_t most)
{
	size_t len = strlen(name), n = 0;
	uint32_t i = s->buckets[hash_name(name, base_len(name, len)) &
				(s->n_buckets - 1)];
	uint32_t steps;
	const char *have;

	for (steps = 0; i && i <= s->n && steps <= s->n; steps++) {
		have = symtab_name(s, i - 1);
		if (!strncmp(have, name, len) &&
		    have[len] == (suffixed ? '.' : '\0')) {
			if (n < most)
				entries[n] = i - 1;
			n++;
		}
		i = s->entries[i - 1].next;
	}
	return n;
}

size_t symtab_named(const struct symtab *s, const char *name, uint32_t *entries,
		    size_t most)
{
	size_t n = s->n ? scan_bucket(s, name, false, entries, most) : 0;

	return n || !s->n ? n : scan_bucket(s, name, true, entries, most);
}

bool symtab_find(const struct symtab *s, const char *name,
		 struct symtab_symbol *sym)
{
	uint32_t i;

	if (!symtab_named(s, name, &i, 1))
		return false;
	*sym = symtab_at(s, i);
	return true;
}

uint32_t symtab_above(const struct symtab *s, uint64_t value, bool absolute)
{
	uint32_t lo = absolute ? 0 : s->n_absolute;
	uint32_t hi = absolute ? s->n_absolute : s->n;
	uint32_t mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->entries[mid].value > value)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

int symtab_add(struct symtab_builder *b, const struct symtab_symbol *sym,
	       const char *name, size_t len)
{
	struct symtab_entry e = {.value = sym->value};

	if (len > SYMTAB_MAX_NAME || b->names.n + len >= SYMTAB_MAX_NAMES ||
	    b->image.n + b->absolute.n >= SYMTAB_MAX_SYMBOLS)
		return ERR_CORRUPT;
	if (vec_reserve(&b->names, len + 1))
		return ERR_NOMEM;
	memcpy(b->names.v + b->names.n, name, len);
	b->names.v[b->names.n + len] = '\0';
	e.name = (uint32_t)b->names.n & (SYMTAB_MAX_NAMES - 1);
	if (is_letter(sym->type))
		e.type = (unsigned char)sym->type & 0x7f;
	b->names.n += len + 1;
	/* While being built: the hash, taken while the name is at hand. */
	e.next = hash_name(name, base_len(name, len));
	return sym->absolute ? vec_push(&b->absolute, e)
			     : vec_push(&b->image, e);
}

/* Names were added in order, so their offsets keep equal values stable. */
static int compare_entries(const void *a, const void *b)
{
	const struct symtab_entry *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

/* Tables of the kernel come sorted: looking is cheaper than sorting. */
static void sort_entries(struct symtab_entry *e, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (e[i].value < e[i - 1].value)
			break;
	if (i < n)
		qsort(e, n, sizeof(*e), compare_entries);
}

/* Chain the entries; from the last on, so that chains ascend. */
static void index_names(struct symtab_entry *entries, uint32_t n,
			uint32_t *buckets, uint32_t n_buckets)
{
	uint32_t i, *bucket;

	for (i = n; i > 0; i--) {
		bucket = &buckets[entries[i - 1].next & (n_buckets - 1)];
		entries[i - 1].next = *bucket;
		*bucket = i;
	}
}

static uint32_t bucket_count(uint32_t n)
{
	uint32_t count = 16;

	while (count < n)
		count *= 2;
	return count;
}

int symtab_finish(struct symtab_builder *b, void **blob, size_t *len,
		  struct err *err)
{
	struct symtab_header h = {.n_absolute = (uint32_t)b->absolute.n};
	struct symtab_entry *entries;
	uint32_t *buckets;
	char *flat, *names;

	h.n = h.n_absolute + (uint32_t)b->image.n;
	h.n_buckets = bucket_count(h.n);
	h.names_len = (uint32_t)b->names.n;
	if (!h.n)
		return err_set(err, ERR_NOT_FOUND, "no symbols");
	*len = sizeof(h) + h.n * sizeof(*entries) + h.n_buckets * 4ULL +
	       h.names_len;
	flat = calloc(1, *len);
	if (!flat)
		return err_nomem(err);
	entries = (void *)(flat + sizeof(h));
	buckets = (void *)(entries + h.n);
	names = (char *)(buckets + h.n_buckets);
	memcpy(flat, &h, sizeof(h));
	sort_entries(b->absolute.v, b->absolute.n);
	sort_entries(b->image.v, b->image.n);
	if (b->absolute.n)
		memcpy(entries, b->absolute.v,
		       b->absolute.n * sizeof(*entries));
	if (b->image.n)
		memcpy(entries + h.n_absolute, b->image.v,
		       b->image.n * sizeof(*entries));
	memcpy(names, b->names.v, h.names_len);
	index_names(entries, h.n, buckets, h.n_buckets);
	*blob = flat;
	return 0;
}

void symtab_builder_deinit(struct symtab_builder *b)
{
	vec_deinit(&b->image);
	vec_deinit(&b->absolute);
	vec_deinit(&b->names);
}

struct symtab_symbol symtab_classify(uint64_t address, uint64_t text)
{
	if (address - text < SYMTAB_IMAGE_MAX)
		return (struct symtab_symbol){.value = address - text};
	return (struct symtab_symbol){.value = address, .absolute = true};
}
