/* SPDX-License-Identifier: BSD-2-Clause */
/* All of a profile, where single answers will not do: symbols, and types. */
#ifndef PROFILE_LISTING_H
#define PROFILE_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "profile/profile.h"

/*
 * All symbols that there are, in the order of the kernel's own table, which is
 * that of their addresses.
 */
struct profile_listed {
	const char *name; /* lives as long as the profile */
	uint64_t va;	  /* as /proc/kallsyms has it */
	char type;	  /* the letter there; '?': not known */
	bool absolute;	  /* KASLR does not move it */
};

/* Where a listing is; zero-initialise. */
struct profile_listing {
	uint32_t absolute, image;
};

/* The next one; false: there is none. */
bool profile_list(const struct profile *p, struct profile_listing *at,
		  struct profile_listed *out);

/*
 * The kernel's types as BTF, which lives as long as the profile.
 * ERR_NOT_FOUND: there is none; ERR_CORRUPT: it is damaged.
 */
int profile_btf(const struct profile *p, const uint8_t **btf, size_t *len,
		struct err *err);

#endif
