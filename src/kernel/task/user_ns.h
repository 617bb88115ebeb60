/* SPDX-License-Identifier: BSD-2-Clause */
/* User namespaces of tasks: who their users are outside. */
#ifndef KERNEL_USER_NS_H
#define KERNEL_USER_NS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

enum user_ns_map {
	USER_NS_UIDS,
	USER_NS_GIDS,
	USER_NS_PROJECTS,
	USER_NS_MAPS
};

/* `count` ids from `first` on are those from `outer` on in the initial one. */
struct id_extent {
	uint32_t first, outer, count;
};

struct user_ns {
	struct id_extent *extents; /* of one kind of ids; NULL: none */
	size_t n;
	bool setgroups;	  /* setgroups(2) is allowed there */
	bool known, torn; /* neither: this kernel's types do not tell */
};

/*
 * Those of n tasks (task_struct.real_cred), with their maps of that kind of
 * ids, into out, which is zeroed: in four batches.  Those behind the first
 * USER_NS_EXTENTS_MAX_ALL extents are torn.  The caller frees them with
 * user_ns_deinit(), also after an error.
 */
int user_ns_read(struct kernel *k, const struct task *tasks, size_t n,
		 enum user_ns_map which, struct user_ns *out, struct err *err);
void user_ns_deinit(struct user_ns *v, size_t n);

#endif
