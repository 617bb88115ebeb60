/* SPDX-License-Identifier: BSD-2-Clause */
/* SipHash-2-4 of one number. */
#include "base/siphash.h"

static uint64_t rotate_left(uint64_t value, unsigned int bits)
{
	return value << bits | value >> (64 - bits);
}

static void siphash_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate_left(v[1], 13) ^ v[0];
	v[0] = rotate_left(v[0], 32);
	v[2] += v[3];
	v[3] = rotate_left(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate_left(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate_left(v[1], 17) ^ v[2];
	v[2] = rotate_left(v[2], 32);
}

/* A block of the message: two rounds. */
static void siphash_block(uint64_t v[4], uint64_t block)
{
	v[3] ^= block;
	siphash_round(v);
	siphash_round(v);
	v[0] ^= block;
}

uint64_t siphash_u64(uint64_t value, const uint64_t key[2])
{
	/* "somepseudorandomlygeneratedbytes" */
	uint64_t v[4] = {
		key[0] ^ 0x736f6d6570736575ULL, key[1] ^ 0x646f72616e646f6dULL,
		key[0] ^ 0x6c7967656e657261ULL, key[1] ^ 0x7465646279746573ULL};
	unsigned int i;

	siphash_block(v, value);
	siphash_block(v, 8ULL << 56); /* nothing is left, of 8 bytes */
	v[2] ^= 0xff;
	for (i = 0; i < 4; i++)
		siphash_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
