/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors by which programs handle page faults themselves. */
#ifndef KERNEL_USERFAULTFD_H
#define KERNEL_USERFAULTFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* One struct userfaultfd_ctx (userfaultfd_show_fdinfo() of fs/userfaultfd.c,
 * which 7.2 has in mm/userfaultfd.c; 5.10 to 7.2). */
struct userfaultfd {
	bool known; /* false: it cannot be read, and nothing else is set */
	uint64_t pending, total; /* faults that wait: not read yet, and all */
	uint32_t features;	 /* UFFD_FEATURE_* */
	uint64_t ioctls;	 /* bits of those that this kernel has */
};

/*
 * Read n of them: a batch, and their lists (list.h), USERFAULTS_MAX_ALL faults
 * at most.  What cannot be read is not known.
 */
int userfaultfds_read(struct kernel *k, const uint64_t *addrs, size_t n,
		      struct userfaultfd *out, struct err *err);

#endif
