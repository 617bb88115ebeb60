/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of io_uring that wait; a part of io_uring.h. */
#ifndef KERNEL_IO_URING_POLLS_H
#define KERNEL_IO_URING_POLLS_H

#include "kernel/fs/io_uring.h"

/* Read those of n rings: of rings that are known, out->polls. */
int io_uring_polls_read(struct kernel *k, const uint64_t *addrs, size_t n,
			struct io_urings *out, struct err *err);

#endif
