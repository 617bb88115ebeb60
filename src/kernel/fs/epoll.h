/* SPDX-License-Identifier: BSD-2-Clause */
/* Epoll instances: which files they watch. */
#ifndef KERNEL_EPOLL_H
#define KERNEL_EPOLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* One struct epitem, and of its file what is shown (fs/eventpoll.c,
 * ep_show_fdinfo(), 5.10 to 7.2). */
struct epoll_watch {
	int32_t fd;
	uint32_t events; /* EPOLL* */
	uint64_t data;	 /* the program's own */
	int64_t pos;
	uint64_t ino;
	uint32_t dev; /* dev_t of its file system */
};

/* Those of instance i are v[of[i].first] and on, in the kernel's order. */
struct epolls {
	struct epoll_watch *v;
	struct epoll_range {
		size_t first, n;
		bool known; /* all of them are there */
	} * of;
};

/*
 * Read n struct eventpolls: a batch for each level of the deepest tree, and
 * four more.  EPOLL_WATCHES_MAX_ALL of them at most, the same share of each.
 * What cannot be read is not known.  The caller frees with epolls_deinit(),
 * also after an error.
 */
int epolls_read(struct kernel *k, const uint64_t *addrs, size_t n,
		struct epolls *out, struct err *err);
void epolls_deinit(struct epolls *e);

#endif
