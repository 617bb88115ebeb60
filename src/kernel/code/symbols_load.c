/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what is known of symbols outside the image, once it is needed. */
#include "kernel/code/symbols_load.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"

void symbols_init(struct symbols *s, struct kernel *k)
{
	*s = (struct symbols){.k = k, .room = MODULE_SYMBOLS_ROOM};
}

void symbols_deinit(struct symbols *s)
{
	size_t i;

	for (i = 0; s->tables && i < s->modules.list.n; i++)
		module_symbols_deinit(&s->tables[i]);
	for (i = 0; s->letters && i < s->modules.list.n; i++)
		module_letters_deinit(&s->letters[i]);
	free(s->tables);
	free(s->letters);
	vec_deinit(&s->areas);
	modules_deinit(&s->modules);
	generated_deinit(&s->generated);
	remarks_deinit(&s->remarks);
	symbols_init(s, NULL);
}

/* By address; of two that begin alike the first of the list is the last here.
 */
static int compare_areas(const void *a, const void *b)
{
	const struct symbol_area *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->number > y->number ? -1 : x->number < y->number;
}

/* BPF programs may: the first function of some is listed twice. */
static void check_overlap(struct symbols *s)
{
	const struct symbol_area *a;
	size_t i;

	for (i = 1; i < s->areas.n; i++) {
		a = &s->areas.v[i - 1];
		if (a[1].start - a->start >= a->size ||
		    (!a->is_module && !a[1].is_module))
			continue;
		remarks_add(&s->remarks,
			    "the list of modules is damaged: memory at "
			    "0x%" PRIx64 " would be in two of them",
			    a[1].start);
		return;
	}
}

static int collect_areas(struct symbols *s)
{
	size_t i, j;

	for (i = 0; i < s->modules.list.n; i++) {
		const struct module *m = &s->modules.list.v[i];

		for (j = 0; j < m->n_ranges; j++)
			if (vec_push(&s->areas, {.start = m->range[j].start,
						 .size = m->range[j].size,
						 .is_module = true,
						 .number = i}))
				return ERR_NOMEM;
	}
	for (i = 0; i < s->generated.list.n; i++)
		if (vec_push(&s->areas, {.start = s->generated.list.v[i].start,
					 .size = s->generated.list.v[i].size,
					 .number = i}))
			return ERR_NOMEM;
	if (s->areas.n)
		qsort(s->areas.v, s->areas.n, sizeof(*s->areas.v),
		      compare_areas);
	check_overlap(s);
	return 0;
}

/* All lists in step, then what they lead to. */
int symbols_load(struct symbols *s, struct err *err)
{
	struct list lists[GENERATORS + 1];
	size_t i;
	int rc;

	if (s->read)
		return 0;
	s->read = true;
	generated_lists(s->k, lists, s->known);
	s->known[SYMBOLS_MODULES] = modules_list(s->k, &lists[SYMBOLS_MODULES]);
	rc = lists_read(s->k, lists, GENERATORS + 1, err);
	if (!rc)
		rc = modules_read(s->k, &lists[SYMBOLS_MODULES], &s->modules,
				  &s->remarks, err);
	if (!rc)
		rc = generated_read(s->k, lists, &s->generated, &s->remarks,
				    err);
	for (i = 0; i <= SYMBOLS_MODULES; i++)
		list_deinit(&lists[i]);
	if (rc)
		return rc;
	s->tables = calloc(s->modules.list.n + 1, sizeof(*s->tables));
	return !s->tables || collect_areas(s) ? err_nomem(err) : 0;
}

int symbols_load_tables(struct symbols *s, const bool *marked, struct err *err)
{
	size_t n = s->modules.list.n, i, some = 0;
	_cleanup_free_ struct module_symbols_want *wants =
		calloc(n + 1, sizeof(*wants));

	if (!wants)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (marked[i])
			wants[some++] = (struct module_symbols_want){
				&s->modules.list.v[i], &s->tables[i]};
	return module_symbols_read(s->k, wants, some, &s->room, &s->remarks,
				   err);
}

struct symbol symbols_generated(const struct symbols *s, size_t number)
{
	const struct generated *g = &s->generated.list.v[number];

	return (struct symbol){.name = generated_name(&s->generated, g),
			       .module = generated_module(g->by),
			       .va = g->start,
			       .size = g->size};
}
