/* SPDX-License-Identifier: BSD-2-Clause */
/* Files and buffers that rings of io_uring keep; a part of io_uring.h. */
#ifndef KERNEL_IO_URING_KEPT_H
#define KERNEL_IO_URING_KEPT_H

#include "kernel/fs/io_uring.h"

/* Read those of n rings: of rings that are known, out->files, out->buffers. */
int io_uring_kept_read(struct kernel *k, const uint64_t *addrs, size_t n,
		       struct io_urings *out, struct err *err);

#endif
