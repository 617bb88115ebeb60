/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols that expressions name: variables whose types are known, addresses. */
#include "guest/eval_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "guest/lookup.h"
#include "kernel/percpu.h"
#include "types/known_types.h"

/* Only the name is known: its address. */
static int push_address(struct eval *ev, uint64_t va, struct eval_set *set,
			struct err *err)
{
	uint32_t type = made_pointer(&ev->made, 0);

	if (!type || vec_push(&set->v, {.type = type, .number = va, .cpu = -1}))
		return err_nomem(err);
	return 0;
}

/* Each CPU's variable; type 0: it is not known, so their addresses. */
static int push_cpus(struct eval *ev, const char *name, uint32_t type,
		     uint64_t va, struct eval_set *set, struct err *err)
{
	bool is_place = type != 0;
	_cleanup_free_ uint64_t *offsets = NULL;
	size_t n = 0, i;
	int rc = percpu_offsets(ev->guest->kernel, &offsets, &n, err);

	if (rc)
		return rc;
	if (!n)
		return err_set(
			err, ERR_NOT_FOUND,
			"'%s' is a variable of each CPU, and where these "
			"are is not known",
			name);
	if (ev->has_cpu && ev->cpu >= n)
		return err_set(err, ERR_NOT_FOUND,
			       "no CPU %u: the kernel has %zu", ev->cpu, n);
	if (!is_place)
		type = made_pointer(&ev->made, 0);
	if (!type)
		return err_nomem(err);
	set->many = !ev->has_cpu && n > 1;
	for (i = 0; i < n; i++)
		if ((!ev->has_cpu || ev->cpu == i) &&
		    vec_push(&set->v, {.type = type,
				       .is_place = is_place,
				       .number = va + offsets[i],
				       .cpu = (int32_t)i}))
			return err_nomem(err);
	return 0;
}

/* An array tells its length where it is a string; 0: it does not. */
static uint32_t string_bytes(struct eval *ev, uint64_t va, uint64_t room)
{
	char text[1024];
	size_t len = room < sizeof(text) ? room : sizeof(text), n;

	if (kernel_read(ev->guest->kernel, va, text, len, NULL))
		return 0;
	n = strnlen(text, len);
	return n < len ? (uint32_t)n + 1 : 0;
}

/* By its shape, from the type outwards. */
static int shape_type(struct eval *ev, const char *shape, uint64_t va,
		      uint64_t room, uint32_t *type)
{
	const struct btf *b = &ev->made.btf;

	for (; *shape; shape++) {
		bool chars = btf_size(b, *type) == 1;

		if (*shape == '*')
			*type = made_pointer(&ev->made, *type);
		else if (*shape == '[')
			*type = made_array(&ev->made, *type,
					   chars ? string_bytes(ev, va, room)
						 : 0);
		else
			continue;
		if (!*type)
			return ERR_NOMEM;
	}
	return 0;
}

/* Some kernels have no types of them (docs/facts/debuggers.md, "Types of
 * globals"). */
static bool is_per_cpu(const struct eval *ev, uint64_t va)
{
	const struct profile *p = ev->guest->kernel->profile;
	uint64_t start, end;

	return profile_symbol(p, "__per_cpu_start", &start) &&
	       profile_symbol(p, "__per_cpu_end", &end) && va >= start &&
	       va < end;
}

/* What is known of a symbol's type. */
struct typed_name {
	uint32_t type; /* 0: nothing */
	bool per_cpu;
};

/* With what its shape makes of it. */
static int known_type(struct eval *ev, const char *name, uint64_t va,
		      struct typed_name *typed, struct err *err)
{
	const struct btf *b = &ev->types->kernel;
	uint64_t next, room = 0;
	const struct known_type *t;
	struct known_types known;
	int rc = known_types_init(&known, b, name);

	if (profile_next_symbol(ev->guest->kernel->profile, va, &next))
		room = next - va;
	t = rc ? NULL : known_types_find(&known, name);
	*typed = (struct typed_name){0};
	if (t && known_type_fits(t, b, room)) {
		typed->type = t->type;
		typed->per_cpu = t->per_cpu;
		rc = shape_type(ev, t->shape, va, room, &typed->type);
	}
	known_types_deinit(&known);
	return rc ? err_nomem(err) : 0;
}

static int push_symbol(struct eval *ev, const char *name, const char *module,
		       struct eval_set *set, struct err *err)
{
	struct symbols *symbols = &ev->guest->symbols;
	struct typed_name typed = {0};
	struct symbols_named found;
	uint64_t va;
	bool only;
	int rc = lookup_symbol(symbols, name, module, &va, err);

	if (!rc)
		rc = symbols_named(symbols, name, module, &found, err);
	if (rc)
		return rc;
	only = found.n == 1 && !found.v[0].module &&
	       !strcmp(found.v[0].name, name);
	if (only)
		rc = known_type(ev, name, va, &typed, err);
	if (rc)
		return rc;
	if (typed.per_cpu || (only && !typed.type && is_per_cpu(ev, va)))
		return push_cpus(ev, name, typed.type, va, set, err);
	if (!typed.type)
		return push_address(ev, va, set, err);
	if (vec_push(&set->v, {.type = typed.type,
			       .is_place = true,
			       .number = va,
			       .cpu = -1}))
		return err_nomem(err);
	return 0;
}

int eval_name(struct eval *ev, const struct expr_step *s, struct eval_set *set,
	      struct err *err)
{
	_cleanup_free_ char *name = strndup(s->name.at, s->name.len);
	_cleanup_free_ char *module =
		s->of.len ? strndup(s->of.at, s->of.len) : NULL;

	if (!name || (s->of.len && !module))
		return err_nomem(err);
	return push_symbol(ev, name, module, set, err);
}
