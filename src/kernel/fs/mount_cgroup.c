/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of control groups' file systems. */
#include <string.h>

#include "kernel/task/cgroup_subsys.h"
#include "kernel/fs/mount_options.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_KN_PRIV = WANTS_OF(READER_MOUNT_CGROUP),
	FIELD_CGROUP_ROOT,
	FIELD_CGROUP_FLAGS,
	FIELD_ROOT_FLAGS,
	FIELD_ROOT_SUBSYS,
	FIELD_ROOT_NAME,
	FIELD_ROOT_AGENT,
	CONSTANT_NOPREFIX,
	CONSTANT_XATTR,
	CONSTANT_NS_DELEGATE,
	CONSTANT_DYNMODS,
	CONSTANT_CPUSET_V2,
	CONSTANT_LOCAL_EVENTS,
	CONSTANT_RECURSIVE,
	CONSTANT_HUGETLB,
	CONSTANT_PIDS_EVENTS,
	CONSTANT_CLONE
};

static const struct want want_table[] = {
	FIELD(KN_PRIV, "kernfs_node", OPTIONAL, "priv"),
	FIELD(CGROUP_ROOT, "cgroup", OPTIONAL, "root"),
	FIELD(CGROUP_FLAGS, "cgroup", OPTIONAL, "flags"),
	FIELD(ROOT_FLAGS, "cgroup_root", OPTIONAL, "flags"),
	FIELD(ROOT_SUBSYS, "cgroup_root", OPTIONAL, "subsys_mask"),
	FIELD(ROOT_NAME, "cgroup_root", OPTIONAL, "name"),
	FIELD(ROOT_AGENT, "cgroup_root", OPTIONAL, "release_agent_path"),
	CONSTANT(NOPREFIX, "", "CGRP_ROOT_NOPREFIX"),
	CONSTANT(XATTR, "", "CGRP_ROOT_XATTR"),
	CONSTANT(NS_DELEGATE, "", "CGRP_ROOT_NS_DELEGATE"),
	CONSTANT(DYNMODS, "", "CGRP_ROOT_FAVOR_DYNMODS"), /* 6.0 */
	CONSTANT(CPUSET_V2, "", "CGRP_ROOT_CPUSET_V2_MODE"),
	CONSTANT(LOCAL_EVENTS, "", "CGRP_ROOT_MEMORY_LOCAL_EVENTS"),
	CONSTANT(RECURSIVE, "", "CGRP_ROOT_MEMORY_RECURSIVE_PROT"),
	CONSTANT(HUGETLB, "", "CGRP_ROOT_MEMORY_HUGETLB_ACCOUNTING"), /* 6.7 */
	CONSTANT(PIDS_EVENTS, "", "CGRP_ROOT_PIDS_LOCAL_EVENTS"),     /* 6.12 */
	CONSTANT(CLONE, "", "CGRP_CPUSET_CLONE_CHILDREN"),
};

const struct wants mount_cgroup_wants = {.reader = "options of control groups",
					 .v = want_table,
					 .n = WANTS_N(want_table)};

struct cgroup_option {
	uint32_t flag;
	const char *name;
};

/* cgroup_show_options(), kernel/cgroup/cgroup.c. */
static const struct cgroup_option cgroup2_options[] = {
	{CONSTANT_NS_DELEGATE, "nsdelegate"},
	{CONSTANT_DYNMODS, "favordynmods"},
	{CONSTANT_LOCAL_EVENTS, "memory_localevents"},
	{CONSTANT_RECURSIVE, "memory_recursiveprot"},
	{CONSTANT_HUGETLB, "memory_hugetlb_accounting"},
	{CONSTANT_PIDS_EVENTS, "pids_localevents"},
};

/* cgroup1_show_options(), kernel/cgroup/cgroup-v1.c, behind the controllers. */
static const struct cgroup_option cgroup1_options[] = {
	{CONSTANT_NOPREFIX, "noprefix"},
	{CONSTANT_XATTR, "xattr"},
	{CONSTANT_CPUSET_V2, "cpuset_v2_mode"},
	{CONSTANT_DYNMODS, "favordynmods"},
};

/* Flags of a hierarchy; those that this kernel does not have are not set. */
static void cgroup_put_flags(struct super_group *g, struct mount_super *s,
			     const struct cgroup_option *v, size_t n,
			     uint64_t flags)
{
	int64_t flag;
	size_t i;

	for (i = 0; i < n; i++)
		if (profile_constant(g->k->profile, v[i].flag, &flag) &&
		    flags & (uint64_t)flag)
			mount_option_put(&s->options, v[i].name, NULL);
}

/* The hierarchies of a group: roots[i] of the topmost control groups' kernfs
 * nodes, which are the infos. */
static int cgroup_read_roots(struct super_group *g, struct records *cgroups,
			     struct records *roots, struct err *err)
{
	static const uint32_t priv[] = {FIELD_KN_PRIV};
	static const uint32_t cgroup[] = {FIELD_CGROUP_ROOT,
					  FIELD_CGROUP_FLAGS};
	static const uint32_t root[] = {FIELD_ROOT_FLAGS, FIELD_ROOT_SUBSYS,
					FIELD_ROOT_NAME, FIELD_ROOT_AGENT};
	struct records kn = {0};
	size_t i;
	int rc = records_read(g->k, g->info, g->n, priv, 1, &kn, err);

	for (i = 0; i < g->n && !rc; i++)
		g->info[i] = records_u64(&kn, i, FIELD_KN_PRIV);
	records_deinit(&kn);
	if (!rc)
		rc = records_read(g->k, g->info, g->n, cgroup, 2, cgroups, err);
	for (i = 0; i < g->n && !rc; i++)
		g->info[i] = records_u64(cgroups, i, FIELD_CGROUP_ROOT);
	if (!rc)
		rc = records_read(g->k, g->info, g->n, root, 4, roots, err);
	for (i = 0; i < g->n && !rc; i++)
		if (!cgroups->ok[i] || !roots->ok[i])
			g->v[i]->say = MOUNT_TORN;
		else if (!options_have(roots, root, WANTS_N(root)))
			g->v[i]->say = MOUNT_LACKS;
	return rc;
}

static int options_cgroup2(struct super_group *g, struct err *err)
{
	struct records cgroups = {0}, roots = {0};
	size_t i;
	int rc = cgroup_read_roots(g, &cgroups, &roots, err);

	for (i = 0; i < g->n && !rc; i++)
		if (!g->v[i]->say)
			cgroup_put_flags(
				g, g->v[i], cgroup2_options,
				WANTS_N(cgroup2_options),
				records_u64(&roots, i, FIELD_ROOT_FLAGS));
	records_deinit(&cgroups);
	records_deinit(&roots);
	return rc;
}

#define CGROUP_TEXT_MAX 4096u

/* There are as many hierarchies as controllers, some with a mount for each
 * container. */
#define CGROUP_MOUNTS_MAX 4096u

/* "release_agent" and "name", which are empty mostly. */
static void cgroup_put_text(struct buf *out, const char *name,
			    const struct records *r, size_t i, uint32_t field)
{
	char text[CGROUP_TEXT_MAX + 1] = "";
	uint32_t size = records_size(r, field);

	memcpy(text, records_bytes(r, i, field),
	       size < CGROUP_TEXT_MAX ? size : CGROUP_TEXT_MAX);
	if (*text)
		mount_option_put(out, name, text);
}

static int options_cgroup1(struct super_group *g, struct err *err)
{
	struct cgroup_controllers subsys;
	struct records cgroups = {0}, roots = {0};
	size_t i, c;
	int64_t clone = -1;
	bool named = !cgroup_controllers_read(g->k, &subsys, NULL);
	int rc;

	for (i = CGROUP_MOUNTS_MAX; i < g->n; i++)
		g->v[i]->say = MOUNT_LACKS;
	g->n = g->n < CGROUP_MOUNTS_MAX ? g->n : CGROUP_MOUNTS_MAX;
	rc = cgroup_read_roots(g, &cgroups, &roots, err);
	profile_constant(g->k->profile, CONSTANT_CLONE, &clone);
	for (i = 0; i < g->n && !rc; i++) {
		struct mount_super *s = g->v[i];
		uint64_t mask = records_u64(&roots, i, FIELD_ROOT_SUBSYS);

		if (!s->say && !named)
			s->say = MOUNT_LACKS;
		if (s->say)
			continue;
		for (c = 0; c < subsys.n; c++)
			if (mask >> c & 1)
				mount_option_put(&s->options, subsys.v[c].name,
						 NULL);
		cgroup_put_flags(g, s, cgroup1_options,
				 WANTS_N(cgroup1_options),
				 records_u64(&roots, i, FIELD_ROOT_FLAGS));
		cgroup_put_text(&s->options, "release_agent", &roots, i,
				FIELD_ROOT_AGENT);
		if (clone >= 0 && clone < 64 &&
		    records_u64(&cgroups, i, FIELD_CGROUP_FLAGS) >> clone & 1)
			mount_option_put(&s->options, "clone_children", NULL);
		cgroup_put_text(&s->options, "name", &roots, i,
				FIELD_ROOT_NAME);
	}
	records_deinit(&cgroups);
	records_deinit(&roots);
	return rc;
}

const struct super_kind mount_cgroup[] = {
	{"cgroup_show_options", options_cgroup2},
	{"cgroup1_show_options", options_cgroup1},
	{0},
};
