/* SPDX-License-Identifier: BSD-2-Clause */
/* Has options read by whoever knows the module's function that prints them. */
#include "kernel/fs/mount_modules.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/code/module_types.h"
#include "kernel/fs/mount_options.h"

static const struct super_module_kind *const kinds[] = {
	&mount_ext4, &mount_overlay, &mount_autofs, &mount_fuse};

#define KINDS WANTS_N(kinds)

struct modules_work {
	struct kernel *k;
	struct symbols symbols;
	struct symbol *names; /* of each super block's function */
	struct super_group groups[KINDS];
	struct module_types types[KINDS]; /* of groups that are in modules */
	size_t n_types;
};

static void modules_work_deinit(struct modules_work *w)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		free(w->groups[i].v);
		free(w->groups[i].info);
	}
	module_types_deinit(w->types, w->n_types);
	symbols_deinit(&w->symbols);
	free(w->names);
}

/* Which functions are whose. */
static int modules_find_functions(struct modules_work *w,
				  const struct mount_super *v, size_t n,
				  struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	size_t i;

	w->names = calloc(n + 1, sizeof(*w->names));
	if (!at || !w->names)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = v[i].say == MOUNT_UNKNOWN ? v[i].show : 0;
	return symbols_at(&w->symbols, at, n, w->names, err);
}

/* Those of one kind, all in the same module as the first. */
static int modules_group(struct modules_work *w, size_t kind,
			 struct mount_super *v, size_t n)
{
	struct super_group *g = &w->groups[kind];
	size_t i;

	*g = (struct super_group){.k = w->k, .symbols = &w->symbols};
	g->v = calloc(n + 1, sizeof(*g->v));
	g->info = calloc(n + 1, sizeof(*g->info));
	if (!g->v || !g->info)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		const struct symbol *s = &w->names[i];

		if (v[i].say != MOUNT_UNKNOWN || !s->name || s->offset ||
		    strcmp(s->name, kinds[kind]->kind.function) != 0)
			continue;
		if (!g->n)
			g->module = s->module;
		if (s->module != g->module)
			continue;
		g->info[g->n] = v[i].info;
		g->v[g->n++] = &v[i];
	}
	return 0;
}

static int modules_read_types(struct modules_work *w, struct err *err)
{
	size_t at[KINDS], i, number;
	int rc;

	for (i = 0; i < KINDS; i++) {
		at[i] = KINDS;
		if (!w->groups[i].n || !w->groups[i].module)
			continue;
		number = symbols_module(&w->symbols, w->groups[i].module);
		if (number == w->symbols.modules.list.n)
			continue;
		at[i] = w->n_types;
		w->types[w->n_types++] = (struct module_types){
			.module = number, .reader = kinds[i]->reader};
	}
	rc = module_types_read(w->k, &w->symbols.modules, w->types, w->n_types,
			       err);
	for (i = 0; i < KINDS && !rc; i++)
		if (at[i] < KINDS)
			w->groups[i].types = w->types[at[i]].values.v;
	return rc;
}

static int modules_read_kind(struct super_group *g, size_t kind,
			     struct err *err)
{
	bool untyped = g->module && !g->types;
	size_t i;

	for (i = 0; i < g->n; i++)
		g->v[i]->say = untyped ? MOUNT_UNTYPED : MOUNT_SAYS;
	return g->n && !untyped ? kinds[kind]->kind.read(g, err) : 0;
}

int mount_modules_read(struct kernel *k, struct mount_super *v, size_t n,
		       struct err *err)
{
	_cleanup_(modules_work_deinit) struct modules_work w = {.k = k};
	size_t i, some = 0;
	int rc;

	symbols_init(&w.symbols, k);
	for (i = 0; i < n; i++)
		some += v[i].say == MOUNT_UNKNOWN;
	if (!some)
		return 0;
	rc = modules_find_functions(&w, v, n, err);
	for (i = 0; i < KINDS && !rc; i++)
		if (modules_group(&w, i, v, n))
			rc = err_nomem(err);
	if (!rc)
		rc = modules_read_types(&w, err);
	for (i = 0; i < KINDS && !rc; i++)
		rc = modules_read_kind(&w.groups[i], i, err);
	return rc;
}
