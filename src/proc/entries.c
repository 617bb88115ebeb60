/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies in directories below /proc: the names of one level. */
#include "proc/entries.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/stored.h"

/* How many parts a path has. */
static size_t depth(const char *path)
{
	size_t n = *path ? 1 : 0;

	for (; (path = strchr(path, '/')); path++)
		n++;
	return n;
}

/* Where a path is cut so that it has n parts; its end where it has no more. */
static size_t cut_at(const char *path, size_t n)
{
	const char *at = path;

	while (n-- && (at = strchr(at, '/')) && n)
		at++;
	return at ? (size_t)(at - path) : strlen(path);
}

/* Whether the n bytes of a path are such a one. */
static bool is_begin(const char *whole, const char *path, size_t n)
{
	return strlen(whole) == n && !memcmp(whole, path, n);
}

/* Add an entry unless the one before it is the same directory. */
static int add_entry(const struct proc_match *m, const char *path, size_t level,
		     struct proc_entries *out)
{
	size_t n = cut_at(path, level + 1);
	bool dir = path[n] || proc_match_is_dir(m);
	struct proc_entry *e;

	if ((depth(path) <= level && dir) || (n && path[n - 1] == '/'))
		return 0; /* the directory itself */
	if (out->v.n && is_begin(out->v.v[out->v.n - 1].path, path, n))
		return 0;
	if (vec_reserve(&out->v, 1))
		return ERR_NOMEM;
	e = &out->v.v[out->v.n];
	e->match = dir ? NULL : m;
	e->path = strndup(path, n);
	if (!e->path)
		return ERR_NOMEM;
	out->v.n++;
	return 0;
}

int proc_entries(const struct proc_lookup *l, const struct proc_path *paths,
		 size_t path, struct proc_entries *out, struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t i, level = depth(paths[path].whole);

	*out = (struct proc_entries){0};
	for (i = 0; i < l->matches.n; i++) {
		const struct proc_match *m = &l->matches.v[i];

		if (m->path != path)
			continue;
		buf_reset(&b);
		proc_match_path(l, m, &b);
		if (b.oom || add_entry(m, b.len ? b.data : "", level, out))
			return err_nomem(err);
	}
	return 0;
}

void proc_entries_deinit(struct proc_entries *e)
{
	size_t i;

	for (i = 0; i < e->v.n; i++)
		free(e->v.v[i].path);
	vec_deinit(&e->v);
}
