/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi vmlinux: what the guest's kernel knows of itself, as a file for others.
 */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "cli/sink.h"
#include "export/elf.h"
#include "export/header.h"
#include "export/isf.h"
#include "export/json.h"
#include "export/portrait.h"
#include "export/writers.h"

/* Formats: name, what is wanted, writer, that of a module's own file, words. */
#define FORMATS(F)                                                         \
	F("elf", PORTRAIT_SYMBOLS | PORTRAIT_TYPES | PORTRAIT_UNWIND,      \
	  export_elf, NULL,                                                \
	  "a vmlinux for debuggers, the default: symbols, types as DWARF") \
	F("system-map", PORTRAIT_SYMBOLS, export_system_map, NULL,         \
	  "symbols where they were linked, as of the build")               \
	F("kallsyms", PORTRAIT_SYMBOLS, export_kallsyms, NULL,             \
	  "symbols where they are, as /proc/kallsyms has them")            \
	F("btf", PORTRAIT_TYPES, export_btf, export_btf_part,              \
	  "types as BTF; those of modules in FILE.MODULE beside FILE")     \
	F("header", PORTRAIT_TYPES, export_header, NULL,                   \
	  "types as a C header, the vmlinux.h of BPF programs")            \
	F("isf", PORTRAIT_SYMBOLS | PORTRAIT_TYPES, export_isf, NULL,      \
	  "symbols and types for Volatility 3")                            \
	F("json", PORTRAIT_SYMBOLS | PORTRAIT_TYPES, export_json, NULL,    \
	  "symbols and types for scripts")

static const struct format {
	const char *name;
	unsigned int wants;
	int (*write)(const struct portrait *p, FILE *out, struct err *err);
	/* Types i, those of a module, as a file of their own; or NULL. */
	int (*write_part)(const struct portrait *p, size_t i, FILE *out,
			  struct err *err);
} formats[] = {
#define FORMAT_ENTRY(name, wants, write, write_part, words) \
	{name, wants, write, write_part},
	FORMATS(FORMAT_ENTRY)
#undef FORMAT_ENTRY
};

#define N_FORMATS (sizeof(formats) / sizeof(*formats))

/* One file that is written. */
struct part {
	struct files_new file;
	const struct portrait_types *types; /* NULL: it is the whole */
	uint64_t bytes;
};

struct state {
	const char *path, *format_name;
	const struct format *format;
	bool text;
	struct sink_place place;
	struct portrait portrait;
	VEC(struct part) parts;
};

enum {
	KEY_FORMAT = 0x2100,
	KEY_TEXT
};

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0, "Write to FILE; -: standard output", 0},
	{"format", KEY_FORMAT, "FORMAT", 0, "What FILE is to be", 0},
	{"text", KEY_TEXT, NULL, 0, "With the kernel's code, where it can be",
	 0},
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
			st->format = &formats[i];
	if (!st->format)
		return err_set(err, ERR_USAGE,
			       "--format '%.100s' is none of %s",
			       st->format_name, list);
	if (st->text && !(st->format->wants & PORTRAIT_UNWIND))
		return err_set(err, ERR_USAGE, "--text: %s has no code in it",
			       st->format->name);
	return 0;
}

static int vmlinux_prepare(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = sink_find(s, st->path, true, &st->place, err);

	if (!rc && st->place.is_stdout && s->options->json)
		rc = err_set(err, ERR_USAGE,
			     "%s is standard output, where --json has its "
			     "answer",
			     st->path);
	return rc ? err_wrap(err, rc, "vmlinux") : 0;
}

static int vmlinux_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;

	return portrait_take(s->guest.kernel,
			     st->format->wants | (st->text ? PORTRAIT_TEXT : 0),
			     &st->portrait, err);
}

static int call_writer(const struct state *st, const struct part *part,
		       FILE *out, struct err *err)
{
	const struct portrait *p = &st->portrait;

	return part->types ? st->format->write_part(
				     p, (size_t)(part->types - p->types.v), out,
				     err)
			   : st->format->write(p, out, err);
}

static int write_part(const struct state *st, struct part *part, int fd,
		      struct err *err)
{
	struct err why = {0};
	struct sink sink;
	int rc = sink_open(&sink, fd, err);

	if (rc)
		return rc;
	rc = call_writer(st, part, sink.stream, err);
	if (sink_close(&sink, &why) && !rc)
		rc = err_pass(err, &why);
	part->bytes = sink.bytes;
	return rc;
}

/* A file for the whole, and one for each module that has its own. */
static int plan_parts(struct state *st)
{
	const struct portrait *p = &st->portrait;
	size_t i;

	if (vec_push(&st->parts, {.file.fd = -1}))
		return ERR_NOMEM;
	for (i = 0; i < p->types.n; i++)
		if (st->format->write_part && !st->place.straight &&
		    p->types.v[i].owner != PORTRAIT_IMAGE &&
		    vec_push(&st->parts,
			     {.file.fd = -1, .types = &p->types.v[i]}))
			return ERR_NOMEM;
	return 0;
}

/* "FILE" or "FILE.MODULE" */
static char *part_name(const struct state *st, const struct part *part,
		       const char *file)
{
	char *name;

	if (!part->types)
		return strdup(file);
	return asprintf(&name, "%s.%s", file,
			st->portrait.owners.v[part->types->owner - 1].name) < 0
		       ? NULL
		       : name;
}

static int write_file(struct session *s, struct state *st, struct part *part,
		      struct err *err)
{
	_cleanup_free_ char *name = part_name(st, part, st->place.name);
	int rc;

	if (!name)
		return err_nomem(err);
	rc = files_new_open(&part->file, s->save_dir, name, err);
	if (rc)
		return rc;
	rc = write_part(st, part, part->file.fd, err);
	if (rc)
		return err_wrap(err, rc, "%s", name);
	return files_new_sync(&part->file, err);
}

/* None of the files has its name before all are whole. */
static int write_files(struct session *s, struct state *st, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < st->parts.n && !rc; i++)
		rc = write_file(s, st, &st->parts.v[i], err);
	if (!rc && signals_caught())
		rc = err_set(err, ERR_INTERRUPTED, "interrupted");
	for (i = st->parts.n; i > 0 && !rc; i--)
		rc = files_new_keep(&st->parts.v[i - 1].file, err);
	return rc;
}

/* The disk is written to while the guest runs again. */
static int write_all(struct session *s, struct state *st, struct err *err)
{
	int rc = portrait_settle(&st->portrait, err);

	if (!rc && plan_parts(st))
		rc = err_nomem(err);
	if (rc || !st->place.straight)
		return rc ? rc : write_files(s, st, err);
	rc = write_part(st, &st->parts.v[0], st->place.fd, err);
	return rc ? err_wrap(err, rc, "%s", st->path) : 0;
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
static uint64_t count_types(const struct state *st, const struct part *part)
{
	const struct portrait *p = &st->portrait;
	uint64_t n = 0;
	size_t i;

	if (part->types)
		return part->types->n;
	for (i = 0; i < p->types.n; i++)
		if (!st->format->write_part ||
		    p->types.v[i].owner == PORTRAIT_IMAGE)
			n += p->types.v[i].n;
	return n;
}

static void add_row(const struct state *st, const struct part *part,
		    struct out *out)
{
	_cleanup_free_ char *name = part_name(st, part, st->path);
	struct row_table *t = &out->rows.top;

	row_add(t);
	if (name)
		row_string(t, FILE_NAME, name);
	row_string(t, FORMAT, st->format->name);
	row_string(t, RELEASE, st->portrait.release);
	if (st->format->wants & PORTRAIT_SYMBOLS)
		row_number(t, SYMBOLS, st->portrait.symbols.n);
	if (st->format->wants & PORTRAIT_TYPES)
		row_number(t, TYPES, count_types(st, part));
	if (!part->types)
		row_number(t, MODULES, st->portrait.n_modules);
	row_number(t, BYTES, part->bytes);
}

static void vmlinux_answer(const struct state *st, struct out *out)
{
	const struct portrait *p = &st->portrait;
	const char *remark = NULL;
	size_t i;

	while ((remark = remarks_next(&p->remarks, remark)))
		out_note(out, "%s", remark);
	if (st->format->write_part && st->place.straight && p->types.n > 1)
		out_note(out,
			 "types of %zu modules are left out: they have files "
			 "of their own, beside one",
			 p->types.n - 1);
	if (st->place.is_stdout) {
		out_begin(out, OUT_LINES, NULL, 0);
		return;
	}
	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	for (i = 0; i < st->parts.n; i++)
		add_row(st, &st->parts.v[i], out);
}

/* Signals wait: what is half written is taken away first. */
static int vmlinux_show(struct session *s, void *state, struct out *out,
			struct err *err)
{
	struct state *st = state;
	size_t i;
	int rc;

	signals_catch(&s->signals);
	rc = write_all(s, st, err);
	for (i = 0; i < st->parts.n; i++)
		files_new_close(&st->parts.v[i].file);
	signals_restore(&s->signals);
	if (rc)
		return err_wrap(err, rc, "vmlinux");
	vmlinux_answer(st, out);
	return 0;
}

static void vmlinux_deinit(void *state)
{
	struct state *st = state;

	sink_place_deinit(&st->place);
	portrait_deinit(&st->portrait);
	vec_deinit(&st->parts);
}

#define FORMAT_WORDS(name, wants, write, write_part, words) \
	"  " name ": " words "\n"

const struct cmd cmd_vmlinux = {
	.name = "vmlinux",
	.topic = TOPIC_GUEST,
	.summary = "Write what the guest's kernel knows of itself to a file",
	.doc = "FORMAT is one of\n" FORMATS(FORMAT_WORDS),
	.needs = NEEDS_KERNEL,
	.options = options,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = vmlinux_option,
	.operands = vmlinux_operands,
	.prepare = vmlinux_prepare,
	.run = vmlinux_run,
	.show = vmlinux_show,
	.deinit = vmlinux_deinit,
};
