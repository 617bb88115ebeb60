/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks paths in the cache of names. */
#include "kernel/mm/file_lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "kernel/mm/cached_file.h"
#include "kernel/fs/dcache.h"
#include "kernel/limits.h"
#include "kernel/fs/mounts.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/fs/task_paths.h"

/* What is wanted of the types. */
enum {
	FIELD_DENTRY_INODE = WANTS_OF(READER_FILE_LOOKUP),
	FIELD_DENTRY_PARENT,
	FIELD_INODE_MODE,
	FIELD_INODE_MAPPING,
	FIELD_INODE_LINK
};

static const struct want want_table[] = {
	FIELD(DENTRY_INODE, "dentry", REQUIRED, "d_inode"),
	FIELD(DENTRY_PARENT, "dentry", REQUIRED, "d_parent"),
	FIELD(INODE_MODE, "inode", REQUIRED, "i_mode"),
	FIELD(INODE_MAPPING, "inode", REQUIRED, "i_mapping"),
	FIELD(INODE_LINK, "inode", OPTIONAL, "i_link"),
};

const struct wants file_lookup_wants = {.reader = "files by their paths",
					.v = want_table,
					.n = WANTS_N(want_table)};

#define LINKS_MAX     40   /* MAXSYMLINKS */
#define LINK_TEXT_MAX 4096 /* PATH_MAX */

/* Where a walk stands. */
struct lookup_at {
	const struct mount_info *mount;
	uint64_t dentry;
};

struct lookup_walk {
	struct kernel *k;
	struct mount_spaces spaces;
	const struct mount_space *space;
	struct lookup_at root, at;
	char *rest; /* of the path, on the heap */
	unsigned int links;
	struct found_file file; /* of at.dentry */
	uint64_t link;		/* i_link, where it is a symbolic link */
};

static void lookup_deinit(struct lookup_walk *w)
{
	mount_spaces_deinit(&w->spaces);
	free(w->rest);
}

/* The mount that a struct vfsmount is of. */
static const struct mount_info *lookup_mount(const struct lookup_walk *w,
					     uint64_t vfsmount)
{
	size_t i;

	for (i = 0; i < w->space->v.n; i++)
		if (w->space->v.v[i].point.at.mnt == vfsmount)
			return &w->space->v.v[i];
	return NULL;
}

/* What is mounted here, if anything. */
static const struct mount_info *lookup_on(const struct lookup_walk *w,
					  const struct lookup_at *at)
{
	size_t i;

	for (i = 0; i < w->space->v.n; i++) {
		const struct mount_info *m = &w->space->v.v[i];

		if (m->on == at->mount->addr && m->mountpoint == at->dentry &&
		    m->addr != m->on)
			return m;
	}
	return NULL;
}

/* Down into it; one mount may lie on another, though not for ever. */
static void lookup_cross(const struct lookup_walk *w, struct lookup_at *at)
{
	const struct mount_info *m;
	size_t steps = 0;

	while (steps++ < w->space->v.n && (m = lookup_on(w, at)))
		*at = (struct lookup_at){m, m->point.at.dentry};
}

static int lookup_start(struct lookup_walk *w, const struct task *t,
			enum task_path which, struct lookup_at *at,
			struct err *err)
{
	struct path_job job;
	int rc = task_paths_read(w->k, t, 1, which, &job, err);

	free(job.text);
	if (rc)
		return rc;
	at->mount = lookup_mount(w, job.at.mnt);
	at->dentry = job.at.dentry;
	if (!at->dentry || !at->mount)
		return err_set(err, ERR_NOT_FOUND,
			       "pid %u has no such directory", t->pid);
	return 0;
}

/* One dentry's parent or inode. */
static int lookup_dentry(struct kernel *k, uint64_t dentry, uint32_t field,
			 uint64_t *value, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	int rc = records_read(k, &dentry, 1, &field, 1, &r, err);

	if (!rc && !r.ok[0])
		rc = err_set(err, ERR_UNREADABLE,
			     "a dentry at 0x%llx cannot be read",
			     (unsigned long long)dentry);
	if (!rc)
		*value = records_u64(&r, 0, field);
	return rc;
}

static int lookup_inode(struct lookup_walk *w, uint64_t dentry,
			const char *name, struct err *err)
{
	static const uint32_t fields[] = {FIELD_INODE_MODE, FIELD_INODE_MAPPING,
					  FIELD_INODE_LINK};
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t inode = 0;
	int rc = lookup_dentry(w->k, dentry, FIELD_DENTRY_INODE, &inode, err);

	if (!rc && !inode)
		rc = err_set(err, ERR_NOT_FOUND, "there is no '%.100s'", name);
	if (!rc)
		rc = records_read(w->k, &inode, 1, fields, 3, &r, err);
	if (!rc && !r.ok[0])
		rc = err_set(err, ERR_UNREADABLE,
			     "the inode of '%.100s' cannot be read", name);
	if (rc)
		return rc;
	w->file = (struct found_file){
		.inode = inode,
		.mapping = records_u64(&r, 0, FIELD_INODE_MAPPING),
		.mode = (uint32_t)records_u64(&r, 0, FIELD_INODE_MODE)};
	w->link = records_u64(&r, 0, FIELD_INODE_LINK);
	return 0;
}

/* The text of a symbolic link: in its inode, or in its page cache. */
static int lookup_link_text(struct lookup_walk *w, char text[LINK_TEXT_MAX],
			    struct err *err)
{
	struct cached_file f = {0};
	int rc;

	memset(text, 0, LINK_TEXT_MAX);
	if (w->link)
		return records_strings(w->k, &w->link, 1, LINK_TEXT_MAX, &text,
				       NULL, err);
	rc = cached_file_find(w->k, w->file.mapping, &f, err);
	if (!rc &&
	    (f.size >= LINK_TEXT_MAX || cached_file_resident(&f) < f.size))
		rc = err_set(err, ERR_NOT_FOUND,
			     "where a symbolic link leads is not in memory");
	if (!rc)
		rc = cached_file_read(w->k, &f, text, (size_t)f.size, err);
	cached_file_deinit(&f);
	return rc;
}

/* Put what a link says in front of the rest; `from` is where it lies. */
static int lookup_follow(struct lookup_walk *w, struct lookup_at from,
			 const char *rest, struct err *err)
{
	char text[LINK_TEXT_MAX], *both = NULL;
	int rc = lookup_link_text(w, text, err);

	if (rc)
		return rc;
	if (++w->links > LINKS_MAX || !*text)
		return err_set(err, ERR_NOT_FOUND,
			       *text ? "there are too many symbolic links"
				     : "a symbolic link has no text");
	if (strlen(text) + strlen(rest) > PATH_BYTES_MAX ||
	    asprintf(&both, "%s/%s", text, rest) < 0)
		return err_nomem(err);
	w->at = *text == '/' ? w->root : from;
	free(w->rest);
	w->rest = both;
	return 0;
}

/* ".." does not lead out of the root directory. */
static int lookup_up(struct lookup_walk *w, struct err *err)
{
	struct lookup_at *at = &w->at;
	size_t steps = 0;
	int rc;

	while (at->dentry == at->mount->point.at.dentry) {
		const struct mount_info *on = NULL;
		size_t i;

		if ((at->dentry == w->root.dentry &&
		     at->mount == w->root.mount) ||
		    at->mount->on == at->mount->addr)
			return 0;
		for (i = 0; i < w->space->v.n; i++)
			if (w->space->v.v[i].addr == at->mount->on)
				on = &w->space->v.v[i];
		if (!on || steps++ > w->space->v.n)
			return err_set(err, ERR_UNREADABLE,
				       "its mounts are torn");
		at->dentry = at->mount->mountpoint;
		at->mount = on;
	}
	if (at->dentry == w->root.dentry && at->mount == w->root.mount)
		return 0;
	rc = lookup_dentry(w->k, at->dentry, FIELD_DENTRY_PARENT, &at->dentry,
			   err);
	lookup_cross(w, at);
	return rc;
}

/* One component; `rest` stands behind it. */
static int lookup_step(struct lookup_walk *w, const char *name,
		       const char *rest, struct err *err)
{
	struct lookup_at from = w->at;
	uint64_t child = 0;
	int rc;

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, ".."))
		return lookup_up(w, err);
	rc = dcache_find(w->k, from.dentry, name, strlen(name), &child, err);
	if (!rc && !child)
		rc = err_set(err, ERR_NOT_FOUND,
			     "the guest's cache of names does not have "
			     "'%.100s'",
			     name);
	if (rc)
		return rc;
	w->at.dentry = child;
	lookup_cross(w, &w->at);
	rc = lookup_inode(w, w->at.dentry, name, err);
	if (!rc && S_ISLNK(w->file.mode))
		rc = lookup_follow(w, from, rest, err);
	return rc;
}

/* All components; links put theirs in front. */
static int lookup_run(struct lookup_walk *w, struct err *err)
{
	unsigned int steps;
	int rc = 0;

	for (steps = 0; !rc; steps++) {
		const char *start = w->rest + strspn(w->rest, "/");
		size_t len = strcspn(start, "/");
		_cleanup_free_ char *name = strndup(start, len);
		_cleanup_free_ char *rest = strdup(start + len);

		if (!name || !rest)
			return err_nomem(err);
		if (!len)
			return 0;
		if (steps > PATH_COMPONENTS_MAX)
			return err_set(err, ERR_NOT_FOUND,
				       "a path goes further than qvmi "
				       "follows it");
		free(w->rest);
		w->rest = strdup(rest);
		if (!w->rest)
			return err_nomem(err);
		rc = lookup_step(w, name, rest, err);
	}
	return rc;
}

int file_lookup(struct kernel *k, const struct task *t, const char *path,
		struct found_file *out, struct err *err)
{
	_cleanup_(lookup_deinit) struct lookup_walk w = {.k = k};
	int rc = mount_spaces_read(k, t, 1, &w.spaces, err);

	if (rc)
		return rc;
	if (w.spaces.of[0] == SIZE_MAX)
		return err_set(err, ERR_NOT_FOUND, "pid %u has no mounts",
			       t->pid);
	w.space = &w.spaces.v.v[w.spaces.of[0]];
	w.rest = strdup(path);
	if (!w.rest)
		return err_nomem(err);
	rc = lookup_start(&w, t, TASK_PATH_ROOT, &w.root, err);
	w.at = w.root;
	if (!rc && *path != '/')
		rc = lookup_start(&w, t, TASK_PATH_CWD, &w.at, err);
	if (!rc)
		rc = lookup_inode(&w, w.at.dentry, path, err);
	if (!rc)
		rc = lookup_run(&w, err);
	if (!rc)
		rc = lookup_inode(&w, w.at.dentry, path, err);
	if (!rc)
		*out = w.file;
	return rc;
}
