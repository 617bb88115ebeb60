/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists, what holds a member, tasks by their PIDs. */
#include "guest/eval_inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "kernel/list.h"
#include "kernel/task/task.h"
#include "walk/space.h"

int eval_struct_of(struct eval *ev, const struct expr_step *s, uint32_t *type,
		   struct btf_place *place, struct err *err)
{
	int rc = eval_find_type(ev, s, type, err);

	if (!rc)
		rc = eval_path(ev, *type, s->name, place, err);
	if (!rc && place->bit_size)
		rc = err_set(err, ERR_REFUSED,
			     "%.*s is a bit field, which has no address",
			     EVAL_TEXT(s->name));
	return rc;
}

int eval_container(struct eval *ev, const struct expr_step *s,
		   struct eval_set *set, struct err *err)
{
	struct btf_place place;
	uint32_t type, made;
	size_t i;
	int rc = eval_struct_of(ev, s, &type, &place, err);

	if (!rc)
		rc = eval_load(ev, set, err);
	if (rc)
		return rc;
	made = made_pointer(&ev->made, type);
	if (!made)
		return err_nomem(err);
	for (i = 0; i < set->v.n; i++) {
		struct eval_value *v = &set->v.v[i];

		if (v->is_place && !v->lost)
			return err_set(err, ERR_REFUSED,
				       "%.*s is no address: & is where it is",
				       EVAL_TEXT(s->operand));
		v->number -= place.offset;
		v->type = made;
	}
	return 0;
}

int eval_heads(struct eval *ev, const struct expr_step *s, struct eval_set *set,
	       const char *const names[2], size_t *which, struct err *err)
{
	struct btf_type t;
	size_t i, n = 0;
	int rc = eval_load(ev, set, err);

	for (i = 0; i < set->v.n && !rc; i++) {
		struct eval_value *v = &set->v.v[i];
		size_t is;

		if (v->lost)
			continue;
		eval_behind(ev, v->type, &t);
		if (!v->is_place && t.kind == BTF_PTR)
			eval_behind(ev, t.size, &t);
		is = strcmp(t.name, names[0]) != 0;
		if (t.kind != BTF_STRUCT ||
		    (is && strcmp(t.name, names[1]) != 0) ||
		    (n++ && is != *which))
			return err_set(
				err, ERR_REFUSED, "%.*s is no %s, and no %s",
				EVAL_TEXT(s->operand), names[0], names[1]);
		*which = is;
	}
	return rc;
}

/* Objects of which a slab mostly has several to a page. */
#define PACKED_MOST 1024u

/* The way along one hlist: `at` is where its next address is; 0: the end. */
struct hlist_way {
	struct list *list;
	struct map seen;
	uint64_t at;
	uint8_t bytes[8];
};

static int hlist_step(struct hlist_way *w, bool whole)
{
	struct list *l = w->list;
	uint64_t next = le64(w->bytes), at = w->at;

	w->at = 0;
	if (!whole || map_get(&w->seen, next, NULL)) {
		l->torn = true;
		l->torn_at = at;
		return 0;
	}
	l->cut = next && l->links.n == l->most;
	if (!next || l->cut)
		return 0;
	w->at = next;
	return map_put(&w->seen, next, 0) || vec_push(&l->links, next)
		       ? ERR_NOMEM
		       : 0;
}

/* One step of all that go on; *left is how many did. */
static int hlist_round(struct kernel *k, struct hlist_way *ways, size_t n,
		       struct space_read *reads, size_t *left, struct err *err)
{
	size_t i, m = 0;
	int rc;

	for (i = 0; i < n; i++)
		if (ways[i].at)
			reads[m++] = (struct space_read){.root = &k->root,
							 .va = ways[i].at,
							 .dst = ways[i].bytes,
							 .len = 8};
	*left = m;
	rc = m ? space_read(k->machine, reads, m, err) : 0;
	for (i = m = 0; i < n && !rc; i++)
		if (ways[i].at && hlist_step(&ways[i], reads[m++].got == 8))
			rc = err_nomem(err);
	return rc;
}

/* From {first} over nodes {next, pprev} up to NULL (docs/facts/kernel.md,
 * "Tasks"). */
static int hlists_read(struct kernel *k, struct list *lists, size_t n,
		       struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ struct hlist_way *ways = calloc(n + 1, sizeof(*ways));
	size_t i, left = 1;
	int rc = 0;

	if (!reads || !ways)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		ways[i] = (struct hlist_way){.list = &lists[i],
					     .at = lists[i].head};
	while (left && !rc)
		rc = hlist_round(k, ways, n, reads, &left, err);
	for (i = 0; i < n; i++)
		map_deinit(&ways[i].seen);
	return rc;
}

int eval_push(struct eval *ev, const struct eval_found *f, int cpu,
	      struct eval_set *out)
{
	struct eval_value v = {.type = f->type, .cpu = cpu, .is_place = true};
	size_t i;

	for (i = 0; i < f->n; i++) {
		ev->cut |= out->v.n == EVAL_MAX_VALUES;
		if (ev->cut)
			return 0;
		v.number = f->v[i] - f->offset;
		if (vec_push(&out->v, v))
			return ERR_NOMEM;
	}
	ev->cut |= f->cut;
	if (f->torn && !ev->n_lost++)
		err_set(&ev->lost, ERR_CORRUPT,
			"the %s at 0x%" PRIx64 " is damaged at 0x%" PRIx64,
			f->what, f->head, f->torn_at);
	return 0;
}

/*
 * A batch for every two links is too much for all processes.  The table of PIDs
 * leads to them, too: it tells where the links are that the list will have.
 * What it does not tell is found on the list all the same.
 */
static int list_fetch_tasks(struct eval *ev, uint32_t type, uint32_t offset,
			    struct err *err)
{
	struct kernel *k = ev->guest->kernel;
	_cleanup_free_ uint64_t *links = NULL;
	struct task_list tasks = {0};
	struct err ignored = {0};
	struct btf_type t;
	size_t i;
	int rc = 0;

	if (!eval_behind(ev, type, &t) || strcmp(t.name, "task_struct") != 0)
		return 0;
	if (!task_list_read(k, false, &tasks, &ignored)) {
		links = calloc(tasks.n + 1, sizeof(*links));
		for (i = 0; i < tasks.n && links; i++)
			links[i] = tasks.v[i].addr + offset;
		rc = links ? lists_fetch(k, links, tasks.n, err)
			   : err_nomem(err);
	}
	task_list_deinit(&tasks);
	return rc;
}

static bool list_is_of_tasks(const struct expr_step *s)
{
	static const char member[] = "tasks";

	return s->name.len == sizeof(member) - 1 &&
	       !memcmp(s->name.at, member, s->name.len);
}

int eval_list(struct eval *ev, const struct expr_step *s, struct eval_set *set,
	      struct err *err)
{
	static const char *const heads[] = {"list_head", "hlist_head"};
	_cleanup_free_ struct list *lists =
		calloc(set->v.n + 1, sizeof(*lists));
	struct kernel *k = ev->guest->kernel;
	struct eval_set out = {.many = true};
	struct btf_place place = {0};
	size_t i, hlist = 0;
	uint32_t type = 0;
	int rc = eval_struct_of(ev, s, &type, &place, err);

	if (!lists)
		return err_nomem(err);
	if (!rc)
		rc = eval_heads(ev, s, set, heads, &hlist, err);
	if (rc)
		return rc;
	for (i = 0; i < set->v.n; i++) {
		lists[i].head = set->v.v[i].lost ? 0 : set->v.v[i].number;
		lists[i].most = EVAL_MAX_VALUES;
		lists[i].packed = btf_size(&ev->made.btf, type) <= PACKED_MOST;
	}
	if (!hlist && list_is_of_tasks(s))
		rc = list_fetch_tasks(ev, type, (uint32_t)place.offset, err);
	if (!rc)
		rc = hlist ? hlists_read(k, lists, set->v.n, err)
			   : lists_read(k, lists, set->v.n, err);
	for (i = 0; i < set->v.n; i++) {
		const struct list *l = &lists[i];
		const struct eval_found found = {
			"list",	      l->head, l->links.v, l->links.n, type,
			place.offset, l->cut,  l->torn,	   l->torn_at};

		if (!rc && eval_push(ev, &found, set->v.v[i].cpu, &out))
			rc = err_nomem(err);
		list_deinit(&lists[i]);
	}
	vec_deinit(&set->v);
	*set = out;
	return rc;
}

/* Pointers to the tasks of PIDs. */
int eval_task(struct eval *ev, const struct expr_step *s, struct eval_set *set,
	      struct err *err)
{
	static const char name[] = "struct task_struct";
	const struct expr_step of = {.of = {name, sizeof(name) - 1},
				     .stars = 1};
	struct task task = {0};
	uint32_t type = 0;
	int rc = eval_load(ev, set, err);

	if (!rc && (set->v.n != 1 || set->v.v[0].is_place ||
		    set->v.v[0].number > UINT32_MAX))
		rc = err_set(err, ERR_REFUSED, "%.*s is no PID",
			     EVAL_TEXT(s->operand));
	if (!rc)
		rc = task_find(ev->guest->kernel, (uint32_t)set->v.v[0].number,
			       &task, err);
	if (!rc)
		rc = eval_find_type(ev, &of, &type, err);
	if (!rc)
		set->v.v[0] = (struct eval_value){
			.type = type, .number = task.addr, .cpu = -1};
	return rc;
}
