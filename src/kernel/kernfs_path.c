/* SPDX-License-Identifier: BSD-2-Clause */
/* Climbs from nodes of kernfs to their roots, all at once. */
#include "kernel/kernfs_path.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types: docs/facts/kernel.md, "Control groups of pages".
 */
enum {
	FIELD_KN_NAME = WANTS_OF(READER_KERNFS_PATH),
	FIELD_KN_PARENT
};

static const struct want want_table[] = {
	FIELD(KN_NAME, "kernfs_node", OPTIONAL, "name"),
	FIELD(KN_PARENT, "kernfs_node", OPTIONAL, "__parent|parent"), /* 6.15 */
};

const struct wants kernfs_path_wants = {.reader = "paths of control groups",
					.v = want_table,
					.n = WANTS_N(want_table)};

#define DEPTH	  64u /* no hierarchy is as deep */
#define NAME_SIZE 256u

/* Where each of them is, step by step. */
struct kernfs_climb {
	struct kernel *k;
	size_t n;
	uint64_t *at; /* what is read next; 0: it is done */
	char (*name)[NAME_SIZE];
	char **names;
	char **paths;
};

static void kernfs_climb_deinit(struct kernfs_climb *c)
{
	free(c->at);
	free(c->name);
	free(c->names);
}

static int kernfs_climb_init(struct kernfs_climb *c, const uint64_t *nodes)
{
	size_t i;

	c->at = calloc(c->n + 1, sizeof(*c->at));
	c->name = calloc(c->n + 1, sizeof(*c->name));
	c->names = calloc(c->n + 1, sizeof(*c->names));
	if (!c->at || !c->name || !c->names)
		return ERR_NOMEM;
	for (i = 0; i < c->n; i++) {
		c->at[i] = nodes[i];
		c->names[i] = c->name[i];
	}
	return 0;
}

/* Put "/name" in front of a path, the last part of which came first. */
static int put_before(char **path, const char *name)
{
	char *longer = NULL;

	if (asprintf(&longer, "/%s%s", name, *path ? *path : "") < 0)
		return ERR_NOMEM;
	free(*path);
	*path = longer;
	return 0;
}

static void kernfs_climb_give_up(struct kernfs_climb *c, size_t i)
{
	free(c->paths[i]);
	c->paths[i] = NULL;
	c->at[i] = 0;
}

/* One step of one; the topmost has no name of its own. */
static int kernfs_climb_step(struct kernfs_climb *c, const struct records *r,
			     size_t i)
{
	uint64_t parent = records_u64(r, i, FIELD_KN_PARENT);

	if (!c->at[i])
		return 0;
	if (!r->ok[i] || !records_have(r, FIELD_KN_PARENT)) {
		kernfs_climb_give_up(c, i);
		return 0;
	}
	c->at[i] = parent;
	if (parent || !c->paths[i])
		return put_before(&c->paths[i], parent ? c->name[i] : "");
	return 0;
}

/* One directory up, all at once. */
static int kernfs_climb_up(struct kernfs_climb *c, bool *more, struct err *err)
{
	static const uint32_t fields[] = {FIELD_KN_NAME, FIELD_KN_PARENT};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *strings = calloc(c->n + 1, sizeof(*strings));
	size_t i;
	int rc;

	if (!strings)
		return err_nomem(err);
	rc = records_read(c->k, c->at, c->n, fields, 2, &r, err);
	for (i = 0; i < c->n && !rc; i++)
		strings[i] = records_u64(&r, i, FIELD_KN_NAME);
	if (!rc)
		rc = records_strings(c->k, strings, c->n, NAME_SIZE, c->names,
				     NULL, err);
	for (i = 0, *more = false; i < c->n && !rc; i++) {
		if (kernfs_climb_step(c, &r, i))
			rc = err_nomem(err);
		*more |= c->at[i] != 0;
	}
	return rc;
}

int kernfs_paths_read(struct kernel *k, const uint64_t *nodes, size_t n,
		      char **paths, struct err *err)
{
	_cleanup_(kernfs_climb_deinit) struct kernfs_climb c = {
		.k = k, .n = n, .paths = paths};
	bool more = n != 0;
	size_t i, depth;
	int rc = 0;

	if (kernfs_climb_init(&c, nodes))
		return err_nomem(err);
	for (depth = 0; depth < DEPTH && more && !rc; depth++)
		rc = kernfs_climb_up(&c, &more, err);
	for (i = 0; i < n && !rc; i++)
		if (c.at[i]) /* a part of it would be another's */
			kernfs_climb_give_up(&c, i);
	return rc;
}
