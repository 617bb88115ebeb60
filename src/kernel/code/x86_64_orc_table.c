/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes tables of rules for unwinding, and finds rules in them. */
#include "kernel/code/x86_64_orc_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static uint64_t orc_place(const struct orc_source *s, size_t i)
{
	return s->places_va + 4 * i +
	       (uint64_t)(int64_t)(int32_t)le32(s->places + 4 * i);
}

static bool is_in_order(const struct orc_source *s)
{
	size_t i;

	for (i = 1; i < s->n; i++)
		if (orc_place(s, i) < orc_place(s, i - 1))
			return false;
	return true;
}

/* Where a rule goes, among those of its table. */
struct orc_order {
	uint64_t va;
	uint32_t index;
	bool none;
};

/* Of those at one address the last holds: what is none gives way. */
static int compare_orders(const void *a, const void *b)
{
	const struct orc_order *x = a, *y = b;

	if (x->va != y->va)
		return x->va < y->va ? -1 : 1;
	if (x->none != y->none)
		return x->none ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static struct orc_order *order_rules(enum orc_format format,
				     const struct orc_source *s)
{
	struct orc_order *order = calloc(s->n, sizeof(*order));
	struct orc_rule rule = {0};
	size_t i;

	for (i = 0; i < s->n && order; i++) {
		orc_decode(format, s->entries + i * ORC_ENTRY_BYTES, &rule);
		order[i] = (struct orc_order){.va = orc_place(s, i),
					      .index = (uint32_t)i,
					      .none = rule.kind == ORC_NONE};
	}
	if (order)
		qsort(order, s->n, sizeof(*order), compare_orders);
	return order;
}

/* A table being made of rules in order. */
struct orc_writer {
	const struct orc_source *s;
	struct orc_table t; /* has room for all */
	size_t range;	    /* the one that it is at */
	size_t nonsense;
};

static void put_rule(struct orc_writer *w, const struct orc_rule *rule)
{
	size_t n = w->t.rules.n;

	if (n && w->t.rules.v[n - 1].va == rule->va)
		n--;
	w->t.rules.v[n] = *rule;
	w->t.rules.n = n + 1;
}

/* What is behind code is not about the last rule of it. */
static void end_range(struct orc_writer *w)
{
	const struct module_range *code = &w->s->code[w->range++];
	struct orc_rule none = {.va = code->start + code->size,
				.kind = ORC_NONE};
	size_t n = w->t.rules.n;

	if (n && w->t.rules.v[n - 1].va - code->start < code->size)
		put_rule(w, &none);
}

/* Add a rule, unless it is of no code. */
static void write_rule(struct orc_writer *w, const struct orc_rule *rule)
{
	for (; w->range < ORC_CODE_RANGES; end_range(w)) {
		const struct module_range *code = &w->s->code[w->range];

		if (rule->va < code->start)
			return;
		if (rule->va - code->start < code->size) {
			put_rule(w, rule);
			return;
		}
	}
}

static int write_rules(enum orc_format format, struct orc_writer *w,
		       struct remarks *remarks)
{
	const struct orc_source *s = w->s;
	bool sorted = is_in_order(s);
	_cleanup_free_ struct orc_order *order =
		sorted ? NULL : order_rules(format, s);
	struct orc_rule rule = {0};
	size_t i, at;

	if ((!sorted && !order) ||
	    vec_reserve(&w->t.rules, s->n + ORC_CODE_RANGES + ORC_PATCH_ROOM))
		return ERR_NOMEM;
	for (i = 0; i < s->n; i++) {
		at = order ? order[i].index : i;
		rule.va = orc_place(s, at);
		if (!orc_decode(format, s->entries + at * ORC_ENTRY_BYTES,
				&rule))
			w->nonsense++;
		write_rule(w, &rule);
	}
	while (w->range < ORC_CODE_RANGES)
		end_range(w);
	if (!sorted)
		remarks_add(remarks,
			    "the rules for unwinding of %s are not in order "
			    "of address: they were sorted",
			    s->name);
	return 0;
}

/* Less than one of so many may make no sense: that is damage to a table. */
#define SENSE 16

int orc_table_make(enum orc_format format, const struct orc_source *s,
		   struct orc_tables *out, struct remarks *remarks)
{
	struct orc_writer w = {.s = s, .t = {.owner = s->owner}};
	int rc = write_rules(format, &w, remarks);

	if (w.nonsense)
		remarks_add(remarks,
			    "%zu of %zu rules for unwinding of %s make no "
			    "sense",
			    w.nonsense, s->n, s->name);
	else if (!rc && !w.t.rules.n && !s->owner)
		remarks_add(remarks,
			    "no rule for unwinding of %s is about its code",
			    s->name);
	if (w.nonsense > s->n / SENSE)
		w.t.rules.n = 0;
	if (!rc && w.t.rules.n)
		rc = vec_push(out, w.t);
	if (rc || !w.t.rules.n)
		vec_deinit(&w.t.rules);
	return rc;
}

void orc_tables_deinit(struct orc_tables *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		vec_deinit(&t->v[i].rules);
	vec_deinit(t);
}

/* How many of a table's rules are at or before va. */
static size_t count_up_to(const struct orc_table *t, uint64_t va)
{
	size_t lo = 0, hi = t->rules.n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (t->rules.v[mid].va > va)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

const struct orc_rule *orc_table_at(const struct orc_table *t, uint64_t va)
{
	size_t n = count_up_to(t, va);

	return n && n < t->rules.n ? &t->rules.v[n - 1] : NULL;
}

const struct orc_rule *orc_find(const struct orc_tables *t, uint64_t va,
				const struct orc_table **table)
{
	const struct orc_rule *rule = NULL;
	size_t i;

	for (i = 0; i < t->n && !rule; i++) {
		*table = &t->v[i];
		rule = orc_table_at(&t->v[i], va);
	}
	return rule;
}

/* Put n rules in place of those from number `first` up to `end`. */
static int replace_rules(struct orc_table *t, size_t first, size_t end,
			 const struct orc_rule *rules, size_t n)
{
	if (vec_reserve(&t->rules, n))
		return ERR_NOMEM;
	memmove(t->rules.v + first + n, t->rules.v + end,
		(t->rules.n - end) * sizeof(*rules));
	memcpy(t->rules.v + first, rules, n * sizeof(*rules));
	t->rules.n = t->rules.n - (end - first) + n;
	return 0;
}

int orc_table_patch(struct orc_table *t, const struct orc_patch *p)
{
	const struct orc_rule *behind = orc_table_at(t, p->end);
	struct orc_rule rules[COUNT(p->rules) + 1];
	size_t n = p->n, first, end;

	if (p->start < t->rules.v[0].va || p->end <= p->start || !behind)
		return 0;
	memcpy(rules, p->rules, n * sizeof(*rules));
	rules[n] = *behind;
	rules[n++].va = p->end;
	first = count_up_to(t, p->start - 1);
	end = count_up_to(t, p->end);
	return replace_rules(t, first, end, rules, n);
}
