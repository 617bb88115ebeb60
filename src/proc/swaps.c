/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/swaps (mm/swapfile.c, swap_show()). */
#include <inttypes.h>

#include "base/escape.h"
#include "kernel/mm/swap_area.h"
#include "proc/proc.h"

#define KIB_PER_PAGE 4

/* A path up to 40 columns wide; numbers from 8 digits on take two tabs less. */
#define PATH_WIDTH 40
#define WIDE	   10000000u

static void swaps_put(const struct swap_area *a, struct proc_part *part)
{
	struct buf *out = &part->text;
	uint64_t size = a->pages * KIB_PER_PAGE, used = a->used * KIB_PER_PAGE;
	size_t from = out->len, len;

	if (!a->path) {
		part->torn = true;
		buf_puts(&part->why, "a path cannot be told");
		return;
	}
	escape_add_octal(out, a->path, " \t\n\\");
	len = out->len - from;
	buf_printf(out, "%*s%s\t%" PRIu64 "\t%s%" PRIu64 "\t%s%" PRId32 "\n",
		   len < PATH_WIDTH ? (int)(PATH_WIDTH - len) : 1, " ",
		   a->is_device ? "partition" : "file\t", size,
		   size < WIDE ? "\t" : "", used, used < WIDE ? "\t" : "",
		   a->priority);
}

static int swaps_read(struct kernel *k, struct proc_values *out,
		      struct err *err)
{
	struct swap_area areas[SWAP_TYPES_MAX] = {{0}};
	struct proc_part *part = out->parts;
	size_t n = 0, i;
	int rc = swap_areas_read(k, areas, &n, err);

	buf_puts(&part->text,
		 "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	for (i = 0; i < n; i++)
		if (areas[i].known && !rc && !part->why.len)
			swaps_put(&areas[i], part);
	for (i = 0; i < SWAP_TYPES_MAX; i++)
		swap_area_deinit(&areas[i]);
	return rc;
}

const struct proc_file proc_swaps = {
	.name = "swaps",
	.scope = PROC_SYSTEM,
	.read = swaps_read,
};
