/* SPDX-License-Identifier: BSD-2-Clause */
/* One line on stderr for what went wrong, and a text with its place. */
#include "cli/complain.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/escape.h"

#define ROOM 4096

static struct buf line;

int complain_make_room(struct err *err)
{
	static const char room[ROOM];

	buf_add(&line, room, sizeof(room));
	return line.oom ? err_nomem(err) : 0;
}

static void complain_begin(void)
{
	buf_reset(&line);
	line.oom = false;
}

static void complain_end(void)
{
	static const char none[] = "qvmi: out of memory\n";
	ssize_t n;

	if (line.len)
		line.data[line.len - 1] = '\n'; /* should it not fit */
	n = write(STDERR_FILENO, line.len ? line.data : none,
		  line.len ? line.len : sizeof(none) - 1);
	(void)n;
}

void complain(const char *prefix, const char *words)
{
	complain_begin();
	buf_puts(&line, "qvmi: ");
	buf_puts(&line, prefix);
	escape_add(&line, ESCAPE_LINES, words, strcspn(words, "\n"));
	buf_puts(&line, "\n");
	complain_end();
}

void complain_place(const char *text, size_t at)
{
	complain_begin();
	escape_add_place(&line, text, at);
	complain_end();
}

void complain_err(const struct err *err)
{
	if (err->code)
		complain("", *err->text ? err->text : "failed");
}

void complain_rescue(enum qemu_rescue end, bool runs, const struct err *err)
{
	static const char *const why[] = {
		[QEMU_RESCUE_GONE] = "killed while the guest stood still",
		[QEMU_RESCUE_LATE] =
			("killed by its watchdog, for the guest has stood "
			 "still for longer than it may (--max-pause)"),
		[QEMU_RESCUE_INTERRUPTED] =
			"interrupted while it connected to the guest",
	};
	char words[768];

	snprintf(words, sizeof(words), "%s: the guest %s%s%s%s", why[end],
		 err	? "may be left paused: "
		 : runs ? "runs again"
			: "is left paused, as it was found",
		 err ? err->text : "", err ? "; 'qvmi resume' lets it run" : "",
		 "; 'qvmi journal' tells of writes");
	complain("", words);
}
