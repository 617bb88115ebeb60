/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes into files of memory, as changes of the guest. */
#include "cli/serving_write.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/remedy.h"
#include "edit/change.h"
#include "mount/memory.h"

/* "89:0x7f..", "p:0x1000", "k:0xffff.." */
static void write_address(const struct mount_tree_write *w, char *text,
			  size_t size)
{
	if (w->of->pid)
		snprintf(text, size, "%u:0x%" PRIx64, w->of->pid, w->offset);
	else if (w->of->file == &memory_phys)
		snprintf(text, size, "p:0x%" PRIx64, w->offset);
	else
		snprintf(text, size, "k:0x%" PRIx64,
			 w->offset | MEMORY_KERNEL_HALF);
}

int serving_write(struct session *s, const struct mount_tree_write *w,
		  struct err *err)
{
	struct change c = {.command = "mount"};
	struct change_item *item;
	char address[48];
	int rc = journal_ready(s->editor.journal, err);

	if (rc)
		return rc;
	write_address(w, address, sizeof(address));
	item = change_add(&c, address, err);
	if (!item)
		rc = ERR_USAGE;
	else
		buf_add(&item->now, w->src, w->len);
	if (!rc && item->now.oom)
		rc = err_nomem(err);
	if (!rc)
		rc = change_run(&s->editor, &c, err);
	change_deinit(&c);
	if (rc && err)
		remedy_word(err);
	return rc;
}
