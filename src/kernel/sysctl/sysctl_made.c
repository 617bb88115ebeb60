/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what functions of the kernel's make values of, all in step. */
#include "kernel/sysctl/sysctl_made.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/vec.h"
#include "kernel/limits.h"
#include "kernel/percpu.h"
#include "kernel/sysctl/sysctl_recipes.h"
#include "kernel/variables.h"
#include "walk/space.h"

/* A sysctl whose value is being made. */
struct made_item {
	size_t sysctl;
	const struct sysctl_recipe *r;
	uint64_t at;   /* where it has come to; 0: it ended at a NULL */
	uint32_t skip; /* beside the first member */
	size_t len, to;
	bool lost;
};

/* What some recipes want beside. */
enum {
	VARIABLE_CPUS,
	VARIABLE_HSTATE,
	VARIABLE_ALWAYS,
	VARIABLES
};

struct made_work {
	struct kernel *k;
	const struct sysctls *s;
	const struct task_ns *ns;
	struct sysctl_values *out;
	struct variable variables[VARIABLES];
	uint64_t initial_net;
	VEC(struct made_item) v;
	struct space_read *reads;
	uint8_t (*pointers)[8];
	uint8_t *bytes; /* of all that are whole */
	size_t n_bytes;
};

static void made_work_deinit(struct made_work *w)
{
	vec_deinit(&w->v);
	free(w->reads);
	free(w->pointers);
	free(w->bytes);
}

int sysctl_made_set(struct sysctl_values *out, size_t i, enum sysctl_kind kind,
		    const void *bytes, size_t n)
{
	struct sysctl_value *v = &out->v[i];

	if (n > SYSCTL_BYTES_MAX_ALL - out->made.len) {
		v->kind = SYSCTL_UNREADABLE;
		return 0;
	}
	v->kind = kind;
	v->made = true;
	v->at = out->made.len;
	v->len = n;
	buf_add(&out->made, bytes, n);
	return out->made.oom ? ERR_NOMEM : 0;
}

/* Which logger a sysctl is of: "net/netfilter/nf_log/3". */
static bool made_logger(const struct made_work *w, const char *name,
			uint32_t *skip)
{
	const char *last = strrchr(name, '/');
	char *end;
	unsigned long nr = last ? strtoul(last + 1, &end, 10) : 0;

	if (!last || !last[1] || *end ||
	    nr >= sysctl_recipe_loggers(w->k->profile))
		return false;
	*skip = (uint32_t)nr * 8;
	return true;
}

#define HSTATES_MAX 16u

/* Where a recipe begins; 0: that is not known. */
static uint64_t made_base(const struct made_work *w, struct made_item *item)
{
	static const char *const caps[] = {NULL, "usermodehelper_bset",
					   "usermodehelper_inheritable"};
	const struct sysctl *s = &w->s->v.v[item->sysctl];
	const struct variable *nr = &w->variables[VARIABLE_HSTATE];
	uint64_t at = 0;

	switch (item->r->base) {
	case BASE_DATA:
		return s->data;
	case BASE_SYMBOL:
		profile_symbol(w->k->profile, item->r->symbol, &at);
		return at;
	case BASE_CAPS: /* a number up to 6.2 */
		if (s->data > 2)
			return s->data;
		if (s->data)
			profile_symbol(w->k->profile, caps[s->data], &at);
		return at;
	case BASE_HSTATE:
		if (nr->known && nr->value < HSTATES_MAX &&
		    profile_symbol(w->k->profile, "hstates", &at))
			at += nr->value * sysctl_recipe_hstate(w->k->profile);
		return at;
	case BASE_LOGGERS:
		if (!made_logger(w, sysctl_name(w->s, item->sysctl),
				 &item->skip))
			return 0;
		return w->ns->at[TASK_NS_NET];
	case BASE_NOTHING:
		return 0;
	case BASE_NET:
		return w->ns->at[TASK_NS_NET];
	default:
		return w->ns->at[TASK_NS_PID];
	}
}

/* The length that leaves less than a line of caches to the next variable. */
static size_t made_key_length(const struct made_work *w, uint64_t at)
{
	static const size_t lengths[] = {52, 256};
	uint64_t next;
	size_t i;

	if (!profile_next_symbol(w->k->profile, at, &next))
		return 0;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (next - at >= lengths[i] && next - at < lengths[i] + 64)
			return lengths[i];
	return 0;
}

/* How many bytes its value has; 0: that is not known. */
static size_t made_length(const struct made_work *w,
			  const struct made_item *item)
{
	uint32_t bits;

	switch (item->r->bytes) {
	case BYTES_OF_TABLE:
		bits = w->s->v.v[item->sysctl].maxlen;
		break;
	case BYTES_OF_KEY:
		return made_key_length(w, item->at);
	case BYTES_OF_CPUS:
		bits = w->out->cpus;
		break;
	default:
		return item->r->bytes;
	}
	return bits <= SYSCTL_BYTES_MAX * 8 ? (bits + 63) / 64 * 8 : 0;
}

/* Those that there is a recipe for. */
static int made_plan(struct made_work *w)
{
	size_t i;

	for (i = 0; i < w->s->v.n; i++) {
		const struct sysctl_value *v = &w->out->v[i];
		struct made_item item = {.sysctl = i};

		if (v->kind != SYSCTL_MADE || !v->handler)
			continue;
		item.r = sysctl_recipe_find(w->k->profile, v->handler);
		if (!item.r)
			continue;
		item.at = made_base(w, &item);
		item.len = made_length(w, &item);
		if ((!item.at && item.r->base != BASE_NOTHING) || !item.len ||
		    item.len > SYSCTL_BYTES_MAX_ALL - w->n_bytes)
			continue;
		item.to = w->n_bytes;
		w->n_bytes += item.len;
		if (vec_push(&w->v, item))
			return ERR_NOMEM;
	}
	w->reads = calloc(w->v.n + 1, sizeof(*w->reads));
	w->pointers = calloc(w->v.n + 1, sizeof(*w->pointers));
	w->bytes = calloc(w->n_bytes + 1, 1);
	return w->reads && w->pointers && w->bytes ? 0 : ERR_NOMEM;
}

/* Follow the hop of that number of all that have it: one batch. */
static int made_follow(struct made_work *w, size_t hop, struct err *err)
{
	size_t i;
	int rc;

	memset(w->reads, 0, w->v.n * sizeof(*w->reads));
	for (i = 0; i < w->v.n; i++) {
		const struct made_item *item = &w->v.v[i];
		uint32_t member = item->r->hops[hop];

		if (!member || !item->at || item->lost)
			continue;
		w->reads[i] = (struct space_read){
			.root = &w->k->root,
			.va = item->at + (hop ? 0 : item->skip) +
			      sysctl_recipe_offset(w->k->profile, member),
			.dst = w->pointers[i],
			.len = sizeof(w->pointers[i])};
	}
	rc = space_read(w->k->machine, w->reads, w->v.n, err);
	for (i = 0; i < w->v.n && !rc; i++) {
		if (!w->reads[i].len)
			continue;
		w->v.v[i].lost = w->reads[i].got < w->reads[i].len;
		w->v.v[i].at = le64(w->pointers[i]);
	}
	return rc;
}

/* What they have come to: one batch. */
static int made_read_bytes(struct made_work *w, struct err *err)
{
	size_t i;
	int rc;

	memset(w->reads, 0, w->v.n * sizeof(*w->reads));
	for (i = 0; i < w->v.n; i++) {
		const struct made_item *item = &w->v.v[i];

		if (!item->at || item->lost)
			continue;
		w->reads[i] = (struct space_read){
			.root = &w->k->root,
			.va = item->at + sysctl_recipe_offset(w->k->profile,
							      item->r->last),
			.dst = w->bytes + item->to,
			.len = item->len};
	}
	rc = space_read(w->k->machine, w->reads, w->v.n, err);
	for (i = 0; i < w->v.n && !rc; i++)
		w->v.v[i].lost |=
			!sysctl_is_read(w->v.v[i].r->kind, &w->reads[i]);
	return rc;
}

/* Clear the bits behind the last one of a bitmap. */
static void made_cut(const struct made_work *w, const struct made_item *item)
{
	uint8_t *at = w->bytes + item->to;
	size_t bits = item->r->bytes == BYTES_OF_TABLE
			      ? w->s->v.v[item->sysctl].maxlen
			      : w->out->cpus;

	if (bits % 8)
		at[bits / 8] &= (uint8_t)((1u << bits % 8) - 1);
	bits = (bits + 7) / 8;
	memset(at + bits, 0, item->len - bits);
}

/* What becomes of the bytes: their kind then. */
static enum sysctl_kind made_fix(const struct made_work *w,
				 struct made_item *item)
{
	const struct sysctl_recipe *r = item->r;
	uint8_t *at = w->bytes + item->to;
	uint32_t value = item->len >= 4 ? le32(at) : 0;

	switch (r->fix) {
	case FIX_ADD:
		le_store(at, value + (uint32_t)r->arg, 4);
		return r->kind;
	case FIX_OWN:
		le_store(at, value + (uint32_t)r->arg, 4);
		return w->ns->at[TASK_NS_NET] == w->initial_net ? r->kind
								: SYSCTL_MADE;
	case FIX_BITS:
		le_store(at, (value & (uint32_t)r->arg) != 0, 4);
		return r->kind;
	case FIX_TRUE:
		if (w->variables[VARIABLE_ALWAYS].value)
			le_store(at, 1, 4);
		return w->variables[VARIABLE_ALWAYS].known ? r->kind
							   : SYSCTL_MADE;
	case FIX_QLEN:
		value = (uint32_t)((int32_t)value /
				   (int32_t)sysctl_recipe_packet(
					   w->k->profile));
		le_store(at, value, 4);
		return r->kind;
	case FIX_MADE:
		return SYSCTL_MADE;
	case FIX_UUID: /* its version is in byte 6, its variant in 8 */
		return at[8] ? r->kind : SYSCTL_MADE;
	case FIX_SECRET:
		if (!at[0])
			return SYSCTL_UNSET;
		memmove(at, at + 4, 16);
		item->len = 16;
		return r->kind;
	default:
		if (r->kind == SYSCTL_BITMAP || r->kind == SYSCTL_MASK)
			made_cut(w, item);
		return r->kind;
	}
}

static int made_take(const struct made_work *w, struct made_item *item)
{
	static const char none[] = "NONE";
	struct sysctl_value *v = &w->out->v[item->sysctl];
	enum sysctl_kind kind = item->r->kind;

	if (item->lost || (!item->at && item->r->null == NULL_LOST)) {
		v->kind = SYSCTL_UNREADABLE;
		return 0;
	}
	if (!item->at && item->r->null == NULL_NONE)
		return sysctl_made_set(w->out, item->sysctl, kind, none,
				       sizeof(none));
	if (!item->at && item->r->null == NULL_EMPTY)
		kind = SYSCTL_EMPTY;
	else if (item->at)
		kind = made_fix(w, item);
	if (kind < SYSCTL_INT || kind == SYSCTL_UNSET) {
		v->kind = kind;
		return 0;
	}
	return sysctl_made_set(w->out, item->sysctl, kind, w->bytes + item->to,
			       item->len);
}

int sysctl_made_read(struct kernel *k, const struct sysctls *s,
		     const struct task_ns *ns, struct sysctl_values *out,
		     struct err *err)
{
	_cleanup_(made_work_deinit) struct made_work w = {
		.k = k,
		.s = s,
		.ns = ns,
		.out = out,
		.variables = {
			[VARIABLE_CPUS] = {.name = "nr_cpu_ids", .size = 4},
			[VARIABLE_HSTATE] = {.name = "default_hstate_idx",
					     .size = 4},
			[VARIABLE_ALWAYS] = {.name = "sysrq_always_enabled",
					     .size = 1}}};
	size_t i;
	int rc = variables_read(k, w.variables, VARIABLES, err);

	if (rc)
		return rc;
	if (w.variables[VARIABLE_CPUS].value <= PERCPU_MAX)
		out->cpus = (uint32_t)w.variables[VARIABLE_CPUS].value;
	profile_symbol(k->profile, "init_net", &w.initial_net);
	if (made_plan(&w))
		return err_nomem(err);
	for (i = 0; i < SYSCTL_HOPS && !rc; i++)
		rc = made_follow(&w, i, err);
	if (!rc)
		rc = made_read_bytes(&w, err);
	for (i = 0; i < w.v.n && !rc; i++)
		if (made_take(&w, &w.v.v[i]))
			rc = err_nomem(err);
	return rc;
}
