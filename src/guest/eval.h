/* SPDX-License-Identifier: BSD-2-Clause */
/* What expressions stand for in a stopped guest. */
#ifndef GUEST_EVAL_H
#define GUEST_EVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "guest/expr.h"
#include "guest/guest.h"
#include "guest/place.h"
#include "guest/types.h"
#include "kernel/mm/unmapped.h"
#include "types/made.h"

/* So many values at once; what is beyond is said to be cut off. */
#define EVAL_MAX_VALUES 65536u
/* All bytes of them that are read to be shown. */
#define EVAL_MAX_BYTES (16u << 20)
/* Of one of them, as no object of the kernel in one piece is larger. */
#define EVAL_MAX_OBJECT (4u << 20)

/* A value, or the place in memory that it is at. */
struct eval_value {
	uint32_t type; /* in made.btf */
	bool is_place; /* number is an address */
	bool lost;     /* one of several that cannot be told */
	uint64_t number;
	uint8_t bit_offset, bit_size; /* bit_size 0: no bit field */
	int32_t cpu;		      /* of a variable of each CPU; or -1 */
	uint8_t *bytes;		      /* at the end: len of them are there */
	size_t len, size;
};

struct eval_set {
	VEC(struct eval_value) v;
	bool many; /* elements: one that fails does not end all */
};

/*
 * Zero-initialise, set what stands first; it has to stay where it is.
 * `types` is open, and is borrowed, as is the guest.
 */
struct eval {
	struct guest *guest;
	struct guest_types *types;
	bool has_cpu; /* else all of them */
	uint32_t cpu;
	/* Whose memory the lower half of addresses is, as place_read() reads
	 * it; borrowed.  NULL: nobody's. */
	const struct place *process;
	bool mapped_only; /* of it, too */

	struct made_types made; /* on top of the kernel's, or a module's */
	struct eval_set result;
	uint8_t *bytes;	 /* of the result */
	struct err lost; /* why the first of those is; code 0: none is */
	size_t n_lost;	 /* and how many there are */
	bool cut;	 /* there are more values than EVAL_MAX_VALUES */
	struct unmapped_runs filled; /* what no table maps of what was read */
};

/*
 * Follow the expression, each step for all values in one batch, and read what
 * it leads to.  ERR_NOT_FOUND: no such symbol, type, member, element or
 * process, or NULL where it leads on; ERR_REFUSED: what cannot be done with
 * that type, or what is ambiguous; ERR_UNREADABLE.  The caller deinits.
 */
int eval_run(struct eval *ev, const struct expr *e, struct err *err);
void eval_deinit(struct eval *ev);

#endif
