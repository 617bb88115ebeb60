/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi convert: one address in all its forms, each with the rule to it. */
#include "cli/commands.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "cli/convert.h"
#include "cli/unmapped_show.h"
#include "guest/lookup.h"
#include "kernel/mm/mm_bytes.h"
#include "kernel/page/page.h"

struct state {
	struct convert_item *items;
	size_t n;
	bool mapped_only;
};

static const struct argp_option options[] = {MAPPED_ONLY_OPTION, {0}};

static int convert_option(void *state, int key, const char *arg,
			  struct err *err)
{
	struct state *st = state;

	(void)arg;
	(void)err;
	if (key != KEY_MAPPED_ONLY)
		return ARGP_ERR_UNKNOWN;
	st->mapped_only = true;
	return 0;
}

static int convert_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int rc = 0;

	st->items = calloc((size_t)n, sizeof(*st->items));
	if (!st->items)
		return err_nomem(err);
	for (; st->n < (size_t)n && !rc; st->n++)
		rc = addr_parse(argv[st->n], &st->items[st->n].addr, err);
	return rc;
}

/* Without Linux there are physical memory and QEMU's. */
static enum needs convert_needs_now(const void *state)
{
	const struct state *st = state;
	size_t i;

	for (i = 0; i < st->n; i++)
		if (addr_needs_kernel(&st->items[i].addr))
			return NEEDS_KERNEL;
	return WANTS_KERNEL;
}

static int convert_enter(struct session *s, struct state *st, struct err *err)
{
	_cleanup_free_ struct place *places = calloc(st->n, sizeof(*places));
	size_t i, bad = 0;
	int rc = 0;

	if (!places)
		return err_nomem(err);
	for (i = 0; i < st->n && !rc; i++) {
		places[i] = place_of(&st->items[i].addr);
		rc = place_value(&s->guest, &st->items[i].addr, &places[i].at,
				 err);
	}
	if (!rc)
		rc = places_enter(&s->guest, places, st->n, &bad, err);
	for (i = 0; i < st->n && !rc; i++)
		st->items[i].place = places[i];
	return rc;
}

/* From virtual to physical, all at once. */
static int convert_walk(struct session *s, struct state *st, struct err *err)
{
	_cleanup_free_ struct walk *walks = calloc(st->n, sizeof(*walks));
	size_t i, n = 0;
	int rc;

	if (!walks)
		return err_nomem(err);
	for (i = 0; i < st->n; i++)
		if (st->items[i].place.space != ADDR_PHYS)
			walk_launch(&walks[n++], &st->items[i].place.root,
				    st->items[i].place.at);
	rc = walk_run(s->guest.machine, walks, n, err);
	for (i = n = 0; i < st->n && !rc; i++) {
		struct convert_item *it = &st->items[i];

		it->has_pa = true;
		it->unmapped = false;
		it->pa = it->place.at;
		if (it->place.space == ADDR_PHYS)
			continue;
		it->walk = walks[n++];
		it->has_pa = walk_has_frame(it->walk.result);
		it->pa = it->walk.pa;
	}
	return rc;
}

/* In that process, and nowhere as yet. */
static bool convert_is_absent(const struct convert_item *it, uint32_t pid)
{
	return it->place.space == ADDR_PID && it->place.task.pid == pid &&
	       !it->has_pa && !it->unmapped;
}

/* Where it would be taken from: a frame that is there, or none. */
static void convert_take_run(const struct kernel *k, struct convert_item *it,
			     const struct unmapped_run *r)
{
	const struct walk *w = &it->walk;
	uint64_t in_page = it->place.at % PAGE_SIZE_4K;

	if (!r)
		return;
	it->unmapped = true;
	it->from = r->kind;
	if (r->pa) {
		it->has_pa = true;
		it->pa = r->pa + (it->place.at - r->va);
	} else if (r->kind == UNMAPPED_ZERO_PAGE && w->n &&
		   w->level[w->n - 1].level == 1) {
		/* Further up it may be the huge one. */
		it->has_pa = page_zero(k, &it->pa);
		it->pa += in_page;
	}
}

/* Those of the process of item `first` that no table maps. */
static int convert_fill_process(struct session *s, struct state *st,
				size_t first, struct err *err)
{
	_cleanup_(unmapped_runs_deinit) struct unmapped_runs runs = {0};
	_cleanup_free_ struct walk *walks = calloc(st->n, sizeof(*walks));
	const struct place *p = &st->items[first].place;
	size_t i, n = 0;
	int rc;

	if (!walks)
		return err_nomem(err);
	for (i = first; i < st->n; i++)
		if (convert_is_absent(&st->items[i], p->task.pid))
			walks[n++] = st->items[i].walk;
	rc = mm_unmapped(s->guest.kernel, &p->mm, walks, n, &runs, err);
	for (i = first; i < st->n && !rc; i++)
		if (convert_is_absent(&st->items[i], p->task.pid))
			convert_take_run(
				s->guest.kernel, &st->items[i],
				unmapped_run_at(&runs, st->items[i].place.at));
	return rc;
}

/* Process by process; what no process has stays without a frame. */
static int convert_fill(struct session *s, struct state *st, struct err *err)
{
	_cleanup_(map_deinit) struct map done = {0};
	size_t i;
	int rc = 0;

	for (i = 0; i < st->n && !rc; i++) {
		uint32_t pid = st->items[i].place.task.pid;

		if (!convert_is_absent(&st->items[i], pid) ||
		    map_get(&done, pid, NULL))
			continue;
		rc = map_put(&done, pid, 0)
			     ? err_nomem(err)
			     : convert_fill_process(s, st, i, err);
	}
	return rc;
}

static void convert_find_ram(const struct machine *m, struct convert_item *it)
{
	const struct ram_range *r = machine_ram_at(m, it->pa);

	it->is_ram = r;
	if (r)
		it->ram = *r;
}

/* From physical to the kernel's and to QEMU's, all at once. */
static int convert_back(struct session *s, struct state *st, struct err *err)
{
	_cleanup_free_ uint64_t *pas = calloc(st->n, sizeof(*pas));
	_cleanup_free_ uint64_t *hvas = calloc(st->n, sizeof(*hvas));
	_cleanup_free_ struct aliases *as = calloc(st->n, sizeof(*as));
	size_t i, n = 0;
	int rc = 0;

	if (!pas || !hvas || !as)
		return err_nomem(err);
	for (i = 0; i < st->n; i++)
		if (st->items[i].has_pa)
			pas[n++] = st->items[i].pa;
	if (s->guest.kernel)
		rc = aliases_find(s->guest.kernel, pas, n, as, err);
	if (!rc)
		rc = qemu_hvas(s->qemu, pas, n, hvas, err);
	for (i = n = 0; i < st->n && !rc; i++) {
		if (!st->items[i].has_pa)
			continue;
		convert_find_ram(s->guest.machine, &st->items[i]);
		st->items[i].aliases = as[n];
		st->items[i].hva = hvas[n++];
	}
	return rc;
}

static int convert_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	size_t i;
	int rc = convert_enter(s, st, err);

	if (!rc)
		rc = convert_walk(s, st, err);
	if (!rc && !st->mapped_only)
		rc = convert_fill(s, st, err);
	if (!rc)
		rc = convert_back(s, st, err);
	for (i = 0; i < st->n && !rc; i++) {
		struct convert_item *it = &st->items[i];

		it->is_page = it->has_pa && s->guest.kernel &&
			      it->place.space == ADDR_KERNEL &&
			      alias_is_page(s->guest.kernel, it->place.at,
					    &it->pfn, &it->in);
		if (s->guest.kernel)
			rc = lookup_names(&s->guest, &it->place, &it->place.at,
					  1, &it->symbol, err);
	}
	return rc ? err_wrap(err, rc, "convert") : 0;
}

/* An answer that page tables do not give is told to be one. */
static void convert_note(struct out *out, const struct convert_item *it)
{
	char label[64];

	if (!it->unmapped || !unmapped_has_bytes(it->from))
		return;
	place_label(&it->place, it->place.at, label, sizeof(label));
	out_note(out, "%s: no table maps it: %s", label,
		 unmapped_words(it->from));
}

static int convert_show(struct session *s, void *state, struct out *out,
			struct err *err)
{
	const struct state *st = state;
	bool any = false;
	size_t i;

	(void)err;
	if (s->guest.no_kernel.code)
		out_note(out, "no kernel was found: %s",
			 s->guest.no_kernel.text);
	convert_begin(out);
	for (i = 0; i < st->n; i++) {
		convert_show_item(out, s->guest.kernel, &st->items[i]);
		convert_note(out, &st->items[i]);
		any |= st->items[i].has_pa;
	}
	if (!any)
		out_fail(out, ERR_NOT_FOUND, "convert: no page there");
	return 0;
}

static void convert_deinit(void *state)
{
	struct state *st = state;

	free(st->items);
}

const struct cmd cmd_convert = {
	.name = "convert",
	.topic = TOPIC_LOOK,
	.summary = "Show an address in all its forms, and how each is found",
	.args = "ADDRESS...",
	.doc = "Virtual, physical, frame number, struct page, direct map, "
	       "kernel image, RAM block, and where QEMU has it; each with the "
	       "rule that leads there, or the reason why there is none.  What "
	       "no page table of a process maps yet is where the kernel would "
	       "take it from.  The address of a struct page is noticed.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 1,
	.max_args = -1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = convert_option,
	.operands = convert_operands,
	.needs_now = convert_needs_now,
	.run = convert_run,
	.show = convert_show,
	.deinit = convert_deinit,
};
