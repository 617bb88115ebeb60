/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of a stub's threads, which are its vCPUs. */
#ifndef GDBRSP_THREADS_H
#define GDBRSP_THREADS_H

#include <stddef.h>

#include "base/err.h"
#include "gdbrsp/client.h"

/*
 * All of them, in the stub's order, without registers: QEMU names one in each
 * reply, and so it is a round trip for each.  ERR_NO_GUEST: what it says makes
 * no sense; as all of gdbrsp/client.h.
 */
int gdbrsp_threads_list(struct gdbrsp_client *c, struct gdbrsp_vcpus *out,
			struct err *err);

/*
 * In one, where n are expected: put the requests that n replies and the end
 * take, after gdbrsp_client_begin(); then take all their replies.  What is more
 * than n is not in `out`.
 */
void gdbrsp_threads_put(struct gdbrsp_client *c, size_t n);
int gdbrsp_threads_take(struct gdbrsp_client *c, size_t n,
			struct gdbrsp_vcpus *out, struct err *err);

#endif
