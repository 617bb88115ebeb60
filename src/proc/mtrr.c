/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/mtrr (arch/x86/kernel/cpu/mtrr/if.c, mtrr_seq_show()). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/device/x86_64_mtrr.h"
#include "proc/proc.h"

#define PAGES_PER_MIB 256u
#define KIB_PER_PAGE  4u

static void mtrr_put(const struct mtrr_range *r, struct buf *out)
{
	bool small = r->size < PAGES_PER_MIB;

	buf_printf(out,
		   "reg%02" PRIu32 ": base=0x%06" PRIx64 "000 (%5" PRIu64
		   "MB), size=%5" PRIu64 "%cB, count=%" PRId32 ": %s\n",
		   r->number, r->base, r->base / PAGES_PER_MIB,
		   small ? r->size * KIB_PER_PAGE : r->size / PAGES_PER_MIB,
		   small ? 'K' : 'M', (int32_t)r->users, r->kind);
}

static int mtrr_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	_cleanup_free_ struct mtrr_ranges *all = calloc(1, sizeof(*all));
	size_t i;
	int rc = all ? mtrr_ranges_read(k, all, err) : err_nomem(err);

	for (i = 0; !rc && i < all->n; i++)
		mtrr_put(&all->v[i], &out->parts->text);
	return rc;
}

const struct proc_file proc_mtrr = {
	.name = "mtrr",
	.scope = PROC_SYSTEM,
	.read = mtrr_read,
};
