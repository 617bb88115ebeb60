/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the mounts of namespaces, and what they lead to. */
#include "kernel/fs/mounts.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/fs/dentry_path.h"
#include "kernel/fs/mounts_find.h"
#include "kernel/fs/mounts_work.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_NSPROXY = WANTS_OF(READER_MOUNTS),
	FIELD_NSPROXY_MNT,
	FIELD_MOUNT_MNT,
	FIELD_MOUNT_ROOT,
	FIELD_MOUNT_SB,
	FIELD_MOUNT_FLAGS,
	FIELD_MOUNT_PARENT,
	FIELD_MOUNT_POINT,
	FIELD_MOUNT_SOURCE,
	FIELD_MOUNT_ID,
	FIELD_MOUNT_UNIQUE,
	FIELD_MOUNT_GROUP,
	FIELD_MOUNT_MASTER,
	FIELD_MOUNT_T_FLAGS,
	FIELD_MOUNT_IDMAP,
	FIELD_MOUNT_USER_NS,
	FIELD_SB_DEV,
	FIELD_SB_FLAGS,
	FIELD_SB_TYPE,
	FIELD_SB_SUBTYPE
};

static const struct want want_table[] = {
	FIELD(TASK_NSPROXY, "task_struct", REQUIRED, "nsproxy"),
	FIELD(NSPROXY_MNT, "nsproxy", REQUIRED, "mnt_ns"),
	FIELD(MOUNT_MNT, "mount", REQUIRED, "mnt"),
	FIELD(MOUNT_ROOT, "mount", REQUIRED, "mnt.mnt_root"),
	FIELD(MOUNT_SB, "mount", REQUIRED, "mnt.mnt_sb"),
	FIELD(MOUNT_FLAGS, "mount", REQUIRED, "mnt.mnt_flags"),
	FIELD(MOUNT_PARENT, "mount", REQUIRED, "mnt_parent"),
	FIELD(MOUNT_POINT, "mount", REQUIRED, "mnt_mountpoint"),
	FIELD(MOUNT_SOURCE, "mount", REQUIRED, "mnt_devname"),
	FIELD(MOUNT_ID, "mount", REQUIRED, "mnt_id"),
	FIELD(MOUNT_UNIQUE, "mount", OPTIONAL, "mnt_id_unique"), /* 6.8 */
	FIELD(MOUNT_GROUP, "mount", REQUIRED, "mnt_group_id"),
	FIELD(MOUNT_MASTER, "mount", REQUIRED, "mnt_master"),
	FIELD(MOUNT_T_FLAGS, "mount", OPTIONAL, "mnt_t_flags"),	   /* 6.17 */
	FIELD(MOUNT_IDMAP, "mount", OPTIONAL, "mnt.mnt_idmap"),	   /* 6.2 */
	FIELD(MOUNT_USER_NS, "mount", OPTIONAL, "mnt.mnt_userns"), /* 5.12 */
	FIELD(SB_DEV, "super_block", REQUIRED, "s_dev"),
	FIELD(SB_FLAGS, "super_block", REQUIRED, "s_flags"),
	FIELD(SB_TYPE, "super_block", REQUIRED, "s_type"),
	FIELD(SB_SUBTYPE, "super_block", OPTIONAL, "s_subtype"),
};

const struct wants mounts_wants = {
	.reader = "mounts", .v = want_table, .n = WANTS_N(want_table)};

/* docs/facts/kernel.md, "Mounts" */
#define MNT_SHARED     0x1000u
#define MNT_UNBINDABLE 0x2000u
#define MNT_CURSOR     0x10000000u
#define T_SHARED       1u
#define T_UNBINDABLE   2u

static void mounts_work_deinit(struct mounts_work *w)
{
	free(w->v);
	free(w->unique);
}

static int mounts_work_init(struct mounts_work *w, struct mount_spaces *m)
{
	size_t i, j, n = 0;

	for (i = 0; i < m->v.n; i++)
		n += m->v.v[i].v.n;
	w->v = calloc(n + 1, sizeof(*w->v));
	w->unique = calloc(7 * n + 1, sizeof(*w->unique));
	if (!w->v || !w->unique)
		return ERR_NOMEM;
	for (i = 0; i < m->v.n; i++)
		for (j = 0; j < m->v.v[i].v.n; j++)
			w->v[w->n++] = &m->v.v[i].v.v[j];
	w->addr = w->unique + n;
	w->parent = w->addr + n;
	w->master = w->parent + n;
	w->sb = w->master + n;
	w->source = w->sb + n;
	w->root = w->source + n;
	for (i = 0; i < n; i++)
		w->addr[i] = w->v[i]->addr;
	return 0;
}

static void mount_take(struct mounts_work *w, const struct records *r, size_t i)
{
	struct mount_info *m = w->v[i];
	bool parted = records_have(r, FIELD_MOUNT_T_FLAGS);
	uint32_t flags = (uint32_t)records_u64(r, i, FIELD_MOUNT_FLAGS);
	uint32_t type = (uint32_t)records_u64(r, i, FIELD_MOUNT_T_FLAGS);

	m->known = r->ok[i];
	m->id = (int32_t)records_u64(r, i, FIELD_MOUNT_ID);
	m->flags = flags;
	m->shared = parted ? type & T_SHARED : flags & MNT_SHARED;
	m->unbindable = parted ? type & T_UNBINDABLE : flags & MNT_UNBINDABLE;
	m->group = (int32_t)records_u64(r, i, FIELD_MOUNT_GROUP);
	w->unique[i] = records_u64(r, i, FIELD_MOUNT_UNIQUE);
	m->on = w->parent[i] = records_u64(r, i, FIELD_MOUNT_PARENT);
	m->mountpoint = records_u64(r, i, FIELD_MOUNT_POINT);
	w->master[i] = records_u64(r, i, FIELD_MOUNT_MASTER);
	w->sb[i] = records_u64(r, i, FIELD_MOUNT_SB);
	w->source[i] = records_u64(r, i, FIELD_MOUNT_SOURCE);
	w->root[i] = records_u64(r, i, FIELD_MOUNT_ROOT);
	m->idmap = records_u64(r, i, FIELD_MOUNT_IDMAP);
	m->user_ns = records_u64(r, i, FIELD_MOUNT_USER_NS);
	m->sb = w->sb[i];
	m->root_at = w->root[i];
	m->master_at = w->master[i];
	m->point.at = (struct path_at){
		.mnt = m->addr +
		       profile_field(w->k->profile, FIELD_MOUNT_MNT)->offset,
		.dentry = w->root[i]};
}

static int mounts_read_all(struct mounts_work *w, struct err *err)
{
	static const uint32_t fields[] = {
		FIELD_MOUNT_ROOT,    FIELD_MOUNT_SB,	 FIELD_MOUNT_FLAGS,
		FIELD_MOUNT_PARENT,  FIELD_MOUNT_SOURCE, FIELD_MOUNT_ID,
		FIELD_MOUNT_UNIQUE,  FIELD_MOUNT_GROUP,	 FIELD_MOUNT_MASTER,
		FIELD_MOUNT_T_FLAGS, FIELD_MOUNT_POINT,	 FIELD_MOUNT_IDMAP,
		FIELD_MOUNT_USER_NS};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(w->k, w->addr, w->n, fields, WANTS_N(fields), &r,
			      err);

	for (i = 0; i < w->n && !rc; i++)
		mount_take(w, &r, i);
	return rc;
}

/* Superblocks, parents and masters in one batch. */
static int mounts_follow(struct mounts_work *w, struct err *err)
{
	static const uint32_t id[] = {FIELD_MOUNT_ID};
	static const uint32_t group[] = {FIELD_MOUNT_GROUP};
	static const uint32_t sb[] = {FIELD_SB_DEV, FIELD_SB_FLAGS,
				      FIELD_SB_TYPE, FIELD_SB_SUBTYPE};
	const struct records_want wants[] = {{w->parent, w->n, id, 1},
					     {w->master, w->n, group, 1},
					     {w->sb, w->n, sb, 4}};
	_cleanup_free_ uint64_t *types = calloc(2 * w->n + 1, sizeof(*types));
	struct records r[3] = {{0}};
	size_t i;
	int rc;

	if (!types)
		return err_nomem(err);
	rc = records_read_all(w->k, wants, 3, r, err);
	for (i = 0; i < w->n && !rc; i++) {
		struct mount_info *m = w->v[i];

		m->known &= r[0].ok[i] && r[2].ok[i];
		m->parent = (int32_t)records_u64(&r[0], i, FIELD_MOUNT_ID);
		m->master = (int32_t)records_u64(&r[1], i, FIELD_MOUNT_GROUP);
		m->dev = (uint32_t)records_u64(&r[2], i, FIELD_SB_DEV);
		m->sb_flags = (uint32_t)records_u64(&r[2], i, FIELD_SB_FLAGS);
		types[i] = records_u64(&r[2], i, FIELD_SB_TYPE);
		types[w->n + i] = records_u64(&r[2], i, FIELD_SB_SUBTYPE);
	}
	for (i = 0; i < 3; i++)
		records_deinit(&r[i]);
	return rc ? rc : mounts_read_types(w, types, types + w->n, err);
}

static int mounts_read_points(struct mounts_work *w, struct err *err)
{
	_cleanup_free_ struct path_job *jobs = calloc(w->n + 1, sizeof(*jobs));
	size_t i;
	int rc;

	if (!jobs)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		jobs[i].at = w->v[i]->point.at;
	rc = path_resolve(w->k, jobs, w->n, err);
	for (i = 0; i < w->n; i++)
		w->v[i]->point = jobs[i];
	return rc;
}

static int mounts_read_roots(struct mounts_work *w, struct err *err)
{
	_cleanup_free_ char **roots = calloc(w->n + 1, sizeof(*roots));
	_cleanup_free_ bool *deleted = calloc(w->n + 1, sizeof(*deleted));
	size_t i;
	int rc;

	if (!roots || !deleted)
		return err_nomem(err);
	rc = dentry_paths_read(w->k, w->root, w->n, roots, deleted, err);
	for (i = 0; i < w->n; i++) {
		w->v[i]->root = roots[i];
		w->v[i]->deleted = deleted[i];
	}
	return rc;
}

static void mount_info_deinit(struct mount_info *m)
{
	free(m->source);
	free(m->root);
	free(m->point.text);
}

/* A mount, and what orders it. */
struct ordered_mount {
	uint64_t unique;
	struct mount_info info;
};

static int by_unique(const void *a, const void *b)
{
	const struct ordered_mount *x = a, *y = b;

	return x->unique < y->unique ? -1 : x->unique > y->unique;
}

/* Whether the root directory of PID 1 is in it. */
static bool mounts_have_root(const struct mount_space *s)
{
	size_t i;

	for (i = 0; i < s->v.n; i++)
		if (s->v.v[i].point.text && !s->v.v[i].point.outside)
			return true;
	return false;
}

/* Trees are ordered by mnt_id_unique; cursors of lists (5.8 to 6.7), which
 * readers in the guest leave there, are none; nor is shown what lies outside of
 * a reader's root directory, as the root of all that an initramfs was in. */
static int mounts_settle(struct mounts_work *w, struct mount_space *s,
			 size_t first, bool ordered)
{
	_cleanup_free_ struct ordered_mount *v = calloc(s->v.n + 1, sizeof(*v));
	bool root = !w->everywhere && mounts_have_root(s);
	size_t i, n = 0;

	if (!v)
		return ERR_NOMEM;
	for (i = 0; i < s->v.n; i++) {
		if ((s->v.v[i].flags & MNT_CURSOR && ordered) ||
		    (root && s->v.v[i].point.outside)) {
			mount_info_deinit(&s->v.v[i]);
			continue;
		}
		v[n].unique = w->unique[first + i];
		v[n++].info = s->v.v[i];
	}
	if (!ordered)
		qsort(v, n, sizeof(*v), by_unique);
	for (i = 0; i < n; i++)
		s->v.v[i] = v[i].info;
	s->v.n = n;
	return 0;
}

/* The namespaces of tasks, each once. */
static int mounts_spaces(struct kernel *k, const struct task *tasks, size_t n,
			 struct mount_spaces *out, struct err *err)
{
	static const uint32_t nsproxy = FIELD_TASK_NSPROXY;
	static const uint32_t mnt = FIELD_NSPROXY_MNT;
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	_cleanup_(records_deinit) struct records t = {0};
	_cleanup_(records_deinit) struct records p = {0};
	_cleanup_(map_deinit) struct map at = {0};
	uint64_t ns, which;
	size_t i;
	int rc;

	out->of = calloc(n + 1, sizeof(*out->of));
	if (!addrs || !out->of)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].addr;
	rc = records_read(k, addrs, n, &nsproxy, 1, &t, err);
	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(&t, i, nsproxy);
	if (!rc)
		rc = records_read(k, addrs, n, &mnt, 1, &p, err);
	for (i = 0; i < n && !rc; i++) {
		ns = records_u64(&p, i, mnt);
		out->of[i] = SIZE_MAX;
		if (!ns)
			continue;
		which = out->v.n;
		if (!map_get(&at, ns, &which) &&
		    (map_put(&at, ns, which) ||
		     vec_push(&out->v, {.addr = ns})))
			return err_nomem(err);
		out->of[i] = (size_t)which;
	}
	return rc;
}

static int mounts_read_spaces(struct kernel *k, const struct task *tasks,
			      size_t n, bool everywhere,
			      struct mount_spaces *out, struct err *err)
{
	_cleanup_(mounts_work_deinit) struct mounts_work w = {
		.k = k, .everywhere = everywhere};
	bool ordered = true;
	size_t i, first = 0, some;
	int rc;

	*out = (struct mount_spaces){0};
	rc = mounts_spaces(k, tasks, n, out, err);
	if (!rc)
		rc = mounts_find(k, out->v.v, out->v.n, &ordered, err);
	if (!rc && mounts_work_init(&w, out))
		rc = err_nomem(err);
	if (!rc)
		rc = mounts_read_all(&w, err);
	if (!rc)
		rc = mounts_follow(&w, err);
	if (!rc)
		rc = mounts_read_sources(&w, err);
	if (!rc)
		rc = mounts_read_roots(&w, err);
	if (!rc && !everywhere)
		rc = mounts_read_points(&w, err);
	for (i = 0; i < out->v.n && !rc; i++, first += some) {
		some = out->v.v[i].v.n;
		if (mounts_settle(&w, &out->v.v[i], first, ordered))
			rc = err_nomem(err);
	}
	return rc;
}

int mount_spaces_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct mount_spaces *out, struct err *err)
{
	return mounts_read_spaces(k, tasks, n, false, out, err);
}

int mount_spaces_read_all(struct kernel *k, const struct task *tasks, size_t n,
			  struct mount_spaces *out, struct err *err)
{
	return mounts_read_spaces(k, tasks, n, true, out, err);
}

void mount_spaces_deinit(struct mount_spaces *m)
{
	size_t i, j;

	for (i = 0; i < m->v.n; i++) {
		struct mount_space *s = &m->v.v[i];

		for (j = 0; j < s->v.n; j++)
			mount_info_deinit(&s->v.v[j]);
		vec_deinit(&s->v);
	}
	vec_deinit(&m->v);
	free(m->of);
}
