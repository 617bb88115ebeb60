/* SPDX-License-Identifier: BSD-2-Clause */
/* Types that no BTF has: pointers to others and arrays of them. */
#ifndef TYPES_MADE_H
#define TYPES_MADE_H

#include <stdint.h>

#include "base/buf.h"
#include "types/btf.h"

/*
 * BTF whose base is another one, with types added on the way; ids of the base
 * are its own, too.  Zero-initialise, and leave it where it is.
 */
struct made_types {
	struct btf btf;
	struct buf blob;  /* the records */
	struct buf whole; /* ...with a header: what btf borrows */
	uint32_t n;
	uint32_t number; /* "unsigned long": 8 bytes */
};

/* 0 or ERR_NOMEM.  Borrows the base; the caller deinits. */
int made_init(struct made_types *m, const struct btf *base);
void made_deinit(struct made_types *m);

/* A pointer to a type (0: void), an array of n of them; 0: ERR_NOMEM. */
uint32_t made_pointer(struct made_types *m, uint32_t type);
uint32_t made_array(struct made_types *m, uint32_t type, uint32_t n);

#endif
