/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi vmlinux: what the guest's kernel knows of itself, as a file for others.
 */
#include "cli/commands.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/vmlinux_files.h"
#include "export/elf.h"
#include "export/gdb.h"
#include "export/header.h"
#include "export/isf.h"
#include "export/json.h"
#include "export/portrait.h"
#include "export/writers.h"

/* Formats: name, what is wanted, writer, that of a module's own file, how it
 * is (enum vmlinux_is), words. */
#define FORMATS(F)                                                           \
	F("elf", PORTRAIT_SYMBOLS | PORTRAIT_TYPES | PORTRAIT_UNWIND,        \
	  export_elf, NULL, VMLINUX_FOR_GDB,                                 \
	  "a vmlinux for debuggers, the default, and FILE-gdb.py beside it") \
	F("system-map", PORTRAIT_SYMBOLS, export_system_map, NULL, 0,        \
	  "symbols where they were linked, as of the build")                 \
	F("kallsyms", PORTRAIT_SYMBOLS, export_kallsyms, NULL, 0,            \
	  "symbols where they are, as /proc/kallsyms has them")              \
	F("btf", PORTRAIT_TYPES, export_btf, export_btf_part, VMLINUX_TYPED, \
	  "types as BTF; those of modules in FILE.MODULE beside FILE")       \
	F("header", PORTRAIT_TYPES, export_header, NULL, VMLINUX_TYPED,      \
	  "types as a C header, the vmlinux.h of BPF programs")              \
	F("isf", PORTRAIT_SYMBOLS | PORTRAIT_TYPES, export_isf, NULL,        \
	  VMLINUX_TYPED, "symbols and types for Volatility 3")               \
	F("json", PORTRAIT_SYMBOLS | PORTRAIT_TYPES, export_json, NULL, 0,   \
	  "symbols and types for scripts")

static const struct vmlinux_format formats[] = {
#define FORMAT_ENTRY(name, wants, write, write_part, is, words) \
	{name, wants, write, write_part, is},
	FORMATS(FORMAT_ENTRY)
#undef FORMAT_ENTRY
};

#define N_FORMATS (sizeof(formats) / sizeof(*formats))

struct state {
	const char *path, *format_name;
	bool text, gdbinit;
	char *folder, *here; /* of FILE, and ours, as gdb finds them */
	char *commands;
	size_t commands_len;
	struct portrait portrait;
	struct vmlinux_files files;
};

enum {
	KEY_FORMAT = 0x2100,
	KEY_TEXT,
	KEY_GDBINIT
};

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0, "Write to FILE; -: standard output", 0},
	{"format", KEY_FORMAT, "FORMAT", 0, "What FILE is to be", 0},
	{"text", KEY_TEXT, NULL, 0, "With the kernel's code, where it can be",
	 0},
	{"gdbinit", KEY_GDBINIT, NULL, 0,
	 "Print what gdb is to be told: gdb -x takes it, or .gdbinit", 0},
	{0}};

static int vmlinux_option(void *state, int key, const char *arg,
			  struct err *err)
{
	struct state *st = state;

	(void)err;
	switch (key) {
	case 'o':
		st->path = arg;
		return 0;
	case KEY_FORMAT:
		st->format_name = arg;
		return 0;
	case KEY_TEXT:
		st->text = true;
		return 0;
	case KEY_GDBINIT:
		st->gdbinit = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void list_formats(char *text, size_t size)
{
	size_t i;

	*text = '\0';
	for (i = 0; i < N_FORMATS; i++)
		snprintf(text + strlen(text), size - strlen(text), "%s%s",
			 i ? ", " : "", formats[i].name);
}

static int vmlinux_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	char list[256];
	size_t i;

	(void)argv, (void)n;
	list_formats(list, sizeof(list));
	if (!st->path || !*st->path)
		return err_set(err, ERR_USAGE, "it takes -o FILE");
	if (!st->format_name)
		st->format_name = formats[0].name;
	for (i = 0; i < N_FORMATS; i++)
		if (!strcmp(formats[i].name, st->format_name))
			st->files.format = &formats[i];
	if (!st->files.format)
		return err_set(err, ERR_USAGE,
			       "--format '%.100s' is none of %s",
			       st->format_name, list);
	if (st->text && !(st->files.format->wants & PORTRAIT_UNWIND))
		return err_set(err, ERR_USAGE, "--text: %s has no code in it",
			       st->files.format->name);
	if (st->gdbinit && !(st->files.format->is & VMLINUX_FOR_GDB))
		return err_set(err, ERR_USAGE, "--gdbinit: gdb takes no %s",
			       st->files.format->name);
	return 0;
}

/* gdb may be started elsewhere: it is told whole paths. */
static int find_paths(struct state *st, struct err *err)
{
	_cleanup_free_ char *path = strdup(st->path);

	if (!path)
		return err_nomem(err);
	st->folder = realpath(dirname(path), NULL);
	st->here = realpath(".", NULL);
	return st->folder && st->here ? 0
				      : err_sys(err, ERR_SYS, "%s", st->path);
}

static int vmlinux_prepare(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	struct sink_place *place = &st->files.place;
	int rc = vmlinux_files_find(s, &st->files, st->path, err);

	if (!rc && place->is_stdout && s->options->json)
		rc = err_set(err, ERR_USAGE,
			     "%s is standard output, where --json has its "
			     "answer",
			     st->path);
	if (!rc && st->gdbinit && s->options->json)
		rc = err_set(err, ERR_USAGE,
			     "--gdbinit has its answer where --json has one");
	if (!rc && st->gdbinit && place->straight)
		rc = err_set(err, ERR_USAGE,
			     "--gdbinit: gdb takes a file, and %s is none",
			     st->path);
	if (!rc && st->gdbinit)
		rc = find_paths(st, err);
	return rc ? err_wrap(err, rc, "vmlinux") : 0;
}

static int vmlinux_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	struct kernel *k = s->guest.kernel;
	int rc = st->files.format->is & VMLINUX_TYPED
			 ? profile_check_types(k->profile, err)
			 : 0;

	return rc ? err_wrap(err, rc, "vmlinux")
		  : portrait_take(k,
				  st->files.format->wants |
					  (st->text ? PORTRAIT_TEXT : 0),
				  &st->portrait, err);
}

enum {
	FILE_NAME,
	FORMAT,
	RELEASE,
	SYMBOLS,
	TYPES,
	MODULES,
	BYTES,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[FILE_NAME] = ROW_COLUMN("file", "FILE", ROW_GUEST),
	[FORMAT] = ROW_COLUMN("format", "FORMAT", ROW_WORDS),
	[RELEASE] = ROW_COLUMN("release", "KERNEL", ROW_GUEST),
	[SYMBOLS] = ROW_COLUMN("symbols", "SYMBOLS", ROW_COUNT),
	[TYPES] = ROW_COLUMN("types", "TYPES", ROW_COUNT),
	[MODULES] = ROW_COLUMN("modules", "MODULES", ROW_COUNT),
	[BYTES] = ROW_COLUMN("bytes", "BYTES", ROW_COUNT),
};

/* The types in a file: those of modules, unless they have their own. */
static uint64_t count_types(const struct state *st,
			    const struct vmlinux_file *file)
{
	const struct portrait *p = &st->portrait;
	uint64_t n = 0;
	size_t i;

	if (file->what == VMLINUX_PART)
		return file->types->n;
	for (i = 0; i < p->types.n; i++)
		if (!st->files.format->write_part ||
		    p->types.v[i].owner == PORTRAIT_IMAGE)
			n += p->types.v[i].n;
	return n;
}

static void add_row(const struct state *st, const struct vmlinux_file *file,
		    struct out *out)
{
	const struct portrait *p = &st->portrait;
	_cleanup_free_ char *name = vmlinux_files_name(file, st->path, p);
	const struct vmlinux_format *format = st->files.format;
	struct row_table *t = &out->rows.top;
	bool script = file->what == VMLINUX_SCRIPT;

	row_add(t);
	if (name)
		row_string(t, FILE_NAME, name);
	row_string(t, FORMAT, script ? "python" : format->name);
	row_string(t, RELEASE, p->release);
	if (!script && format->wants & PORTRAIT_SYMBOLS)
		row_number(t, SYMBOLS, p->symbols.n);
	if (!script && format->wants & PORTRAIT_TYPES)
		row_number(t, TYPES, count_types(st, file));
	if (file->what == VMLINUX_WHOLE)
		row_number(t, MODULES, p->n_modules);
	row_number(t, BYTES, file->bytes);
}

static void vmlinux_notes(const struct state *st, struct out *out)
{
	const struct portrait *p = &st->portrait;
	const struct vmlinux_format *format = st->files.format;
	const char *remark = NULL;

	while ((remark = remarks_next(&p->remarks, remark)))
		out_note(out, "%s", remark);
	if (!st->files.place.straight)
		return;
	if (format->write_part && p->types.n > 1)
		out_note(out,
			 "types of %zu modules are left out: they have files "
			 "of their own, beside one",
			 p->types.n - 1);
	if (format->is & VMLINUX_FOR_GDB)
		out_note(out, "gdb's script is left out: it is a file of its "
			      "own, beside one");
}

/* What gdb is to be told, in st->commands. */
static int make_commands(const struct session *s, struct state *st,
			 struct err *err)
{
	struct export_gdb g = {.folder = st->folder,
			       .name = st->files.place.name,
			       .here = st->here};
	struct source_info info = {0};
	FILE *stream = open_memstream(&st->commands, &st->commands_len);
	int rc;

	if (!stream)
		return err_nomem(err);
	source_info(&s->guest.source, &info);
	g.stub = info.address;
	rc = export_gdb_commands(&g, stream, err);
	if (fclose(stream) && !rc)
		rc = err_nomem(err);
	return rc;
}

static void vmlinux_answer(const struct state *st, struct out *out)
{
	size_t i;

	vmlinux_notes(st, out);
	if (st->gdbinit || st->files.place.is_stdout) {
		out_begin(out, OUT_LINES, NULL, 0);
		out_procfs(out, st->commands, st->commands_len);
		return;
	}
	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	for (i = 0; i < st->files.v.n; i++)
		add_row(st, &st->files.v.v[i], out);
}

/*
 * The disk is written to while the guest runs again.  Signals wait: what is
 * half written is taken away first.
 */
static int vmlinux_show(struct session *s, void *state, struct out *out,
			struct err *err)
{
	struct state *st = state;
	int rc = st->gdbinit ? make_commands(s, st, err) : 0;

	signals_catch(&s->signals);
	if (!rc)
		rc = portrait_settle(&st->portrait, err);
	if (!rc)
		rc = vmlinux_files_write(s, &st->files, &st->portrait, err);
	vmlinux_files_close(&st->files);
	signals_restore(&s->signals);
	if (rc)
		return err_wrap(err, rc, "vmlinux");
	vmlinux_answer(st, out);
	return 0;
}

static void vmlinux_deinit(void *state)
{
	struct state *st = state;

	vmlinux_files_deinit(&st->files);
	portrait_deinit(&st->portrait);
	free(st->folder);
	free(st->here);
	free(st->commands);
}

#define FORMAT_WORDS(name, wants, write, write_part, is, words) \
	"  " name ": " words "\n"

const struct cmd cmd_vmlinux = {
	.name = "vmlinux",
	.topic = TOPIC_GUEST,
	.summary = "Write what the guest's kernel knows of itself to a file",
	.doc = "FORMAT is one of\n" FORMATS(FORMAT_WORDS),
	.needs = NEEDS_KERNEL,
	.options = options,
	.draws = true,
	.parts = true,
	.state_size = sizeof(struct state),
	.option = vmlinux_option,
	.operands = vmlinux_operands,
	.prepare = vmlinux_prepare,
	.run = vmlinux_run,
	.show = vmlinux_show,
	.deinit = vmlinux_deinit,
};
