/* SPDX-License-Identifier: BSD-2-Clause */
/* What AppArmor confines tasks to. */
#ifndef KERNEL_APPARMOR_H
#define KERNEL_APPARMOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

#define APPARMOR_NAME_MAX 256

enum apparmor_state {
	APPARMOR_UNKNOWN, /* it is not in use, or its label is made of several
			   * profiles, or of another namespace */
	APPARMOR_FREE,	  /* it confines the task to nothing */
	APPARMOR_PROFILE
};

struct apparmor_label {
	enum apparmor_state state;
	char name[APPARMOR_NAME_MAX]; /* of the profile */
	const char *mode;	      /* "enforce", "complain"... */
};

/* Those of n tasks' credentials, in some five batches. */
int apparmor_read(struct kernel *k, const struct task *tasks, size_t n,
		  struct apparmor_label *out, struct err *err);

#endif
