/* SPDX-License-Identifier: BSD-2-Clause */
/* From tasks to their sets of control groups, and from these to paths. */
#include "kernel/task/task_cgroup.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "base/stored.h"
#include "kernel/task/kernfs_path.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_CGROUPS = WANTS_OF(READER_TASK_CGROUP),
	FIELD_ROOT_LIST,
	FIELD_ROOT_ID,
	FIELD_ROOT_SUBSYS,
	FIELD_ROOT_NAME,
	FIELD_ROOT_KN,
	FIELD_SET_DEFAULT,
	FIELD_SET_LINKS,
	FIELD_SET_SUBSYS,
	FIELD_LINK_CGRP,
	FIELD_LINK_LIST,
	FIELD_CGROUP_ROOT,
	FIELD_CGROUP_KN,
	FIELD_CGROUP_FLAGS,
	FIELD_SUBSYS_NAME
};

static const struct want want_table[] = {
	FIELD(TASK_CGROUPS, "task_struct", OPTIONAL, "cgroups"),
	FIELD(ROOT_LIST, "cgroup_root", OPTIONAL, "root_list"),
	FIELD(ROOT_ID, "cgroup_root", OPTIONAL, "hierarchy_id"),
	FIELD(ROOT_SUBSYS, "cgroup_root", OPTIONAL, "subsys_mask"),
	FIELD(ROOT_NAME, "cgroup_root", OPTIONAL, "name"),
	FIELD(ROOT_KN, "cgroup_root", OPTIONAL, "cgrp.kn"),
	FIELD(SET_DEFAULT, "css_set", OPTIONAL, "dfl_cgrp"),
	FIELD(SET_LINKS, "css_set", OPTIONAL, "cgrp_links"),
	FIELD(SET_SUBSYS, "css_set", OPTIONAL, "subsys"),
	FIELD(LINK_CGRP, "cgrp_cset_link", OPTIONAL, "cgrp"),
	FIELD(LINK_LIST, "cgrp_cset_link", OPTIONAL, "cgrp_link"),
	FIELD(CGROUP_ROOT, "cgroup", OPTIONAL, "root"),
	FIELD(CGROUP_KN, "cgroup", OPTIONAL, "kn"),
	FIELD(CGROUP_FLAGS, "cgroup", OPTIONAL, "self.flags"),
	FIELD(SUBSYS_NAME, "cgroup_subsys", OPTIONAL, "legacy_name"),
};

const struct wants task_cgroup_wants = {
	.reader = "control groups", .v = want_table, .n = WANTS_N(want_table)};

/* The sets that tasks are in, each once, and their groups. */
struct cgroup_reading {
	struct kernel *k;
	struct task_cgroups *out;
	struct map numbers; /* of sets, by address */
	uint64_t *sets;
	size_t *set_of;	  /* of each task */
	size_t n;	  /* sets */
	uint64_t *groups; /* of each set, one for each hierarchy */
	uint64_t *nodes;
	bool *dead;
};

static size_t cgroup_slots(const struct cgroup_reading *r)
{
	return r->n * r->out->list.n;
}

static void cgroup_reading_deinit(struct cgroup_reading *r)
{
	map_deinit(&r->numbers);
	free(r->sets);
	free(r->set_of);
	free(r->groups);
	free(r->nodes);
	free(r->dead);
}

static uint32_t cgroup_offset(const struct kernel *k, uint32_t id)
{
	return profile_field(k->profile, id)->offset;
}

/* Where a hierarchy has its topmost group, which is a part of it. */
static uint32_t cgroup_in_root(const struct kernel *k)
{
	return cgroup_offset(k, FIELD_ROOT_KN) -
	       cgroup_offset(k, FIELD_CGROUP_KN);
}

static int cgroup_take_root(struct cgroup_reading *r, const struct records *rec,
			    size_t i, uint64_t addr, uint64_t dfl)
{
	const uint8_t *name = records_bytes(rec, i, FIELD_ROOT_NAME);
	uint32_t room = records_size(rec, FIELD_ROOT_NAME);
	struct cgroup_hierarchy h = {
		.addr = addr,
		.id = (uint32_t)records_u64(rec, i, FIELD_ROOT_ID),
		.subsystems = (uint32_t)records_u64(rec, i, FIELD_ROOT_SUBSYS),
		.is_default = addr == dfl};

	if (room > CGROUP_NAME_MAX - 1)
		room = CGROUP_NAME_MAX - 1;
	memcpy(h.name, name, strnlen((const char *)name, room));
	r->out->torn |= !rec->ok[i];
	return vec_push(&r->out->list, h);
}

/* All hierarchies; that of version 2 only where it was ever mounted. */
static int cgroup_read_roots(struct cgroup_reading *r, struct err *err)
{
	static const uint32_t fields[] = {FIELD_ROOT_ID, FIELD_ROOT_SUBSYS,
					  FIELD_ROOT_NAME};
	struct list roots = {.most = HIERARCHIES_MAX};
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *addrs = NULL;
	uint64_t dfl = 0, visible = 0;
	size_t i, n = 0;
	int rc;

	profile_symbol(r->k->profile, "cgroup_roots", &roots.head);
	profile_symbol(r->k->profile, "cgrp_dfl_root", &dfl);
	rc = kernel_read_symbol(r->k, "cgrp_dfl_visible", 1, &visible, err);
	if (!rc)
		rc = lists_read(r->k, &roots, 1, err);
	addrs = lists_objects(&roots, 1, cgroup_offset(r->k, FIELD_ROOT_LIST),
			      &n);
	r->out->torn |= roots.torn || roots.cut;
	list_deinit(&roots);
	if (rc || !addrs)
		return rc ? rc : err_nomem(err);
	rc = records_read(r->k, addrs, n, fields, 3, &rec, err);
	for (i = 0; i < n && !rc; i++) {
		if (addrs[i] == dfl && !visible)
			continue;
		if (cgroup_take_root(r, &rec, i, addrs[i], dfl))
			rc = err_nomem(err);
	}
	return rc;
}

/* Names of subsystems, which are bits of a hierarchy of version 1. */
static int cgroup_read_names(struct cgroup_reading *r, struct err *err)
{
	static const uint32_t fields[] = {FIELD_SUBSYS_NAME};
	_cleanup_(records_deinit) struct records rec = {0};
	uint64_t at[CGROUP_SUBSYS_MAX] = {0};
	char *names[CGROUP_SUBSYS_MAX];
	struct space_read read = {.root = &r->k->root, .dst = at};
	size_t i, n = profile_field(r->k->profile, FIELD_SET_SUBSYS)->size / 8;
	int rc;

	if (n > CGROUP_SUBSYS_MAX ||
	    !profile_symbol(r->k->profile, "cgroup_subsys", &read.va))
		return 0;
	read.len = n * 8;
	rc = space_read(r->k->machine, &read, 1, err);
	for (i = 0; i < n; i++)
		names[i] = r->out->subsystems[i];
	if (!rc)
		rc = records_read(r->k, at, n, fields, 1, &rec, err);
	for (i = 0; i < n && !rc; i++)
		at[i] = records_u64(&rec, i, FIELD_SUBSYS_NAME);
	return rc ? rc
		  : records_strings(r->k, at, n, CGROUP_NAME_MAX, names, NULL,
				    err);
}

static int cgroup_find_sets(struct cgroup_reading *r, const struct task *tasks,
			    size_t n, struct err *err)
{
	static const uint32_t fields[] = {FIELD_TASK_CGROUPS};
	_cleanup_(records_deinit) struct records rec = {0};
	uint64_t at;
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		r->sets[i] = tasks[i].addr;
	rc = records_read(r->k, r->sets, n, fields, 1, &rec, err);
	for (i = 0; i < n && !rc; i++) {
		uint64_t set = records_u64(&rec, i, FIELD_TASK_CGROUPS);

		if (!map_get(&r->numbers, set, &at)) {
			at = r->n;
			r->sets[r->n++] = set;
			if (map_put(&r->numbers, set, at))
				return err_nomem(err);
		}
		r->set_of[i] = (size_t)at;
	}
	return rc;
}

/* The group of a set in a hierarchy; the first tasks' set has none of its own.
 */
static void cgroup_set_groups(struct cgroup_reading *r,
			      const struct records *sets, uint64_t initial)
{
	size_t i, h, n = r->out->list.n;

	for (i = 0; i < r->n; i++)
		for (h = 0; h < n; h++) {
			const struct cgroup_hierarchy *of = &r->out->list.v[h];
			uint64_t *to = &r->groups[i * n + h];

			if (r->sets[i] == initial)
				*to = of->addr + cgroup_in_root(r->k);
			else if (of->is_default)
				*to = records_u64(sets, i, FIELD_SET_DEFAULT);
		}
}

/* Those of version 1: by links from a set to its groups. */
static int cgroup_follow_links(struct cgroup_reading *r, struct list *lists,
			       struct err *err)
{
	static const uint32_t link[] = {FIELD_LINK_CGRP};
	static const uint32_t group[] = {FIELD_CGROUP_ROOT};
	_cleanup_(records_deinit) struct records links = {0};
	_cleanup_(records_deinit) struct records groups = {0};
	_cleanup_free_ uint64_t *addrs = NULL;
	size_t i, j, h, at = 0, n = 0, all = r->out->list.n;
	int rc =
		lists_read_within(r->k, lists, r->n, TASK_CGROUPS_MAX_ALL, err);

	if (rc)
		return rc;
	addrs = lists_objects(lists, r->n, cgroup_offset(r->k, FIELD_LINK_LIST),
			      &n);
	if (!addrs)
		return err_nomem(err);
	rc = records_read(r->k, addrs, n, link, 1, &links, err);
	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(&links, i, FIELD_LINK_CGRP);
	if (!rc)
		rc = records_read(r->k, addrs, n, group, 1, &groups, err);
	for (i = 0; i < r->n && !rc; i++)
		for (j = 0; j < lists[i].links.n; j++, at++)
			for (h = 0; h < all; h++)
				if (!r->groups[i * all + h] &&
				    records_u64(&groups, at,
						FIELD_CGROUP_ROOT) ==
					    r->out->list.v[h].addr)
					r->groups[i * all + h] = addrs[at];
	return rc;
}

static int cgroup_read_links(struct cgroup_reading *r, struct err *err)
{
	_cleanup_free_ struct list *lists = calloc(r->n + 1, sizeof(*lists));
	size_t i;
	int rc;

	if (!lists)
		return err_nomem(err);
	for (i = 0; i < r->n; i++)
		lists[i] = (struct list){
			.head = r->sets[i]
					? r->sets[i] +
						  cgroup_offset(r->k,
								FIELD_SET_LINKS)
					: 0,
			.most = HIERARCHIES_MAX};
	rc = cgroup_follow_links(r, lists, err);
	for (i = 0; i < r->n; i++)
		list_deinit(&lists[i]);
	return rc;
}

/* From groups to their directories, and what these are called. */
static int cgroup_read_paths(struct cgroup_reading *r, struct err *err)
{
	static const uint32_t fields[] = {FIELD_CGROUP_KN, FIELD_CGROUP_FLAGS};
	_cleanup_(records_deinit) struct records rec = {0};
	size_t i, n = cgroup_slots(r);
	int rc = records_read(r->k, r->groups, n, fields, 2, &rec, err);

	for (i = 0; i < n && !rc; i++) {
		r->nodes[i] = records_u64(&rec, i, FIELD_CGROUP_KN);
		r->dead[i] = !(records_u64(&rec, i, FIELD_CGROUP_FLAGS) &
			       CSS_ONLINE);
	}
	return rc ? rc
		  : kernfs_paths_read(r->k, r->nodes, n, r->out->paths, err);
}

static int cgroup_read_groups(struct cgroup_reading *r, struct err *err)
{
	static const uint32_t fields[] = {FIELD_SET_DEFAULT};
	_cleanup_(records_deinit) struct records sets = {0};
	size_t h, n = cgroup_slots(r);
	uint64_t initial = 0;
	bool others = false;
	int rc;

	r->groups = calloc(n + 1, sizeof(*r->groups));
	r->nodes = calloc(n + 1, sizeof(*r->nodes));
	r->dead = calloc(n + 1, sizeof(*r->dead));
	r->out->paths = calloc(n + 1, sizeof(*r->out->paths));
	if (!r->groups || !r->nodes || !r->dead || !r->out->paths)
		return err_nomem(err);
	r->out->n_paths = n;
	profile_symbol(r->k->profile, "init_css_set", &initial);
	rc = records_read(r->k, r->sets, r->n, fields, 1, &sets, err);
	if (rc)
		return rc;
	cgroup_set_groups(r, &sets, initial);
	for (h = 0; h < r->out->list.n; h++)
		others |= !r->out->list.v[h].is_default;
	rc = others ? cgroup_read_links(r, err) : 0;
	if (!rc && others)
		rc = cgroup_read_names(r, err);
	return rc ? rc : cgroup_read_paths(r, err);
}

/* Tasks that exit have left groups of version 1. */
static void cgroup_take(const struct cgroup_reading *r, const struct task *task,
			size_t i, struct task_cgroups *out)
{
	size_t h, all = out->list.n;

	for (h = 0; h < all; h++) {
		size_t slot = r->set_of[i] * all + h;
		bool left =
			!out->list.v[h].is_default && task->flags & PF_EXITING;
		struct task_cgroup *to = &out->of[i * all + h];

		to->path = left ? "/" : out->paths[slot];
		to->at = left ? 0 : r->groups[slot];
		to->dead = out->list.v[h].is_default && r->dead[slot];
	}
}

int task_cgroups_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct task_cgroups *out, struct err *err)
{
	_cleanup_(cgroup_reading_deinit) struct cgroup_reading r = {.k = k,
								    .out = out};
	size_t i;
	int rc;

	*out = (struct task_cgroups){.n = n};
	if (!records_known(k, FIELD_TASK_CGROUPS, FIELD_SUBSYS_NAME))
		return 0;
	r.sets = calloc(n + 1, sizeof(*r.sets));
	r.set_of = calloc(n + 1, sizeof(*r.set_of));
	if (!r.sets || !r.set_of)
		return err_nomem(err);
	rc = cgroup_read_roots(&r, err);
	if (rc)
		return rc == ERR_NOT_FOUND ? 0 : rc;
	if (out->list.n && n > TASK_CGROUPS_MAX_ALL / out->list.n) {
		out->torn = true;
		return 0;
	}
	out->of = calloc(n * out->list.n + 1, sizeof(*out->of));
	if (!out->of)
		return err_nomem(err);
	rc = cgroup_find_sets(&r, tasks, n, err);
	if (!rc)
		rc = cgroup_read_groups(&r, err);
	for (i = 0; i < n && !rc; i++)
		cgroup_take(&r, &tasks[i], i, out);
	out->known = !rc;
	return rc;
}

void task_cgroups_deinit(struct task_cgroups *c)
{
	size_t i;

	for (i = 0; c->paths && i < c->n_paths; i++)
		free(c->paths[i]);
	free(c->paths);
	free(c->of);
	vec_deinit(&c->list);
}
