/* SPDX-License-Identifier: BSD-2-Clause */
/* Climbs from nodes of kernfs to their roots, each read once. */
#include "kernel/task/kernfs_path.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "base/stored.h"
#include "base/vec.h"
#include "kernel/limits.h"
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

#define NAME_SIZE 256u	/* NAME_MAX, and a NUL */
#define PATH_SIZE 4096u /* PATH_MAX: the kernel shows no longer ones */
#define LEVELS	  (PATH_SIZE / 2)
#define NOWHERE	  SIZE_MAX

/* One that was read, or will be. */
struct kernfs_node {
	uint64_t at;
	char *name;    /* NULL: cannot be read */
	size_t parent; /* its number; NOWHERE: not read */
	bool is_root;
	bool pathless; /* its path was tried, and is none */
};

struct kernfs_climb {
	struct kernel *k;
	struct map numbers; /* of nodes, by address */
	VEC(struct kernfs_node) nodes;
	uint64_t left; /* bytes that all paths may have yet */
};

static void kernfs_climb_deinit(struct kernfs_climb *c)
{
	size_t i;

	for (i = 0; i < c->nodes.n; i++)
		free(c->nodes.v[i].name);
	vec_deinit(&c->nodes);
	map_deinit(&c->numbers);
}

/* The number of the node there, which is read in the next round if it is new;
 * NOWHERE: there are too many. */
static int kernfs_climb_push(struct kernfs_climb *c, uint64_t at,
			     size_t *number)
{
	uint64_t known;

	*number = NOWHERE;
	if (map_get(&c->numbers, at, &known)) {
		*number = (size_t)known;
		return 0;
	}
	if (c->nodes.n == KERNFS_NODES_MAX)
		return 0;
	*number = c->nodes.n;
	if (map_put(&c->numbers, at, *number))
		return ERR_NOMEM;
	return vec_push(&c->nodes, {.at = at, .parent = NOWHERE});
}

static int kernfs_climb_take(struct kernfs_climb *c, size_t i, bool known,
			     const char *name, uint64_t parent)
{
	size_t number = NOWHERE;

	c->nodes.v[i].is_root = known && !parent;
	if (!known || !parent)
		return 0;
	if (name) {
		c->nodes.v[i].name = strdup(name);
		if (!c->nodes.v[i].name)
			return ERR_NOMEM;
	}
	if (kernfs_climb_push(c, parent, &number))
		return ERR_NOMEM;
	c->nodes.v[i].parent = number;
	return 0;
}

/* What n nodes are called. */
static int kernfs_read_names(struct kernfs_climb *c, const struct records *r,
			     char *names, bool *ok, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(r->n + 1, sizeof(*at));
	_cleanup_free_ char **to = calloc(r->n + 1, sizeof(*to));
	size_t i;

	if (!at || !to)
		return err_nomem(err);
	for (i = 0; i < r->n; i++) {
		at[i] = records_u64(r, i, FIELD_KN_NAME);
		to[i] = names + i * NAME_SIZE;
	}
	return records_strings(c->k, at, r->n, NAME_SIZE, to, ok, err);
}

/* The nodes from number `from` on; their parents follow. */
static int kernfs_climb_up(struct kernfs_climb *c, size_t from, struct err *err)
{
	static const uint32_t fields[] = {FIELD_KN_NAME, FIELD_KN_PARENT};
	_cleanup_(records_deinit) struct records r = {0};
	size_t n = c->nodes.n - from, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_free_ char *names = calloc(n + 1, NAME_SIZE);
	_cleanup_free_ bool *ok = calloc(n + 1, sizeof(*ok));
	int rc;

	if (!at || !names || !ok)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = c->nodes.v[from + i].at;
	rc = records_read(c->k, at, n, fields, 2, &r, err);
	if (!rc)
		rc = kernfs_read_names(c, &r, names, ok, err);
	for (i = 0; i < n && !rc; i++)
		if (kernfs_climb_take(c, from + i,
				      r.ok[i] &&
					      records_have(&r, FIELD_KN_PARENT),
				      ok[i] ? names + i * NAME_SIZE : NULL,
				      records_u64(&r, i, FIELD_KN_PARENT)))
			rc = err_nomem(err);
	return rc;
}

/*
 * "/" of a root, else "/a/b", from its end on; NULL where a part of it is not
 * known, or it is longer than any that is shown.
 */
static const char *kernfs_path_write(const struct kernfs_climb *c, size_t i,
				     char path[PATH_SIZE])
{
	size_t at = PATH_SIZE - 1;

	path[at] = '\0';
	if (c->nodes.v[i].is_root)
		path[--at] = '/';
	while (!c->nodes.v[i].is_root) {
		const struct kernfs_node *node = &c->nodes.v[i];
		size_t len = node->name ? strlen(node->name) : 0;

		/* each takes a byte at least: a circle ends here, too */
		if (!node->name || node->parent == NOWHERE || len + 1 > at)
			return NULL;
		at -= len;
		memcpy(path + at, node->name, len);
		path[--at] = '/';
		i = node->parent;
	}
	return path + at;
}

static int kernfs_path_take(struct kernfs_climb *c, size_t i, char **out)
{
	char path[PATH_SIZE];
	const char *text =
		c->nodes.v[i].pathless ? NULL : kernfs_path_write(c, i, path);

	if (!text || strlen(text) > c->left) {
		c->nodes.v[i].pathless = true;
		return 0;
	}
	c->left -= strlen(text);
	*out = strdup(text);
	return *out ? 0 : ERR_NOMEM;
}

int kernfs_paths_read(struct kernel *k, const uint64_t *nodes, size_t n,
		      char **paths, struct err *err)
{
	_cleanup_(kernfs_climb_deinit) struct kernfs_climb c = {
		.k = k, .left = KERNFS_PATHS_MAX_ALL};
	_cleanup_free_ size_t *of = calloc(n + 1, sizeof(*of));
	size_t i, from, end, level = 0;
	int rc = of ? 0 : err_nomem(err);

	for (i = 0; i < n && !rc; i++) {
		of[i] = NOWHERE;
		if (nodes[i] && kernfs_climb_push(&c, nodes[i], &of[i]))
			rc = err_nomem(err);
	}
	for (from = 0; from < c.nodes.n && level++ < LEVELS && !rc;
	     from = end) {
		end = c.nodes.n;
		rc = kernfs_climb_up(&c, from, err);
	}
	for (i = 0; i < n && !rc; i++)
		if (of[i] != NOWHERE && kernfs_path_take(&c, of[i], &paths[i]))
			rc = err_nomem(err);
	return rc;
}
