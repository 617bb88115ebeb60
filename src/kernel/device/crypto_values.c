/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads numbers that kinds of crypto algorithms have. */
#include "kernel/device/crypto_values.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_SHASH_BASE = WANTS_OF(READER_CRYPTO_VALUES),
	FIELD_SHASH_DIGEST,
	FIELD_HASH_BASE,
	FIELD_HASH_DIGEST,
	FIELD_SK_BASE,
	FIELD_SK_MIN,
	FIELD_SK_MAX,
	FIELD_SK_IV,
	FIELD_SK_CHUNK,
	FIELD_SK_WALK,
	FIELD_SK_STATE,
	FIELD_LSK_BASE,
	FIELD_LSK_MIN,
	FIELD_LSK_MAX,
	FIELD_LSK_IV,
	FIELD_LSK_CHUNK,
	FIELD_LSK_STATE,
	FIELD_AEAD_BASE,
	FIELD_AEAD_IV,
	FIELD_AEAD_AUTH,
	FIELD_RNG_BASE,
	FIELD_RNG_SEED
};

static const struct want want_table[] = {
	FIELD(SHASH_BASE, "shash_alg", OPTIONAL, "base"),
	FIELD(SHASH_DIGEST, "shash_alg", OPTIONAL, "digestsize"),
	FIELD(HASH_BASE, "hash_alg_common", OPTIONAL, "base"),
	FIELD(HASH_DIGEST, "hash_alg_common", OPTIONAL, "digestsize"),
	FIELD(SK_BASE, "skcipher_alg", OPTIONAL, "base"),
	FIELD(SK_MIN, "skcipher_alg", OPTIONAL, "min_keysize"),
	FIELD(SK_MAX, "skcipher_alg", OPTIONAL, "max_keysize"),
	FIELD(SK_IV, "skcipher_alg", OPTIONAL, "ivsize"),
	FIELD(SK_CHUNK, "skcipher_alg", OPTIONAL, "chunksize"),
	FIELD(SK_WALK, "skcipher_alg", OPTIONAL, "walksize"),
	FIELD(SK_STATE, "skcipher_alg", OPTIONAL, "statesize"), /* 6.8 */
	FIELD(LSK_BASE, "lskcipher_alg", OPTIONAL, "co.base"),
	FIELD(LSK_MIN, "lskcipher_alg", OPTIONAL, "co.min_keysize"),
	FIELD(LSK_MAX, "lskcipher_alg", OPTIONAL, "co.max_keysize"),
	FIELD(LSK_IV, "lskcipher_alg", OPTIONAL, "co.ivsize"),
	FIELD(LSK_CHUNK, "lskcipher_alg", OPTIONAL, "co.chunksize"),
	FIELD(LSK_STATE, "lskcipher_alg", OPTIONAL, "co.statesize"),
	FIELD(AEAD_BASE, "aead_alg", OPTIONAL, "base"),
	FIELD(AEAD_IV, "aead_alg", OPTIONAL, "ivsize"),
	FIELD(AEAD_AUTH, "aead_alg", OPTIONAL, "maxauthsize"),
	FIELD(RNG_BASE, "rng_alg", OPTIONAL, "base"),
	FIELD(RNG_SEED, "rng_alg", OPTIONAL, "seedsize"),
};

const struct wants crypto_values_wants = {
	.reader = "numbers of crypto algorithms",
	.v = want_table,
	.n = WANTS_N(want_table)};

#define KIND_VALUES 6

/* Where the struct crypto_alg is in that of a kind, and what else that has. */
static const struct kind {
	uint32_t base; /* 0: nothing more */
	struct {
		enum crypto_value value;
		uint32_t field;
	} v[KIND_VALUES]; /* up to one without a field */
} kinds[CRYPTO_KINDS] = {
	[CRYPTO_SHASH] = {FIELD_SHASH_BASE,
			  {{CRYPTO_DIGEST, FIELD_SHASH_DIGEST}}},
	[CRYPTO_AHASH] = {FIELD_HASH_BASE,
			  {{CRYPTO_DIGEST, FIELD_HASH_DIGEST}}},
	[CRYPTO_SKCIPHER] = {FIELD_SK_BASE,
			     {{CRYPTO_MIN_KEY, FIELD_SK_MIN},
			      {CRYPTO_MAX_KEY, FIELD_SK_MAX},
			      {CRYPTO_IV, FIELD_SK_IV},
			      {CRYPTO_CHUNK, FIELD_SK_CHUNK},
			      {CRYPTO_WALK, FIELD_SK_WALK},
			      {CRYPTO_STATE, FIELD_SK_STATE}}},
	[CRYPTO_LSKCIPHER] = {FIELD_LSK_BASE,
			      {{CRYPTO_MIN_KEY, FIELD_LSK_MIN},
			       {CRYPTO_MAX_KEY, FIELD_LSK_MAX},
			       {CRYPTO_IV, FIELD_LSK_IV},
			       {CRYPTO_CHUNK, FIELD_LSK_CHUNK},
			       {CRYPTO_STATE, FIELD_LSK_STATE}}},
	[CRYPTO_AEAD] = {FIELD_AEAD_BASE,
			 {{CRYPTO_IV, FIELD_AEAD_IV},
			  {CRYPTO_MAX_AUTH, FIELD_AEAD_AUTH}}},
	[CRYPTO_RNG] = {FIELD_RNG_BASE, {{CRYPTO_SEED, FIELD_RNG_SEED}}},
};

/* All algorithms, and where they are. */
struct value_work {
	struct kernel *k;
	const uint64_t *at;
	size_t n;
	struct crypto_alg *algs;
};

/* Where the structs of a kind are; 0 for the others. */
static void kind_addrs(const struct value_work *w, size_t kind, uint64_t *at)
{
	const struct profile_field *base =
		profile_field(w->k->profile, kinds[kind].base);
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->algs[i].kind == kind && base->present)
			at[i] = w->at[i] - base->offset;
}

static void kind_take(const struct value_work *w, size_t kind,
		      const struct records *r, size_t j)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		struct crypto_alg *a = &w->algs[i];
		enum crypto_value to = kinds[kind].v[j].value;
		uint32_t field = kinds[kind].v[j].field;

		if (a->kind != kind)
			continue;
		a->unread |= !r->ok[i];
		a->known[to] = r->ok[i] && records_have(r, field);
		a->values[to] = (uint32_t)records_u64(r, i, field);
	}
}

/* Numbers that kinds have, all of them in one batch. */
int crypto_values_read(struct kernel *k, const uint64_t *addrs, size_t n,
		       struct crypto_alg *algs, struct err *err)
{
	const struct value_work w = {k, addrs, n, algs};
	_cleanup_free_ uint64_t *at = calloc(CRYPTO_KINDS * n + 1, sizeof(*at));
	uint32_t fields[CRYPTO_KINDS][KIND_VALUES] = {{0}};
	struct records_want wants[CRYPTO_KINDS] = {{0}};
	struct records r[CRYPTO_KINDS] = {{0}};
	size_t i, j;
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < CRYPTO_KINDS; i++) {
		if (!kinds[i].base)
			continue;
		wants[i] = (struct records_want){
			.addrs = at + i * n, .n = n, .fields = fields[i]};
		for (j = 0; j < KIND_VALUES && kinds[i].v[j].field; j++)
			fields[i][j] = kinds[i].v[j].field;
		wants[i].n_fields = j;
		kind_addrs(&w, i, at + i * n);
	}
	rc = records_read_all(k, wants, CRYPTO_KINDS, r, err);
	for (i = 0; i < CRYPTO_KINDS; i++) {
		for (j = 0; j < wants[i].n_fields && !rc; j++)
			kind_take(&w, i, &r[i], j);
		records_deinit(&r[i]);
	}
	return rc;
}
