/* SPDX-License-Identifier: BSD-2-Clause */
/* Which vCPUs show the open kernel, and what the others show. */
#include "kernel/views.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/choose.h"
#include "kernel/x86_64.h"
#include "profile/live.h"

static void read_banner(struct kernel *k, const struct location *at,
			struct kernel_view *view)
{
	struct profile_image img = {.machine = k->machine,
				    .root = &at->root,
				    .text = at->text,
				    .runs = at->runs,
				    .n_runs = at->n_runs};

	live_banner(&img, view->banner, sizeof(view->banner));
}

static void describe(struct kernel *k, const struct location_views *l, size_t i,
		     struct kernel_view *view)
{
	const struct location_view *from = &l->v[i];

	view->parked = from->parked;
	if (!from->at.n_runs)
		return;
	view->shows =
		from->image == l->v[l->chosen].image ? SHOWS_THIS : SHOWS_OTHER;
	view->text = from->at.text;
	view->phys_text = from->at.phys_text;
	if (view->shows == SHOWS_THIS)
		return;
	if (from->image < i)
		memcpy(view->banner, k->views[from->image].banner,
		       sizeof(view->banner));
	else
		read_banner(k, &from->at, view);
}

int kernel_take_views(struct kernel *k, const struct location_views *l,
		      struct err *err)
{
	size_t i;

	k->views = calloc(l->n + 1, sizeof(*k->views));
	if (!k->views)
		return err_nomem(err);
	for (i = 0; i < l->n; i++)
		describe(k, l, i, &k->views[i]);
	return 0;
}

const struct kernel_view *kernel_view_of(const struct kernel *k,
					 const struct vcpu *v)
{
	return &k->views[v - k->machine->vcpus.v];
}

const char *kernel_vcpu_mode(const struct kernel *k, const struct vcpu *v)
{
	if (!v->arch->paging(v, 0))
		return v->halted ? "waiting" : "firmware";
	switch (kernel_view_of(k, v)->shows) {
	case SHOWS_THIS:
		return v->arch->user_mode(v) ? "user" : "kernel";
	case SHOWS_OTHER:
		return "other";
	case SHOWS_NONE:
		break;
	}
	return location_may_host(v) ? "guest" : "unknown";
}
