/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints /proc/PID/maps as fs/proc/task_mmu.c does. */
#include "proc/maps.h"

#include <string.h>

#include "base/digits.h"

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
