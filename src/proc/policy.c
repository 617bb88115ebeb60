/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints memory policies. */
#include "proc/policy.h"

#include "base/cleanup.h"
#include "proc/masks.h"

/* What fits into the buffer of show_numa_map(). */
#define POLICY_LETTERS 63u

void proc_policy_text(const struct mempolicy *p, struct buf *out)
{
	static const char *const modes[MEMPOLICY_MODES] = {
		[MEMPOLICY_DEFAULT] = "default",
		[MEMPOLICY_PREFERRED] = "prefer",
		[MEMPOLICY_BIND] = "bind",
		[MEMPOLICY_INTERLEAVE] = "interleave",
		[MEMPOLICY_LOCAL] = "local",
		[MEMPOLICY_PREFERRED_MANY] = "prefer (many)",
		[MEMPOLICY_WEIGHTED_INTERLEAVE] = "weighted interleave"};
	static const char *const relations[] = {"", "static", "relative"};
	bool balancing = p->flags & MEMPOLICY_BALANCING;
	unsigned int relation = p->flags & MEMPOLICY_STATIC	? 1
				: p->flags & MEMPOLICY_RELATIVE ? 2
								: 0;
	_cleanup_(buf_deinit) struct buf nodes = {0};
	size_t from = out->len;

	if (!p->known) {
		buf_puts(out, "unknown");
		return;
	}
	buf_printf(out, "%s%s%s%s%s", modes[p->mode], p->flags ? "=" : "",
		   relations[relation], relation && balancing ? "|" : "",
		   balancing ? "balancing" : "");
	proc_mask_list(p->nodes, 64 * MEMPOLICY_WORDS, &nodes);
	if (nodes.len)
		buf_printf(out, ":%.*s",
			   (int)(POLICY_LETTERS - 1 - (out->len - from)),
			   nodes.data);
}
