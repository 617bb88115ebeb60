/* SPDX-License-Identifier: BSD-2-Clause */
/* Where threads had their stacks in user mode. */
#include "kernel/stack/x86_64_user_sp.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/stack/task_stack.h"
#include "kernel/stack/x86_64_unwind.h"
#include "walk/space.h"

/* docs/facts/trace.md, "Registers on stacks": what ends at the top, or before
 * the room that FRED takes. */
#define REGS_CS	   136u
#define REGS_SP	   152u
#define REGS_SS	   160u
#define FRED_ROOM  16u
#define TOP	   (X86_64_PT_REGS + FRED_ROOM)
#define USER_CS	   0x33u /* asm/segment.h */
#define USER_CS_32 0x23u
#define USER_SS	   0x2bu

static bool is_users(const uint8_t *regs)
{
	unsigned int cs = le16(regs + REGS_CS), ss = le16(regs + REGS_SS);

	return (cs == USER_CS || cs == USER_CS_32) && ss == USER_SS;
}

static uint64_t user_sp(const uint8_t *top)
{
	if (is_users(top + FRED_ROOM))
		return le64(top + FRED_ROOM + REGS_SP);
	return is_users(top) ? le64(top + REGS_SP) : 0;
}

int x86_64_user_sps(struct kernel *k, const struct task *tasks, size_t n,
		    uint64_t *sps, struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint64_t *stacks = calloc(n + 1, sizeof(*stacks));
	_cleanup_free_ uint8_t *tops = calloc(n + 1, TOP);
	uint64_t size = task_stack_size(k);
	size_t i;
	int rc;

	if (!reads || !stacks || !tops)
		return err_nomem(err);
	rc = task_stacks_read(k, tasks, n, stacks, err);
	for (i = 0; i < n && !rc; i++)
		reads[i] =
			(struct space_read){.root = &k->root,
					    .va = stacks[i] + size - TOP,
					    .dst = tops + i * TOP,
					    .len = size && stacks[i] ? TOP : 0};
	if (!rc)
		rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		sps[i] = reads[i].len && reads[i].got == TOP
				 ? user_sp(tops + i * TOP)
				 : 0;
	return rc;
}
