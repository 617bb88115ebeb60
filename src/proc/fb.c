/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/fb (drivers/video/fbdev/core, fb_seq_show()). */
#include <inttypes.h>

#include "kernel/device/framebuffers.h"
#include "proc/proc.h"

static int fb_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	struct framebuffers all;
	size_t i;
	int rc = framebuffers_read(k, &all, err);

	for (i = 0; i < all.n && !rc; i++)
		buf_printf(&out->parts->text, "%" PRId32 " %s\n",
			   all.v[i].number, all.v[i].driver);
	return rc;
}

const struct proc_file proc_fb = {
	.name = "fb",
	.scope = PROC_SYSTEM,
	.read = fb_read,
};
