/* SPDX-License-Identifier: BSD-2-Clause */
/* Is the kernel that was open still the one that runs?  In one batch. */
#include "kernel/marks.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/boot.h"
#include "kernel/choose.h"
#include "kernel/locate.h"
#include "kernel/views.h"
#include "kernel/x86_64.h"

/* The top table that a vCPU uses in the kernel; false: it uses none like it. */
static bool kernel_pgd(const struct kernel *k, const struct vcpu *v,
		       uint64_t *pgd)
{
	struct walk_root root = x86_64_root(v);

	*pgd = k->pti ? x86_64_kernel_half(root.pgd) : root.pgd;
	return location_mode(v) == LOCATION_PAGED_64 &&
	       root.paging == k->root.paging;
}

static void add_mark(struct kernel_marks *m, uint64_t pa, uint64_t value)
{
	if (value)
		m->v[m->n++] = (struct kernel_mark){pa, value};
}

int kernel_marks_take(struct kernel *k, struct kernel_marks *m, struct err *err)
{
	struct kernel_drawn drawn;
	struct mem_read top = {.pa = x86_64_image_entry(k->root.pgd),
			       .dst = &m->top,
			       .len = sizeof(m->top)};
	struct walk w;
	uint64_t va;
	int rc;

	*m = (struct kernel_marks){0};
	rc = kernel_read_drawn(k, &drawn, err);
	if (!rc)
		add_mark(m, kernel_image_pa(k, drawn.canary_at), drawn.canary);
	if (!rc && drawn.start) {
		rc = walk_one(k->machine, &k->root, drawn.start_at, &w, err);
		if (!rc && w.result == WALK_MAPPED)
			add_mark(m, w.pa, drawn.start);
	}
	if (!rc && profile_symbol(k->profile, "jiffies_64", &va)) {
		m->time.pa = kernel_image_pa(k, va);
		rc = kernel_read_symbol(k, "jiffies_64", 8, &m->time.value,
					err);
	}
	if (!rc)
		rc = machine_read(k->machine, &top, 1, err);
	if (!rc && top.status != MEM_OK)
		rc = err_set(err, ERR_UNREADABLE,
			     "the top page table cannot be read");
	return rc;
}

/* All that is compared: marks, the time, and the entry of each vCPU. */
struct look {
	uint64_t *now;
	struct mem_read *reads;
	size_t n;
};

static void look_deinit(struct look *l)
{
	free(l->now);
	free(l->reads);
}

static void look_at(struct look *l, uint64_t pa)
{
	l->reads[l->n] = (struct mem_read){
		.pa = pa, .dst = &l->now[l->n], .len = sizeof(*l->now)};
	l->n++;
}

static int look_read(const struct kernel *k, const struct kernel_marks *m,
		     struct look *l, struct err *err)
{
	const struct machine *machine = k->machine;
	size_t i, n = MARKS_MAX + 1 + machine->vcpus.n;
	uint64_t pgd;

	l->now = calloc(n, sizeof(*l->now));
	l->reads = calloc(n, sizeof(*l->reads));
	if (!l->now || !l->reads)
		return err_nomem(err);
	for (i = 0; i < m->n; i++)
		look_at(l, m->v[i].pa);
	look_at(l, m->time.pa);
	for (i = 0; i < machine->vcpus.n; i++)
		if (kernel_pgd(k, &machine->vcpus.v[i], &pgd))
			look_at(l, x86_64_image_entry(pgd));
	return machine_read(k->machine, l->reads, l->n, err);
}

static bool has_marks(const struct kernel_marks *m, const struct look *l)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (l->reads[i].status != MEM_OK || l->now[i] != m->v[i].value)
			return false;
	return m->n > 0;
}

/* Whether each vCPU shows it, by that one entry (but for its A bit). */
static bool all_show(const struct kernel *k, const struct kernel_marks *m,
		     const struct look *l)
{
	size_t i;

	for (i = m->n + 1; i < l->n; i++)
		if (l->reads[i].status != MEM_OK ||
		    !x86_64_same_entry(l->now[i], m->top))
			return false;
	return l->n == m->n + 1 + k->machine->vcpus.n;
}

/* Every vCPU shows it, or none does. */
static int take_plain_views(struct kernel *k, enum kernel_shows shows,
			    struct err *err)
{
	size_t i, n = k->machine->vcpus.n;
	struct kernel_view *views = calloc(n + 1, sizeof(*views));

	if (!views)
		return err_nomem(err);
	for (i = 0; i < n && shows == SHOWS_THIS; i++)
		views[i] = (struct kernel_view){.shows = SHOWS_THIS,
						.text = k->text,
						.phys_text = k->phys_text};
	free(k->views);
	k->views = views;
	return 0;
}

/* Some vCPU shows another thing: what, is found out as at first. */
static int locate_again(struct kernel *k, const struct vcpu *only, bool *same,
			struct err *err)
{
	struct location_choice choice = {.only = only};
	_cleanup_(location_deinit) struct location_views l = {0};
	const struct location *at;
	int rc = location_find(k->machine, &choice, &l, err);

	/* They run guests of their own: it is there, as its marks tell. */
	k->remembered = rc == ERR_NO_LINUX && choice.later;
	if (k->remembered)
		return take_plain_views(k, SHOWS_NONE, err);
	if (rc)
		return rc;
	at = &l.v[l.chosen].at;
	*same = at->text == k->text && at->phys_text == k->phys_text;
	if (!*same)
		return 0;
	free(k->views);
	k->views = NULL;
	return kernel_take_views(k, &l, err);
}

int kernel_marks_check(struct kernel *k, struct kernel_marks *m,
		       const struct vcpu *only, enum kernel_since *since,
		       struct err *err)
{
	_cleanup_(look_deinit) struct look l = {0};
	bool same = true;
	int rc = look_read(k, m, &l, err);

	*since = KERNEL_OTHER;
	if (rc || !has_marks(m, &l))
		return rc;
	k->remembered = false;
	rc = all_show(k, m, &l) ? take_plain_views(k, SHOWS_THIS, err)
				: locate_again(k, only, &same, err);
	if (rc || !same)
		return rc;
	*since = KERNEL_SAME;
	if (m->time.pa && l.reads[m->n].status == MEM_OK) {
		if (l.now[m->n] < m->time.value)
			*since = KERNEL_BACK;
		m->time.value = l.now[m->n];
	}
	return 0;
}
