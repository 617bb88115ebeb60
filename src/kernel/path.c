/* SPDX-License-Identifier: BSD-2-Clause */
/* Resolves paths as d_path() does, all of them in step. */
#include "kernel/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/dentry.h"
#include "kernel/records.h"
#include "kernel/task.h"

/* A path that is being followed up; text is built from the end. */
struct climb {
	struct path_at at;
	unsigned int steps;
	size_t start; /* text[start] is the first byte so far */
	bool done;
	char text[PATH_BYTES_MAX];
};

struct resolver {
	struct kernel *k;
	struct path_at root; /* where a reader's "/" is; 0: the global one */
	struct dentry_cache cache;
	struct climb *climbs;
	size_t n;
};

static void resolver_deinit(struct resolver *r)
{
	dentry_cache_deinit(&r->cache);
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

/* The root directory of PID 1, which readers of its /proc have as a rule. */
static int find_root(struct resolver *r, struct err *err)
{
	static const enum field_id fields[] = {FIELD_FS_ROOT_MNT,
					       FIELD_FS_ROOT_DENTRY};
	_cleanup_(records_deinit) struct records rec = {0};
	struct task init;
	int rc = task_find(r->k, 1, &init, err);

	if (rc == ERR_NOT_FOUND)
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
	int rc;

	if (!dentries || !mounts)
		return err_nomem(err);
	for (i = 0; i < r->n; i++) {
		if (r->climbs[i].done)
			continue;
		dentries[n] = r->climbs[i].at.dentry;
		mounts[n++] = r->climbs[i].at.mnt;
	}
	rc = dentry_read(r->k, &r->cache, dentries, n, err);
	if (!rc)
		rc = mount_read(r->k, &r->cache, mounts, n, err);
	return rc;
}

static void give_up(struct climb *c, struct path_job *job, uint64_t addr)
{
	c->done = true;
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

static int inode_number(struct kernel *k, uint64_t inode, uint64_t *ino,
			struct err *err)
{
	static const enum field_id fields[] = {FIELD_INODE_INO};
	_cleanup_(records_deinit) struct records r = {0};
	int rc = records_read(k, &inode, 1, fields, 1, &r, err);

	if (!rc)
		*ino = records_u64(&r, 0, FIELD_INODE_INO);
	return rc;
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

/* Make up the name of a pseudo file: 1 when it is one, 0 when it is none. */
static int dname(struct resolver *r, struct climb *c, struct path_job *job,
		 const struct dentry *d, const struct mount *m, struct err *err)
{
	bool is_root = d->parent == c->at.dentry;
	const char *function;
	uint64_t offset, ino = 0;
	size_t i;
	int rc;

	if (!d->d_dname || (is_root && c->at.dentry == m->root))
		return 0;
	c->done = true;
	rc = inode_number(r->k, d->inode, &ino, err);
	if (rc)
		return rc;
	if (profile_nearest(r->k->profile, d->d_dname, &function, &offset) &&
	    !offset) {
		for (i = 0; i < sizeof(dnames) / sizeof(dnames[0]); i++) {
			if (strcmp(dnames[i].function, function) != 0)
				continue;
			c->start = 0;
			format_dname(c->text, dnames[i].format,
				     dentry_name(&r->cache, d), d->name_len,
				     ino);
			return 1;
		}
	}
	job->torn_at = d->d_dname;
	return 1;
}

/* First of all: pseudo files, and the mark of deleted ones. */
static int launch(struct resolver *r, struct path_job *jobs, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < r->n && rc >= 0; i++) {
		struct climb *c = &r->climbs[i];
		const struct dentry *d = dentry_get(&r->cache, c->at.dentry);
		const struct mount *m = mount_get(&r->cache, c->at.mnt);

		c->start = PATH_BYTES_MAX - 1;
		if (!d || !m || !d->ok || !m->ok)
			continue; /* step() gives it up */
		rc = dname(r, c, &jobs[i], d, m, err);
		if (!rc && d->unhashed && d->parent != c->at.dentry)
			prepend(c, " (deleted)", 10);
	}
	return rc < 0 ? rc : 0;
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

		if (jobs[i].torn_at)
			continue;
		if (c->start == PATH_BYTES_MAX - 1)
			prepend(c, "/", 1);
		jobs[i].text = strdup(c->text + c->start);
		if (!jobs[i].text)
			return err_nomem(err);
	}
	return 0;
}

int path_resolve(struct kernel *k, struct path_job *jobs, size_t n,
		 struct err *err)
{
	_cleanup_(resolver_deinit) struct resolver r = {.k = k, .n = n};
	size_t i;
	int rc;

	if (!n)
		return 0;
	r.climbs = calloc(n, sizeof(*r.climbs));
	if (!r.climbs)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		r.climbs[i].at = jobs[i].at;
		jobs[i].text = NULL;
		jobs[i].torn_at = 0;
	}
	rc = find_root(&r, err);
	if (!rc)
		rc = read_round(&r, err);
	if (!rc)
		rc = launch(&r, jobs, err);
	while (!rc && !all_done(&r)) {
		for (i = 0; i < n; i++)
			while (step(&r, &r.climbs[i], &jobs[i]))
				;
		rc = read_round(&r, err);
	}
	return rc ? rc : finish(&r, jobs, err);
}
