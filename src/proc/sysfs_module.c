/* SPDX-License-Identifier: BSD-2-Clause */
/* /sys/module, of modules that are loaded (kernel/module/sysfs.c,
 * kernel/params.c). */
#include "proc/sysfs.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/code/module_status.h"

static const struct module_status *module_of(const void *values,
					     const struct sysfs_record *r)
{
	const struct module_statuses *all = values;

	return &all->v[r->object];
}

static void module_put_coresize(const void *values,
				const struct sysfs_record *r, struct buf *out)
{
	const struct module_statuses *all = values;

	buf_printf(out, "%u\n",
		   (unsigned int)all->modules.list.v[r->object].total);
}

/* What its initialisation took is freed. */
static void module_put_initsize(const void *values,
				const struct sysfs_record *r, struct buf *out)
{
	(void)values, (void)r;
	buf_puts(out, "0\n");
}

static void module_put_state(const void *values, const struct sysfs_record *r,
			     struct buf *out)
{
	const struct module_status *s = module_of(values, r);

	buf_printf(out, "%s\n",
		   s->going    ? "going"
		   : s->coming ? "coming"
			       : "live");
}

static void module_put_uses(const void *values, const struct sysfs_record *r,
			    struct buf *out)
{
	buf_printf(out, "%" PRId32 "\n", module_of(values, r)->uses);
}

static void module_put_taint(const void *values, const struct sysfs_record *r,
			     struct buf *out)
{
	buf_printf(out, "%s\n", module_of(values, r)->taints);
}

static void module_put_user(const void *values, const struct sysfs_record *r,
			    struct buf *out)
{
	buf_puts(out, module_of(values, r)->users.v[r->which].name);
}

/* A module's directory is beside that of the one that it holds. */
static void module_put_link(const void *values, const struct sysfs_record *r,
			    struct buf *out)
{
	buf_puts(out, "../../");
	module_put_user(values, r, out);
}

static const struct sysfs_leaf coresize_leaf = {.name = "coresize",
						.text = module_put_coresize};
static const struct sysfs_leaf initsize_leaf = {.name = "initsize",
						.text = module_put_initsize};
static const struct sysfs_leaf state_leaf = {.name = "initstate",
					     .text = module_put_state};
static const struct sysfs_leaf uses_leaf = {.name = "refcnt",
					    .text = module_put_uses};
static const struct sysfs_leaf taint_leaf = {.name = "taint",
					     .text = module_put_taint};
static const struct sysfs_leaf none_leaf = {.name = "holders/"};
static const struct sysfs_leaf holder_leaf = {.name = "holders/",
					      .text = module_put_link,
					      .is_link = true,
					      .more = module_put_user};

/* While it is coming, both sizes are not what they add up to. */
static void module_add(struct sysfs *s, uint32_t i)
{
	const struct module_statuses *all = s->values;
	const struct module_status *status = &all->v[i];
	uint32_t j;

	if (!status->ok)
		return;
	if (!status->coming) {
		sysfs_add(s, i, &coresize_leaf);
		sysfs_add(s, i, &initsize_leaf);
	}
	sysfs_add(s, i, &state_leaf);
	sysfs_add(s, i, &taint_leaf);
	if (!status->counted)
		return;
	sysfs_add(s, i, &uses_leaf);
	if (!status->users.n)
		sysfs_add(s, i, &none_leaf);
	for (j = 0; j < status->users.n; j++)
		sysfs_add_one(s, i, &holder_leaf, j);
}

static void module_dir(const void *values, uint32_t i, struct buf *out)
{
	const struct module_statuses *all = values;

	buf_puts(out, all->modules.list.v[i].name);
}

static void module_free(void *values)
{
	module_statuses_deinit(values);
}

static int sysfs_module_read(struct kernel *k, struct proc_values *out,
			     struct err *err)
{
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct sysfs *s = sysfs_create(out, sizeof(struct module_statuses));
	struct module_statuses *all = s ? s->values : NULL;
	uint32_t i;
	int rc;

	if (!all)
		return err_nomem(err);
	s->values_free = module_free;
	s->dir = module_dir;
	rc = module_statuses_read(k, all, &remarks, err);
	proc_part_remarks(out->parts, &remarks);
	out->parts->missing = out->parts->why.len;
	for (i = 0; i < all->n && !rc; i++)
		module_add(s, i);
	return rc ? rc : sysfs_end(s, out, err);
}

const struct proc_file proc_sysfs_module = {
	.name = "sys/module",
	.read = sysfs_module_read,
	SYSFS_FILE,
};
