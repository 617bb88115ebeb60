/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc as tables. */
#include "cli/listing.h"

#include "cli/proc_show.h"

int listing_read(const struct proc_file *f, struct session *s, void *state,
		 struct err *err)
{
	struct listing *l = state;

	return proc_read(f, s->guest.kernel, NULL, 1, &l->values, err);
}

int listing_show(struct session *s, void *state, struct out *out,
		 struct err *err)
{
	const struct listing *l = state;
	const struct proc_file *f = l->values.file;
	const struct proc_part *part = l->values.parts;

	(void)s, (void)err;
	out_begin(out, OUT_TABLE, f->columns, f->n_columns);
	proc_show_rows(out, &l->values, 0);
	if (part->why.len)
		out_fail(out, ERR_UNREADABLE, "%s: %s%.300s", f->name,
			 part->torn ? "it is not whole: " : "", part->why.data);
	return 0;
}

void listing_deinit(void *state)
{
	struct listing *l = state;

	proc_values_deinit(&l->values);
}
