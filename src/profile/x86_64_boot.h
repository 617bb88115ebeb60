/* SPDX-License-Identifier: BSD-2-Clause */
/* What tells one boot of Linux on x86-64 from the next: its top page table. */
#ifndef PROFILE_X86_64_BOOT_H
#define PROFILE_X86_64_BOOT_H

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdint.h>

#include "profile/image.h"

/* Add a number to a sum, the same on every host. */
void sum_number(struct sha256_ctx *sha, uint64_t v);

/* The half of the top table that maps the kernel. */
struct x86_64_upper {
	uint8_t bytes[PAGE_SIZE_4K / 2];
	bool there; /* it could be read */
};

int x86_64_upper_read(const struct profile_image *img,
		      struct x86_64_upper *upper, struct err *err);

/* Add the tables that it names. */
void x86_64_upper_add(const struct x86_64_upper *upper, struct sha256_ctx *sha);

/*
 * KASLR also draws where the direct map begins, in steps of 1 GiB (mm/kaslr.c);
 * without it that is where a top entry begins.  *drawn tells of it for sure;
 * without, it may have drawn nothing.  Its place goes into the sum.
 */
int x86_64_direct_map_add(const struct profile_image *img,
			  const struct x86_64_upper *upper,
			  struct sha256_ctx *sha, bool *drawn, struct err *err);

/* A root as one number, bit 0: of five levels; and back. */
uint64_t x86_64_root_stored(const struct walk_root *root);
struct walk_root x86_64_root_restored(uint64_t stored);

#endif
