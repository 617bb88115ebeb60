/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the values of sysctls: a table of handlers says what lies there. */
#include "kernel/sysctl/sysctl_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/clock.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/sysctl/sysctl_handlers.h"
#include "kernel/sysctl/sysctl_made.h"
#include "walk/space.h"

/* What is wanted of the types. */
enum {
	FIELD_NET_PORTS = WANTS_OF(READER_SYSCTL_VALUE)
};

static const struct want want_table[] = {
	FIELD(NET_PORTS, "net", OPTIONAL, "ipv4.ip_local_ports.range"),
};

const struct wants sysctl_value_wants = {.reader = "values of sysctls",
					 .v = want_table,
					 .n = WANTS_N(want_table)};

/* Variables of the initial namespace of a kind, and of the one that is read
 * for. */
struct sysctl_space {
	uint64_t initial, at; /* 0: not known */
};

#define SPACE_BYTES 0x10000 /* more than a struct ipc_namespace has */

/* The namespace's own in place of what the table tells; from 5.19 on tables of
 * IPC are the namespace's own already. */
static uint64_t sysctl_shift(const struct sysctl_space *s, uint64_t data)
{
	if (!s->initial || !s->at || data - s->initial >= SPACE_BYTES)
		return data;
	return data - s->initial + s->at;
}

static struct sysctl_space sysctl_space(struct kernel *k, const char *symbol,
					uint64_t at)
{
	struct sysctl_space s = {.at = at};

	profile_symbol(k->profile, symbol, &s.initial);
	return s;
}

struct sysctl_reading {
	struct kernel *k;
	struct sysctl_space spaces[OF_IPC + 1]; /* by enum sysctl_of */
	struct space_read *reads;
	size_t bytes;
};

/* Where a value lies, and how it is shown. */
struct sysctl_source {
	enum sysctl_kind kind;
	uint64_t va;
	size_t len;
};

/* Two numbers: in two ints that the table tells, whatever it says of their
 * length, or in one that it does not. */
static void sysctl_find_ports(struct kernel *k, const struct sysctl *s,
			      enum sysctl_of of, struct sysctl_source *out)
{
	const struct profile_field *ports =
		profile_field(k->profile, FIELD_NET_PORTS);

	out->len = 8;
	if (of != OF_NET || s->maxlen)
		return;
	if (!ports->present || ports->size != 4)
		out->kind = SYSCTL_MADE;
	out->va = s->data + ports->offset;
	out->len = 4;
}

static bool sysctl_ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcmp(name + n - m, end);
}

static void sysctl_find_source(const struct sysctl_reading *r,
			       const struct sysctl *s, const char *name,
			       const char *handler, struct sysctl_source *out)
{
	const struct sysctl_handler *h = sysctl_handler_find(handler);
	const struct sysctl_variable *v;
	uint64_t va;

	if (!h) {
		v = sysctl_variable_find(r->k, handler, &va);
		if (v)
			*out = (struct sysctl_source){v->kind, va, v->bytes};
		return;
	}
	*out = (struct sysctl_source){
		h->kind,
		h->of <= OF_IPC ? sysctl_shift(&r->spaces[h->of], s->data)
				: s->data,
		s->data ? s->maxlen : 0};
	if (h->kind == SYSCTL_KEY)
		out->len = 4;
	/* some were ints up to 5.12 */
	if (h->kind == SYSCTL_U8 && out->len == 4)
		out->kind = SYSCTL_INT;
	if (h->kind == SYSCTL_PORTS)
		sysctl_find_ports(r->k, s, h->of, out);
	if (h->of == OF_NAME && sysctl_ends_in(name, "_ms"))
		out->kind = SYSCTL_JIFFIES_MS;
	else if (h->of == OF_NAME && sysctl_ends_in(name, "_reachable_time"))
		out->kind = SYSCTL_JIFFIES;
}

/* What one is, and its read, of which dst is where in the bytes. */
static void sysctl_plan(struct sysctl_reading *r, const struct sysctls *s,
			size_t i, struct sysctl_value *v)
{
	struct sysctl_source from = {.kind = SYSCTL_MADE};

	if (v->handler)
		sysctl_find_source(r, &s->v.v[i], sysctl_name(s, i), v->handler,
				   &from);
	if (!(s->v.v[i].mode & 0444))
		from.kind = SYSCTL_WRITE_ONLY;
	v->kind = from.kind;
	if (v->kind < SYSCTL_INT)
		return;
	if (!from.len || from.len > SYSCTL_BYTES_MAX ||
	    from.len > SYSCTL_BYTES_MAX_ALL - r->bytes) {
		v->kind = from.len ? SYSCTL_UNREADABLE : SYSCTL_EMPTY;
		return;
	}
	v->at = r->bytes;
	v->len = from.len;
	r->bytes += from.len;
	r->reads[i] = (struct space_read){
		.root = &r->k->root, .va = from.va, .len = from.len};
}

bool sysctl_is_read(enum sysctl_kind kind, const struct space_read *read)
{
	return read->got == read->len ||
	       (kind == SYSCTL_STRING && memchr(read->dst, '\0', read->got));
}

static int sysctl_read_bytes(struct sysctl_reading *r, const struct sysctls *s,
			     struct sysctl_values *out, struct err *err)
{
	size_t i;
	int rc;

	out->bytes = calloc(r->bytes + 1, 1);
	if (!out->bytes)
		return err_nomem(err);
	for (i = 0; i < s->v.n; i++)
		if (r->reads[i].len)
			r->reads[i].dst = out->bytes + out->v[i].at;
	rc = space_read(r->k->machine, r->reads, s->v.n, err);
	for (i = 0; i < s->v.n && !rc; i++)
		if (!sysctl_is_read(out->v[i].kind, &r->reads[i]))
			out->v[i].kind = SYSCTL_UNREADABLE;
	return rc;
}

/* The names of their handlers: each that there is, once. */
static int sysctl_name_handlers(struct kernel *k, const struct sysctls *s,
				struct sysctl_values *out, struct symbol *names,
				struct err *err)
{
	_cleanup_free_ uint64_t *vas = calloc(s->v.n + 1, sizeof(*vas));
	size_t i;

	symbols_init(&out->symbols, k);
	if (!vas)
		return err_nomem(err);
	for (i = 0; i < s->v.n; i++)
		vas[i] = s->v.v[i].handler;
	return symbols_at(&out->symbols, vas, s->v.n, names, err);
}

int sysctl_values_read(struct kernel *k, const struct sysctls *s,
		       const struct task_ns *ns, struct sysctl_values *out,
		       struct err *err)
{
	struct sysctl_reading r = {
		.k = k,
		.spaces = {[OF_UTS] = sysctl_space(k, "init_uts_ns",
						   ns->at[TASK_NS_UTS]),
			   [OF_IPC] = sysctl_space(k, "init_ipc_ns",
						   ns->at[TASK_NS_IPC])}};
	_cleanup_free_ struct space_read *reads =
		calloc(s->v.n + 1, sizeof(*reads));
	_cleanup_free_ struct symbol *names =
		calloc(s->v.n + 1, sizeof(*names));
	size_t i;
	int rc;

	*out = (struct sysctl_values){0};
	out->v = calloc(s->v.n + 1, sizeof(*out->v));
	if (!out->v || !reads || !names)
		return err_nomem(err);
	r.reads = reads;
	rc = sysctl_name_handlers(k, s, out, names, err);
	for (i = 0; i < s->v.n && !rc; i++) {
		out->v[i].handler = names[i].offset ? NULL : names[i].name;
		sysctl_plan(&r, s, i, &out->v[i]);
	}
	if (!rc)
		rc = kernel_hz(k, &out->hz, err);
	if (!rc)
		rc = sysctl_read_bytes(&r, s, out, err);
	if (!rc)
		rc = sysctl_made_read(k, s, ns, out, err);
	if (!rc)
		rc = sysctl_lists_read(k, s, out, err);
	return rc ? rc : sysctl_sums_read(k, s, out, err);
}

void sysctl_values_deinit(struct sysctl_values *v)
{
	if (v->v)
		symbols_deinit(&v->symbols);
	free(v->v);
	free(v->bytes);
	buf_deinit(&v->made);
	*v = (struct sysctl_values){0};
}
