/* SPDX-License-Identifier: BSD-2-Clause */
/* Users that have keys, and how many. */
#ifndef KERNEL_KEY_USERS_H
#define KERNEL_KEY_USERS_H

#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

/* A struct key_user (security/keys/internal.h). */
struct key_user {
	uint32_t uid; /* of the initial user namespace */
	int32_t usage, keys, instantiated;
	int32_t quota_keys, quota_bytes; /* that count */
	uint32_t most_keys, most_bytes;	 /* that this user may have */
};

struct key_users {
	VEC(struct key_user) v; /* by UID */
};

/*
 * Read all (key_user_tree): a batch for each level of the tree, and one more.
 * ERR_NO_LINUX: kept in no way that is known; damage is in the remarks.  The
 * caller frees with key_users_deinit(), also after an error.
 */
int key_users_read(struct kernel *k, struct key_users *out,
		   struct remarks *remarks, struct err *err);
void key_users_deinit(struct key_users *u);

#endif
