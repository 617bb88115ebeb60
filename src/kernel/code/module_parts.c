/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathers all that is known of one module. */
#include "kernel/code/module_parts.h"

#include <string.h>

#include "base/nearest.h"
#include "kernel/limits.h"

static int parts_find(struct module_parts *p, const char *name, struct err *err)
{
	struct nearest near = {.word = name, .len = strlen(name)};
	size_t i;

	for (i = 0; i < p->all.modules.list.n; i++) {
		const struct module *m = &p->all.modules.list.v[i];

		nearest_try(&near, m->name);
		if (strcmp(m->name, name) != 0)
			continue;
		p->module = m;
		p->status = &p->all.v[i];
		return 0;
	}
	return err_set(err, ERR_NOT_FOUND, "no module '%s' is loaded%s%s%s",
		       name, near.name ? ": did you mean " : "",
		       near.name ? near.name : "", near.name ? "?" : "");
}

int module_parts_read(struct kernel *k, const char *name,
		      struct module_parts *out, struct err *err)
{
	struct module_symbols_want want = {.out = &out->symbols};
	uint64_t room = MODULE_SYMBOLS_ROOM;
	int rc = module_statuses_read(k, &out->all, &out->remarks, err);

	if (!rc)
		rc = parts_find(out, name, err);
	if (rc)
		return rc;
	want.module = out->module;
	rc = module_sections_read(k, out->module, &out->sections, &out->remarks,
				  err);
	if (!rc)
		rc = module_params_read(k, out->module, &out->params,
					&out->remarks, err);
	return rc ? rc
		  : module_symbols_read(k, &want, 1, &room, &out->remarks, err);
}

bool module_parts_uses(const struct module_parts *p, size_t i)
{
	const struct module_status *s = &p->all.v[i];
	size_t j;

	for (j = 0; j < s->users.n; j++)
		if (!strcmp(s->users.v[j].name, p->module->name))
			return true;
	return false;
}

void module_parts_deinit(struct module_parts *p)
{
	module_sections_deinit(&p->sections);
	module_params_deinit(&p->params);
	module_symbols_deinit(&p->symbols);
	module_statuses_deinit(&p->all);
	remarks_deinit(&p->remarks);
	*p = (struct module_parts){0};
}
