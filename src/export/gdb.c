/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes to gdb beside a vmlinux: a script for it, and a first session. */
#include "export/gdb.h"

#include <string.h>

/* The script, as the assembler reads it; the Makefile knows of it, too. */
__asm__(".pushsection .rodata\n"
	".globl export_gdb_py\n"
	"export_gdb_py:\n"
	".incbin \"src/export/gdb.py\"\n"
	".byte 0\n"
	".popsection\n");

extern const char export_gdb_py[] __attribute__((visibility("hidden")));

void export_gdb_script(FILE *out)
{
	fputs(export_gdb_py, out);
}

/* In double quotes, as gdb takes arguments apart. */
static void put_quoted(FILE *out, const char *command, const char *name)
{
	fprintf(out, "%s \"", command);
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			fputc('\\', out);
		fputc(*name, out);
	}
	fputs("\"\n", out);
}

/* gdb knows sockets by their paths; what has no path, others reach for it. */
static void put_target(FILE *out, const char *stub)
{
	static const char unix_prefix[] = "unix:";

	if (!strncmp(stub, unix_prefix, strlen(unix_prefix))) {
		stub += strlen(unix_prefix);
		if (*stub == '@')
			fprintf(out,
				"target remote | socat - ABSTRACT-CONNECT:%s\n",
				stub + 1);
		else
			fprintf(out, "target remote %s\n", stub);
	} else {
		fprintf(out, "target remote %s%s\n",
			strchr(stub, ':') ? "" : "localhost:", stub);
	}
}

int export_gdb_commands(const struct export_gdb *g, FILE *out, struct err *err)
{
	const char *names[] = {g->file, g->stub, g->script ? g->script : ""};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strpbrk(names[i], "\n\r"))
			return err_set(err, ERR_REFUSED,
				       "gdb takes no name with a line break");
	put_quoted(out, "file", g->file);
	if (g->script)
		fprintf(out, "source %s\n", g->script);
	put_target(out, g->stub);
	fputs("# hbreak rather than break: it writes nothing into the guest's\n"
	      "# code, and works before that is there, and in user mode.\n"
	      "# (Where a vCPU is in user mode and the kernel isolates its\n"
	      "# page tables, kernel memory cannot be read until it is "
	      "back.)\n",
	      out);
	return 0;
}
