/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi search: where bytes are, in any address space. */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/budget.h"
#include "cli/search_show.h"
#include "cli/unmapped_show.h"
#include "guest/addr.h"
#include "guest/lookup.h"
#include "guest/number.h"
#include "guest/place.h"
#include "guest/search.h"
#include "guest/value.h"
#include "kernel/mm/vma.h"

#define MAX_DEFAULT 1000
#define MAX_MOST    (1u << 20)
#define SPAN_MOST   (1ULL << 57)

/* So many times the RAM may be mapped, where no length is given. */
#define ALIASES_MOST 64

struct state {
	unsigned int width; /* 0: not given, 1 */
	uint64_t align, max;
	char whole[64]; /* "SPACE:0", where only SPACE: was given */
	struct addr addr;
	uint64_t len; /* 0: all of the space */
	struct pattern pattern;
	struct place place;
	bool mapped_only;
	struct unmapped unmapped; /* of a process */
	struct search search;
	uint64_t asked; /* bytes that could be there; 0: cannot be told */
	struct symbol *symbols; /* of the hits */
};

static const struct argp_option options[] = {
	{"width", 'w', "BYTES", 0, "Bytes of each number: 1 (default), 2, 4, 8",
	 0},
	{"align", 'a', "N", 0, "Only at addresses that are multiples of N", 0},
	{"max", 'm', "N", 0, "Stop after N matches (default 1000)", 0},
	MAPPED_ONLY_OPTION,
	{0}};

static int search_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;
	uint64_t *to = key == 'a' ? &st->align : &st->max;
	int rc;

	if (key == 'w')
		return value_width(arg, &st->width, err);
	if (key == KEY_MAPPED_ONLY) {
		st->mapped_only = true;
		return 0;
	}
	if (key != 'a' && key != 'm')
		return ARGP_ERR_UNKNOWN;
	rc = number_parse(arg, key == 'a' ? "--align" : "--max",
			  key == 'a' ? UINT64_MAX : MAX_MOST, to, err);
	if (!rc && !*to)
		rc = err_set(err, ERR_USAGE, "%s is zero",
			     key == 'a' ? "--align" : "--max");
	return rc;
}

/* "SPACE:" is the whole of it. */
static bool is_whole(const char *text)
{
	size_t n = strlen(text);

	return n && text[n - 1] == ':';
}

static int parse_place(struct state *st, char **argv, int n, int *used,
		       struct err *err)
{
	int rc;

	if (is_whole(argv[0])) {
		*used = 1;
		snprintf(st->whole, sizeof(st->whole), "%.60s0", argv[0]);
		return addr_parse(st->whole, &st->addr, err);
	}
	*used = 2;
	rc = addr_parse(argv[0], &st->addr, err);
	if (!rc && n < 3)
		rc = cmd_missing(&cmd_search, err);
	if (!rc)
		rc = number_parse_size(argv[1], "length", SPAN_MOST, &st->len,
				       err);
	if (!rc && !st->len)
		rc = err_set(err, ERR_USAGE, "length '%s' is zero", argv[1]);
	return rc;
}

static int search_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int i = 0, rc = parse_place(st, argv, n, &i, err);

	for (; !rc && i < n; i++)
		rc = pattern_add(&st->pattern, argv[i],
				 st->width ? st->width : 1, err);
	return rc ? rc : pattern_end(&st->pattern, err);
}

static enum needs search_needs_now(const void *state)
{
	const struct state *st = state;

	return addr_needs_kernel(&st->addr) ? NEEDS_KERNEL : NEEDS_MACHINE;
}

static uint64_t ram_size(const struct machine *m)
{
	uint64_t size = 0;
	size_t i;

	for (i = 0; i < m->ram.n; i++)
		size += m->ram.v[i].size;
	return size;
}

/* All that the process has mapped, there or not. */
static int vma_size(struct session *s, const struct place *p, uint64_t *size,
		    struct err *err)
{
	struct vma_list vmas = {0};
	size_t i;
	int rc = vma_lists_read(s->guest.kernel, &p->mm, 1, &vmas, err);

	*size = 0;
	for (i = 0; i < vmas.n && !rc; i++)
		*size += vmas.v[i].end - vmas.v[i].start;
	vma_lists_deinit(&vmas, 1);
	return rc;
}

/*
 * What is known to be there: RAM itself, and the kernel's half, which maps all
 * of it.  What else an address space holds is found on the way.
 */
static int expect(struct session *s, const struct state *st, struct err *err)
{
	const struct machine *m = s->guest.machine;

	if (st->place.space == ADDR_PHYS)
		return budget_check(
			s,
			st->len ? budget_ram(m, st->place.at, st->len)
				: ram_size(m),
			err);
	if (st->place.space == ADDR_KERNEL && !st->len)
		return budget_check(s, ram_size(m), err);
	return 0;
}

/* All of the addresses, where they have no halves. */
static int search_half(struct state *st, bool upper, struct err *err)
{
	const struct paging *p = st->place.root.paging;
	unsigned int bits = p->va_bits - (p->half == PAGING_BOTH);

	if (upper && p->half != PAGING_BOTH)
		return 0;
	if (upper)
		return search_range(&st->search, ~0ULL << bits, UINT64_MAX,
				    err);
	return search_range(&st->search, 0, (1ULL << bits) - 1, err);
}

static int search_whole(struct session *s, struct state *st, struct err *err)
{
	int rc = 0;

	st->search.most = ALIASES_MOST * ram_size(s->guest.machine);
	switch (st->place.space) {
	case ADDR_PHYS:
		st->asked = ram_size(s->guest.machine);
		return search_range(&st->search, 0, UINT64_MAX, err);
	case ADDR_PID:
		rc = vma_size(s, &st->place, &st->asked, err);
		return rc ? rc : search_half(st, false, err);
	case ADDR_KERNEL:
		return search_half(st, true, err);
	case ADDR_ROOT:
		return search_range(&st->search, 0, UINT64_MAX, err);
	}
	return rc;
}

static int name_hits(struct session *s, struct state *st, struct err *err)
{
	size_t n = st->search.hits.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));

	st->symbols = calloc(n + 1, sizeof(*st->symbols));
	if (!at || !st->symbols)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = st->search.hits.v[i].at;
	return lookup_names(&s->guest, &st->place, at, n, st->symbols, err);
}

static int search_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = place_resolve(&s->guest, &st->addr, &st->place, err);

	if (!rc && st->len && !place_fits(st->place.at, st->len))
		rc = err_set(err, ERR_REFUSED,
			     "the range runs over the end of the address "
			     "space");
	if (!rc && st->place.space == ADDR_PID && !st->mapped_only) {
		st->search.unmapped = &st->unmapped;
		rc = unmapped_open(&st->unmapped, s->guest.kernel,
				   &st->place.mm, err);
	}
	if (rc)
		return err_wrap(err, rc, "search");
	st->search.m = s->guest.machine;
	st->search.root = st->place.space == ADDR_PHYS ? NULL : &st->place.root;
	st->search.pattern = &st->pattern;
	st->search.align = st->align ? st->align : 1;
	st->search.max = st->max ? st->max : MAX_DEFAULT;
	st->asked = st->len;
	rc = expect(s, st, err);
	if (rc)
		return err_wrap(err, rc, "search");
	if (st->len)
		rc = search_range(&st->search, st->place.at,
				  st->place.at + (st->len - 1), err);
	else
		rc = search_whole(s, st, err);
	if (!rc)
		rc = search_end(&st->search, err);
	if (!rc)
		rc = name_hits(s, st, err);
	return rc ? err_wrap(err, rc, "search") : 0;
}

static int search_show(struct session *s, void *state, struct out *out,
		       struct err *err)
{
	const struct state *st = state;

	(void)s;
	(void)err;
	search_show_answer(out, &st->search, st->symbols, st->asked);
	return 0;
}

static void cmd_search_deinit(void *state)
{
	struct state *st = state;

	pattern_deinit(&st->pattern);
	search_deinit(&st->search);
	unmapped_close(&st->unmapped);
	free(st->symbols);
}

const struct cmd cmd_search = {
	.name = "search",
	.topic = TOPIC_LOOK,
	.summary = "Find bytes in memory",
	.args = "{ADDRESS LENGTH|SPACE:} PATTERN...",
	.doc = "PATTERN is a number (little-endian, one byte unless -w says "
	       "more), str:TEXT or hex:DIGITS, where ? stands for any digit "
	       "and blanks may part bytes; several follow one another.  SPACE: "
	       "is all that a process (PID:), the kernel (k:) or a table "
	       "(cr3=HEX:) has mapped, or all RAM (p:).  Only memory that is "
	       "there is searched; LENGTH may span what is not.  Of a process "
	       "that is also what no page table maps yet, where the kernel "
	       "would take it from.  Matches may overlap.  Exit status 1 when "
	       "nothing is found.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 2,
	.max_args = -1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = search_option,
	.operands = search_operands,
	.needs_now = search_needs_now,
	.run = search_run,
	.show = search_show,
	.deinit = cmd_search_deinit,
};
