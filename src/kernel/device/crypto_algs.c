/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the algorithms of the crypto API. */
#include "kernel/device/crypto_algs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/device/crypto_values.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/code/symbols.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_ALG_LIST = WANTS_OF(READER_CRYPTO_ALGS),
	FIELD_ALG_FLAGS,
	FIELD_ALG_BLOCKSIZE,
	FIELD_ALG_PRIORITY,
	FIELD_ALG_REFS,
	FIELD_ALG_NAME,
	FIELD_ALG_DRIVER,
	FIELD_ALG_TYPE,
	FIELD_ALG_MODULE,
	FIELD_CIPHER_MIN,
	FIELD_CIPHER_MAX,
	FIELD_TYPE_SHOW,
	FIELD_MODULE_NAME,
	STRUCT_COMPRESS,
	STRUCT_LSK
};

static const struct want want_table[] = {
	FIELD(ALG_LIST, "crypto_alg", REQUIRED, "cra_list"),
	FIELD(ALG_FLAGS, "crypto_alg", REQUIRED, "cra_flags"),
	FIELD(ALG_BLOCKSIZE, "crypto_alg", REQUIRED, "cra_blocksize"),
	FIELD(ALG_PRIORITY, "crypto_alg", REQUIRED, "cra_priority"),
	FIELD(ALG_REFS, "crypto_alg", REQUIRED, "cra_refcnt"),
	FIELD(ALG_NAME, "crypto_alg", REQUIRED, "cra_name"),
	FIELD(ALG_DRIVER, "crypto_alg", REQUIRED, "cra_driver_name"),
	FIELD(ALG_TYPE, "crypto_alg", REQUIRED, "cra_type"),
	FIELD(ALG_MODULE, "crypto_alg", REQUIRED, "cra_module"),
	FIELD(CIPHER_MIN, "crypto_alg", OPTIONAL,
	      "cra_u.cipher.cia_min_keysize"),
	FIELD(CIPHER_MAX, "crypto_alg", OPTIONAL,
	      "cra_u.cipher.cia_max_keysize"),
	FIELD(TYPE_SHOW, "crypto_type", REQUIRED, "show"),
	FIELD(MODULE_NAME, "module", OPTIONAL, "name"),
	STRUCT(COMPRESS, "compress_alg", OPTIONAL), /* up to 6.14 */
	STRUCT(LSK, "lskcipher_alg", OPTIONAL),	    /* 6.7 */
};

const struct wants crypto_algs_wants = {.reader = "crypto algorithms",
					.v = want_table,
					.n = WANTS_N(want_table)};

static const uint32_t alg_fields[] = {
	FIELD_ALG_FLAGS,  FIELD_ALG_BLOCKSIZE, FIELD_ALG_PRIORITY,
	FIELD_ALG_REFS,	  FIELD_ALG_NAME,      FIELD_ALG_DRIVER,
	FIELD_ALG_TYPE,	  FIELD_ALG_MODULE,    FIELD_CIPHER_MIN,
	FIELD_CIPHER_MAX,
};

/* TYPE_MASK of flags. */
enum {
	TYPE_CIPHER = 1,
	TYPE_COMPRESS = 2
};

/* Functions that show each kind (crypto/shash.c, crypto_shash_show()...). */
static const char *const shows[CRYPTO_KINDS] = {
	[CRYPTO_SHASH] = "crypto_shash_show",
	[CRYPTO_AHASH] = "crypto_ahash_show",
	[CRYPTO_SKCIPHER] = "crypto_skcipher_show",
	[CRYPTO_LSKCIPHER] = "crypto_lskcipher_show",
	[CRYPTO_AEAD] = "crypto_aead_show",
	[CRYPTO_RNG] = "crypto_rng_show",
	[CRYPTO_ACOMP] = "crypto_acomp_show",
	[CRYPTO_SCOMP] = "crypto_scomp_show",
	[CRYPTO_AKCIPHER] = "crypto_akcipher_show",
	[CRYPTO_KPP] = "crypto_kpp_show",
	[CRYPTO_SIG] = "crypto_sig_show",
};

/* All algorithms, and what is read of each. */
struct alg_work {
	struct kernel *k;
	size_t n;
	uint64_t *at;
	struct records algs;
	struct crypto_algs *out;
	struct remarks *remarks;
};

static void alg_work_deinit(struct alg_work *w)
{
	free(w->at);
	records_deinit(&w->algs);
}

static int alg_work_find(struct alg_work *w, struct err *err)
{
	uint32_t offset = profile_field(w->k->profile, FIELD_ALG_LIST)->offset;
	struct list list = {.most = CRYPTO_ALGS_MAX};
	int rc = 0;

	if (!profile_symbol(w->k->profile, "crypto_alg_list", &list.head))
		return profile_unknown(w->k->profile,
				       "crypto algorithms are kept in no way "
				       "that is known",
				       err);
	rc = lists_read(w->k, &list, 1, err);
	if (!rc && (list.torn || list.cut))
		remarks_add(w->remarks,
			    "the list of crypto algorithms is torn");
	if (!rc) {
		w->at = lists_objects(&list, 1, offset, &w->n);
		rc = w->at ? records_read(w->k, w->at, w->n, alg_fields,
					  WANTS_N(alg_fields), &w->algs, err)
			   : err_nomem(err);
	}
	list_deinit(&list);
	return rc;
}

/* A string that lies in the object itself. */
static void alg_text(const struct records *r, size_t i, uint32_t field,
		     char *text, size_t size)
{
	const uint8_t *bytes = records_bytes(r, i, field);
	size_t n = records_size(r, field);

	if (bytes)
		snprintf(text, size, "%.*s", (int)(n < size ? n : size - 1),
			 (const char *)bytes);
}

static int alg_work_take(struct alg_work *w, struct err *err)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		const struct records *r = &w->algs;
		struct crypto_alg a = {
			.module = "kernel",
			.flags = (uint32_t)records_u64(r, i, FIELD_ALG_FLAGS),
			.blocksize = (uint32_t)records_u64(r, i,
							   FIELD_ALG_BLOCKSIZE),
			.priority =
				(int32_t)records_u64(r, i, FIELD_ALG_PRIORITY),
			.refs = (uint32_t)records_u64(r, i, FIELD_ALG_REFS),
			.kind = CRYPTO_UNKNOWN,
			.torn = !r->ok[i],
		};

		if (a.torn)
			remarks_add(w->remarks,
				    "the crypto algorithm at 0x%" PRIx64
				    " cannot be read",
				    w->at[i]);
		alg_text(r, i, FIELD_ALG_NAME, a.name, sizeof(a.name));
		alg_text(r, i, FIELD_ALG_DRIVER, a.driver, sizeof(a.driver));
		if (vec_push(&w->out->v, a))
			return err_nomem(err);
	}
	return 0;
}

/* Without a function that shows it (c_show(), crypto/proc.c). */
static enum crypto_kind kind_by_flags(const struct kernel *k,
				      const struct crypto_alg *a)
{
	uint32_t type = a->flags & CRYPTO_TYPE_MASK;

	if (type == TYPE_CIPHER)
		return CRYPTO_CIPHER;
	if (type == TYPE_COMPRESS &&
	    profile_sizeof(k->profile, STRUCT_COMPRESS))
		return CRYPTO_COMPRESSION;
	return CRYPTO_UNKNOWN;
}

/* What is in the struct crypto_alg of a cipher itself. */
static void alg_cipher(const struct records *r, size_t i, struct crypto_alg *a)
{
	a->values[CRYPTO_MIN_KEY] =
		(uint32_t)records_u64(r, i, FIELD_CIPHER_MIN);
	a->values[CRYPTO_MAX_KEY] =
		(uint32_t)records_u64(r, i, FIELD_CIPHER_MAX);
	a->known[CRYPTO_MIN_KEY] = a->known[CRYPTO_MAX_KEY] =
		records_have(r, FIELD_CIPHER_MIN);
}

static enum crypto_kind kind_by_name(const char *show)
{
	size_t i;

	for (i = 0; i < CRYPTO_KINDS && show; i++)
		if (shows[i] && !strcmp(show, shows[i]))
			return (enum crypto_kind)i;
	return CRYPTO_OTHER;
}

/* What each is, by the function at show[i]; those are named in one go. */
static int alg_work_name(struct alg_work *w, const uint64_t *show,
			 struct err *err)
{
	_cleanup_free_ struct symbol *named = calloc(w->n + 1, sizeof(*named));
	struct symbols symbols;
	size_t i;
	int rc;

	symbols_init(&symbols, w->k);
	rc = named ? symbols_at(&symbols, show, w->n, named, err)
		   : err_nomem(err);
	for (i = 0; i < w->n && !rc; i++) {
		struct crypto_alg *a = &w->out->v.v[i];

		a->kind = show[i] ? kind_by_name(named[i].name)
				  : kind_by_flags(w->k, a);
		if (a->kind == CRYPTO_CIPHER)
			alg_cipher(&w->algs, i, a);
		if (a->kind == CRYPTO_OTHER && !(a->flags & CRYPTO_LARVAL))
			remarks_add(w->remarks,
				    "what the function at 0x%" PRIx64
				    " shows of a crypto algorithm is not known",
				    show[i]);
	}
	symbols_deinit(&symbols);
	return rc;
}

/* Types and modules. */
static int alg_work_kinds(struct alg_work *w, struct err *err)
{
	static const uint32_t show[] = {FIELD_TYPE_SHOW};
	static const uint32_t name[] = {FIELD_MODULE_NAME};
	_cleanup_free_ uint64_t *types = calloc(w->n + 1, sizeof(*types));
	_cleanup_free_ uint64_t *modules = calloc(w->n + 1, sizeof(*modules));
	struct records_want wants[] = {{types, w->n, show, 1},
				       {modules, w->n, name, 1}};
	struct records r[2] = {{0}};
	size_t i;
	int rc;

	if (!types || !modules)
		return err_nomem(err);
	for (i = 0; i < w->n; i++) {
		types[i] = records_u64(&w->algs, i, FIELD_ALG_TYPE);
		modules[i] = records_u64(&w->algs, i, FIELD_ALG_MODULE);
	}
	rc = records_read_all(w->k, wants, 2, r, err);
	for (i = 0; i < w->n && !rc; i++) {
		struct crypto_alg *a = &w->out->v.v[i];

		if ((types[i] && !r[0].ok[i]) || (modules[i] && !r[1].ok[i]))
			remarks_add(w->remarks,
				    "what the crypto algorithm at 0x%" PRIx64
				    " is of cannot be read",
				    w->at[i]);
		if (modules[i])
			alg_text(&r[1], i, FIELD_MODULE_NAME, a->module,
				 sizeof(a->module));
		types[i] = records_u64(&r[0], i, FIELD_TYPE_SHOW);
	}
	if (!rc)
		rc = alg_work_name(w, types, err);
	records_deinit(&r[0]);
	records_deinit(&r[1]);
	return rc;
}

static int alg_work_values(struct alg_work *w, struct err *err)
{
	struct crypto_alg *algs = w->out->v.v;
	size_t i;
	int rc = crypto_values_read(w->k, w->at, w->n, algs, err);

	for (i = 0; i < w->n && !rc; i++)
		if (algs[i].unread)
			remarks_add(w->remarks,
				    "numbers of the crypto algorithm at "
				    "0x%" PRIx64 " cannot be read",
				    w->at[i]);
	return rc;
}

/* Since 6.4 a line tells of FIPS, while that is on. */
static int alg_work_fips(struct alg_work *w, struct err *err)
{
	struct variable fips = {.name = "fips_enabled", .size = 4};
	int rc = variables_read(w->k, &fips, 1, err);

	w->out->fips = fips.value;
	w->out->fips_told = profile_sizeof(w->k->profile, STRUCT_LSK);
	if (!rc && w->out->fips && !w->out->fips_told)
		remarks_add(w->remarks, "whether this kernel tells of FIPS is "
					"not known");
	return rc;
}

int crypto_algs_read(struct kernel *k, struct crypto_algs *out,
		     struct remarks *remarks, struct err *err)
{
	_cleanup_(alg_work_deinit) struct alg_work w = {
		.k = k, .out = out, .remarks = remarks};
	int rc = profile_check_reader(k->profile, READER_CRYPTO_ALGS, err);

	if (!rc)
		rc = alg_work_find(&w, err);
	if (!rc)
		rc = alg_work_take(&w, err);
	if (!rc)
		rc = alg_work_kinds(&w, err);
	if (!rc)
		rc = alg_work_values(&w, err);
	return rc ? rc : alg_work_fips(&w, err);
}

void crypto_algs_deinit(struct crypto_algs *a)
{
	vec_deinit(&a->v);
}
