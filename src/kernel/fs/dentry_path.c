/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows dentries up to the roots of their file systems. */
#include "kernel/fs/dentry_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/fs/dentry.h"
#include "kernel/limits.h"

struct dentry_climb {
	uint64_t at;
	char *text; /* so far */
	size_t len;
	unsigned int steps;
	bool done;
};

static void climb_give_up(struct dentry_climb *c)
{
	c->done = true;
	free(c->text);
	c->text = NULL;
}

static int climb_prepend(struct dentry_climb *c, const char *name, size_t len)
{
	char *text = malloc(c->len + len + 2);

	if (!text)
		return ERR_NOMEM;
	text[0] = '/';
	memcpy(text + 1, name, len);
	if (c->len)
		memcpy(text + 1 + len, c->text, c->len);
	c->len += len + 1;
	text[c->len] = '\0';
	free(c->text);
	c->text = text;
	return 0;
}

/* As far as dentries are known; 0 or ERR_NOMEM. */
static int climb_on(struct dentry_climb *c, const struct dentry_cache *cache)
{
	const struct dentry *d;

	while (!c->done && (d = dentry_get(cache, c->at))) {
		if (!d->ok || c->steps++ > PATH_COMPONENTS_MAX ||
		    c->len > PATH_BYTES_MAX) {
			climb_give_up(c);
		} else if (d->parent == c->at) {
			c->done = true;
			if (!c->text && climb_prepend(c, "", 0))
				return ERR_NOMEM;
		} else {
			if (climb_prepend(c, dentry_name(cache, d),
					  d->name_len))
				return ERR_NOMEM;
			c->at = d->parent;
		}
	}
	return 0;
}

/* The dentries at which climbs stand; how many. */
static size_t climbs_stand(const struct dentry_climb *climbs, size_t n,
			   uint64_t *dentries)
{
	size_t i, some = 0;

	for (i = 0; i < n; i++)
		if (!climbs[i].done)
			dentries[some++] = climbs[i].at;
	return some;
}

static int climb_all(struct kernel *k, struct dentry_climb *climbs, size_t n,
		     struct dentry_cache *cache, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_free_ uint64_t *mounts = calloc(n + 1, sizeof(*mounts));
	size_t i, some;
	int rc = 0;

	if (!at || !mounts)
		return err_nomem(err);
	while (!rc && (some = climbs_stand(climbs, n, at))) {
		rc = dentry_cache_read(k, cache, at, mounts, some, err);
		for (i = 0; i < n && !rc; i++)
			if (climb_on(&climbs[i], cache))
				rc = err_nomem(err);
	}
	return rc;
}

int dentry_paths_read(struct kernel *k, const uint64_t *dentries, size_t n,
		      char **out, bool *deleted, struct err *err)
{
	_cleanup_(dentry_cache_deinit) struct dentry_cache cache = {0};
	_cleanup_free_ struct dentry_climb *climbs =
		calloc(n + 1, sizeof(*climbs));
	size_t i;
	int rc;

	memset(out, 0, n * sizeof(*out));
	if (!climbs)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		climbs[i].at = dentries[i];
		climbs[i].done = !dentries[i];
	}
	rc = climb_all(k, climbs, n, &cache, err);
	for (i = 0; i < n; i++) {
		const struct dentry *d = dentry_get(&cache, dentries[i]);

		out[i] = climbs[i].text;
		if (deleted)
			deleted[i] = d && d->ok && d->unhashed &&
				     d->parent != dentries[i];
	}
	return rc;
}
