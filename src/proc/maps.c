/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints /proc/PID/maps as fs/proc/task_mmu.c does. */
#include "proc/maps.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/digits.h"
#include "proc/proc.h"

/* show_vma_header_prefix(): names start behind this width and one space. */
#define NAME_COLUMN (25 + 8 * 6 - 1)

/* Nothing but newlines is escaped: docs/facts/kernel.md, "Files of /proc". */
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

/* "%08lx-%08lx %s %08lx %02x:%02x %lu ", and blanks before a name. */
static size_t put_prefix(const struct map_entry *e, char *line)
{
	char *at = line;

	at = digits_hex(at, e->start, 8);
	*at++ = '-';
	at = digits_hex(at, e->end, 8);
	*at++ = ' ';
	at = mempcpy(at, e->perms, sizeof(e->perms) - 1);
	*at++ = ' ';
	at = digits_hex(at, e->offset, 8);
	*at++ = ' ';
	at = digits_hex(at, e->major, 2);
	*at++ = ':';
	at = digits_hex(at, e->minor, 2);
	*at++ = ' ';
	at = digits_decimal(at, e->ino);
	*at++ = ' ';
	if (e->name)
		do
			*at++ = ' ';
		while (at < line + NAME_COLUMN + 1);
	return (size_t)(at - line);
}

void proc_maps_line(const struct map_entry *e, struct buf *out)
{
	char line[NAME_COLUMN + 4 * DIGITS_MAX];

	buf_add(out, line, put_prefix(e, line));
	if (e->name)
		put_name(out, e->name);
	buf_puts(out, "\n");
}

static int read_maps(struct kernel *k, const struct task *tasks, size_t n,
		     struct proc_text *out, struct err *err)
{
	_cleanup_(maps_deinit) struct maps_set set = {0};
	int rc = maps_read(k, tasks, n, &set, err);
	size_t i, line;

	for (i = 0; !rc && i < n; i++) {
		const struct maps *m = &set.v[i];

		for (line = 0; line < m->n; line++)
			proc_maps_line(&m->v[line], &out[i].text);
		if (m->torn)
			err_set(&out[i].why, ERR_UNREADABLE,
				"it is not whole: %s", m->why);
	}
	return rc;
}

const struct proc_file proc_pid_maps = {
	.name = "maps",
	.scope = PROC_PROCESS,
	.read = read_maps,
};
