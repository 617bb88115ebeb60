/* SPDX-License-Identifier: BSD-2-Clause */
/* Resolves paths as d_path() does, all of them in step. */
#include "kernel/fs/path.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/fs/dentry.h"
#include "kernel/fs/dentry_name.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/task/task.h"

/* What is wanted of the types. */
enum {
	FIELD_FS_ROOT_MNT = WANTS_OF(READER_PATH),
	FIELD_FS_ROOT_DENTRY
};

static const struct want want_table[] = {
	FIELD(FS_ROOT_MNT, "fs_struct", OPTIONAL, "root.mnt"),
	FIELD(FS_ROOT_DENTRY, "fs_struct", OPTIONAL, "root.dentry"),
};

const struct wants path_wants = {
	.reader = "paths", .v = want_table, .n = WANTS_N(want_table)};

/* A path that is being followed up; text is built from the end. */
struct climb {
	struct path_at at,
		root; /* where a reader's "/" is; 0: the global one */
	bool bare;
	struct path_at mark; /* where it stood after 2^n steps */
	unsigned int steps;
	char *text;
	size_t size, start; /* text[start] is the first byte so far */
	size_t suffix;	    /* bytes of " (deleted)" at its end */
	bool done;
};

/* So many are followed at a time. */
#define CLIMBS	 (1u << 14)

#define TEXT_MIN 256u
#define DELETED	 " (deleted)"

struct resolver {
	struct kernel *k;
	struct path_at root; /* of PID 1 */
	struct dentry_cache cache;
	struct climb *climbs;
	size_t n;
	size_t bytes_left; /* of PATH_BYTES_MAX_ALL */
	size_t rounds;
	bool oom;
};

static void path_resolver_deinit(struct resolver *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free(r->climbs[i].text);
	dentry_cache_deinit(&r->cache);
	free(r->climbs);
}

static void path_give_up(struct climb *c, struct path_job *job,
			 enum path_fault fault, uint64_t addr)
{
	c->done = true;
	job->fault = fault;
	job->fault_at = addr;
}

/* Make room for len bytes in front; false where a limit has it. */
static bool path_grow(struct resolver *r, struct climb *c, size_t len)
{
	size_t used = c->size - c->start, size = c->size ? c->size : TEXT_MIN;
	char *text;

	if (used + len > PATH_BYTES_MAX)
		return false;
	while (size < used + len)
		size *= 2;
	if (size - c->size > r->bytes_left)
		return false;
	text = malloc(size);
	r->oom |= !text;
	if (!text)
		return false;
	if (used)
		memcpy(text + size - used, c->text + c->start, used);
	free(c->text);
	r->bytes_left -= size - c->size;
	c->text = text;
	c->size = size;
	c->start = size - used;
	return true;
}

static bool prepend(struct resolver *r, struct climb *c, const char *bytes,
		    size_t len)
{
	if (len > c->start && !path_grow(r, c, len))
		return false;
	c->start -= len;
	memcpy(c->text + c->start, bytes, len);
	return true;
}

int path_root(struct kernel *k, struct path_at *root, struct err *err)
{
	static const uint32_t fields[] = {FIELD_FS_ROOT_MNT,
					  FIELD_FS_ROOT_DENTRY};
	_cleanup_(records_deinit) struct records rec = {0};
	struct task init;
	int rc = task_find(k, 1, &init, err);

	*root = (struct path_at){0};
	if (rc == ERR_NOT_FOUND || rc == ERR_UNREADABLE)
		return 0;
	if (!rc)
		rc = records_read(k, &init.fs, 1, fields, 2, &rec, err);
	if (rc)
		return rc;
	root->mnt = records_u64(&rec, 0, FIELD_FS_ROOT_MNT);
	root->dentry = records_u64(&rec, 0, FIELD_FS_ROOT_DENTRY);
	return 0;
}

/* Is it enough, for all paths together? */
static bool is_enough(const struct resolver *r)
{
	return r->cache.dentries.n > PATH_DENTRIES_MAX ||
	       r->cache.names.len > PATH_BYTES_MAX_ALL ||
	       r->rounds > PATH_ROUNDS_MAX_ALL;
}

/* Bring in the dentries and mounts at which the climbs stand. */
static int read_round(struct resolver *r, struct path_job *jobs,
		      struct err *err)
{
	_cleanup_free_ uint64_t *dentries = calloc(r->n + 1, sizeof(uint64_t));
	_cleanup_free_ uint64_t *mounts = calloc(r->n + 1, sizeof(uint64_t));
	bool enough = is_enough(r);
	size_t i, n = 0;

	if (!dentries || !mounts)
		return err_nomem(err);
	for (i = 0; i < r->n; i++) {
		if (enough && !r->climbs[i].done)
			path_give_up(&r->climbs[i], &jobs[i], PATH_LIMIT,
				     r->climbs[i].at.dentry);
		if (r->climbs[i].done)
			continue;
		dentries[n] = r->climbs[i].at.dentry;
		mounts[n++] = r->climbs[i].at.mnt;
	}
	r->rounds += n != 0;
	return dentry_cache_read(r->k, &r->cache, dentries, mounts, n, err);
}

/* Is it where it was before?  Such a path has no end. */
static bool is_back(struct climb *c)
{
	if (c->steps && c->at.dentry == c->mark.dentry &&
	    c->at.mnt == c->mark.mnt)
		return true;
	if (!(c->steps & (c->steps - 1)))
		c->mark = c->at;
	c->steps++;
	return false;
}

/*
 * One step of prepend_path() (docs/facts/kernel.md, "Names and paths"): false
 * when the climb waits for memory, or is done.
 */
static bool path_step(struct resolver *r, struct climb *c, struct path_job *job)
{
	const struct dentry *d = dentry_get(&r->cache, c->at.dentry);
	const struct mount *m = mount_get(&r->cache, c->at.mnt);

	if (c->done || !d || !m)
		return false;
	if (!d->ok || !m->ok || is_back(c)) {
		path_give_up(c, job, PATH_TORN,
			     d->ok && !m->ok ? c->at.mnt : c->at.dentry);
		return false;
	}
	c->done = c->at.dentry == c->root.dentry && c->at.mnt == c->root.mnt;
	if (c->done)
		return false;
	if (c->steps > PATH_COMPONENTS_MAX + 1) {
		path_give_up(c, job, PATH_LIMIT, c->at.dentry);
	} else if (c->at.dentry == m->root) {
		c->done = m->parent == c->at.mnt; /* the global root */
		job->outside = c->done && c->root.mnt;
		c->at = (struct path_at){m->parent, m->mountpoint};
	} else if (c->at.dentry == d->parent) {
		/* escaped from its mount: only "/" is told of it */
		c->done = job->escaped = true;
		c->start = c->size - c->suffix;
	} else {
		if (!prepend(r, c, dentry_name(&r->cache, d), d->name_len) ||
		    !prepend(r, c, "/", 1))
			path_give_up(c, job, PATH_LIMIT, c->at.dentry);
		c->at.dentry = d->parent;
	}
	return !c->done;
}

/* Where a climb stands, once it is read; false where it cannot be. */
static bool stands(const struct resolver *r, const struct climb *c,
		   const struct dentry **d, const struct mount **m)
{
	*d = dentry_get(&r->cache, c->at.dentry);
	*m = mount_get(&r->cache, c->at.mnt);
	return *d && *m && (*d)->ok && (*m)->ok;
}

/* Does something make up the name of this file?  Roots have theirs. */
static bool is_pseudo(const struct resolver *r, const struct climb *c,
		      const struct dentry **d)
{
	const struct mount *m;

	return !c->bare && stands(r, c, d, &m) && (*d)->d_dname &&
	       ((*d)->parent != c->at.dentry || c->at.dentry != m->root);
}

/* Files without a path make up a name (dentry_operations.d_dname). */
static int make_up_names(struct resolver *r, struct path_job *jobs,
			 struct err *err)
{
	_cleanup_free_ struct dentry_name *names =
		calloc(r->n + 1, sizeof(*names));
	const struct dentry *d;
	size_t i, n = 0;
	int rc;

	if (!names)
		return err_nomem(err);
	for (i = 0; i < r->n; i++)
		if (is_pseudo(r, &r->climbs[i], &d))
			names[n++] = (struct dentry_name){
				.function = d->d_dname,
				.dentry = r->climbs[i].at.dentry,
				.inode = d->inode,
				.name = dentry_name(&r->cache, d),
				.len = d->name_len,
			};
	rc = dentry_names_make(r->k, names, n, err);
	for (i = n = 0; i < r->n; i++) {
		const struct dentry_name *name = &names[n];

		if (!is_pseudo(r, &r->climbs[i], &d))
			continue;
		n++;
		jobs[i].text = name->text;
		jobs[i].made_up = true;
		r->climbs[i].done = true;
		if (!name->text)
			path_give_up(&r->climbs[i], &jobs[i],
				     name->torn_at ? PATH_TORN : PATH_UNKNOWN,
				     name->torn_at ? name->torn_at
						   : name->function);
	}
	return rc;
}

/* First of all: pseudo files, and the mark of deleted ones. */
static int path_launch(struct resolver *r, struct path_job *jobs,
		       struct err *err)
{
	const struct dentry *d;
	const struct mount *m;
	size_t i;
	int rc = make_up_names(r, jobs, err);

	for (i = 0; i < r->n && !rc; i++) {
		struct climb *c = &r->climbs[i];

		if (c->done || c->bare || !stands(r, c, &d, &m) ||
		    !d->unhashed || d->parent == c->at.dentry)
			continue;
		c->suffix = strlen(DELETED);
		if (!prepend(r, c, DELETED, c->suffix))
			path_give_up(c, &jobs[i], PATH_LIMIT, c->at.dentry);
	}
	return rc;
}

static bool all_done(const struct resolver *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (!r->climbs[i].done)
			return false;
	return true;
}

/* Hand over a text; what it does not need is free for others again. */
static int hand_over(struct resolver *r, struct climb *c, struct path_job *job)
{
	size_t used = c->size - c->start;
	bool made = job->text || job->fault;

	if (!made && used == c->suffix && !prepend(r, c, "/", 1))
		return ERR_NOMEM;
	used = c->size - c->start;
	if (!made)
		job->text = strndup(c->text + c->start, used);
	r->bytes_left += job->fault ? c->size : c->start;
	free(c->text);
	*c = (struct climb){0};
	return job->text || job->fault ? 0 : ERR_NOMEM;
}

static int path_finish(struct resolver *r, struct path_job *jobs)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (hand_over(r, &r->climbs[i], &jobs[i]))
			return ERR_NOMEM;
	return 0;
}

/* The climbs of r->n jobs, from their start to their end. */
static int resolve_some(struct resolver *r, struct path_job *jobs,
			struct err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < r->n; i++) {
		r->climbs[i].at = jobs[i].at;
		r->climbs[i].bare = jobs[i].bare;
		r->climbs[i].root = jobs[i].from.mnt ? jobs[i].from : r->root;
	}
	rc = read_round(r, jobs, err);
	if (!rc)
		rc = path_launch(r, jobs, err);
	while (!rc && !r->oom && !all_done(r)) {
		for (i = 0; i < r->n; i++)
			while (path_step(r, &r->climbs[i], &jobs[i]))
				;
		rc = read_round(r, jobs, err);
	}
	if (!rc && (r->oom || path_finish(r, jobs)))
		rc = err_nomem(err);
	return rc;
}

int path_resolve(struct kernel *k, struct path_job *jobs, size_t n,
		 struct err *err)
{
	_cleanup_(path_resolver_deinit) struct resolver r = {
		.k = k, .bytes_left = PATH_BYTES_MAX_ALL};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		jobs[i] = (struct path_job){.at = jobs[i].at,
					    .from = jobs[i].from,
					    .bare = jobs[i].bare};
	if (!n)
		return 0;
	r.climbs = calloc(n < CLIMBS ? n : CLIMBS, sizeof(*r.climbs));
	if (!r.climbs)
		return err_nomem(err);
	rc = path_root(k, &r.root, err);
	for (i = 0; i < n && !rc; i += r.n) {
		r.n = n - i < CLIMBS ? n - i : CLIMBS;
		rc = resolve_some(&r, jobs + i, err);
	}
	return rc;
}
