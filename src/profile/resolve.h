/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers want of the types, resolved for one kernel. */
#ifndef PROFILE_RESOLVE_H
#define PROFILE_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "types/btf.h"
#include "profile/profile.h"
#include "profile/wants.h"

/*
 * Types come from the guest, or from a file: what is larger than any kernel
 * has it does not exist.  (task_struct has 5 to 20 KiB; no member that is read
 * as a whole has more than 512 bytes.)
 */
#define WANTED_MAX_OFFSET (1u << 20) /* of a member, and size of a struct */
#define WANTED_MAX_SIZE	  4096u	     /* of a member */

/* What became of one want: a member's place; a size, as field.size. */
struct wanted_value {
	struct profile_field field; /* present: of all kinds */
	int64_t constant;
};

/*
 * What any source of types comes down to: the values of each reader's table,
 * one table behind the other.  Plain values without pointers, so that they can
 * be stored; meaningful only together with wanted_hash().
 */
struct wanted_values {
	struct wanted_value *v;
	size_t n;
};

void wanted_deinit(struct wanted_values *v);

/* A hash of all tables and of the layout of the values. */
uint64_t wanted_hash(const struct readers *readers);

/* How many values there are; and where those of each reader begin, on the
 * heap: NULL where there is no memory. */
size_t wanted_count(const struct readers *readers);
uint32_t *wanted_bases(const struct readers *readers);

/* The values of a kernel whose types are not known: nothing is there.  The
 * caller deinits *out; ERR_NOMEM. */
int wanted_none(const struct readers *readers, struct wanted_values *out);

/*
 * Resolve the tables against BTF.  Of several structs of one name, all members
 * come from the one that has most of those wanted.  Of a module's (it has a
 * base) its own structs and enumerators alone count.  ERR_NOMEM.  The caller
 * deinits *out.
 */
int wanted_resolve(const struct btf *btf, const struct readers *readers,
		   struct wanted_values *out, struct err *err);

/* Whether values of a file could have come from wanted_resolve(): nothing is
 * beyond the limits above. */
bool wanted_valid(const struct readers *readers, const struct wanted_values *v);

/*
 * Add to a list what that reader REQUIRES and has not, alternatives as in its
 * table: "task_struct.__state|state, task_struct.mm".  The values are its own,
 * from the first on.
 */
void wanted_lacking(const struct wants *reader, const struct wanted_value *v,
		    struct buf *list);

/* What may explain that. */
#define WANTED_CUT " (its BTF is cut off, or newer than qvmi)"

#endif
