/* SPDX-License-Identifier: BSD-2-Clause */
/* The wanted members, sizes and constants, resolved for one kernel. */
#ifndef PROFILE_RESOLVE_H
#define PROFILE_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "profile/btf.h"
#include "profile/profile.h"

struct wanted_constant {
	int64_t value;
	bool present;
};

/*
 * What any source of types comes down to.  Plain values without pointers, so
 * that they can be stored; meaningful only together with wanted_hash().
 */
struct wanted_values {
	struct profile_field field[FIELD_COUNT];
	uint32_t size[STRUCT_COUNT];
	struct wanted_constant constant[CONSTANT_COUNT];
};

/* A hash of the table in wanted.h and of the layout of the values. */
uint64_t wanted_hash(void);

/*
 * Resolve the table against BTF.  Of several structs of one name, all members
 * come from the one that has most of those wanted.  ERR_NO_LINUX lists the
 * REQUIRED members that are missing ("types of this kernel lack
 * task_struct.mm"); ERR_NOMEM.
 */
int wanted_resolve(const struct btf *btf, struct wanted_values *out,
		   struct err *err);

/*
 * Whether values that were stored can be of a kernel: as wanted_resolve()
 * would give them.  0, ERR_CORRUPT or ERR_NO_LINUX.
 */
int wanted_check(const struct wanted_values *v, struct err *err);

/* "task_struct.mm"; alternatives as in the table, "task_struct.__state|state".
 */
const char *wanted_field_name(enum field_id id);

#endif
