/* SPDX-License-Identifier: BSD-2-Clause */
/* One unit of DWARF: what it stands on, and its entries in their order. */
#include "export/dwarf_unit.h"

#include <stdlib.h>
#include <string.h>

#include "types/members.h"

int dw_unit_init(struct dwarf_unit *u, const struct portrait_types *t,
		 struct err *err)
{
	size_t n;
	int rc;

	rc = btf_init_split(&u->btf, u->base ? &u->base->btf : NULL, t->btf,
			    t->len, err);
	if (rc)
		return rc;
	n = btf_end(&u->btf) - u->btf.first_id;
	u->enums_tell =
		u->base ? u->base->enums_tell : members_enums_tell(&u->btf);
	u->die = malloc((n + 1) * sizeof(*u->die));
	u->state = calloc(n + 1, 1);
	rc = u->die && u->state ? 0 : err_nomem(err);
	if (!rc) {
		memset(u->die, 0xff, (n + 1) * sizeof(*u->die));
		rc = dw_graph(u, err);
	}
	if (rc)
		dw_unit_deinit(u);
	return rc;
}

void dw_unit_deinit(struct dwarf_unit *u)
{
	btf_deinit(&u->btf);
	free(u->die);
	free(u->state);
	vec_deinit(&u->functions);
	vec_deinit(&u->globals);
}

void dw_put_unit(struct dwarf_unit *u, struct emit *s)
{
	u->start = s->pos;
	emit_number(s, u->end - u->start - DWARF_LENGTH_SIZE, 4);
	emit_number(s, DWARF_VERSION, 2);
	emit_number(s, DWARF_UT_COMPILE, 1);
	emit_number(s, DWARF_ADDRESS, 1);
	emit_number(s, u->abbrevs, 4);
	dw_begin_at(u, s, DIE_UNIT, u->name, 0);
	emit_number(s, u->producer, 4);
	emit_number(s, DWARF_LANG_C11, 1);
	emit_number(s, u->ranges, 4);
	dw_put_types(u, s);
	dw_put_per_cpu(u, s);
	dw_put_globals(u, s);
	dw_put_functions(u, s);
	emit_number(s, 0, 1);
	u->end = s->pos;
}
