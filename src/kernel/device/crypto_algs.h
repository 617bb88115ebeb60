/* SPDX-License-Identifier: BSD-2-Clause */
/* Algorithms that are registered with the kernel's crypto API. */
#ifndef KERNEL_CRYPTO_ALGS_H
#define KERNEL_CRYPTO_ALGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

/* Flags (include/linux/crypto.h, the same in all versions). */
#define CRYPTO_TYPE_MASK     0xfu
#define CRYPTO_LARVAL	     (1u << 4)
#define CRYPTO_ASYNC	     (1u << 7)
#define CRYPTO_TESTED	     (1u << 10)
#define CRYPTO_INTERNAL	     (1u << 13)
#define CRYPTO_FIPS_INTERNAL (1u << 17) /* 5.17 */

/* What they are; by the function of their type that shows them. */
enum crypto_kind {
	CRYPTO_SHASH,
	CRYPTO_AHASH,
	CRYPTO_SKCIPHER,
	CRYPTO_LSKCIPHER, /* 6.7 */
	CRYPTO_AEAD,
	CRYPTO_RNG,
	CRYPTO_ACOMP,
	CRYPTO_SCOMP,
	CRYPTO_AKCIPHER,
	CRYPTO_KPP,
	CRYPTO_SIG, /* 6.5 */
	/* These have none. */
	CRYPTO_CIPHER,
	CRYPTO_COMPRESSION, /* up to 6.14 */
	CRYPTO_UNKNOWN,
	CRYPTO_KINDS,
	/* It has such a function, and that is another one. */
	CRYPTO_OTHER
};

/* Numbers that some kinds have. */
enum crypto_value {
	CRYPTO_MIN_KEY,
	CRYPTO_MAX_KEY,
	CRYPTO_IV,
	CRYPTO_CHUNK,
	CRYPTO_WALK,
	CRYPTO_STATE,
	CRYPTO_DIGEST,
	CRYPTO_MAX_AUTH,
	CRYPTO_SEED,
	CRYPTO_VALUES
};

/* CRYPTO_MAX_ALG_NAME; and room for MODULE_NAME_LEN (kernel/code/modules.h). */
#define CRYPTO_NAME   128
#define CRYPTO_MODULE 64

struct crypto_alg {
	char name[CRYPTO_NAME + 1], driver[CRYPTO_NAME + 1]; /* raw bytes */
	char module[CRYPTO_MODULE + 1]; /* "kernel": the image */
	int32_t priority;
	uint32_t refs, flags, blocksize;
	enum crypto_kind kind;
	uint32_t values[CRYPTO_VALUES];
	bool torn;   /* it cannot be read, and there is nothing of it */
	bool unread; /* its numbers cannot be read */
	bool known[CRYPTO_VALUES]; /* this kernel has such, and it was read */
};

struct crypto_algs {
	VEC(struct crypto_alg) v; /* in the order of the kernel's list */
	/* fips_enabled, and whether the kernel is known to tell of it. */
	bool fips, fips_told;
};

/*
 * Read them (crypto_alg_list: docs/facts/kernel.md, "Registers of the kernel"):
 * a batch for every two of them, and a few more.  ERR_NO_LINUX: kept in no way
 * that is known; damage is in the remarks.  The caller frees with
 * crypto_algs_deinit(), also after an error.
 */
int crypto_algs_read(struct kernel *k, struct crypto_algs *out,
		     struct remarks *remarks, struct err *err);
void crypto_algs_deinit(struct crypto_algs *a);

#endif
