/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols that users name, and names of what they look at. */
#ifndef GUEST_LOOKUP_H
#define GUEST_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "guest/place.h"
#include "kernel/code/symbols.h"

/*
 * As addr_lookup; ctx is a struct symbols.  ERR_NOT_FOUND says where was
 * looked and what could not be; ERR_REFUSED where several have that name, with
 * their addresses.
 */
int lookup_symbol(void *ctx, const char *name, const char *module, uint64_t *va,
		  struct err *err);

/*
 * ERR_NOT_FOUND in these words, of a name that no symbol has; `module` NULL:
 * anywhere.
 */
int lookup_missing(const struct symbols *s, const char *name,
		   const char *module, struct err *err);

/*
 * The symbols that n addresses of a place's space lie in.  Spaces that need not
 * be of this kernel have none.
 */
int lookup_names(struct guest *g, const struct place *p, const uint64_t *at,
		 size_t n, struct symbol *out, struct err *err);

#endif
