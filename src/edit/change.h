/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing guest memory: all is checked, recorded, written, or put back. */
#ifndef EDIT_CHANGE_H
#define EDIT_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "edit/guard.h"
#include "edit/record.h"
#include "edit/rights.h"
#include "guest/addr.h"
#include "guest/place.h"

/* Bytes that are to lie behind one address. */
struct change_item {
	struct addr addr;   /* its text, as the user wrote it, is borrowed */
	struct buf now;	    /* what is to be written */
	struct buf expect;  /* what must be there before; empty: anything */
	struct buf or_this; /* or, byte by byte, this; empty: not */
	bool pinned;	    /* it must be behind... */
	uint64_t pa;	    /* ...this physical address */
	unsigned int line;  /* in the file; 0: there is none */
	/* Filled by change_resolve(). */
	size_t place; /* its number in change.places */
	uint64_t at;
	size_t off; /* of its bytes in change.old, .now */
};

/*
 * A transaction: all of its items are written, or none.  Zero-initialise.
 * What it takes from a guest is batched: the cost in round trips does not
 * depend on the number of items.
 */
struct change {
	const char *command; /* for the journal */
	const char *file;    /* where the items are from; NULL: no file */
	struct record record;
	unsigned int allow; /* enum guard_allow */
	VEC(struct change_item) items;

	/* What becomes of it. */
	VEC(struct place) places; /* each process, and so on, once */
	struct rights rights;	  /* of the places */
	struct pieces pieces;	  /* in order of the items */
	uint8_t *old, *now;	  /* len each */
	size_t len;
	struct page_info *pages; /* what each piece is in */
	bool blind;		 /* that is not known */
};

/* One more item, with its address parsed; NULL on error (ERR_USAGE). */
struct change_item *change_add(struct change *c, const char *address,
			       struct err *err);

/* What it takes to resolve the addresses. */
enum needs change_needs(const struct change *c);

/* Find the places of all items: symbols, processes. */
int change_resolve(struct editor *ed, struct change *c, struct err *err);

/*
 * The whole of it: resolve what is not resolved, check that every byte may be
 * and can be written, and is what it is expected to be, record it in the
 * journal, write, and read back.  An error before the first byte: nothing was
 * written.  Later: what was written is put back, and the words say so, or what
 * could not be.
 */
int change_run(struct editor *ed, struct change *c, struct err *err);

void change_deinit(struct change *c);

/* For change.c: record, write, read back, put back; see change_run(). */
int change_apply(struct editor *ed, struct change *c, struct err *err);

#endif
