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

/* Its first two lines: license, and whose it is. */
bool export_gdb_is_script(const char *begin, size_t n)
{
	const char *end = strchr(strchr(export_gdb_py, '\n') + 1, '\n');
	size_t len = (size_t)(end + 1 - export_gdb_py);

	return n >= len && !memcmp(begin, export_gdb_py, len);
}

/* In double quotes, as gdb takes arguments apart. */
static void put_file(FILE *out, const struct export_gdb *g)
{
	const char *parts[] = {g->folder, "/", g->name}, *s;
	size_t i;

	fputs("file \"", out);
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		for (s = parts[i]; *s; s++) {
			if (*s == '"' || *s == '\\')
				fputc('\\', out);
			fputc(*s, out);
		}
	fputs("\"\n", out);
}

/*
 * gdb loads the script with the file, where it is told to trust it; but that
 * name it takes for a pattern, and for more than one at colons
 * (docs/facts/debuggers.md, "Scripts").
 */
static bool is_plain(const char *name)
{
	return !strpbrk(name, ":*?[\\$");
}

static void put_files(FILE *out, const struct export_gdb *g)
{
	bool plain = is_plain(g->folder) && is_plain(g->name);

	if (plain)
		fprintf(out,
			"add-auto-load-safe-path %s/%s" EXPORT_GDB_SUFFIX "\n",
			g->folder, g->name);
	put_file(out, g);
	if (!plain)
		fprintf(out, "source %s/%s" EXPORT_GDB_SUFFIX "\n", g->folder,
			g->name);
}

static int put_unix(FILE *out, const char *path, const char *here,
		    struct err *err)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "abcdefghijklmnopqrstuvwxyz/._-";

	if (*path != '@') {
		fprintf(out, "target remote %s%s%s\n", *path == '/' ? "" : here,
			*path == '/' ? "" : "/", path);
		return 0;
	}
	/* It has no path, so socat has to reach it, by a shell. */
	path++;
	if (path[strspn(path, plain)])
		return err_set(err, ERR_REFUSED,
			       "gdb reaches no socket of such a name");
	fprintf(out, "target remote | socat - ABSTRACT-CONNECT:%s\n", path);
	return 0;
}

static int put_target(FILE *out, const struct export_gdb *g, struct err *err)
{
	static const char prefix[] = "unix:";

	if (!strncmp(g->stub, prefix, strlen(prefix)))
		return put_unix(out, g->stub + strlen(prefix), g->here, err);
	fprintf(out, "target remote %s\n", g->stub);
	return 0;
}

int export_gdb_commands(const struct export_gdb *g, FILE *out, struct err *err)
{
	const char *names[] = {g->folder, g->name, g->stub, g->here};
	size_t i;
	int rc;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strpbrk(names[i], "\n\r"))
			return err_set(err, ERR_REFUSED,
				       "gdb takes no name with a line break");
	put_files(out, g);
	rc = put_target(out, g, err);
	if (rc)
		return rc;
	fputs("# Prefer hbreak to break: it writes nothing into the guest's "
	      "code, "
	      "works before that\n"
	      "# is there, and while a vCPU is in user mode. KVM has four.\n"
	      "# Where the kernel isolates its page tables (PTI), a vCPU in "
	      "user mode shows no\n"
	      "# kernel memory: stop in the kernel, or at another thread "
	      "(vCPU).\n"
	      "# $cpu_task(), $task(PID), $per_cpu(\"NAME\"), qvmi-ps, "
	      "set qvmi-prompt on\n",
	      out);
	return 0;
}
