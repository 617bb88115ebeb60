/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that kinds of crypto algorithms have. */
#ifndef KERNEL_CRYPTO_VALUES_H
#define KERNEL_CRYPTO_VALUES_H

#include "kernel/device/crypto_algs.h"

/*
 * Fill in values and known of n algorithms whose kinds are known, and whose
 * struct crypto_alg are at addrs: one batch for all of them
 * (include/crypto/hash.h, skcipher.h, aead.h, rng.h).
 */
int crypto_values_read(struct kernel *k, const uint64_t *addrs, size_t n,
		       struct crypto_alg *algs, struct err *err);

#endif
