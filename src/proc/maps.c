/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints /proc/PID/maps as fs/proc/task_mmu.c does. */
#include "proc/maps.h"

#include <string.h>

/* show_vma_header_prefix(): names start behind this width and one space. */
#define NAME_COLUMN (25 + 8 * 6 - 1)

/* seq_path() with "\n" to escape: nothing but newlines is changed. */
static void put_name(struct buf *out, const char *name)
{
	size_t n;

	for (;; name += n + 1) {
		n = strcspn(name, "\n");
		buf_add(out, name, n);
		if (!name[n])
			return;
		buf_puts(out, "\\012");
	}
}

void proc_maps(const struct maps *m, struct buf *out)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		const struct map_entry *e = &m->v[i];
		size_t start = out->len, width;

		buf_printf(out, "%08llx-%08llx %s %08llx %02x:%02x %llu ",
			   (unsigned long long)e->start,
			   (unsigned long long)e->end, e->perms,
			   (unsigned long long)e->offset, e->major, e->minor,
			   (unsigned long long)e->ino);
		width = out->len - start;
		if (e->name) {
			buf_printf(out, "%*s",
				   width < NAME_COLUMN + 1
					   ? (int)(NAME_COLUMN + 1 - width)
					   : 1,
				   "");
			put_name(out, e->name);
		}
		buf_puts(out, "\n");
	}
}
