/* SPDX-License-Identifier: BSD-2-Clause */
/* The types of a guest: its kernel's, and those that modules brought. */
#ifndef GUEST_TYPES_H
#define GUEST_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "guest/guest.h"
#include "kernel/code/btf_modules.h"
#include "kernel/code/modules.h"
#include "types/btf.h"
#include "types/named.h"

struct guest_module_types {
	const char *name; /* of the module */
	struct btf btf;	  /* split from the kernel's */
};

/* Zero-initialise; it has to stay where it is.  Borrows the profile. */
struct guest_types {
	struct btf kernel;
	bool signs; /* members_enums_tell() */
	struct modules modules;
	struct btf_modules blobs;
	VEC(struct guest_module_types) split;
	bool modules_read;
	bool modules_known; /* false: they are kept in no way that is known */
	struct remarks remarks;
};

/*
 * Those of the kernel, which the profile has: nothing is read.  ERR_NOT_FOUND,
 * ERR_CORRUPT, ERR_NOMEM.
 */
int guest_types_open(struct guest_types *t, struct guest *g, struct err *err);

/*
 * Those of modules, which are read now, the first time.  What is damaged is in
 * the remarks.
 */
int guest_types_read_modules(struct guest_types *t, struct guest *g,
			     struct err *err);

/*
 * ERR_NOT_FOUND: that there is no such type in what was read, of that module
 * or anywhere (NULL), and the name that is nearest.
 */
int guest_types_missing(const struct guest_types *t, const struct profile *p,
			const char *name, const char *module, struct err *err);
void guest_types_deinit(struct guest_types *t);

#endif
