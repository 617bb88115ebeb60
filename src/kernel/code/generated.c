/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the lists of code that a kernel makes while it runs. */
#include "kernel/code/generated.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "symbols/symtab.h"

/* What is wanted of the types. */
enum {
	FIELD_BPF_KSYM_LNODE = WANTS_OF(READER_GENERATED),
	FIELD_BPF_KSYM_START,
	FIELD_BPF_KSYM_END,
	FIELD_BPF_KSYM_NAME,
	FIELD_FTRACE_OPS_LIST,
	FIELD_FTRACE_OPS_TRAMPOLINE,
	FIELD_FTRACE_OPS_SIZE,
	FIELD_INSN_CACHE_PAGES,
	FIELD_INSN_CACHE_SYM,
	FIELD_INSN_PAGE_LIST,
	FIELD_INSN_PAGE_INSNS
};

static const struct want want_table[] = {
	FIELD(BPF_KSYM_LNODE, "bpf_ksym", OPTIONAL, "lnode"), /* 5.7 */
	FIELD(BPF_KSYM_START, "bpf_ksym", OPTIONAL, "start"),
	FIELD(BPF_KSYM_END, "bpf_ksym", OPTIONAL, "end"),
	FIELD(BPF_KSYM_NAME, "bpf_ksym", OPTIONAL, "name"),
	FIELD(FTRACE_OPS_LIST, "ftrace_ops", OPTIONAL, "list"),
	FIELD(FTRACE_OPS_TRAMPOLINE, "ftrace_ops", OPTIONAL, "trampoline"),
	FIELD(FTRACE_OPS_SIZE, "ftrace_ops", OPTIONAL, "trampoline_size"),
	FIELD(INSN_CACHE_PAGES, "kprobe_insn_cache", OPTIONAL, "pages"),
	FIELD(INSN_CACHE_SYM, "kprobe_insn_cache", OPTIONAL, "sym"), /* 5.9 */
	FIELD(INSN_PAGE_LIST, "kprobe_insn_page", OPTIONAL, "list"),
	FIELD(INSN_PAGE_INSNS, "kprobe_insn_page", OPTIONAL, "insns"),
};

const struct wants generated_wants = {
	.reader = "generated code", .v = want_table, .n = WANTS_N(want_table)};

#define NAME_MAX_LEN (SYMTAB_MAX_NAME + 1)
#define NONE	     WANTS_NONE

/*
 * A list, and what its objects tell (docs/facts/kernel.md, "Modules").  Where
 * their names are constant, `sym` is a member of the list's head that points to
 * the name: a kernel without it has no such names (kprobe_insn_cache.sym, 5.9).
 */
static const struct {
	const char *symbol, *module, *what;
	uint32_t head; /* in what is at the symbol */
	uint32_t sym;
	const char *name; /* of all, where it is neither sym's nor theirs */
	uint32_t link, start, end, size, own_name;
	uint64_t fixed_size;
} generators[GENERATORS] = {
	[GENERATED_BPF] = {.symbol = "bpf_kallsyms",
			   .module = "bpf",
			   .what = "BPF programs",
			   .head = NONE,
			   .sym = NONE,
			   .link = FIELD_BPF_KSYM_LNODE,
			   .start = FIELD_BPF_KSYM_START,
			   .end = FIELD_BPF_KSYM_END,
			   .size = NONE,
			   .own_name = FIELD_BPF_KSYM_NAME},
	[GENERATED_FTRACE] = {.symbol = "ftrace_ops_trampoline_list",
			      .module = "__builtin__ftrace",
			      .what = "ftrace trampolines",
			      .head = NONE,
			      .sym = NONE,
			      .name = "ftrace_trampoline",
			      .link = FIELD_FTRACE_OPS_LIST,
			      .start = FIELD_FTRACE_OPS_TRAMPOLINE,
			      .end = NONE,
			      .size = FIELD_FTRACE_OPS_SIZE,
			      .own_name = NONE},
#define KPROBE_PAGES(s, w)                                                    \
	{                                                                     \
		.symbol = (s), .module = "__builtin__kprobes", .what = (w),   \
		.head = FIELD_INSN_CACHE_PAGES, .sym = FIELD_INSN_CACHE_SYM,  \
		.link = FIELD_INSN_PAGE_LIST, .start = FIELD_INSN_PAGE_INSNS, \
		.end = NONE, .size = NONE, .own_name = NONE,                  \
		.fixed_size = PAGE_SIZE_4K,                                   \
	}
	[GENERATED_KPROBES] = KPROBE_PAGES("kprobe_insn_slots", "kprobe pages"),
	[GENERATED_OPTPROBES] =
		KPROBE_PAGES("kprobe_optinsn_slots", "optimised kprobe pages"),
};

static bool generated_has(const struct kernel *k, uint32_t id)
{
	return id == NONE || profile_field(k->profile, id)->present;
}

void generated_lists(struct kernel *k, struct list *lists, bool *known)
{
	uint64_t va;
	int i;

	for (i = 0; i < GENERATORS; i++) {
		lists[i] = (struct list){.most = GENERATED_MAX};
		known[i] = true;
		if (!profile_symbol(k->profile, generators[i].symbol, &va) ||
		    !generated_has(k, generators[i].sym))
			continue; /* this kernel has none, or lists none */
		known[i] = generated_has(k, generators[i].head) &&
			   generated_has(k, generators[i].link) &&
			   generated_has(k, generators[i].start) &&
			   generated_has(k, generators[i].end) &&
			   generated_has(k, generators[i].size) &&
			   generated_has(k, generators[i].own_name);
		if (known[i] && generators[i].head != NONE)
			va += profile_field(k->profile, generators[i].head)
				      ->offset;
		lists[i].head = known[i] ? va : 0;
	}
}

/* The objects of one list. */
struct generated_reader {
	struct kernel *k;
	enum generator by;
	struct records records;
	char name[NAME_MAX_LEN + 1]; /* of all of them */
	struct generated_code *out;
	struct remarks *remarks;
};

/* The name that a cache of kprobe pages gives them all. */
static int read_sym(struct generated_reader *r, uint64_t head, struct err *err)
{
	uint32_t id = generators[r->by].sym;
	char *name = r->name;
	uint8_t bytes[8] = {0};
	uint64_t at;
	bool ok = false;
	int rc;

	if (id == NONE) {
		if (generators[r->by].name)
			snprintf(name, sizeof(r->name), "%s",
				 generators[r->by].name);
		return 0;
	}
	at = head -
	     profile_field(r->k->profile, generators[r->by].head)->offset +
	     profile_field(r->k->profile, id)->offset;
	rc = kernel_read(r->k, at, bytes, sizeof(bytes), err);
	at = le64(bytes);
	if (!rc)
		rc = records_strings(r->k, &at, 1, NAME_MAX_LEN, &name, &ok,
				     err);
	if (rc == ERR_UNREADABLE || (!rc && (!ok || !*name))) {
		remarks_add(r->remarks,
			    "%s are damaged: their name cannot be "
			    "read",
			    generators[r->by].what);
		*name = '\0';
		rc = 0;
	}
	return rc;
}

/* The name of object i; false where it has none that can be read. */
static bool own_name(struct generated_reader *r, size_t i)
{
	uint32_t id = generators[r->by].own_name;
	const uint8_t *bytes;
	size_t size;

	if (id == NONE)
		return *r->name;
	bytes = records_bytes(&r->records, i, id);
	size = records_size(&r->records, id);
	if (size > NAME_MAX_LEN)
		size = NAME_MAX_LEN;
	if (!bytes || !size || !*bytes || !memchr(bytes, 0, size))
		return false;
	memcpy(r->name, bytes, size);
	return true;
}

static uint64_t size_of(const struct generated_reader *r, size_t i,
			uint64_t start)
{
	if (generators[r->by].end != NONE)
		return records_u64(&r->records, i, generators[r->by].end) -
		       start;
	if (generators[r->by].size != NONE)
		return records_u64(&r->records, i, generators[r->by].size);
	return generators[r->by].fixed_size;
}

static int take_object(struct generated_reader *r, size_t i, uint64_t link)
{
	struct generated g = {.by = r->by, .name = r->out->names.len};

	g.start = records_u64(&r->records, i, generators[r->by].start);
	g.size = size_of(r, i, g.start);
	if (r->records.ok[i] && !g.start && r->by == GENERATED_FTRACE)
		return 0; /* on its way out: the kernel skips it, too */
	if (!r->records.ok[i] || !kernel_pointer(r->k, g.start) || !g.size ||
	    g.start + (g.size - 1) < g.start ||
	    g.size / PAGE_SIZE_4K > kernel_room(r->k, PAGE_SIZE_4K) ||
	    !own_name(r, i)) {
		remarks_add(r->remarks,
			    "the list of %s is damaged at 0x%" PRIx64,
			    generators[r->by].what, link);
		return 0;
	}
	buf_add(&r->out->names, r->name, strlen(r->name) + 1);
	return r->out->names.oom || vec_push(&r->out->list, g) ? ERR_NOMEM : 0;
}

static void generated_remark_list(const struct generated_reader *r,
				  const struct list *list)
{
	const char *what = generators[r->by].what;

	if (list->torn)
		remarks_add(r->remarks,
			    "the list of %s is damaged at 0x%" PRIx64, what,
			    list->torn_at);
	if (list->cut)
		remarks_add(r->remarks,
			    "there are more than %zu %s: the others were not "
			    "looked at",
			    list->most, what);
}

static int generated_read_list(struct generated_reader *r,
			       const struct list *list, struct err *err)
{
	const uint32_t wanted[] = {
		generators[r->by].start, generators[r->by].end,
		generators[r->by].size, generators[r->by].own_name};
	uint32_t offset =
		profile_field(r->k->profile, generators[r->by].link)->offset;
	size_t n, n_fields = 0, i;
	_cleanup_free_ uint64_t *addrs = lists_objects(list, 1, offset, &n);
	uint32_t fields[4];
	int rc;

	if (!addrs)
		return err_nomem(err);
	generated_remark_list(r, list);
	for (i = 0; i < 4; i++)
		if (wanted[i] != NONE)
			fields[n_fields++] = wanted[i];
	rc = records_read(r->k, addrs, n, fields, n_fields, &r->records, err);
	if (!rc)
		rc = read_sym(r, list->head, err);
	for (i = 0; i < n && !rc; i++)
		if (take_object(r, i, list->links.v[i]))
			rc = err_nomem(err);
	return rc;
}

int generated_read(struct kernel *k, const struct list *lists,
		   struct generated_code *out, struct remarks *remarks,
		   struct err *err)
{
	int by, rc = 0;

	for (by = 0; by < GENERATORS && !rc; by++) {
		struct generated_reader r = {.k = k,
					     .by = (enum generator)by,
					     .out = out,
					     .remarks = remarks};

		if (lists[by].links.n || lists[by].torn)
			rc = generated_read_list(&r, &lists[by], err);
		records_deinit(&r.records);
	}
	return rc;
}

void generated_deinit(struct generated_code *code)
{
	vec_deinit(&code->list);
	buf_deinit(&code->names);
}

const char *generated_module(enum generator by)
{
	return generators[by].module;
}

const char *generated_name(const struct generated_code *code,
			   const struct generated *g)
{
	return code->names.data + g->name;
}
