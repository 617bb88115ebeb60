/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/modules (kernel/module/procfs.c, m_show()). */
#include "proc/proc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/code/module_status.h"

static int proc_modules_read(struct kernel *k, struct proc_values *out,
			     struct err *err)
{
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct module_statuses *all = calloc(1, sizeof(*all));
	int rc;

	out->own = all;
	if (!all)
		return err_nomem(err);
	rc = module_statuses_read(k, all, &remarks, err);
	out->parts->records = all->n;
	proc_part_remarks(out->parts, &remarks);
	return rc;
}

/* "zram,[permanent]," or "-" */
static void modules_put_users(const struct module_status *s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s->users.n; i++)
		buf_printf(out, "%s,", s->users.v[i].name);
	if (s->permanent)
		buf_puts(out, "[permanent],");
	if (!s->users.n && !s->permanent)
		buf_puts(out, "-");
}

static const char *modules_state(const struct module_status *s)
{
	return s->going ? "Unloading" : s->coming ? "Loading" : "Live";
}

static void modules_text(const struct proc_values *v, size_t i, size_t record,
			 struct buf *out)
{
	const struct module_statuses *all = v->own;
	const struct module *m = &all->modules.list.v[record];
	const struct module_status *s = &all->v[record];

	(void)i;
	buf_printf(out, "%s %u ", m->name, (unsigned int)m->total);
	if (s->counted) {
		buf_printf(out, "%" PRId32 " ", s->uses);
		modules_put_users(s, out);
	} else {
		buf_puts(out, "- -");
	}
	buf_printf(out, " %s 0x%016" PRIx64, modules_state(s), m->base);
	if (s->tainted)
		buf_printf(out, " (%s%s)", s->taints,
			   s->going    ? "-"
			   : s->coming ? "+"
				       : "");
	buf_puts(out, "\n");
}

enum {
	NAME,
	SIZE,
	USES,
	USERS_TEXT,
	USERS,
	PERMANENT,
	STATE,
	ADDRESS,
	TAINTS,
	MODULE,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[NAME] = ROW_COLUMN("name", "NAME", ROW_GUEST),
	[SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[USES] = ROW_COLUMN("uses", "USES", ROW_COUNT),
	[USERS_TEXT] = ROW_COLUMN(NULL, "USERS", ROW_GUEST),
	[USERS] = ROW_COLUMN("users", NULL, ROW_TABLE),
	[PERMANENT] = ROW_COLUMN("permanent", NULL, ROW_FLAG),
	[STATE] = ROW_COLUMN("state", "STATE", ROW_WORDS),
	[ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
	[TAINTS] = ROW_COLUMN("taints", "TAINTS", ROW_WORDS),
	[MODULE] = ROW_COLUMN("module", NULL, ROW_HEX),
};

static const struct row_column user_columns[] = {
	ROW_COLUMN("name", NULL, ROW_GUEST),
};

static void modules_row_users(const struct module_status *s,
			      struct row_table *out)
{
	struct row_table *t = row_subtable(out, USERS, user_columns, 1);
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t i;

	modules_put_users(s, &b);
	out->rows->oom |= b.oom;
	if (s->users.n || s->permanent)
		row_bytes(out, USERS_TEXT, b.data, b.len - 1);
	for (i = 0; i < s->users.n; i++) {
		row_add(t);
		row_string(t, 0, s->users.v[i].name);
	}
	row_number(out, PERMANENT, s->permanent);
}

static void modules_rows(const struct proc_values *v, size_t i, size_t record,
			 struct row_table *out)
{
	const struct module_statuses *all = v->own;
	const struct module *m = &all->modules.list.v[record];
	const struct module_status *s = &all->v[record];

	(void)i;
	row_add(out);
	row_string(out, NAME, m->name);
	row_number(out, SIZE, m->total);
	row_number(out, ADDRESS, m->base);
	row_number(out, MODULE, m->addr);
	if (!s->ok)
		return;
	if (s->counted) {
		if (s->uses >= 0) /* on its way out it is -1 */
			row_number(out, USES, (uint64_t)s->uses);
		modules_row_users(s, out);
	}
	row_string(out, STATE, modules_state(s));
	if (s->tainted)
		row_string(out, TAINTS, s->taints);
}

static void modules_free(struct proc_values *v)
{
	module_statuses_deinit(v->own);
	free(v->own);
}

const struct proc_file proc_modules = {
	.name = "modules",
	.scope = PROC_SYSTEM,
	.read = proc_modules_read,
	.text = modules_text,
	.columns = columns,
	.n_columns = N_COLUMNS,
	.rows = modules_rows,
	.deinit = modules_free,
};
