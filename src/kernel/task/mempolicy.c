/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads memory policies, and prints them. */
#include "kernel/task/mempolicy.h"

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/masks.h"
#include "base/stored.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_MODE = WANTS_OF(READER_MEMPOLICY),
	FIELD_FLAGS,
	FIELD_NODES,
	FIELD_PREFERRED,
	STRUCT_PROCMAP_QUERY
};

static const struct want want_table[] = {
	FIELD(MODE, "mempolicy", REQUIRED, "mode"), /* CONFIG_NUMA */
	FIELD(FLAGS, "mempolicy", REQUIRED, "flags"),
	FIELD(NODES, "mempolicy", REQUIRED, "nodes|v.nodes"),	     /* 5.14 */
	FIELD(PREFERRED, "mempolicy", OPTIONAL, "v.preferred_node"), /* 5.13 */
	STRUCT(PROCMAP_QUERY, "procmap_query", OPTIONAL),	     /* 6.11 */
};

const struct wants mempolicy_wants = {
	.reader = "memory policies", .v = want_table, .n = WANTS_N(want_table)};

/* Flags of the kernel's own (include/uapi/linux/mempolicy.h). */
#define MPOL_F_LOCAL 0x02u /* up to 5.13 */
#define MPOL_F_MORON 0x10u

/* What fits into the buffers that it is printed into. */
#define POLICY_LETTERS 63u

/*
 * What mpol_to_str() makes of the mode and the flags.  Up to 6.10 it takes one
 * that is balanced for the default one, as stable kernels do not that were
 * mended since; nothing else tells which.
 */
static void policy_judge(const struct kernel *k, struct mempolicy *p,
			 uint32_t flags, bool old)
{
	bool shows_balancing =
		profile_sizeof(k->profile, STRUCT_PROCMAP_QUERY) != 0;

	p->flags = flags & (MEMPOLICY_STATIC | MEMPOLICY_RELATIVE |
			    MEMPOLICY_BALANCING);
	if (old && flags & MPOL_F_MORON)
		*p = (struct mempolicy){.known = true};
	else if (old && p->mode == MEMPOLICY_PREFERRED && flags & MPOL_F_LOCAL)
		p->mode = MEMPOLICY_LOCAL;
	if (p->mode >= MEMPOLICY_MODES ||
	    (p->flags & MEMPOLICY_BALANCING && !shows_balancing))
		p->known = false;
}

static void policy_fill(const struct kernel *k, const struct records *r,
			size_t i, struct mempolicy *p)
{
	bool old = records_have(r, FIELD_PREFERRED);
	uint32_t size = records_size(r, FIELD_NODES);
	const uint8_t *nodes = records_bytes(r, i, FIELD_NODES);
	size_t word;

	p->known = r->ok[i] && size && size <= sizeof(p->nodes);
	if (!p->known)
		return;
	p->mode = (enum mempolicy_mode)records_u64(r, i, FIELD_MODE);
	policy_judge(k, p, (uint32_t)records_u64(r, i, FIELD_FLAGS), old);
	if (p->mode == MEMPOLICY_DEFAULT || p->mode == MEMPOLICY_LOCAL)
		return;
	if (old && p->mode == MEMPOLICY_PREFERRED) {
		uint64_t node = records_u64(r, i, FIELD_PREFERRED);

		if (node / 64 < MEMPOLICY_WORDS)
			p->nodes[node / 64] = 1ULL << node % 64;
		else
			p->known = false;
		return;
	}
	for (word = 0; word < size / 8; word++)
		p->nodes[word] = le64(nodes + word * 8);
}

int mempolicies_read(struct kernel *k, const uint64_t *addrs, size_t n,
		     struct mempolicy *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_MODE, FIELD_FLAGS, FIELD_NODES,
					  FIELD_PREFERRED};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(k, addrs, n, fields, WANTS_N(fields), &r, err);

	for (i = 0; i < n && !rc; i++)
		policy_fill(k, &r, i, &out[i]);
	return rc;
}

void mempolicy_put(const struct mempolicy *p, struct buf *out)
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
	mask_put_list(p->nodes, 64 * MEMPOLICY_WORDS, &nodes);
	if (nodes.len)
		buf_printf(out, ":%.*s",
			   (int)(POLICY_LETTERS - 1 - (out->len - from)),
			   nodes.data);
}
