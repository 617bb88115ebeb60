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

void listing_rows(const struct listing *l, struct out *out)
{
	const struct proc_part *part = l->values.parts;

	proc_show_rows(out, &l->values, 0);
	if (part->why.len)
		out_fail(out, ERR_UNREADABLE, "%s: %s%.300s",
			 l->values.file->name,
			 part->torn ? "it is not whole: " : "", part->why.data);
}

int listing_show(struct session *s, void *state, struct out *out,
		 struct err *err)
{
	const struct listing *l = state;

	(void)s, (void)err;
	out_begin(out, OUT_TABLE, l->values.file->columns,
		  l->values.file->n_columns);
	listing_rows(l, out);
	return 0;
}

void listing_deinit(void *state)
{
	struct listing *l = state;

	proc_values_deinit(&l->values);
}
