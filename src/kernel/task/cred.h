/* SPDX-License-Identifier: BSD-2-Clause */
/* Credentials of tasks: who they are, and what they may do. */
#ifndef KERNEL_CRED_H
#define KERNEL_CRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* In the order of status: real, effective, saved, of the file system. */
#define CRED_IDS 4

enum cred_caps {
	CRED_INHERITABLE,
	CRED_PERMITTED,
	CRED_EFFECTIVE,
	CRED_BOUNDING,
	CRED_AMBIENT,
	CRED_CAPS
};

/* struct cred, include/linux/cred.h; numbers of the initial user namespace. */
struct cred {
	uint32_t uid[CRED_IDS], gid[CRED_IDS];
	uint64_t caps[CRED_CAPS]; /* capability N is bit N */
	uint32_t sigpending;	  /* signals that wait for all of that user */
	bool known, torn;	  /* neither: this kernel's types lack some */
	bool has_sigpending;
	bool has_ucounts; /* 5.14: it counts them by user namespace */
	uint32_t *groups; /* supplementary ones */
	size_t n_groups;
};

/*
 * Those of n tasks (task_struct.real_cred), into out, which is zeroed, in four
 * batches.  The caller frees them with creds_deinit(), also after an error.
 */
int creds_read(struct kernel *k, const struct task *tasks, size_t n,
	       struct cred *out, struct err *err);
void creds_deinit(struct cred *creds, size_t n);

#endif
