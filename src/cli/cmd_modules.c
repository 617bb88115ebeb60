/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi modules: those that are loaded, or all that is known of one. */
#include "cli/commands.h"

#include "cli/listing.h"
#include "kernel/code/module_parts.h"

enum {
	PART,
	NAME,
	ADDRESS,
	SIZE,
	COUNT,
	MODE,
	VALUE,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[PART] = ROW_COLUMN("part", "PART", ROW_WORDS),
	[NAME] = ROW_COLUMN("name", "NAME", ROW_GUEST),
	[ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
	[SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[COUNT] = ROW_COLUMN("count", "COUNT", ROW_COUNT),
	[MODE] = ROW_COLUMN("mode", "MODE", ROW_WORDS),
	[VALUE] = ROW_COLUMN("value", "VALUE", ROW_GUEST),
};

struct state {
	struct listing listing; /* without a name */
	const char *name;
	struct module_parts parts;
};

static int modules_operands(void *state, char **argv, int n, struct err *err)
{
	(void)err;
	((struct state *)state)->name = n ? argv[0] : NULL;
	return 0;
}

static int modules_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc;

	if (!st->name)
		return listing_read(&proc_modules, s, &st->listing, err);
	module_parts_deinit(&st->parts);
	rc = module_parts_read(s->guest.kernel, st->name, &st->parts, err);
	return rc ? err_wrap(err, rc, "modules") : 0;
}

static void modules_row(struct row_table *t, const char *part, const char *name)
{
	row_add(t);
	row_string(t, PART, part);
	if (*name)
		row_string(t, NAME, name);
}

static void modules_show_memory(const struct module_parts *p,
				struct row_table *t)
{
	const struct module *m = p->module;
	size_t i;

	for (i = 0; i < m->n_ranges; i++) {
		modules_row(t, "memory", "");
		row_number(t, ADDRESS, m->range[i].start);
		row_number(t, SIZE, m->range[i].size);
	}
	for (i = 0; i < p->sections.list.n; i++) {
		modules_row(t, "section", p->sections.list.v[i].name);
		row_number(t, ADDRESS, p->sections.list.v[i].start);
	}
	modules_row(t, "symbols", "");
	row_number(t, ADDRESS, m->symtab);
	row_number(t, COUNT, p->symbols.list.n);
	if (p->sections.has_orc) {
		modules_row(t, "orc", "");
		row_number(t, ADDRESS, p->sections.orc_ip);
		row_number(t, COUNT, p->sections.n_orc);
	}
}

static void modules_show_params(const struct module_parts *p,
				struct row_table *t)
{
	size_t i;

	for (i = 0; i < p->params.list.n; i++) {
		const struct module_param *param = &p->params.list.v[i];

		modules_row(t, "parameter", param->name);
		row_number(t, ADDRESS, param->at);
		row_printf(t, MODE, "%04o", param->mode);
		if (param->has_value)
			row_string(t, VALUE, param->value);
	}
}

static void modules_show_ties(const struct module_parts *p, struct row_table *t)
{
	const struct module_status *s = p->status;
	size_t i;

	for (i = 0; i < p->all.modules.list.n; i++)
		if (module_parts_uses(p, i))
			modules_row(t, "uses", p->all.modules.list.v[i].name);
	for (i = 0; i < s->users.n; i++)
		modules_row(t, "user", s->users.v[i].name);
	for (i = 0; s->taints[i]; i++) {
		row_add(t);
		row_string(t, PART, "taint");
		row_bytes(t, NAME, &s->taints[i], 1);
	}
}

static int modules_show(struct session *s, void *state, struct out *out,
			struct err *err)
{
	const struct state *st = state;
	const struct module_parts *p = &st->parts;
	const char *remark = NULL;

	if (!st->name)
		return listing_show(s, state, out, err);
	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	modules_show_memory(p, &out->rows.top);
	modules_show_params(p, &out->rows.top);
	modules_show_ties(p, &out->rows.top);
	while ((remark = remarks_next(&p->remarks, remark)))
		out_fail(out, ERR_UNREADABLE, "modules: %s", remark);
	if (!p->sections.known)
		out_note(out, "this kernel keeps sections of modules in no way "
			      "that is known");
	if (!p->params.known)
		out_note(out, "this kernel keeps parameters of modules in no "
			      "way that is known");
	return 0;
}

static void modules_state_deinit(void *state)
{
	listing_deinit(state);
	module_parts_deinit(&((struct state *)state)->parts);
}

const struct cmd cmd_modules = {
	.name = "modules",
	.topic = TOPIC_LOOK,
	.summary = "List the modules that the kernel has loaded, or show one",
	.args = "[NAME]",
	.doc = "What /proc/modules says, as a table; 'cat modules' prints that "
	       "file itself.  With NAME the parts of that module: its memory "
	       "and sections, how many symbols and rules for unwinding (ORC) "
	       "it has, its parameters with their values, what it uses and "
	       "what uses it, and how it taints the kernel.",
	.needs = NEEDS_KERNEL,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.operands = modules_operands,
	.run = modules_run,
	.show = modules_show,
	.deinit = modules_state_deinit,
};
