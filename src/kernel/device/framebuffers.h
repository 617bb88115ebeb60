/* SPDX-License-Identifier: BSD-2-Clause */
/* Frame buffers: memory that a screen shows. */
#ifndef KERNEL_FRAMEBUFFERS_H
#define KERNEL_FRAMEBUFFERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* FB_MAX (include/uapi/linux/fb.h) */
#define FRAMEBUFFERS_MAX 32u

struct framebuffer {
	int32_t number;	 /* of /dev/fb */
	char driver[17]; /* raw bytes */
};

struct framebuffers {
	struct framebuffer v[FRAMEBUFFERS_MAX];
	size_t n;
};

/* Read all (registered_fb[]): two batches.  ERR_NO_LINUX: kept in no way that
 * is known; ERR_UNREADABLE. */
int framebuffers_read(struct kernel *k, struct framebuffers *out,
		      struct err *err);

#endif
