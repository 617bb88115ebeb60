/* SPDX-License-Identifier: BSD-2-Clause */
/* Wanted members of many kernel structures, read as one batch. */
#ifndef KERNEL_RECORDS_H
#define KERNEL_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

struct wanted_value; /* profile/resolve.h */

/* Whether this kernel's types have all members from first to last, which are
 * one reader's. */
bool records_known(const struct kernel *k, uint32_t first, uint32_t last);

/*
 * Copies of some members of n objects of one type; see records_read().  at and
 * field are by WANTS_INDEX() of the members, all of which are one reader's.
 */
struct records {
	size_t n;
	size_t stride;		/* bytes kept per object */
	uint8_t *bytes;		/* n * stride */
	bool *ok;		/* per object: all of it was readable */
	uint32_t at[WANTS_MAX]; /* position + 1 in the copy; 0: not kept */
	struct profile_field field[WANTS_MAX];
};

/*
 * Read the members `fields`, all of one reader, of the n objects at `addrs`:
 * one batch, near members in one piece.  Members that this kernel lacks are
 * left out and read as 0.  An object that cannot be read whole is not ok and
 * reads as zeros.  ERR_NO_LINUX where there are objects, and the kernel lacks
 * what this reader REQUIRES.  The caller frees with records_deinit(), also
 * after an error.
 */
int records_read(struct kernel *k, const uint64_t *addrs, size_t n,
		 const uint32_t *fields, size_t n_fields, struct records *out,
		 struct err *err);
void records_deinit(struct records *r);

/* n objects at `addrs` of one type, and the members of it that are wanted. */
struct records_want {
	const uint64_t *addrs;
	size_t n;
	const uint32_t *fields;
	size_t n_fields;
};

/* The same for several types at once, still one batch: wants[i] to out[i]. */
int records_read_all(struct kernel *k, const struct records_want *wants,
		     size_t n, struct records *out, struct err *err);

/*
 * How a member lies by `types`, which are its reader's values
 * (kernel/code/module_types.h); NULL: by the kernel's own types.
 */
const struct profile_field *records_field(const struct kernel *k,
					  const struct wanted_value *types,
					  uint32_t id);

/* The same as records_read_all(), of one reader's members, which lie so. */
int records_read_typed(struct kernel *k, const struct wanted_value *types,
		       const struct records_want *wants, size_t n,
		       struct records *out, struct err *err);

/* A member of object i as an integer, zero-extended from 1, 2, 4 or 8 bytes, or
 * from the bits of a bit field. */
uint64_t records_u64(const struct records *r, size_t i, uint32_t id);

/* Whether there is such a member in the copies; and its size, 0 of none. */
bool records_have(const struct records *r, uint32_t id);
uint32_t records_size(const struct records *r, uint32_t id);

/* The same of an object whose bytes are the caller's: the member begins at p.
 */
uint64_t field_u64(const struct profile_field *f, const uint8_t *p);

/* A member of object i as its bytes (records_size() of them), or NULL. */
const uint8_t *records_bytes(const struct records *r, size_t i, uint32_t id);

/*
 * Read the NUL-terminated strings at n addresses as one batch, each cut at
 * max - 1 bytes; out[i] points to max bytes of the caller.  An unreadable one
 * gives an empty string and ok[i] false (ok may be NULL).
 */
int records_strings(struct kernel *k, const uint64_t *addrs, size_t n,
		    size_t max, char **out, bool *ok, struct err *err);

/*
 * The strings that the first n pointers of an array lead to, which a symbol
 * names, into n times max bytes at `out`, which are zeroed.  Without that
 * symbol, or where the array cannot be read, they stay so.
 */
int records_string_array(struct kernel *k, const char *symbol, size_t n,
			 size_t max, char *out, struct err *err);

#endif
