/* SPDX-License-Identifier: BSD-2-Clause */
/* Red zones and poison of slabs: bytes that somebody has overwritten. */
#ifndef KERNEL_SLAB_CHECK_H
#define KERNEL_SLAB_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/alloc/slab_view.h"

enum slab_part {
	SLAB_PART_LEFT,	   /* red zone before the object */
	SLAB_PART_RIGHT,   /* red zone behind it */
	SLAB_PART_POISON,  /* a free object's own bytes */
	SLAB_PART_PADDING, /* between objects */
	SLAB_PART_REST	   /* behind the last object of the slab */
};

/* "red zone before it" */
const char *slab_part_words(enum slab_part part);

/* Bytes of a wrong place that are kept. */
#define SLAB_DAMAGE_BYTES 32

/* One place, from its first wrong byte to its last. */
struct slab_damage {
	uint64_t slab;	 /* where the slab begins */
	uint64_t object; /* or 0: SLAB_PART_REST */
	uint32_t index;
	enum slab_state state;
	enum slab_part part;
	uint64_t at; /* the first wrong byte */
	uint32_t len;
	uint8_t wanted;			  /* what that byte should be */
	uint8_t found[SLAB_DAMAGE_BYTES]; /* what is there, `len` at most */
};

struct slab_damages {
	VEC(struct slab_damage) list; /* SLAB_DAMAGES_MAX at most */
	uint64_t more;		      /* beyond these */
};

/*
 * Look at all places of a slab, which slab_views_read() has read and
 * slab_view_mark() marked, that this cache's debugging fills
 * (docs/facts/kernel.md, "Debugging of slabs").  Of objects of an unknown state
 * nothing is said, nor of padding behind tracks, or where the kernel has its
 * array of slabobj_ext.  0 or ERR_NOMEM.
 */
int slab_check(const struct slab_layout *l, const struct slab_view *v,
	       struct slab_damages *out);
void slab_damages_deinit(struct slab_damages *d);

#endif
