/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows lists of locks, and what waits for them. */
#include "kernel/fs/file_locks.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/chain.h"
#include "kernel/cpus.h"
#include "kernel/fs/mounts.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_HEAD = WANTS_OF(READER_FILE_LOCKS),
	FIELD_LINK,
	FIELD_LIST,
	FIELD_WAITERS,
	FIELD_WAITER,
	FIELD_FLAGS,
	FIELD_TYPE,
	FIELD_PID,
	FIELD_FILE,
	FIELD_OWNER,
	FIELD_START,
	FIELD_END,
	FIELD_FILE_INODE,
	FIELD_INODE_SB,
	FIELD_INODE_INO,
	FIELD_INODE_MODE,
	FIELD_SB_DEV,
	FIELD_SB_FLAGS,
	FIELD_CTX_FLOCK,
	FIELD_CTX_POSIX,
	FIELD_CTX_LEASE,
	FIELD_FILEATTR
};

/* Up to 6.8 members of file_lock, then of its core. */
static const struct want want_table[] = {
	FIELD(HEAD, "file_lock_list_struct", REQUIRED, "hlist.first"),
	FIELD(LINK, "file_lock", REQUIRED, "fl_link|c.flc_link"),
	FIELD(LIST, "file_lock", REQUIRED, "fl_list|c.flc_list"),
	FIELD(WAITERS, "file_lock", REQUIRED,
	      "fl_blocked_requests|c.flc_blocked_requests"), /* 5.0 */
	FIELD(WAITER, "file_lock", REQUIRED,
	      "fl_blocked_member|c.flc_blocked_member"),
	FIELD(FLAGS, "file_lock", REQUIRED, "fl_flags|c.flc_flags"),
	FIELD(TYPE, "file_lock", REQUIRED, "fl_type|c.flc_type"),
	FIELD(PID, "file_lock", REQUIRED, "fl_pid|c.flc_pid"),
	FIELD(FILE, "file_lock", REQUIRED, "fl_file|c.flc_file"),
	FIELD(OWNER, "file_lock", REQUIRED, "fl_owner|c.flc_owner"),
	FIELD(START, "file_lock", REQUIRED, "fl_start"),
	FIELD(END, "file_lock", REQUIRED, "fl_end"),
	FIELD(FILE_INODE, "file", REQUIRED, "f_inode"),
	FIELD(INODE_SB, "inode", REQUIRED, "i_sb"),
	FIELD(INODE_INO, "inode", REQUIRED, "i_ino"),
	FIELD(INODE_MODE, "inode", REQUIRED, "i_mode"),
	FIELD(SB_DEV, "super_block", REQUIRED, "s_dev"),
	FIELD(SB_FLAGS, "super_block", REQUIRED, "s_flags"),
	FIELD(CTX_FLOCK, "file_lock_context", OPTIONAL, "flc_flock"),
	FIELD(CTX_POSIX, "file_lock_context", OPTIONAL, "flc_posix"),
	FIELD(CTX_LEASE, "file_lock_context", OPTIONAL, "flc_lease"),
	FIELD(FILEATTR, "inode_operations", OPTIONAL, "fileattr_get"), /* 5.13
									*/
};

const struct wants file_locks_wants = {
	.reader = "locks of files", .v = want_table, .n = WANTS_N(want_table)};

/* S_ISGID without S_IXGRP, as __mandatory_lock() has it. */
#define MODE_BITS 02010u
#define MODE_MAND 02000u

static uint32_t lock_offset(const struct kernel *k, uint32_t id)
{
	return profile_field(k->profile, id)->offset;
}

/* Where n locks' files are, by the addresses of struct file, which are lost. */
static int locks_read_files(struct kernel *k, struct file_lock *v, size_t n,
			    uint64_t *at, struct err *err)
{
	static const uint32_t file[] = {FIELD_FILE_INODE};
	static const uint32_t inode[] = {FIELD_INODE_SB, FIELD_INODE_INO,
					 FIELD_INODE_MODE};
	static const uint32_t sb[] = {FIELD_SB_DEV, FIELD_SB_FLAGS};
	struct records f = {0}, in = {0}, s = {0};
	uint64_t va;
	/* a function of kernels that have mandatory locks (up to 5.14) */
	bool mandatory =
		profile_symbol(k->profile, "locks_mandatory_area", &va);
	size_t i;
	int rc = records_read(k, at, n, file, 1, &f, err);

	for (i = 0; i < n && !rc; i++)
		at[i] = records_u64(&f, i, FIELD_FILE_INODE);
	if (!rc)
		rc = records_read(k, at, n, inode, 3, &in, err);
	for (i = 0; i < n && !rc; i++)
		at[i] = records_u64(&in, i, FIELD_INODE_SB);
	if (!rc)
		rc = records_read(k, at, n, sb, 2, &s, err);
	for (i = 0; i < n && !rc; i++) {
		v[i].known &= !v[i].file || (f.ok[i] && in.ok[i] && s.ok[i]);
		v[i].ino = records_u64(&in, i, FIELD_INODE_INO);
		v[i].dev = (uint32_t)records_u64(&s, i, FIELD_SB_DEV);
		v[i].mandatory =
			mandatory &&
			records_u64(&s, i, FIELD_SB_FLAGS) & SB_MANDLOCK &&
			(records_u64(&in, i, FIELD_INODE_MODE) & MODE_BITS) ==
				MODE_MAND;
	}
	records_deinit(&f);
	records_deinit(&in);
	records_deinit(&s);
	return rc;
}

/* What n locks are, by their addresses: four batches. */
static int locks_fill(struct kernel *k, struct file_lock *v, size_t n,
		      struct err *err)
{
	static const uint32_t fields[] = {FIELD_FLAGS, FIELD_TYPE,  FIELD_PID,
					  FIELD_FILE,  FIELD_OWNER, FIELD_START,
					  FIELD_END};
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = v[i].addr;
	rc = records_read(k, at, n, fields, WANTS_N(fields), &r, err);
	for (i = 0; i < n && !rc; i++) {
		v[i].known = r.ok[i];
		v[i].flags = (uint32_t)records_u64(&r, i, FIELD_FLAGS);
		v[i].type = (uint8_t)records_u64(&r, i, FIELD_TYPE);
		v[i].pid = (int32_t)records_u64(&r, i, FIELD_PID);
		v[i].owner = records_u64(&r, i, FIELD_OWNER);
		v[i].start = (int64_t)records_u64(&r, i, FIELD_START);
		v[i].end = (int64_t)records_u64(&r, i, FIELD_END);
		at[i] = v[i].file = records_u64(&r, i, FIELD_FILE);
	}
	return rc ? rc : locks_read_files(k, v, n, at, err);
}

/* A lock, and those that wait for it: n from number `first` on. */
struct lock_node {
	uint64_t addr;
	size_t first, n;
};

struct lock_tree {
	struct kernel *k;
	struct file_locks *out;
	VEC(struct lock_node) nodes; /* level by level */
	struct map seen;
	size_t roots;
};

static void lock_tree_deinit(struct lock_tree *t)
{
	vec_deinit(&t->nodes);
	map_deinit(&t->seen);
}

/* A lock is on one list only. */
static int lock_tree_push(struct lock_tree *t, uint64_t addr)
{
	if (map_get(&t->seen, addr, NULL)) {
		t->out->torn = true;
		t->out->torn_at = addr;
		return 0;
	}
	if (t->nodes.n >= LOCKS_MAX) {
		t->out->cut = true;
		return 0;
	}
	return map_put(&t->seen, addr, 0) || vec_push(&t->nodes, {.addr = addr})
		       ? ERR_NOMEM
		       : 0;
}

/* Those that are held, CPU by CPU. */
static int lock_tree_roots(struct lock_tree *t, struct err *err)
{
	const struct chain_kind kind = CHAIN_OF_LINKS(LOCKS_MAX);
	uint32_t link = lock_offset(t->k, FIELD_LINK);
	struct cpu_variable heads = {.size = 8};
	struct cpus cpus = {0};
	struct chains chains = {0};
	_cleanup_free_ uint64_t *firsts = NULL;
	size_t i;
	int rc = cpus_read(t->k, &cpus, err);

	if (!rc && !profile_symbol(t->k->profile, "file_lock_list", &heads.va))
		rc = profile_unknown(t->k->profile,
				     "this kernel keeps locks of files in no "
				     "way that is known (file_lock_list)",
				     err);
	heads.va += lock_offset(t->k, FIELD_HEAD);
	if (!rc)
		rc = cpu_variables_read(t->k, &cpus, &heads, 1, err);
	firsts = calloc(cpus.n + 1, sizeof(*firsts));
	if (!rc && !firsts)
		rc = err_nomem(err);
	for (i = 0; i < cpus.n && !rc; i++)
		firsts[i] = le64(cpu_variable_of(&heads, i));
	t->out->torn |= !rc && !heads.known;
	if (!rc)
		rc = chains_read(t->k, firsts, cpus.n, &kind, &chains, err);
	for (i = 0; i < chains.links.n && !rc; i++)
		if (lock_tree_push(t, chains.links.v[i].at - link))
			rc = err_nomem(err);
	t->out->cut |= chains.cut;
	t->out->torn |= chains.torn_at != 0;
	t->out->torn_at = chains.torn_at ? chains.torn_at : t->out->torn_at;
	chains_deinit(&chains);
	cpu_variables_deinit(&heads, 1);
	cpus_deinit(&cpus);
	return rc;
}

/* Those that wait for n locks from number `from` on. */
static int lock_tree_level(struct lock_tree *t, size_t from, size_t n,
			   struct err *err)
{
	uint32_t head = lock_offset(t->k, FIELD_WAITERS);
	uint32_t member = lock_offset(t->k, FIELD_WAITER);
	_cleanup_free_ struct list *lists = calloc(n + 1, sizeof(*lists));
	size_t i, j;
	int rc;

	if (!lists)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		lists[i] =
			(struct list){.head = t->nodes.v[from + i].addr + head,
				      .most = LOCKS_MAX - t->nodes.n};
	rc = lists_read(t->k, lists, n, err);
	for (i = 0; i < n; i++) {
		t->nodes.v[from + i].first = t->nodes.n;
		for (j = 0; j < lists[i].links.n && !rc; j++)
			if (lock_tree_push(t, lists[i].links.v[j] - member))
				rc = err_nomem(err);
		t->nodes.v[from + i].n =
			t->nodes.n - t->nodes.v[from + i].first;
		t->out->cut |= lists[i].cut;
		t->out->torn |= lists[i].torn;
		if (lists[i].torn)
			t->out->torn_at = lists[i].torn_at;
		list_deinit(&lists[i]);
	}
	return rc;
}

/*
 * In the order of /proc/locks: each before those that wait for it.  A place on
 * the way down is the nodes that are still to be told there.
 */
static int lock_tree_order(struct lock_tree *t)
{
	struct {
		size_t next, end;
	} way[LOCK_LEVELS_MAX + 2] = {{0, t->roots}};
	unsigned int level = 0;

	for (;;) {
		const struct lock_node *node;

		if (way[level].next == way[level].end) {
			if (!level)
				return 0;
			level--;
			continue;
		}
		node = &t->nodes.v[way[level].next++];
		if (vec_push(&t->out->v, {.addr = node->addr, .level = level}))
			return ERR_NOMEM;
		if (!node->n)
			continue;
		level++;
		way[level].next = node->first;
		way[level].end = node->first + node->n;
	}
}

int file_locks_read(struct kernel *k, struct file_locks *out, struct err *err)
{
	_cleanup_(lock_tree_deinit) struct lock_tree t = {.k = k, .out = out};
	unsigned int levels = profile_field(k->profile, FIELD_FILEATTR)->present
				      ? LOCK_LEVELS_MAX
				      : 1;
	size_t from = 0, n;
	unsigned int level;
	int rc = profile_check_reader(k->profile, READER_FILE_LOCKS, err);

	*out = (struct file_locks){0};
	if (!rc)
		rc = lock_tree_roots(&t, err);
	t.roots = t.nodes.n;
	for (level = 0; level < levels && from < t.nodes.n && !rc; level++) {
		n = t.nodes.n - from;
		rc = lock_tree_level(&t, from, n, err);
		from += n;
	}
	out->cut |= levels > 1 && from < t.nodes.n;
	if (!rc && lock_tree_order(&t))
		rc = err_nomem(err);
	return rc ? rc : locks_fill(k, out->v.v, out->v.n, err);
}

void file_locks_deinit(struct file_locks *l)
{
	vec_deinit(&l->v);
}

/* The three lists of an inode, into its range. */
static int inode_locks_take(struct inode_locks *out, struct list *lists,
			    uint32_t member)
{
	struct inode_range range = {.first = out->all.v.n};
	size_t i, l;

	for (l = 0; l < 3; l++) {
		for (i = 0; i < lists[l].links.n; i++)
			if (vec_push(&out->all.v,
				     {.addr = lists[l].links.v[i] - member}))
				return ERR_NOMEM;
		range.torn |= lists[l].torn || lists[l].cut;
	}
	range.n = out->all.v.n - range.first;
	return vec_push(&out->ranges, range);
}

int inode_locks_read(struct kernel *k, const uint64_t *contexts, size_t n,
		     struct inode_locks *out, struct err *err)
{
	const uint32_t heads[] = {lock_offset(k, FIELD_CTX_FLOCK),
				  lock_offset(k, FIELD_CTX_POSIX),
				  lock_offset(k, FIELD_CTX_LEASE)};
	_cleanup_free_ struct list *lists = calloc(3 * n + 1, sizeof(*lists));
	size_t i, l;
	int rc = n ? profile_check_reader(k->profile, READER_FILE_LOCKS, err)
		   : 0;

	*out = (struct inode_locks){0};
	if (!lists)
		return err_nomem(err);
	for (i = 0; i < 3 * n; i++)
		lists[i] = (struct list){.head = contexts[i / 3] + heads[i % 3],
					 .most = LOCKS_MAX / (3 * n) + 64};
	if (!rc)
		rc = lists_read(k, lists, 3 * n, err);
	for (i = 0; i < n && !rc; i++)
		if (map_put(&out->at, contexts[i], i) ||
		    inode_locks_take(out, &lists[3 * i],
				     lock_offset(k, FIELD_LIST)))
			rc = err_nomem(err);
	for (l = 0; l < 3 * n; l++)
		list_deinit(&lists[l]);
	return rc ? rc : locks_fill(k, out->all.v.v, out->all.v.n, err);
}

void inode_locks_deinit(struct inode_locks *l)
{
	file_locks_deinit(&l->all);
	map_deinit(&l->at);
	vec_deinit(&l->ranges);
}
