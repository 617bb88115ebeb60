/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads together what several readers will each ask for. */
#ifndef KERNEL_AHEAD_H
#define KERNEL_AHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "walk/space.h"

/* Zero-initialise; the caller frees with ahead_deinit(). */
struct ahead {
	VEC(struct space_read) reads;
};

/* Note what will be asked for, at most AHEAD_MAX bytes of it; 0 or ERR_NOMEM.
 */
#define AHEAD_MAX 8192u
int ahead_add(struct ahead *a, const struct kernel *k, uint64_t va, size_t len);

/*
 * Read all that was noted, as one batch: whoever asks for it in this pause then
 * finds it in the machine's cache.  What cannot be read does no harm.
 */
int ahead_fetch(struct ahead *a, struct kernel *k, struct err *err);
void ahead_deinit(struct ahead *a);

#endif
