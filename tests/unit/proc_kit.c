/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc of a fake kernel, read as tests want them. */
#include "unit/proc_kit.h"

int proc_kit_read(struct fake_kernel *f, const struct proc_file *file,
		  struct proc_values *v, struct buf *text, struct err *err)
{
	size_t i;
	int rc;

	buf_reset(text);
	proc_values_deinit(v);
	machine_drop_cache(&f->memory.machine);
	rc = proc_read(file, &f->kernel, NULL, 1, v, err);
	for (i = 0; !rc && i < v->parts->records; i++)
		proc_text(v, 0, i, text);
	return rc;
}
