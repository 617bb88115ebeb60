/* SPDX-License-Identifier: BSD-2-Clause */
/* What is read of sockets by what they are: for sock.c. */
#ifndef KERNEL_SOCK_PARTS_H
#define KERNEL_SOCK_PARTS_H

#include "kernel/net/sock.h"

struct sock_parts {
	struct socks *socks;	 /* what all begin with is there */
	VEC(uint64_t) listeners; /* of each, where it is one to be opened */
};

/* Read the rest of them: five batches. */
int sock_parts_read(struct kernel *k, struct sock_parts *p,
		    struct remarks *remarks, struct err *err);
void sock_parts_deinit(struct sock_parts *p);

#endif
