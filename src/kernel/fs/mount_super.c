/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads super blocks, and has their options read by whoever knows them. */
#include "kernel/fs/mount_super.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/fs/dentry_name.h"
#include "kernel/fs/mount_modules.h"
#include "kernel/fs/mount_options.h"
#include "kernel/readers.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_SB_OP = WANTS_OF(READER_MOUNT_SUPER),
	FIELD_SB_INFO,
	FIELD_SB_USER_NS,
	FIELD_SB_QUOTAS,
	FIELD_OP_OPTIONS,
	FIELD_OP_PATH,
	FIELD_OP_DEVNAME,
	FIELD_OP_STATS,
	FIELD_KERNFS_ROOT,
	FIELD_ROOT_OPS,
	FIELD_ROOT_KN,
	FIELD_OPS_OPTIONS,
	FIELD_OPS_PATH,
	FIELD_SELINUX_ON,
	FIELD_DENTRY_INODE
};

static const struct want want_table[] = {
	FIELD(SB_OP, "super_block", REQUIRED, "s_op"),
	FIELD(SB_INFO, "super_block", REQUIRED, "s_fs_info"),
	FIELD(SB_USER_NS, "super_block", OPTIONAL, "s_user_ns"), /* 4.8 */
	FIELD(SB_QUOTAS, "super_block", OPTIONAL, "s_dquot.flags"),
	FIELD(OP_OPTIONS, "super_operations", REQUIRED, "show_options"),
	FIELD(OP_PATH, "super_operations", REQUIRED, "show_path"),
	FIELD(OP_DEVNAME, "super_operations", REQUIRED, "show_devname"),
	FIELD(OP_STATS, "super_operations", REQUIRED, "show_stats"),
	FIELD(KERNFS_ROOT, "kernfs_super_info", OPTIONAL, "root"),
	FIELD(ROOT_OPS, "kernfs_root", OPTIONAL, "syscall_ops"),
	FIELD(ROOT_KN, "kernfs_root", OPTIONAL, "kn"),
	FIELD(OPS_OPTIONS, "kernfs_syscall_ops", OPTIONAL, "show_options"),
	FIELD(OPS_PATH, "kernfs_syscall_ops", OPTIONAL, "show_path"),
	FIELD(SELINUX_ON, "selinux_state", OPTIONAL, "initialized"), /* 4.17 */
	FIELD(DENTRY_INODE, "dentry", REQUIRED, "d_inode"),
};

const struct wants mount_super_wants = {
	.reader = "super blocks", .v = want_table, .n = WANTS_N(want_table)};

int mount_supers_add(struct mount_supers *s, uint64_t sb, uint64_t root,
		     size_t *number)
{
	uint64_t at;

	if (map_get(&s->at, root, &at) && s->v.v[at].addr == sb) {
		*number = (size_t)at;
		return 0;
	}
	*number = s->v.n;
	if (map_put(&s->at, root, s->v.n))
		return ERR_NOMEM;
	return vec_push(&s->v, {.addr = sb, .root = root});
}

void mount_supers_deinit(struct mount_supers *s)
{
	size_t i;

	for (i = 0; i < s->v.n; i++) {
		buf_deinit(&s->v.v[i].options);
		free(s->v.v[i].path);
	}
	vec_deinit(&s->v);
	map_deinit(&s->at);
}

/* All of them, and room for two addresses of each. */
struct super_work {
	struct kernel *k;
	struct mount_super *v;
	size_t n;
	uint64_t *a, *b;
};

static void super_work_deinit(struct super_work *w)
{
	free(w->a);
}

static int super_read_blocks(struct super_work *w, struct err *err)
{
	static const uint32_t sb[] = {FIELD_SB_OP, FIELD_SB_INFO,
				      FIELD_SB_USER_NS, FIELD_SB_QUOTAS};
	static const uint32_t ops[] = {FIELD_OP_OPTIONS, FIELD_OP_PATH,
				       FIELD_OP_DEVNAME, FIELD_OP_STATS};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(records_deinit) struct records o = {0};
	size_t i;
	int rc;

	for (i = 0; i < w->n; i++)
		w->a[i] = w->v[i].addr;
	rc = records_read(w->k, w->a, w->n, sb, WANTS_N(sb), &r, err);
	for (i = 0; i < w->n && !rc; i++)
		w->a[i] = records_u64(&r, i, FIELD_SB_OP);
	if (!rc)
		rc = records_read(w->k, w->a, w->n, ops, WANTS_N(ops), &o, err);
	for (i = 0; i < w->n && !rc; i++) {
		struct mount_super *s = &w->v[i];

		s->info = records_u64(&r, i, FIELD_SB_INFO);
		s->user_ns = records_u64(&r, i, FIELD_SB_USER_NS);
		s->quotas = (uint32_t)records_u64(&r, i, FIELD_SB_QUOTAS);
		s->show = records_u64(&o, i, FIELD_OP_OPTIONS);
		s->show_path = records_u64(&o, i, FIELD_OP_PATH);
		s->show_devname = records_u64(&o, i, FIELD_OP_DEVNAME);
		s->show_stats = records_u64(&o, i, FIELD_OP_STATS);
		if (!r.ok[i] || !o.ok[i])
			s->say = s->path_say = MOUNT_TORN;
	}
	return rc;
}

static bool super_symbol(const struct super_work *w, const char *name,
			 uint64_t function)
{
	uint64_t va;

	return function && profile_symbol(w->k->profile, name, &va) &&
	       va == function;
}

/* kernfs_sop_show_options() and its like: what its user prints
 * (fs/kernfs/mount.c). */
static void super_take_kernfs(struct super_work *w, size_t i,
			      const struct records *root,
			      const struct records *ops)
{
	struct mount_super *s = &w->v[i];

	if (!root->ok[i] || (w->b[i] && !ops->ok[i]))
		s->say = s->path_say = MOUNT_TORN;
	s->show = records_u64(ops, i, FIELD_OPS_OPTIONS);
	if (super_symbol(w, "kernfs_sop_show_path", s->show_path))
		s->show_path = records_u64(ops, i, FIELD_OPS_PATH);
	s->info = records_u64(root, i, FIELD_ROOT_KN);
}

static int super_read_kernfs(struct super_work *w, struct err *err)
{
	static const uint32_t info[] = {FIELD_KERNFS_ROOT};
	static const uint32_t root[] = {FIELD_ROOT_OPS, FIELD_ROOT_KN};
	static const uint32_t ops[] = {FIELD_OPS_OPTIONS, FIELD_OPS_PATH};
	_cleanup_(records_deinit) struct records i_r = {0};
	_cleanup_(records_deinit) struct records r_r = {0};
	_cleanup_(records_deinit) struct records o_r = {0};
	size_t i, some = 0;
	int rc;

	for (i = 0; i < w->n; i++) {
		bool is = super_symbol(w, "kernfs_sop_show_options",
				       w->v[i].show);

		w->a[i] = is ? w->v[i].info : 0;
		some += is;
	}
	if (!some || !records_known(w->k, FIELD_KERNFS_ROOT, FIELD_OPS_PATH))
		return 0;
	rc = records_read(w->k, w->a, w->n, info, 1, &i_r, err);
	for (i = 0; i < w->n && !rc; i++)
		w->b[i] = records_u64(&i_r, i, FIELD_KERNFS_ROOT);
	if (!rc)
		rc = records_read(w->k, w->b, w->n, root, 2, &r_r, err);
	for (i = 0; i < w->n && !rc; i++)
		w->b[i] = records_u64(&r_r, i, FIELD_ROOT_OPS);
	if (!rc)
		rc = records_read(w->k, w->b, w->n, ops, 2, &o_r, err);
	for (i = 0; i < w->n && !rc; i++)
		if (w->a[i])
			super_take_kernfs(w, i, &r_r, &o_r);
	return rc;
}

/*
 * show_path(): of namespaces their name, of control groups the path without a
 * mark (fs/nsfs.c, kernel/cgroup/cgroup.c).
 */
static int super_read_paths(struct super_work *w, struct err *err)
{
	static const uint32_t inode[] = {FIELD_DENTRY_INODE};
	_cleanup_free_ struct dentry_name *names =
		calloc(w->n + 1, sizeof(*names));
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t dname = 0;
	size_t i, n = 0;
	int rc;

	if (!names)
		return err_nomem(err);
	profile_symbol(w->k->profile, "ns_dname", &dname);
	for (i = 0; i < w->n; i++)
		w->a[i] = super_symbol(w, "nsfs_show_path", w->v[i].show_path)
				  ? w->v[i].root
				  : 0;
	rc = records_read(w->k, w->a, w->n, inode, 1, &r, err);
	for (i = 0; i < w->n && !rc; i++)
		if (w->a[i])
			names[n++] = (struct dentry_name){
				.function = dname,
				.dentry = w->a[i],
				.inode = records_u64(&r, i, FIELD_DENTRY_INODE),
				.name = ""};
	if (!rc)
		rc = dentry_names_make(w->k, names, n, err);
	for (i = n = 0; i < w->n; i++) {
		struct mount_super *s = &w->v[i];

		if (!w->a[i]) {
			s->never_deleted = super_symbol(w, "cgroup_show_path",
							s->show_path);
			if (s->show_path && !s->never_deleted && !s->path_say)
				s->path_say = MOUNT_UNKNOWN;
			continue;
		}
		s->path = names[n++].text;
		if (!s->path)
			s->path_say = MOUNT_TORN;
	}
	return rc;
}

/* Whether an LSM adds options of its own (security_sb_show_options()): SELinux
 * alone has some, once it has a policy. */
static int super_read_security(struct super_work *w, struct err *err)
{
	const struct profile_field *on =
		profile_field(w->k->profile, FIELD_SELINUX_ON);
	struct variable v = {
		.name = "selinux_state", .size = 1, .offset = on->offset};
	uint64_t va, function = 0;
	size_t i;
	int rc = 0;

	if (!profile_symbol(w->k->profile, "selinux_sb_show_options",
			    &function))
		return 0;
	if (on->present && profile_symbol(w->k->profile, v.name, &va))
		rc = variables_read(w->k, &v, 1, err);
	if (v.known && !v.value)
		return rc;
	for (i = 0; i < w->n; i++) {
		w->v[i].show = function;
		if (!w->v[i].say)
			w->v[i].say = v.known ? MOUNT_UNKNOWN : MOUNT_TORN;
	}
	return rc;
}

/* Those of that kind, and their options. */
static int super_read_kind(struct super_work *w, const struct super_kind *kind,
			   struct err *err)
{
	_cleanup_free_ struct mount_super **v = calloc(w->n + 1, sizeof(*v));
	struct super_group g = {.k = w->k, .v = v, .info = w->a};
	uint64_t function;
	size_t i;

	if (!v)
		return err_nomem(err);
	if (!profile_symbol(w->k->profile, kind->function, &function))
		return 0;
	for (i = 0; i < w->n; i++) {
		struct mount_super *s = &w->v[i];

		if (s->say != MOUNT_UNKNOWN || s->show != function)
			continue;
		s->say = MOUNT_SAYS;
		w->a[g.n] = s->info;
		v[g.n++] = s;
	}
	return g.n ? kind->read(&g, err) : 0;
}

static int super_read_options(struct super_work *w, struct err *err)
{
	static const struct super_kind *const tables[] = {
		mount_memory, mount_other, mount_cgroup};
	const struct super_kind *kind;
	size_t i;
	int rc = 0;

	for (i = 0; i < w->n; i++)
		if (w->v[i].show && !w->v[i].say)
			w->v[i].say = MOUNT_UNKNOWN;
	for (i = 0; i < WANTS_N(tables) && !rc; i++)
		for (kind = tables[i]; kind->function && !rc; kind++)
			rc = super_read_kind(w, kind, err);
	return rc ? rc : mount_modules_read(w->k, w->v, w->n, err);
}

int mount_supers_read(struct kernel *k, struct mount_supers *s, struct err *err)
{
	_cleanup_(super_work_deinit) struct super_work w = {
		.k = k, .v = s->v.v, .n = s->v.n};
	int rc;

	if (!w.n)
		return 0;
	w.a = calloc(2 * w.n + 1, sizeof(*w.a));
	if (!w.a)
		return err_nomem(err);
	w.b = w.a + w.n;
	rc = super_read_blocks(&w, err);
	if (!rc)
		rc = super_read_kernfs(&w, err);
	if (!rc)
		rc = super_read_paths(&w, err);
	if (!rc)
		rc = super_read_options(&w, err);
	return rc ? rc : super_read_security(&w, err);
}
