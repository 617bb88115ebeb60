/* SPDX-License-Identifier: BSD-2-Clause */
/* The types of a guest: its kernel's, and those that modules brought. */
#include "guest/types.h"

#include <string.h>

#include "base/nearest.h"
#include "kernel/list.h"
#include "profile/listing.h"
#include "types/members.h"

int guest_types_open(struct guest_types *t, struct guest *g, struct err *err)
{
	const uint8_t *btf;
	size_t len;
	int rc = profile_btf(g->profile, &btf, &len, err);

	if (!rc)
		rc = btf_init(&t->kernel, btf, len, err);
	if (!rc)
		t->signs = members_enums_tell(&t->kernel);
	return rc;
}

/* A module's, which are checked. */
static int take_split(struct guest_types *t, const struct btf_module *m,
		      struct err *err)
{
	struct guest_module_types split = {
		.name = t->modules.list.v[m->module].name};
	struct err why = {0};
	int rc = btf_check_base(&t->kernel, m->start_id, m->start_string, &why);

	if (!rc)
		rc = btf_init_split(&split.btf, &t->kernel, m->blob, m->len,
				    &why);
	if (rc == ERR_NOMEM)
		return err_nomem(err);
	if (rc) {
		remarks_add(&t->remarks,
			    "the types of module %s are left out: %s",
			    split.name, why.text);
		return 0;
	}
	if (vec_push(&t->split, split)) {
		btf_deinit(&split.btf);
		return err_nomem(err);
	}
	return 0;
}

int guest_types_read_modules(struct guest_types *t, struct guest *g,
			     struct err *err)
{
	struct list lists[2] = {0};
	size_t i;
	int rc;

	if (t->modules_read)
		return 0;
	t->modules_read = true;
	t->modules_known = modules_list(g->kernel, &lists[0]) &&
			   btf_modules_list(g->kernel, &lists[1]);
	if (!t->modules_known)
		return 0;
	rc = lists_read(g->kernel, lists, 2, err);
	if (!rc)
		rc = modules_read(g->kernel, &lists[0], &t->modules,
				  &t->remarks, err);
	if (!rc)
		rc = btf_modules_read(g->kernel, &lists[1], &t->modules,
				      &t->blobs, &t->remarks, err);
	for (i = 0; i < 2; i++)
		list_deinit(&lists[i]);
	for (i = 0; i < t->blobs.list.n && !rc; i++)
		rc = take_split(t, &t->blobs.list.v[i], err);
	return rc;
}

static void types_try_names(struct nearest *near, const struct btf *b)
{
	struct btf_type t;
	uint32_t id;

	for (id = b->first_id; id < btf_end(b); id++)
		if (btf_type(b, id, &t) && types_named_kind(&t))
			nearest_try(near, t.name);
}

int guest_types_missing(const struct guest_types *t, const struct profile *p,
			const char *name, const char *module, struct err *err)
{
	const char *word = strrchr(name, ' ');
	struct nearest near = {.word = word ? word + 1 : name};
	bool is_module = !module;
	size_t i;

	near.len = strlen(near.word);
	if (!module)
		types_try_names(&near, &t->kernel);
	for (i = 0; i < t->split.n; i++) {
		if (module && strcmp(module, t->split.v[i].name) != 0)
			continue;
		is_module = true;
		types_try_names(&near, &t->split.v[i].btf);
	}
	if (!is_module)
		return err_set(err, ERR_NOT_FOUND,
			       "no module '%s' that has types of its own",
			       module);
	if (!t->modules_known)
		return err_set(err, ERR_NOT_FOUND,
			       "no type '%s' (not looked at those of modules, "
			       "which are kept %s)%s%s%s",
			       name, profile_keeps(p),
			       near.name ? ": did you mean " : "",
			       near.name ? near.name : "",
			       near.name ? "?" : "");
	return err_set(err, ERR_NOT_FOUND,
		       "no type '%s' (looked at the kernel's and those of %zu "
		       "modules)%s%s%s",
		       name, t->split.n, near.name ? ": did you mean " : "",
		       near.name ? near.name : "", near.name ? "?" : "");
}

void guest_types_deinit(struct guest_types *t)
{
	size_t i;

	for (i = 0; i < t->split.n; i++)
		btf_deinit(&t->split.v[i].btf);
	vec_deinit(&t->split);
	btf_deinit(&t->kernel);
	btf_modules_deinit(&t->blobs);
	modules_deinit(&t->modules);
	remarks_deinit(&t->remarks);
	*t = (struct guest_types){0};
}
