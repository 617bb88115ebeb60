/* SPDX-License-Identifier: BSD-2-Clause */
/* Obtains a profile from file, cache or guest, and answers from it. */
#include "profile/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "profile/cache.h"
#include "profile/file.h"
#include "profile/live.h"
#include "symbols/names.h"
#include "profile/parts.h"
#include "profile/store.h"

#define NEAR (16ULL << 20)

struct profile {
	struct profile_opts opts;
	struct cache *cache; /* NULL: not to be used */
	struct parts parts;
	uint32_t *base; /* of each reader, where its values begin */
	uint64_t text;	/* runtime address of _text */
	enum profile_source source;
	bool fresh;  /* the cache does not have it like this */
	bool opened; /* for some kernel, or tried to */
	bool renewed;
	struct err typeless; /* why there are no types, where there are none */
	char note[600];
};

/*
 * Types from the guest where the symbols' source had none.  Without any,
 * symbols are all that is known.
 */
static int take_types(struct profile *p, struct live *g, const char *file,
		      struct err *err)
{
	struct err why = {0};
	int rc = live_types(g, &p->parts, &why);

	if (rc && file)
		err_wrap(&why, rc, "%s has no types", file);
	if (rc != ERR_NO_LINUX)
		return rc ? err_pass(err, &why) : 0;
	p->typeless = why;
	snprintf(p->note, sizeof(p->note), "%s", why.text);
	return wanted_none(p->parts.readers, &p->parts.values) ? err_nomem(err)
							       : 0;
}

static int complete(struct profile *p, struct live *g, const char *file,
		    struct err *err)
{
	struct image_bytes guest = image_of_guest(g->img);
	int rc = p->parts.have_values ? 0 : take_types(p, g, file, err);

	if (rc)
		return rc;
	if (p->parts.id.n)
		return 0;
	parts_find_places(&p->parts);
	rc = identity_make(&p->parts.id, &p->parts.places, &guest, err);
	/* Without a banner it cannot be stored, yet used. */
	return rc == ERR_NOT_FOUND || rc == ERR_UNREADABLE ? 0 : rc;
}

static int from_file(struct profile *p, const struct profile_image *img,
		     struct err *err)
{
	_cleanup_(live_deinit) struct live g = {.img = img};
	int rc;

	p->source = PROFILE_FILE;
	rc = file_check(p->opts.file, img, &p->parts, err);
	return rc ? rc : complete(p, &g, p->opts.file, err);
}

/* What it takes to use the profile once more, from the cache. */
static int take_proof(struct profile *p, const struct live *g, struct err *err)
{
	struct proof_boot boot;
	int rc;

	proof_make(&p->parts.proof, &p->parts.places, &g->window, p->parts.btf);
	rc = proof_boot_of(g->img, &boot, err);
	p->parts.boot = PROOF_BOOTS;
	if (rc > 0)
		p->parts.boot = proof_remember(&p->parts.proof, &boot);
	return rc < 0 ? rc : 0;
}

static int from_guest(struct profile *p, const struct profile_image *img,
		      struct err *err)
{
	_cleanup_(live_deinit) struct live g = {.img = img};
	int rc;

	p->source = PROFILE_GUEST;
	p->fresh = true;
	rc = live_symbols(&g, &p->parts, err);
	if (!rc)
		rc = complete(p, &g, NULL, err);
	return rc || p->opts.no_cache ? rc : take_proof(p, &g, err);
}

int profile_create(const struct profile_opts *opts,
		   const struct readers *readers, struct profile **out,
		   struct err *err)
{
	struct profile *p = calloc(1, sizeof(*p));
	int rc = 0;

	if (!p)
		return err_nomem(err);
	p->opts = *opts;
	p->parts.readers = readers;
	p->base = wanted_bases(readers);
	if (!p->base)
		rc = err_nomem(err);
	else if (opts->file)
		rc = file_load(opts->file, &p->parts, err);
	else if (!opts->no_cache)
		rc = cache_open(readers, &p->cache, err);
	if (rc) {
		profile_destroy(p);
		return rc;
	}
	*out = p;
	return 0;
}

int profile_open(struct profile *p, const struct profile_image *img,
		 struct err *err)
{
	int rc = 0;

	p->text = img->text;
	p->opened = true;
	if (p->opts.file)
		return from_file(p, img, err);
	if (p->cache && !p->renewed) {
		p->source = PROFILE_CACHE;
		rc = cache_find(p->cache, img, &p->parts, &p->fresh, err);
		cache_forget(p->cache);
	}
	if (rc)
		return rc < 0 ? rc : 0;
	return from_guest(p, img, err);
}

int profile_renew(struct profile *p, struct err *err)
{
	if (!p->opened)
		return 0;
	if (p->opts.file)
		return err_set(
			err, ERR_REFUSED,
			"the profile is %s, which was that of the kernel "
			"before",
			p->opts.file);
	parts_deinit(&p->parts);
	p->typeless = (struct err){0};
	*p->note = '\0';
	p->fresh = false;
	p->renewed = true;
	return 0;
}

size_t profile_roots(const struct profile *p, const struct machine *m,
		     struct profile_root roots[PROFILE_ROOTS])
{
	return p->cache ? cache_roots(p->cache, m, roots, PROFILE_ROOTS) : 0;
}

int profile_knows(const struct profile *p, const struct profile_image *img,
		  struct err *err)
{
	return p->cache ? cache_knows(p->cache, img, err) : 0;
}

void profile_remember_root(struct profile *p, const struct walk_root *root)
{
	struct proof_boot *boot, old;

	if (!p->parts.proof.have || p->parts.boot >= PROOF_BOOTS)
		return;
	boot = &p->parts.proof.boot[p->parts.boot];
	old = *boot;
	proof_set_root(boot, root);
	p->fresh |= boot->pgd != old.pgd;
}

bool profile_keep(struct profile *p)
{
	/* What nothing binds to its bytes is of no use to any later attach. */
	bool can = p->cache && p->parts.proof.have;
	struct err err = {0};

	if (can && p->fresh && cache_store(p->cache, &p->parts, &err))
		snprintf(p->note, sizeof(p->note), "profile not cached: %s",
			 err.text);
	p->fresh &= !can;
	return can && !*p->note;
}

void profile_destroy(struct profile *p)
{
	if (!p)
		return;
	cache_close(p->cache);
	parts_deinit(&p->parts);
	free(p->base);
	free(p);
}

int profile_save(const struct profile *p, int dirfd, const char *name,
		 struct err *err)
{
	struct parts saved = p->parts;

	if (p->typeless.code)
		return err_pass(err, &p->typeless);
	saved.proof = (struct proof){0}; /* only the cache has use for it */
	return store_write(&saved, dirfd, name, err);
}

int profile_dir(const struct profile *p)
{
	return p->cache ? cache_dir(p->cache) : -1;
}

const struct parts *profile_parts(const struct profile *p, uint64_t *text)
{
	*text = p->text;
	return &p->parts;
}

enum profile_source profile_source(const struct profile *p)
{
	return p->source;
}

const char *profile_note(const struct profile *p)
{
	return *p->note ? p->note : NULL;
}

uint64_t profile_slide(const struct profile *p)
{
	return p->text -
	       (p->parts.link_text ? p->parts.link_text : IMAGE_LINK_TEXT);
}

bool profile_symbol(const struct profile *p, const char *name, uint64_t *va)
{
	struct symtab_symbol sym;

	if (!symtab_find(&p->parts.sym, name, &sym))
		return false;
	*va = sym.absolute ? sym.value : p->text + sym.value;
	return true;
}

size_t profile_named(const struct profile *p, const char *name,
		     struct profile_named out[PROFILE_NAMED])
{
	const struct symtab *s = &p->parts.sym;
	uint32_t entries[PROFILE_NAMED];
	size_t n = symtab_named(s, name, entries, PROFILE_NAMED), i;

	for (i = 0; i < n && i < PROFILE_NAMED; i++) {
		out[i].name = symtab_name(s, entries[i]);
		out[i].va = s->entries[entries[i]].value +
			    (entries[i] < s->n_absolute ? 0 : p->text);
	}
	return n;
}

bool profile_next_symbol(const struct profile *p, uint64_t va, uint64_t *next)
{
	const struct symtab *s = &p->parts.sym;
	struct symtab_symbol sym = symtab_classify(va, p->text);
	uint32_t i = symtab_above(s, sym.value, sym.absolute);

	if (i >= (sym.absolute ? s->n_absolute : s->n))
		return false;
	*next = sym.absolute ? s->entries[i].value
			     : p->text + s->entries[i].value;
	return true;
}

/*
 * In the range of per-CPU templates (6.15 and later; docs/facts/kernel.md,
 * "Per-CPU variables") names are those of variables that live elsewhere.
 */
static bool in_percpu(const struct parts *p, uint64_t offset)
{
	struct image_span span = {0};

	parts_span(p, "__per_cpu_start", "__per_cpu_end", SYMTAB_IMAGE_MAX,
		   &span);
	return offset - span.offset < span.len;
}

bool profile_nearest(const struct profile *p, uint64_t va, const char **name,
		     uint64_t *offset)
{
	const struct symtab *s = &p->parts.sym;
	uint64_t at = va - p->text, end = 0;
	uint32_t i = symtab_above(s, at, false);

	if (i == s->n_absolute || at >= SYMTAB_IMAGE_MAX)
		return false;
	if (parts_symbol(&p->parts, "_end", &end)
		    ? at >= end
		    : at - s->entries[i - 1].value > NEAR)
		return false;
	if (in_percpu(&p->parts, at))
		i = names_find(s, i - 1, "__per_cpu_start");
	else
		i = names_best(s, i - 1);
	*name = symtab_name(s, i);
	*offset = at - s->entries[i].value;
	return true;
}

static const struct wanted_value *value_of(const struct profile *p, uint32_t id)
{
	return &p->parts.values.v[p->base[WANTS_READER(id)] + WANTS_INDEX(id)];
}

const struct profile_field *profile_field(const struct profile *p, uint32_t id)
{
	return &value_of(p, id)->field;
}

uint32_t profile_sizeof(const struct profile *p, uint32_t id)
{
	return value_of(p, id)->field.size;
}

bool profile_constant(const struct profile *p, uint32_t id, int64_t *value)
{
	const struct wanted_value *v = value_of(p, id);

	if (v->field.present)
		*value = v->constant;
	return v->field.present;
}

/* The words of an error, for which the BTF is looked at once more. */
static const char *why_lacking(const struct parts *p)
{
	struct btf btf;
	bool cut;

	if (!p->btf || btf_init(&btf, p->btf, p->btf_len, NULL))
		return "";
	cut = btf.cut;
	btf_deinit(&btf);
	return cut ? WANTED_CUT : "";
}

int profile_check_types(const struct profile *p, struct err *err)
{
	return p->typeless.code ? err_pass(err, &p->typeless) : 0;
}

int profile_unknown(const struct profile *p, const char *words, struct err *err)
{
	int rc = profile_check_types(p, err);

	return rc ? rc : err_set(err, ERR_NO_LINUX, "%s", words);
}

const char *profile_keeps(const struct profile *p)
{
	return p->typeless.code ? "by types that are not known"
				: "in no way that is known";
}

int profile_check_reader(const struct profile *p, uint32_t reader,
			 struct err *err)
{
	_cleanup_(buf_deinit) struct buf list = {0};
	const struct wants *wants = p->parts.readers->v[reader];
	int rc;

	wanted_lacking(wants, value_of(p, WANTS_OF(reader)), &list);
	if (list.oom)
		return err_nomem(err);
	rc = list.len ? profile_check_types(p, err) : 0;
	if (rc || !list.len)
		return rc;
	return err_set(err, ERR_NO_LINUX,
		       "%s cannot be read: types of this kernel lack %s%s",
		       wants->reader, list.data, why_lacking(&p->parts));
}
