/* SPDX-License-Identifier: BSD-2-Clause */
/* Resolves paths as d_path() does, all of them in step. */
#include "kernel/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/dentry.h"
#include "kernel/records.h"
#include "kernel/task.h"

/* A path that is being followed up; text is built from the end. */
struct climb {
	struct path_at at;
	unsigned int steps;
	size_t start; /* text[start] is the first byte so far */
	bool done, failed;
	char text[PATH_BYTES_MAX];
};

/* So many are followed at a time: each takes PATH_BYTES_MAX. */
#define CLIMBS 2048

struct resolver {
	struct kernel *k;
	struct path_at root; /* where a reader's "/" is; 0: the global one */
	struct dentry_cache cache;
	struct map dname_at; /* function to its place in dnames[] */
	struct climb *climbs;
	size_t n;
};

static void resolver_deinit(struct resolver *r)
{
	dentry_cache_deinit(&r->cache);
	map_deinit(&r->dname_at);
	free(r->climbs);
}

static bool prepend(struct climb *c, const char *bytes, size_t len)
{
	if (len > c->start)
		return false;
	c->start -= len;
	memcpy(c->text + c->start, bytes, len);
	return true;
}

/*
 * The root directory of PID 1, which readers of its /proc have as a rule.
 * Where there is none, or it cannot be read, paths are those from the root of
 * all mounts.
 */
static int find_root(struct resolver *r, struct err *err)
{
	static const enum field_id fields[] = {FIELD_FS_ROOT_MNT,
					       FIELD_FS_ROOT_DENTRY};
	_cleanup_(records_deinit) struct records rec = {0};
	struct task init;
	int rc = task_find(r->k, 1, &init, err);

	if (rc == ERR_NOT_FOUND || rc == ERR_UNREADABLE)
		return 0;
	if (!rc)
		rc = records_read(r->k, &init.fs, 1, fields, 2, &rec, err);
	if (rc)
		return rc;
	r->root.mnt = records_u64(&rec, 0, FIELD_FS_ROOT_MNT);
	r->root.dentry = records_u64(&rec, 0, FIELD_FS_ROOT_DENTRY);
	return 0;
}

/* Bring in the dentries and mounts at which the climbs stand. */
static int read_round(struct resolver *r, struct err *err)
{
	_cleanup_free_ uint64_t *dentries = calloc(r->n + 1, sizeof(uint64_t));
	_cleanup_free_ uint64_t *mounts = calloc(r->n + 1, sizeof(uint64_t));
	size_t i, n = 0;

	if (!dentries || !mounts)
		return err_nomem(err);
	for (i = 0; i < r->n; i++) {
		if (r->climbs[i].done)
			continue;
		dentries[n] = r->climbs[i].at.dentry;
		mounts[n++] = r->climbs[i].at.mnt;
	}
	return dentry_cache_read(r->k, &r->cache, dentries, mounts, n, err);
}

static void give_up(struct climb *c, struct path_job *job, uint64_t addr)
{
	c->done = c->failed = true;
	job->torn_at = addr;
}

/*
 * One step of prepend_path(): false when the climb waits for memory, or is
 * done.
 */
static bool step(struct resolver *r, struct climb *c, struct path_job *job)
{
	const struct dentry *d = dentry_get(&r->cache, c->at.dentry);
	const struct mount *m = mount_get(&r->cache, c->at.mnt);

	if (c->done || !d || !m)
		return false;
	if (!d->ok || !m->ok || c->steps++ > PATH_COMPONENTS_MAX) {
		give_up(c, job, d->ok ? c->at.mnt : c->at.dentry);
		return false;
	}
	c->done = c->at.dentry == r->root.dentry && c->at.mnt == r->root.mnt;
	if (c->done)
		return false;
	if (c->at.dentry == m->root) {
		c->done = m->parent == c->at.mnt; /* the global root */
		c->at = (struct path_at){m->parent, m->mountpoint};
	} else if (c->at.dentry == d->parent) {
		c->done = true; /* escaped from its mount */
	} else {
		if (!prepend(c, dentry_name(&r->cache, d), d->name_len) ||
		    !prepend(c, "/", 1))
			give_up(c, job, c->at.dentry);
		c->at.dentry = d->parent;
	}
	return !c->done;
}

/*
 * Files without a path make up a name (dentry_operations.d_dname); this is
 * what the functions of that name print, with %n for the dentry's name and %i
 * for the inode number.
 */
static const struct {
	const char *function, *format;
} dnames[] = {
	{"simple_dname", "/%n (deleted)"},	 /* fs/d_path.c */
	{"sockfs_dname", "socket:[%i]"},	 /* net/socket.c */
	{"pipefs_dname", "pipe:[%i]"},		 /* fs/pipe.c */
	{"anon_inodefs_dname", "anon_inode:%n"}, /* fs/anon_inodes.c */
};

#define DNAMES (sizeof(dnames) / sizeof(dnames[0]))

/* Which of them a function is; DNAMES: none. */
static int find_dname(struct resolver *r, uint64_t function, uint64_t *which)
{
	const char *name = "";
	uint64_t offset = 0;
	size_t i = 0;

	if (map_get(&r->dname_at, function, which))
		return 0;
	if (profile_nearest(r->k->profile, function, &name, &offset) && !offset)
		while (i < DNAMES && strcmp(dnames[i].function, name) != 0)
			i++;
	else
		i = DNAMES;
	*which = i;
	return map_put(&r->dname_at, function, i);
}

/* Fill in a format of the table above, behind what is in text. */
static void format_dname(char *text, const char *format, const char *name,
			 size_t name_len, uint64_t ino)
{
	size_t len = 0;

	for (; *format; format++) {
		size_t room = PATH_BYTES_MAX - len;

		if (*format != '%') {
			text[len++] = *format;
			text[len] = '\0';
		} else if (*++format == 'n') {
			len += (size_t)snprintf(text + len, room, "%.*s",
						(int)name_len, name);
		} else {
			len += (size_t)snprintf(text + len, room, "%llu",
						(unsigned long long)ino);
		}
	}
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
static bool is_pseudo(const struct climb *c, const struct dentry *d,
		      const struct mount *m)
{
	bool is_root = d->parent == c->at.dentry;

	return d->d_dname && !(is_root && c->at.dentry == m->root);
}

/* The inode numbers of all pseudo files, 0 for the others, in one batch. */
static int inode_numbers(struct resolver *r, uint64_t *inos, struct err *err)
{
	static const enum field_id fields[] = {FIELD_INODE_INO};
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *addrs = calloc(r->n + 1, sizeof(*addrs));
	const struct dentry *d;
	const struct mount *m;
	size_t i, n = 0;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < r->n; i++)
		if (stands(r, &r->climbs[i], &d, &m) &&
		    is_pseudo(&r->climbs[i], d, m))
			addrs[n++] = d->inode;
	rc = records_read(r->k, addrs, n, fields, 1, &rec, err);
	for (i = n = 0; i < r->n && !rc; i++)
		if (stands(r, &r->climbs[i], &d, &m) &&
		    is_pseudo(&r->climbs[i], d, m))
			inos[i] = records_u64(&rec, n++, FIELD_INODE_INO);
	return rc;
}

static int make_up_name(struct resolver *r, struct climb *c,
			struct path_job *job, const struct dentry *d,
			uint64_t ino)
{
	uint64_t which;

	c->done = true;
	if (find_dname(r, d->d_dname, &which))
		return ERR_NOMEM;
	if (which == DNAMES) {
		give_up(c, job, d->d_dname);
		return 0;
	}
	c->start = 0;
	format_dname(c->text, dnames[which].format, dentry_name(&r->cache, d),
		     d->name_len, ino);
	return 0;
}

/* First of all: pseudo files, and the mark of deleted ones. */
static int launch(struct resolver *r, struct path_job *jobs, struct err *err)
{
	_cleanup_free_ uint64_t *inos = calloc(r->n + 1, sizeof(*inos));
	const struct dentry *d;
	const struct mount *m;
	size_t i;
	int rc;

	if (!inos)
		return err_nomem(err);
	rc = inode_numbers(r, inos, err);
	for (i = 0; i < r->n && !rc; i++) {
		struct climb *c = &r->climbs[i];

		c->start = PATH_BYTES_MAX - 1;
		c->text[c->start] = '\0';
		if (!stands(r, c, &d, &m))
			continue; /* step() gives it up */
		if (!is_pseudo(c, d, m)) {
			if (d->unhashed && d->parent != c->at.dentry)
				prepend(c, " (deleted)", 10);
		} else if (make_up_name(r, c, &jobs[i], d, inos[i])) {
			rc = err_nomem(err);
		}
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

static int finish(struct resolver *r, struct path_job *jobs, struct err *err)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		struct climb *c = &r->climbs[i];

		if (c->failed)
			continue;
		if (c->start == PATH_BYTES_MAX - 1)
			prepend(c, "/", 1);
		jobs[i].text = strdup(c->text + c->start);
		if (!jobs[i].text)
			return err_nomem(err);
	}
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
		r->climbs[i].steps = 0;
		r->climbs[i].done = r->climbs[i].failed = false;
	}
	rc = read_round(r, err);
	if (!rc)
		rc = launch(r, jobs, err);
	while (!rc && !all_done(r)) {
		for (i = 0; i < r->n; i++)
			while (step(r, &r->climbs[i], &jobs[i]))
				;
		rc = read_round(r, err);
	}
	return rc ? rc : finish(r, jobs, err);
}

int path_resolve(struct kernel *k, struct path_job *jobs, size_t n,
		 struct err *err)
{
	_cleanup_(resolver_deinit) struct resolver r = {.k = k};
	size_t i;
	int rc;

	for (i = 0; i < n; i++) {
		jobs[i].text = NULL;
		jobs[i].torn_at = 0;
	}
	if (!n)
		return 0;
	r.climbs = calloc(n < CLIMBS ? n : CLIMBS, sizeof(*r.climbs));
	if (!r.climbs)
		return err_nomem(err);
	rc = find_root(&r, err);
	for (i = 0; i < n && !rc; i += r.n) {
		r.n = n - i < CLIMBS ? n - i : CLIMBS;
		rc = resolve_some(&r, jobs + i, err);
	}
	return rc;
}
