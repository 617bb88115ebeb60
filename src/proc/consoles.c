/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/consoles (fs/proc/consoles.c, show_console_dev()). */
#include "kernel/device/consoles.h"

#include <inttypes.h>
#include <stdio.h>

#include "proc/proc.h"

static const struct {
	uint16_t flag;
	char letter;
} letters[] = {
	{CON_ENABLED, 'E'}, {CON_CONSDEV, 'C'},	    {CON_BOOT, 'B'},
	{CON_NBCON, 'N'},   {CON_PRINTBUFFER, 'p'}, {CON_BRL, 'b'},
	{CON_ANYTIME, 'a'},
};

static void consoles_put(const struct consoles *all, const struct console *c,
			 struct buf *out)
{
	char name[CONSOLE_NAME + 8];
	size_t i;

	snprintf(name, sizeof(name), "%s%d", c->name, c->index);
	buf_printf(out, "%-20s %c%c%c (", name, c->reads ? 'R' : '-',
		   c->writes || (all->nbcon && c->flags & CON_NBCON) ? 'W'
								     : '-',
		   c->unblanks ? 'U' : '-');
	for (i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].flag != CON_NBCON || all->nbcon)
			buf_printf(out, "%c",
				   c->flags & letters[i].flag
					   ? letters[i].letter
					   : ' ');
	buf_puts(out, ")");
	if (c->device == CONSOLE_HAS_DEV)
		buf_printf(out, " %4" PRIu32 ":%" PRIu32, c->major, c->minor);
	buf_puts(out, "\n");
}

static int consoles_file_read(struct kernel *k, struct proc_values *out,
			      struct err *err)
{
	struct proc_part *part = out->parts;
	struct remarks remarks = {0};
	struct consoles all = {0};
	size_t i;
	int rc = consoles_read(k, &all, &remarks, err);

	for (i = 0; i < all.v.n && !rc; i++) {
		if (all.v.v[i].device == CONSOLE_HAS_SOME)
			remarks_add(&remarks,
				    "which device the console %s%d is only "
				    "its driver could say",
				    all.v.v[i].name, all.v.v[i].index);
		consoles_put(&all, &all.v.v[i], &part->text);
	}
	proc_part_remarks(part, &remarks);
	remarks_deinit(&remarks);
	consoles_deinit(&all);
	return rc;
}

const struct proc_file proc_consoles = {
	.name = "consoles",
	.scope = PROC_SYSTEM,
	.read = consoles_file_read,
};
