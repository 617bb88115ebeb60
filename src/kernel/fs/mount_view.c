/* SPDX-License-Identifier: BSD-2-Clause */
/* Sees mounts from the root directories of processes. */
#include "kernel/fs/mount_view.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_FS_ROOT_MNT = WANTS_OF(READER_MOUNT_VIEW),
	FIELD_FS_ROOT_DENTRY,
	FIELD_MOUNT_GROUP,
	FIELD_MOUNT_MASTER,
	FIELD_MOUNT_IDMAP,
	FIELD_MOUNT_USER_NS
};

static const struct want want_table[] = {
	FIELD(FS_ROOT_MNT, "fs_struct", REQUIRED, "root.mnt"),
	FIELD(FS_ROOT_DENTRY, "fs_struct", REQUIRED, "root.dentry"),
	FIELD(MOUNT_GROUP, "mount", REQUIRED, "mnt_group_id"),
	FIELD(MOUNT_MASTER, "mount", REQUIRED, "mnt_master"),
	FIELD(MOUNT_IDMAP, "mount", OPTIONAL, "mnt.mnt_idmap"),	   /* 6.2 */
	FIELD(MOUNT_USER_NS, "mount", OPTIONAL, "mnt.mnt_userns"), /* 5.12 */
};

const struct wants mount_view_wants = {.reader = "mounts of processes",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

const struct mount_info *mount_seen_info(const struct mount_views *m,
					 const struct mount_view *view,
					 size_t i)
{
	return &m->spaces.v.v[view->space].v.v[view->v.v[i].number];
}

/* From 5.17 to 6.1 it is mostly the super block's own user namespace. */
bool mount_is_mapped(const struct mount_views *m, const struct mount_info *info,
		     const struct mount_super *super)
{
	uint64_t map = info->idmap ? info->idmap : info->user_ns;

	return m->idmaps_known && map && map != m->no_idmap &&
	       (info->idmap || map != super->user_ns);
}

/* is_idmapped_mnt(), include/linux/fs.h. */
static void views_find_idmap(struct kernel *k, struct mount_views *out)
{
	const char *symbol =
		profile_field(k->profile, FIELD_MOUNT_IDMAP)->present
			? "nop_mnt_idmap"
		: profile_field(k->profile, FIELD_MOUNT_USER_NS)->present
			? "init_user_ns"
			: NULL;

	out->idmaps_known =
		!symbol || profile_symbol(k->profile, symbol, &out->no_idmap);
}

/* A number for each view that there is; of one task. */
static int views_add(struct mount_views *out, struct map *at, size_t space,
		     const struct path_at *root, size_t *of)
{
	uint64_t key = root->dentry * 31 + root->mnt * 7 + space, which;

	if (map_get(at, key, &which)) {
		const struct mount_view *v = &out->v.v[which];

		*of = (size_t)which;
		if (v->space == space && v->root.mnt == root->mnt &&
		    v->root.dentry == root->dentry)
			return 0;
	}
	*of = out->v.n;
	if (map_put(at, key, out->v.n))
		return ERR_NOMEM;
	return vec_push(&out->v, {.space = space, .root = *root});
}

static int views_find(struct kernel *k, const struct task *tasks, size_t n,
		      struct mount_views *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_FS_ROOT_MNT,
					  FIELD_FS_ROOT_DENTRY};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(map_deinit) struct map at = {0};
	size_t i;
	int rc;

	out->of = calloc(n + 1, sizeof(*out->of));
	if (!addrs || !out->of)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].fs;
	rc = records_read(k, addrs, n, fields, 2, &r, err);
	for (i = 0; i < n && !rc; i++) {
		struct path_at root = {
			.mnt = records_u64(&r, i, FIELD_FS_ROOT_MNT),
			.dentry = records_u64(&r, i, FIELD_FS_ROOT_DENTRY)};

		out->of[i] = SIZE_MAX;
		if (root.mnt && out->spaces.of[i] != SIZE_MAX &&
		    views_add(out, &at, out->spaces.of[i], &root, &out->of[i]))
			rc = err_nomem(err);
	}
	return rc;
}

/* Mounts of all views, side by side. */
struct view_jobs {
	struct path_job *v;
	size_t n;
};

static void view_jobs_deinit(struct view_jobs *j)
{
	size_t i;

	for (i = 0; i < j->n; i++)
		free(j->v[i].text);
	free(j->v);
}

static int view_jobs_init(struct view_jobs *j, struct mount_views *out)
{
	size_t i, m, n = 0;

	for (i = 0; i < out->v.n; i++) {
		size_t some = out->spaces.v.v[out->v.v[i].space].v.n;

		out->v.v[i].cut = some > MOUNT_POINTS_MAX_ALL - n;
		n += out->v.v[i].cut ? 0 : some;
	}
	j->v = calloc(n + 1, sizeof(*j->v));
	if (!j->v)
		return ERR_NOMEM;
	for (i = 0; i < out->v.n; i++) {
		const struct mount_view *v = &out->v.v[i];
		const struct mount_space *s = &out->spaces.v.v[v->space];

		for (m = 0; m < s->v.n && !v->cut; m++)
			j->v[j->n++] =
				(struct path_job){.at = s->v.v[m].point.at,
						  .from = v->root,
						  .bare = true};
	}
	return 0;
}

/* What one view has: what can be reached.  Of devtmpfs the super block is
 * wanted wherever it is, for what it tells of others (mount_memory.c). */
static int view_take(struct mount_views *out, struct mount_view *view,
		     struct path_job *jobs)
{
	const struct mount_space *s = &out->spaces.v.v[view->space];
	size_t m;

	for (m = 0; m < s->v.n && !view->cut; m++) {
		const struct mount_info *info = &s->v.v[m];
		bool hidden = jobs[m].outside || jobs[m].escaped;
		bool dev = !strcmp(info->type, "devtmpfs");
		struct mount_seen seen = {.number = m, .why = jobs[m].fault};

		if (hidden && !dev)
			continue;
		if (mount_supers_add(&out->supers, info->sb, info->root_at,
				     &seen.super))
			return ERR_NOMEM;
		out->supers.v.v[seen.super].dev |= dev;
		out->supers.v.v[seen.super].ext2 |= !strcmp(info->type, "ext2");
		if (hidden)
			continue;
		if (vec_push(&view->v, seen))
			return ERR_NOMEM;
		view->v.v[view->v.n - 1].point = jobs[m].text;
		jobs[m].text = NULL;
	}
	return 0;
}

static int views_resolve(struct kernel *k, struct mount_views *out,
			 struct err *err)
{
	_cleanup_(view_jobs_deinit) struct view_jobs jobs = {0};
	size_t i, at = 0;
	int rc;

	if (view_jobs_init(&jobs, out))
		return err_nomem(err);
	rc = path_resolve(k, jobs.v, jobs.n, err);
	for (i = 0; i < out->v.n && !rc; i++) {
		struct mount_view *v = &out->v.v[i];

		if (view_take(out, v, jobs.v + at))
			rc = err_nomem(err);
		at += v->cut ? 0 : out->spaces.v.v[v->space].v.n;
	}
	return rc;
}

/* A mount that gets what is mounted by way of masters, and where it stands. */
struct view_slave {
	struct mount_view *view;
	struct mount_seen *seen;
	uint64_t master;
};

struct view_slaves {
	VEC(struct view_slave) list;
	struct map *groups; /* of each view: those of what it can reach */
	size_t n_views;
};

static void view_slaves_deinit(struct view_slaves *s)
{
	size_t i;

	for (i = 0; s->groups && i < s->n_views; i++)
		map_deinit(&s->groups[i]);
	free(s->groups);
	vec_deinit(&s->list);
}

static int view_slaves_init(struct view_slaves *s, struct mount_views *out)
{
	size_t i, m;

	s->n_views = out->v.n;
	s->groups = calloc(out->v.n + 1, sizeof(*s->groups));
	if (!s->groups)
		return ERR_NOMEM;
	for (i = 0; i < out->v.n; i++) {
		struct mount_view *v = &out->v.v[i];

		for (m = 0; m < v->v.n; m++) {
			const struct mount_info *info =
				mount_seen_info(out, v, m);

			if (info->group &&
			    map_put(&s->groups[i], (uint32_t)info->group, 0))
				return ERR_NOMEM;
			if (info->master_at &&
			    vec_push(&s->list,
				     {v, &v->v.v[m], info->master_at}))
				return ERR_NOMEM;
		}
	}
	return 0;
}

/*
 * get_dominating_id(), fs/pnode.c: the first peer group on the way up that has
 * a mount which the process can reach.  All slaves go up in step.
 */
static int view_slaves_climb(struct kernel *k, struct mount_views *out,
			     struct view_slaves *s, struct err *err)
{
	static const uint32_t fields[] = {FIELD_MOUNT_GROUP,
					  FIELD_MOUNT_MASTER};
	size_t n = s->list.n, i, left;
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	_cleanup_(records_deinit) struct records r = {0};
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = s->list.v[i].master;
	rc = records_read(k, addrs, n, fields, 2, &r, err);
	for (i = left = 0; i < n && !rc; i++) {
		struct view_slave slave = s->list.v[i];
		uint64_t group = records_u64(&r, i, FIELD_MOUNT_GROUP);

		slave.seen->unknown_masters = !r.ok[i];
		slave.master = records_u64(&r, i, FIELD_MOUNT_MASTER);
		if (r.ok[i] &&
		    map_get(&s->groups[slave.view - out->v.v], group, NULL))
			slave.seen->from = (int32_t)group;
		else if (slave.master)
			s->list.v[left++] = slave;
	}
	s->list.n = left;
	return rc;
}

static int views_read_masters(struct kernel *k, struct mount_views *out,
			      struct err *err)
{
	_cleanup_(view_slaves_deinit) struct view_slaves s = {0};
	size_t i, step;
	int rc = view_slaves_init(&s, out) ? err_nomem(err) : 0;

	for (step = 0; step < MOUNT_MASTERS_MAX && s.list.n && !rc; step++)
		rc = view_slaves_climb(k, out, &s, err);
	for (i = 0; i < s.list.n; i++)
		s.list.v[i].seen->unknown_masters = true;
	return rc;
}

bool mount_has_hash(const struct mount_info *info)
{
	return strchr(info->type, '#') ||
	       (info->source && strchr(info->source, '#'));
}

static int views_read_hash(struct kernel *k, struct mount_views *out,
			   struct err *err)
{
	size_t i, m;

	for (i = 0; i < out->spaces.v.n; i++)
		for (m = 0; m < out->spaces.v.v[i].v.n; m++)
			if (mount_has_hash(&out->spaces.v.v[i].v.v[m]))
				return mount_hash_read(k, &out->hash, err);
	return 0;
}

int mount_views_read(struct kernel *k, const struct task *tasks, size_t n,
		     struct mount_views *out, struct err *err)
{
	int rc;

	*out = (struct mount_views){0};
	views_find_idmap(k, out);
	rc = mount_spaces_read_all(k, tasks, n, &out->spaces, err);
	if (!rc)
		rc = views_find(k, tasks, n, out, err);
	if (!rc)
		rc = views_resolve(k, out, err);
	if (!rc)
		rc = views_read_masters(k, out, err);
	if (!rc)
		rc = views_read_hash(k, out, err);
	return rc ? rc : mount_supers_read(k, &out->supers, err);
}

void mount_views_deinit(struct mount_views *m)
{
	size_t i, j;

	for (i = 0; i < m->v.n; i++) {
		for (j = 0; j < m->v.v[i].v.n; j++)
			free(m->v.v[i].v.v[j].point);
		vec_deinit(&m->v.v[i].v);
	}
	vec_deinit(&m->v);
	free(m->of);
	mount_supers_deinit(&m->supers);
	mount_spaces_deinit(&m->spaces);
}
