/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/crypto (crypto/proc.c, c_show(), and what shows each type). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/device/crypto_algs.h"
#include "proc/proc.h"

static int crypto_read(struct kernel *k, struct proc_values *out,
		       struct err *err)
{
	struct crypto_algs *all = calloc(1, sizeof(*all));
	struct remarks remarks = {0};
	int rc;

	out->own = all;
	if (!all)
		return err_nomem(err);
	rc = crypto_algs_read(k, all, &remarks, err);
	out->parts->records = all->v.n;
	proc_part_remarks(out->parts, &remarks);
	remarks_deinit(&remarks);
	return rc;
}

/* What else there can be in a line. */
enum {
	LINE_END = CRYPTO_VALUES,
	LINE_ASYNC,
	LINE_BLOCKSIZE,
	LINE_GENIV
};

#define LINES 9

/* What each kind shows, in that order, up to an end. */
static const struct {
	const char *type;
	uint8_t lines[LINES];
} kinds[CRYPTO_KINDS] = {
	[CRYPTO_SHASH] = {"shash", {LINE_BLOCKSIZE, CRYPTO_DIGEST, LINE_END}},
	[CRYPTO_AHASH] = {"ahash",
			  {LINE_ASYNC, LINE_BLOCKSIZE, CRYPTO_DIGEST,
			   LINE_END}},
	[CRYPTO_SKCIPHER] = {"skcipher",
			     {LINE_ASYNC, LINE_BLOCKSIZE, CRYPTO_MIN_KEY,
			      CRYPTO_MAX_KEY, CRYPTO_IV, CRYPTO_CHUNK,
			      CRYPTO_WALK, CRYPTO_STATE, LINE_END}},
	[CRYPTO_LSKCIPHER] = {"lskcipher",
			      {LINE_BLOCKSIZE, CRYPTO_MIN_KEY, CRYPTO_MAX_KEY,
			       CRYPTO_IV, CRYPTO_CHUNK, CRYPTO_STATE,
			       LINE_END}},
	[CRYPTO_AEAD] = {"aead",
			 {LINE_ASYNC, LINE_BLOCKSIZE, CRYPTO_IV,
			  CRYPTO_MAX_AUTH, LINE_GENIV, LINE_END}},
	[CRYPTO_RNG] = {"rng", {CRYPTO_SEED, LINE_END}},
	[CRYPTO_ACOMP] = {"acomp", {LINE_END}},
	[CRYPTO_SCOMP] = {"scomp", {LINE_END}},
	[CRYPTO_AKCIPHER] = {"akcipher", {LINE_END}},
	[CRYPTO_KPP] = {"kpp", {LINE_END}},
	[CRYPTO_SIG] = {"sig", {LINE_END}},
	[CRYPTO_CIPHER] = {"cipher",
			   {LINE_BLOCKSIZE, CRYPTO_MIN_KEY, CRYPTO_MAX_KEY,
			    LINE_END}},
	[CRYPTO_COMPRESSION] = {"compression", {LINE_END}},
	[CRYPTO_UNKNOWN] = {"unknown", {LINE_END}},
};

static const char *const names[CRYPTO_VALUES] = {
	[CRYPTO_MIN_KEY] = "min keysize", [CRYPTO_MAX_KEY] = "max keysize",
	[CRYPTO_IV] = "ivsize",		  [CRYPTO_CHUNK] = "chunksize",
	[CRYPTO_WALK] = "walksize",	  [CRYPTO_STATE] = "statesize",
	[CRYPTO_DIGEST] = "digestsize",	  [CRYPTO_MAX_AUTH] = "maxauthsize",
	[CRYPTO_SEED] = "seedsize",
};

static void crypto_put(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%-13s: %s\n", name, value);
}

static void crypto_put_number(struct buf *out, const char *name, uint32_t value)
{
	buf_printf(out, "%-13s: %" PRIu32 "\n", name, value);
}

static const char *yes(uint32_t flag)
{
	return flag ? "yes" : "no";
}

static void crypto_put_kind(const struct crypto_alg *a, struct buf *out)
{
	const uint8_t *line = kinds[a->kind].lines;

	crypto_put(out, "type", kinds[a->kind].type);
	for (; *line != LINE_END; line++)
		if (*line == LINE_ASYNC)
			crypto_put(out, "async", yes(a->flags & CRYPTO_ASYNC));
		else if (*line == LINE_BLOCKSIZE)
			crypto_put_number(out, "blocksize", a->blocksize);
		else if (*line == LINE_GENIV)
			crypto_put(out, "geniv", "<none>");
		else if (a->known[*line])
			crypto_put_number(out, names[*line], a->values[*line]);
}

static void crypto_text(const struct proc_values *v, size_t i, size_t record,
			struct buf *out)
{
	const struct crypto_algs *all = v->own;
	const struct crypto_alg *a = &all->v.v[record];

	(void)i;
	if (a->torn)
		return;
	crypto_put(out, "name", a->name);
	crypto_put(out, "driver", a->driver);
	crypto_put(out, "module", a->module);
	buf_printf(out, "%-13s: %" PRId32 "\n", "priority", a->priority);
	crypto_put_number(out, "refcnt", a->refs);
	crypto_put(out, "selftest",
		   a->flags & CRYPTO_TESTED ? "passed" : "unknown");
	crypto_put(out, "internal", yes(a->flags & CRYPTO_INTERNAL));
	if (all->fips && all->fips_told)
		crypto_put(out, "fips",
			   yes(!(a->flags & CRYPTO_FIPS_INTERNAL)));
	if (a->flags & CRYPTO_LARVAL) {
		crypto_put(out, "type", "larval");
		buf_printf(out, "%-13s: 0x%" PRIx32 "\n", "flags", a->flags);
	} else if (a->kind != CRYPTO_OTHER) {
		crypto_put_kind(a, out);
	}
	buf_puts(out, "\n");
}

static void crypto_deinit(struct proc_values *v)
{
	crypto_algs_deinit(v->own);
	free(v->own);
}

const struct proc_file proc_crypto = {
	.name = "crypto",
	.scope = PROC_SYSTEM,
	.needs = "crypto_init_proc",
	.read = crypto_read,
	.text = crypto_text,
	.deinit = crypto_deinit,
};
