/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads BPF links, and the programs that they attach. */
#include "kernel/fs/bpf_link.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/fs/bpf_link_target.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TYPE = WANTS_OF(READER_BPF_LINK),
	FIELD_ID,
	FIELD_OPS,
	FIELD_PROG,
	FIELD_FLAGS,
	FIELD_OPS_SHOW
};

static const struct want want_table[] = {
	FIELD(TYPE, "bpf_link", REQUIRED, "type"),
	FIELD(ID, "bpf_link", REQUIRED, "id"),
	FIELD(OPS, "bpf_link", REQUIRED, "ops"),
	FIELD(PROG, "bpf_link", REQUIRED, "prog"),
	FIELD(FLAGS, "bpf_link", OPTIONAL, "flags"), /* 7.2 */
	FIELD(OPS_SHOW, "bpf_link_ops", REQUIRED, "show_fdinfo"),
};

const struct wants bpf_link_wants = {
	.reader = "BPF links", .v = want_table, .n = WANTS_N(want_table)};

#define NAMES_MAX 64

/* The kernel's own names of n types: bpf_link_type_strs[], up to the next
 * symbol. */
struct link_names {
	size_t n;
	char v[NAMES_MAX][BPF_LINK_TEXT];
};

static int links_read_names(struct kernel *k, struct link_names *names,
			    struct err *err)
{
	uint64_t at, next;

	if (!profile_symbol(k->profile, "bpf_link_type_strs", &at) ||
	    !profile_next_symbol(k->profile, at, &next))
		return 0;
	names->n = (next - at) / 8;
	if (names->n > NAMES_MAX)
		names->n = NAMES_MAX;
	return records_string_array(k, "bpf_link_type_strs", names->n,
				    BPF_LINK_TEXT, names->v[0], err);
}

/* Probes of many functions at once: in 7.2 they are called by flags. */
#define LINK_KPROBE_MULTI 8
#define LINK_UPROBE_MULTI 12

static bool link_by_flags(const struct profile *p, uint32_t type)
{
	return profile_field(p, FIELD_FLAGS)->present &&
	       (type == LINK_KPROBE_MULTI || type == LINK_UPROBE_MULTI);
}

struct links_work {
	struct kernel *k;
	size_t n;
	struct bpf_link *out;
	uint64_t *ops;	 /* of each; then the function that shows it */
	uint64_t *progs; /* of each; 0: none */
	struct link_names names;
};

static int links_read_own(struct links_work *w, const uint64_t *addrs,
			  struct err *err)
{
	static const uint32_t own[] = {FIELD_TYPE, FIELD_ID, FIELD_OPS,
				       FIELD_PROG};
	_cleanup_(records_deinit) struct records r = {0};
	const struct link_names *names = &w->names;
	size_t i;
	int rc = records_read(w->k, addrs, w->n, own, WANTS_N(own), &r, err);

	for (i = 0; i < w->n && !rc; i++) {
		struct bpf_link *l = &w->out[i];

		l->type = (uint32_t)records_u64(&r, i, FIELD_TYPE);
		l->id = (uint32_t)records_u64(&r, i, FIELD_ID);
		l->known = r.ok[i] && names->n &&
			   !link_by_flags(w->k->profile, l->type);
		if (l->type < names->n)
			memcpy(l->name, names->v[l->type], BPF_LINK_TEXT);
		w->ops[i] = records_u64(&r, i, FIELD_OPS);
		w->progs[i] = records_u64(&r, i, FIELD_PROG);
		l->has_prog = w->progs[i] != 0;
	}
	return rc;
}

static int links_read_show(struct links_work *w, struct err *err)
{
	static const uint32_t show[] = {FIELD_OPS_SHOW};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(w->k, w->ops, w->n, show, 1, &r, err);

	for (i = 0; i < w->n && !rc; i++) {
		w->out[i].known &= r.ok[i];
		w->ops[i] = records_u64(&r, i, FIELD_OPS_SHOW);
	}
	return rc;
}

static int links_read_progs(struct links_work *w, struct err *err)
{
	_cleanup_(bpf_progs_deinit) struct bpf_progs progs = {0};
	size_t i;
	int rc = bpf_progs_read(w->k, w->progs, w->n, &progs, err);

	for (i = 0; i < w->n && !rc; i++) {
		w->out[i].prog = progs.v[i];
		w->out[i].known &= progs.v[i].known || !w->progs[i];
	}
	return rc;
}

int bpf_links_read(struct kernel *k, const uint64_t *addrs, size_t n,
		   struct bpf_links *out, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(2 * n + 1, sizeof(*at));
	struct links_work w = {.k = k, .n = n};
	size_t i;
	int rc;

	*out = (struct bpf_links){.v = calloc(n + 1, sizeof(*out->v))};
	if (!at || !out->v)
		return err_nomem(err);
	bpf_link_form(k->profile, out);
	w.out = out->v;
	w.ops = at;
	w.progs = at + n;
	rc = links_read_names(k, &w.names, err);
	if (!rc)
		rc = links_read_own(&w, addrs, err);
	if (!rc)
		rc = links_read_show(&w, err);
	if (!rc)
		rc = bpf_link_targets_read(k, addrs, w.ops, n, w.out, err);
	if (!rc)
		rc = links_read_progs(&w, err);
	for (i = 0; i < n; i++)
		if (rc || !out->v[i].known)
			out->v[i] = (struct bpf_link){0};
	return rc;
}

void bpf_links_deinit(struct bpf_links *l)
{
	free(l->v);
	*l = (struct bpf_links){0};
}
