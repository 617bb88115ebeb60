/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that expressions lead to: the kernel's, and that of one process. */
#include <stdlib.h>

#include "guest/eval_inside.h"
#include "guest/place_read.h"

/* Addresses that are a process's: those whose topmost bit is 0. */
static bool eval_is_user(const struct eval *ev, uint64_t va)
{
	return ev->process && !(va >> 63);
}

/* What no table maps behind what was read, from where a fault would bring it.
 */
static int eval_read_unmapped(struct eval *ev, struct space_read *r,
			      struct err *why, struct err *err)
{
	struct place p = *ev->process;
	struct place_bytes b = {.dst = (uint8_t *)r->dst + r->got,
				.len = r->len - r->got,
				.mapped_only = ev->mapped_only};
	size_t i;
	int rc;

	p.at = r->va + r->got;
	rc = place_read(ev->guest, &p, &b, err);
	r->got += b.got;
	for (i = 0; i < b.filled.list.n && !rc; i++)
		if (vec_push(&ev->filled.list, b.filled.list.v[i]))
			rc = err_nomem(err);
	if (why)
		*why = b.why;
	place_bytes_deinit(&b);
	return rc;
}

int eval_read_memory(struct eval *ev, struct space_read *reads, size_t n,
		     struct err *err)
{
	struct kernel *k = ev->guest->kernel;
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		reads[i].root = eval_is_user(ev, reads[i].va)
					? &ev->process->root
					: &k->root;
	rc = n ? space_read(k->machine, reads, n, err) : 0;
	for (i = 0; i < n && !rc; i++)
		if (reads[i].got < reads[i].len &&
		    eval_is_user(ev, reads[i].va) && !ev->mapped_only)
			rc = eval_read_unmapped(ev, &reads[i], NULL, err);
	return rc;
}

int eval_read_why(struct eval *ev, uint64_t va, struct err *why,
		  struct err *err)
{
	uint8_t byte;
	struct space_read r = {.va = va, .dst = &byte, .len = 1};

	if (eval_is_user(ev, va))
		return eval_read_unmapped(ev, &r, why, err);
	kernel_read(ev->guest->kernel, va, &byte, 1, why);
	return 0;
}

static int filled_order(const void *a, const void *b)
{
	const struct unmapped_run *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

void eval_order_filled(struct eval *ev)
{
	struct unmapped_run *v = ev->filled.list.v;
	size_t i, n = 0;

	if (ev->filled.list.n)
		qsort(v, ev->filled.list.n, sizeof(*v), filled_order);
	for (i = 0; i < ev->filled.list.n; i++) {
		struct unmapped_run r = v[i], *p = n ? &v[n - 1] : NULL;
		uint64_t over =
			p && p->va + p->len > r.va ? p->va + p->len - r.va : 0;

		if (over >= r.len)
			continue;
		r.va += over;
		r.len -= over;
		r.pa += r.pa ? over : 0;
		v[n++] = r;
	}
	ev->filled.list.n = n;
}
