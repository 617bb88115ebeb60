/* SPDX-License-Identifier: BSD-2-Clause */
/* What is in red-black trees. */
#include "guest/eval_inside.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/tree.h"

int eval_tree(struct eval *ev, const struct expr_step *s, struct eval_set *set,
	      struct err *err)
{
	static const char *const roots[] = {"rb_root", "rb_root_cached"};
	_cleanup_free_ struct tree *trees =
		calloc(set->v.n + 1, sizeof(*trees));
	struct eval_set out = {.many = true};
	struct btf_place place = {0};
	size_t i, cached = 0;
	uint32_t type = 0;
	int rc = eval_struct_of(ev, s, &type, &place, err);

	if (!trees)
		return err_nomem(err);
	if (!rc)
		rc = eval_heads(ev, s, set, roots, &cached, err);
	if (rc)
		return rc;
	for (i = 0; i < set->v.n; i++) {
		trees[i].root = set->v.v[i].lost ? 0 : set->v.v[i].number;
		trees[i].most = EVAL_MAX_VALUES;
	}
	rc = trees_read(ev->guest->kernel, trees, set->v.n, err);
	for (i = 0; i < set->v.n; i++) {
		const struct tree *t = &trees[i];
		const struct eval_found found = {
			"tree",	      t->root, t->nodes.v, t->nodes.n, type,
			place.offset, t->cut,  t->torn,	   t->torn_at};

		if (!rc && eval_push(ev, &found, set->v.v[i].cpu, &out))
			rc = err_nomem(err);
		tree_deinit(&trees[i]);
	}
	vec_deinit(&set->v);
	*set = out;
	return rc;
}
