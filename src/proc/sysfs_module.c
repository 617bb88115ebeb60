/* SPDX-License-Identifier: BSD-2-Clause */
/* /sys/module, of modules that are loaded (kernel/module/sysfs.c,
 * kernel/params.c). */
#include "proc/sysfs.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/list.h"
#include "kernel/code/module_status.h"
#include "kernel/code/modules.h"

struct values {
	struct modules modules;
	struct module_statuses statuses;
};

static const struct module_status *module_of(const void *values,
					     const struct sysfs_record *r)
{
	const struct values *v = values;

	return &v->statuses.v[r->object];
}

static void module_put_coresize(const void *values,
				const struct sysfs_record *r, struct buf *out)
{
	const struct values *v = values;

	buf_printf(out, "%u\n",
		   (unsigned int)v->modules.list.v[r->object].total);
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
	const struct values *v = s->values;
	const struct module_status *status = &v->statuses.v[i];
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
	const struct values *v = values;

	buf_puts(out, v->modules.list.v[i].name);
}

static void module_free(void *values)
{
	struct values *v = values;

	module_statuses_deinit(&v->statuses);
	modules_deinit(&v->modules);
}

static int sysfs_read_listed(struct kernel *k, const struct list *list,
			     struct values *v, struct proc_part *part,
			     struct err *err)
{
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	int rc = modules_read(k, list, &v->modules, &remarks, err);

	if (!rc)
		rc = module_statuses_read(k, &v->modules, &v->statuses,
					  &remarks, err);
	proc_part_remarks(part, &remarks);
	part->missing = part->why.len;
	return rc;
}

static int sysfs_module_read(struct kernel *k, struct proc_values *out,
			     struct err *err)
{
	struct sysfs *s = sysfs_create(out, sizeof(struct values));
	struct values *v = s ? s->values : NULL;
	struct list list;
	uint32_t i;
	int rc;

	if (!v)
		return err_nomem(err);
	s->values_free = module_free;
	s->dir = module_dir;
	rc = modules_list_read(k, &list, err);
	if (!rc)
		rc = sysfs_read_listed(k, &list, v, out->parts, err);
	list_deinit(&list);
	for (i = 0; i < v->statuses.n && !rc; i++)
		module_add(s, i);
	return rc ? rc : sysfs_end(s, out, err);
}

const struct proc_file proc_sysfs_module = {
	.name = "sys/module",
	.read = sysfs_module_read,
	SYSFS_FILE,
};
