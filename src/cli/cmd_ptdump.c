/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi ptdump: every mapping of an address space. */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/ptdump.h"
#include "guest/addr.h"
#include "guest/lookup.h"

struct state {
	enum ptdump_mode mode;
	const char *file;
	char whole[80]; /* "SPACE:0" */
	struct addr addr;
	struct place place;
	struct ptdump dump;
	struct x86_64_layout layout;
	struct ptdump_list was; /* of the file */
	VEC(struct ptdump_part) found;
	struct symbol *symbols; /* of found */
	const char **modules;	/* likewise; NULL: none */
};

enum {
	KEY_TOTALS = 0x100,
	KEY_WX,
	KEY_USER,
	KEY_HOLES,
	KEY_DIFF
};

static const struct argp_option options[] = {
	{"totals", KEY_TOTALS, NULL, 0,
	 "Count pages by size and permissions, and tables by level", 0},
	{"wx", KEY_WX, NULL, 0,
	 "Only what is writable and executable; status 1 where there is any",
	 0},
	{"user", KEY_USER, NULL, 0,
	 "Only what user mode can reach in the kernel's half; status 1 where "
	 "there is any",
	 0},
	{"holes", KEY_HOLES, NULL, 0, "The gaps between mappings", 0},
	{"diff", KEY_DIFF, "FILE", 0,
	 "What differs from FILE, which --json made; status 1 where anything "
	 "does",
	 0},
	{0}};

static int ptdump_option(void *state, int key, const char *arg, struct err *err)
{
	static const enum ptdump_mode modes[] = {PTDUMP_TOTALS, PTDUMP_WX,
						 PTDUMP_USER, PTDUMP_HOLES,
						 PTDUMP_DIFF};
	struct state *st = state;

	if (key < KEY_TOTALS || key > KEY_DIFF)
		return ARGP_ERR_UNKNOWN;
	if (st->mode && st->mode != modes[key - KEY_TOTALS])
		return err_set(err, ERR_USAGE,
			       "--totals, --wx, --user, --holes and --diff: "
			       "one of them at a time");
	st->mode = modes[key - KEY_TOTALS];
	if (key == KEY_DIFF)
		st->file = arg;
	return 0;
}

static int ptdump_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	const char *space = n ? argv[0] : "k";
	size_t len = strlen(space);
	int rc;

	snprintf(st->whole, sizeof(st->whole), "%.64s%s", space,
		 len && space[len - 1] == ':' ? "0" : ":0");
	rc = addr_parse(st->whole, &st->addr, err);
	if (!rc && st->addr.space == ADDR_PHYS)
		rc = err_set(err, ERR_USAGE,
			     "'%.64s' is physical: it has no page tables",
			     space);
	return rc;
}

static enum needs ptdump_needs_now(const void *state)
{
	const struct state *st = state;

	return addr_needs_kernel(&st->addr) ? NEEDS_KERNEL : NEEDS_MACHINE;
}

static int ptdump_prepare(struct session *s, void *state, struct err *err)
{
	struct state *st = state;

	(void)s;
	return st->file ? ptdump_load(st->file, &st->was, err) : 0;
}

/* A process has its own half; the kernel's is that of all. */
static enum ptdump_half wanted_half(const struct state *st)
{
	if (st->mode == PTDUMP_USER)
		return PTDUMP_HIGH;
	return st->place.space == ADDR_PID ? PTDUMP_LOW : PTDUMP_BOTH;
}

static struct ptdump_space space_of(const struct state *st)
{
	return (struct ptdump_space){.dump = &st->dump,
				     .paging = st->place.root.paging,
				     .layout = &st->layout};
}

static bool is_found(const struct state *st, const struct ptdump_run *r)
{
	if (st->mode == PTDUMP_WX)
		return r->write && !r->nx;
	return st->mode == PTDUMP_USER && r->user && r->va >> 63;
}

/* The module that has memory at va: not all of it belongs to a symbol. */
static const char *module_at(const struct symbols *s, uint64_t va)
{
	size_t i;

	for (i = 0; i < s->modules.list.n; i++)
		if (module_range_of(&s->modules.list.v[i], va, 1))
			return s->modules.list.v[i].name;
	return NULL;
}

/* What the first addresses of those that were found belong to. */
static int find_owners(struct session *s, struct state *st, struct err *err)
{
	size_t n = st->found.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	int rc;

	st->symbols = calloc(n + 1, sizeof(*st->symbols));
	st->modules = calloc(n + 1, sizeof(*st->modules));
	if (!at || !st->symbols || !st->modules)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = st->found.v[i].va;
	rc = lookup_names(&s->guest, &st->place, at, n, st->symbols, err);
	for (i = 0; i < n && st->place.space != ADDR_ROOT; i++)
		st->modules[i] = st->symbols[i].module
					 ? st->symbols[i].module
					 : module_at(&s->guest.symbols, at[i]);
	return rc;
}

/* Those that are asked for, and whose they are. */
static int find_parts(struct session *s, struct state *st, struct err *err)
{
	struct ptdump_space space = space_of(st);
	struct ptdump_part part = {0};

	while (ptdump_next_part(&space, &part))
		if (is_found(st, &st->dump.runs.v[part.run]) &&
		    vec_push(&st->found, part))
			return err_nomem(err);
	return find_owners(s, st, err);
}

static int ptdump_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = place_resolve(&s->guest, &st->addr, &st->place, err);

	if (!rc && st->place.space != ADDR_ROOT)
		x86_64_layout(s->guest.kernel, &st->layout);
	if (!rc)
		rc = ptdump_read(s->guest.machine, &st->place.root,
				 wanted_half(st), &st->dump, err);
	if (!rc && (st->mode == PTDUMP_WX || st->mode == PTDUMP_USER))
		rc = find_parts(s, st, err);
	return rc ? err_wrap(err, rc, "ptdump") : 0;
}

static int show_difference(const struct state *st,
			   const struct ptdump_space *space, struct out *out,
			   struct err *err)
{
	struct ptdump_list is = {{0}};
	int rc = ptdump_say(space, &is, err);
	size_t n;

	if (!rc) {
		n = ptdump_show_diff(&st->was, &is, out);
		if (n)
			out_fail(out, ERR_CHECK,
				 "ptdump: %zu differences from %.200s", n,
				 st->file);
	}
	vec_deinit(&is.list);
	return rc;
}

static void show_found(const struct state *st, const struct ptdump_space *space,
		       struct out *out)
{
	size_t n = st->found.n;

	ptdump_show_found(space, st->found.v, n, st->symbols, st->modules, out);
	if (n)
		out_fail(out, ERR_CHECK, "ptdump: %zu mapping%s %s", n,
			 n == 1 ? " is" : "s are",
			 st->mode == PTDUMP_WX
				 ? "writable and executable"
				 : "in reach of user mode in the kernel's "
				   "half");
}

static int ptdump_show(struct session *s, void *state, struct out *out,
		       struct err *err)
{
	struct state *st = state;
	struct ptdump_space space = space_of(st);
	int rc = 0;

	(void)s;
	switch (st->mode) {
	case PTDUMP_MAPPINGS:
		if (out->json)
			ptdump_show_rows(&space, out);
		else
			ptdump_show_lines(&space, wanted_half(st), out);
		break;
	case PTDUMP_TOTALS:
		ptdump_show_totals(&space, out);
		break;
	case PTDUMP_WX:
	case PTDUMP_USER:
		show_found(st, &space, out);
		break;
	case PTDUMP_HOLES:
		ptdump_show_holes(&space, out);
		break;
	case PTDUMP_DIFF:
		rc = show_difference(st, &space, out, err);
		break;
	}
	ptdump_show_faults(&st->dump, "ptdump", out);
	return rc;
}

static void cmd_ptdump_deinit(void *state)
{
	struct state *st = state;

	ptdump_deinit(&st->dump);
	vec_deinit(&st->was.list);
	vec_deinit(&st->found);
	free(st->symbols);
	free(st->modules);
}

const struct cmd cmd_ptdump = {
	.name = "ptdump",
	.topic = TOPIC_LOOK,
	.summary = "Dump the page tables: every mapping of an address space",
	.args = "[k|PID|cr3=HEX]",
	.doc = "In the form of Linux's /sys/kernel/debug/page_tables: one line "
	       "for consecutive pages of one size, with the permissions that "
	       "all levels leave.  k, the default, is the kernel's own space; "
	       "of a process its own half is shown.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = ptdump_option,
	.operands = ptdump_operands,
	.needs_now = ptdump_needs_now,
	.prepare = ptdump_prepare,
	.run = ptdump_run,
	.show = ptdump_show,
	.deinit = cmd_ptdump_deinit,
};
