/* SPDX-License-Identifier: BSD-2-Clause */
/* From what a page is charged to, to the path of a control group. */
#include "kernel/page/page_group.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/task/kernfs_path.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/task/task_cgroup.h"

/* What is wanted of the types: docs/facts/kernel.md, "Control groups of pages".
 */
enum {
	FIELD_MEMCG_SUBSYS = WANTS_OF(READER_PAGE_GROUP),
	FIELD_MEMCG_CGROUP,
	FIELD_MEMCG_FLAGS,
	FIELD_MEMCG_PARENT,
	FIELD_MEMCG_CSS,
	FIELD_OBJCG_MEMCG,
	FIELD_CGROUP_KN,
	FIELD_KN_ID,
	STRUCT_CACHESTAT
};

static const struct want want_table[] = {
	FIELD(MEMCG_SUBSYS, "mem_cgroup", OPTIONAL, "css.ss"),
	FIELD(MEMCG_CGROUP, "mem_cgroup", OPTIONAL, "css.cgroup"),
	FIELD(MEMCG_FLAGS, "mem_cgroup", OPTIONAL, "css.flags"),
	FIELD(MEMCG_PARENT, "mem_cgroup", OPTIONAL, "css.parent"),
	FIELD(MEMCG_CSS, "mem_cgroup", OPTIONAL, "css"),
	FIELD(OBJCG_MEMCG, "obj_cgroup", OPTIONAL, "memcg"), /* 5.9 */
	FIELD(CGROUP_KN, "cgroup", OPTIONAL, "kn"),
	FIELD(KN_ID, "kernfs_node", OPTIONAL, "id"),
	STRUCT(CACHESTAT, "cachestat", OPTIONAL), /* 6.5 */
};

const struct wants page_group_wants = {.reader = "control groups of pages",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

#define DEPTH 64u /* no hierarchy is as deep */

/* Where each of the groups is, step by step: one array for each step. */
struct climb {
	struct kernel *k;
	size_t n;
	uint64_t *memcg, *at; /* at: what is read next */
	char **paths;
};

static void climb_deinit(struct climb *c)
{
	size_t i;

	for (i = 0; c->paths && i < c->n; i++)
		free(c->paths[i]);
	free(c->memcg);
	free(c->at);
	free(c->paths);
}

static int climb_init(struct climb *c, struct kernel *k, size_t n)
{
	c->k = k;
	c->n = n;
	c->memcg = calloc(n + 1, sizeof(*c->memcg));
	c->at = calloc(n + 1, sizeof(*c->at));
	c->paths = calloc(n + 1, sizeof(*c->paths));
	return c->memcg && c->at && c->paths ? 0 : ERR_NOMEM;
}

static int page_group_want(struct kernel *k, const struct page_info *pages,
			   size_t n, struct page_groups *out, uint64_t *words)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!kernel_pointer(k, pages[i].memcg) ||
		    map_get(&out->at, pages[i].memcg, NULL))
			continue;
		words[out->list.n] = pages[i].memcg;
		if (map_put(&out->at, pages[i].memcg, out->list.n) ||
		    vec_push(&out->list, {0}))
			return ERR_NOMEM;
	}
	return 0;
}

/*
 * Which of the words are mem_cgroups: their subsystem says so.  Others may be
 * obj_cgroups, and lead to one.
 */
static int climb_enter(struct climb *c, const uint64_t *words,
		       uint64_t subsystem, struct err *err)
{
	static const uint32_t subsys[] = {FIELD_MEMCG_SUBSYS};
	static const uint32_t memcg[] = {FIELD_OBJCG_MEMCG};
	struct records_want wants[] = {{words, c->n, subsys, 1},
				       {words, c->n, memcg, 1}};
	struct records r[2] = {{0}};
	_cleanup_(records_deinit) struct records again = {0};
	size_t i;
	int rc = records_read_all(c->k, wants, 2, r, err);

	for (i = 0; i < c->n && !rc; i++) {
		c->memcg[i] = words[i];
		if (records_u64(&r[0], i, FIELD_MEMCG_SUBSYS) != subsystem)
			c->memcg[i] = records_u64(&r[1], i, FIELD_OBJCG_MEMCG);
	}
	records_deinit(&r[0]);
	records_deinit(&r[1]);
	if (!rc)
		rc = records_read(c->k, c->memcg, c->n, subsys, 1, &again, err);
	for (i = 0; i < c->n && !rc; i++)
		if (records_u64(&again, i, FIELD_MEMCG_SUBSYS) != subsystem)
			c->memcg[i] = 0;
	return rc;
}

/* Up to the nearest one that is online; at: its cgroup. */
static int climb_online(struct climb *c, struct err *err)
{
	static const uint32_t fields[] = {FIELD_MEMCG_FLAGS, FIELD_MEMCG_PARENT,
					  FIELD_MEMCG_CGROUP};
	uint32_t css = profile_field(c->k->profile, FIELD_MEMCG_CSS)->offset;
	bool more = true;
	size_t i, depth;
	int rc = 0;

	for (depth = 0; depth < DEPTH && more && !rc; depth++) {
		_cleanup_(records_deinit) struct records r = {0};

		more = false;
		rc = records_read(c->k, c->memcg, c->n, fields, 3, &r, err);
		for (i = 0; i < c->n && !rc; i++) {
			uint64_t parent =
				records_u64(&r, i, FIELD_MEMCG_PARENT);

			c->at[i] = records_u64(&r, i, FIELD_MEMCG_CGROUP);
			if (!c->memcg[i] ||
			    records_u64(&r, i, FIELD_MEMCG_FLAGS) & CSS_ONLINE)
				continue;
			c->at[i] = 0;
			c->memcg[i] = parent ? parent - css : 0;
			more |= c->memcg[i] != 0;
		}
	}
	return rc;
}

/* From cgroups to their directories, and what number these have. */
static int climb_numbers(struct climb *c, struct page_groups *out,
			 struct err *err)
{
	static const uint32_t kn[] = {FIELD_CGROUP_KN};
	static const uint32_t id[] = {FIELD_KN_ID};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(records_deinit) struct records ids = {0};
	size_t i;
	int rc = records_read(c->k, c->at, c->n, kn, 1, &r, err);

	for (i = 0; i < c->n && !rc; i++)
		c->at[i] = records_u64(&r, i, FIELD_CGROUP_KN);
	if (!rc)
		rc = records_read(c->k, c->at, c->n, id, 1, &ids, err);
	for (i = 0; i < c->n && !rc; i++)
		out->list.v[i].inode = records_u64(&ids, i, FIELD_KN_ID);
	return rc;
}

static int climb_paths(struct climb *c, struct page_groups *out,
		       struct err *err)
{
	size_t i;
	int rc = kernfs_paths_read(c->k, c->at, c->n, c->paths, err);

	for (i = 0; i < c->n && !rc; i++) {
		if (!out->list.v[i].inode)
			continue;
		out->list.v[i].path = c->paths[i];
		c->paths[i] = NULL;
	}
	return rc;
}

int page_groups_read(struct kernel *k, const struct page_info *pages, size_t n,
		     struct page_groups *out, struct err *err)
{
	_cleanup_(climb_deinit) struct climb c = {0};
	_cleanup_free_ uint64_t *words = calloc(n + 1, sizeof(*words));
	uint64_t subsystem;
	int rc;

	if (!words || page_group_want(k, pages, n, out, words) ||
	    climb_init(&c, k, out->list.n))
		return err_nomem(err);
	if (!c.n ||
	    !profile_symbol(k->profile, "memory_cgrp_subsys", &subsystem))
		return 0;
	rc = climb_enter(&c, words, subsystem, err);
	if (!rc)
		rc = climb_online(&c, err);
	if (!rc)
		rc = climb_numbers(&c, out, err);
	return rc ? rc : climb_paths(&c, out, err);
}

bool page_group_of_head(const struct kernel *k)
{
	return profile_sizeof(k->profile, STRUCT_CACHESTAT);
}

const struct page_group *page_group_of(const struct page_groups *g,
				       const struct page_info *page)
{
	uint64_t i = 0;

	if (!page->memcg || !map_get(&g->at, page->memcg, &i) ||
	    !g->list.v[i].inode)
		return NULL;
	return &g->list.v[i];
}

void page_groups_deinit(struct page_groups *g)
{
	size_t i;

	for (i = 0; i < g->list.n; i++)
		free(g->list.v[i].path);
	vec_deinit(&g->list);
	map_deinit(&g->at);
}
