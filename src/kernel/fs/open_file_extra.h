/* SPDX-License-Identifier: BSD-2-Clause */
/* What special files say of themselves; a part of open_file.h. */
#ifndef KERNEL_OPEN_FILE_EXTRA_H
#define KERNEL_OPEN_FILE_EXTRA_H

#include "kernel/fs/open_file.h"

/*
 * By out[i].show, from the private data of n files: three batches at most.
 * out[i].data is that of their inodes, where pidfds are kept from 6.9 on
 * (fs/pidfs.c, pidfd_pid()); afterwards it is as open_file.h has it.
 */
int open_extras_read(struct kernel *k, const uint64_t *data, size_t n,
		     struct open_file *out, struct err *err);

#endif
