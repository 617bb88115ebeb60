/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what BPF links are attached to, step by step. */
#include "kernel/fs/bpf_link_target.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_RAW_MAP = WANTS_OF(READER_BPF_LINK_TARGET),
	FIELD_RAW_COOKIE,
	FIELD_TRACING_TRAMPOLINE,
	FIELD_TRACING_TYPE,
	FIELD_TRACING_COOKIE,
	FIELD_CGROUP,
	FIELD_CGROUP_TYPE,
	FIELD_NETNS,
	FIELD_NETNS_TYPE,
	FIELD_ITER,
	FIELD_XDP_DEV,
	FIELD_TCX_DEV,
	FIELD_TCX_TYPE,
	FIELD_SOCKMAP,
	FIELD_SOCKMAP_TYPE,
	FIELD_STRUCT_OPS,
	FIELD_HOOK_FAMILY,
	FIELD_HOOK_NUMBER,
	FIELD_HOOK_PRIORITY,
	FIELD_RAW_POINT,
	FIELD_POINT_NAME,
	FIELD_TRAMPOLINE_KEY,
	FIELD_CGROUP_NODE,
	FIELD_NODE_ID,
	FIELD_NET_INUM,
	FIELD_ITER_REG,
	FIELD_REG_TARGET,
	FIELD_REG_SHOW,
	FIELD_DEV_INDEX,
	FIELD_MAP_ID,
	FIELD_ATTR_PATH,
	FIELD_INFO_TRACING,
	FIELD_INFO_RAW
};

static const struct want want_table[] = {
	FIELD(RAW_MAP, "bpf_raw_tp_link", OPTIONAL, "btp"),
	FIELD(RAW_COOKIE, "bpf_raw_tp_link", OPTIONAL, "cookie"),
	FIELD(TRACING_TRAMPOLINE, "bpf_tracing_link", OPTIONAL, "trampoline"),
	/* in 7.2 all links have an attach_type */
	FIELD(TRACING_TYPE, "bpf_tracing_link", OPTIONAL,
	      "attach_type|link.link.attach_type"),
	FIELD(TRACING_COOKIE, "bpf_tracing_link", OPTIONAL,
	      "link.node.cookie|link.cookie"),
	FIELD(CGROUP, "bpf_cgroup_link", OPTIONAL, "cgroup"),
	FIELD(CGROUP_TYPE, "bpf_cgroup_link", OPTIONAL,
	      "type|link.attach_type"),
	FIELD(NETNS, "bpf_netns_link", OPTIONAL, "net"),
	FIELD(NETNS_TYPE, "bpf_netns_link", OPTIONAL, "type|link.attach_type"),
	FIELD(ITER, "bpf_iter_link", OPTIONAL, "tinfo"),
	FIELD(XDP_DEV, "bpf_xdp_link", OPTIONAL, "dev"),
	FIELD(TCX_DEV, "tcx_link", OPTIONAL, "dev"),
	FIELD(TCX_TYPE, "tcx_link", OPTIONAL, "location|link.attach_type"),
	FIELD(SOCKMAP, "sockmap_link", OPTIONAL, "map"),
	FIELD(SOCKMAP_TYPE, "sockmap_link", OPTIONAL,
	      "attach_type|link.attach_type"),
	FIELD(STRUCT_OPS, "bpf_struct_ops_link", OPTIONAL, "map"),
	FIELD(HOOK_FAMILY, "bpf_nf_link", OPTIONAL, "hook_ops.pf"),
	FIELD(HOOK_NUMBER, "bpf_nf_link", OPTIONAL, "hook_ops.hooknum"),
	FIELD(HOOK_PRIORITY, "bpf_nf_link", OPTIONAL, "hook_ops.priority"),
	FIELD(RAW_POINT, "bpf_raw_event_map", OPTIONAL, "tp"),
	FIELD(POINT_NAME, "tracepoint", OPTIONAL, "name"),
	FIELD(TRAMPOLINE_KEY, "bpf_trampoline", OPTIONAL, "key"),
	FIELD(CGROUP_NODE, "cgroup", OPTIONAL, "kn"),
	FIELD(NODE_ID, "kernfs_node", OPTIONAL, "id"),
	FIELD(NET_INUM, "net", OPTIONAL, "ns.inum"),
	FIELD(ITER_REG, "bpf_iter_target_info", OPTIONAL, "reg_info"),
	FIELD(REG_TARGET, "bpf_iter_reg", OPTIONAL, "target"),
	FIELD(REG_SHOW, "bpf_iter_reg", OPTIONAL, "show_fdinfo"),
	FIELD(DEV_INDEX, "net_device", OPTIONAL, "ifindex"),
	FIELD(MAP_ID, "bpf_map", OPTIONAL, "id"),
	FIELD(ATTR_PATH, "bpf_attr", OPTIONAL, "path_fd"), /* 6.12 */
	FIELD(INFO_TRACING, "bpf_link_info", OPTIONAL, "tracing.cookie"),
	FIELD(INFO_RAW, "bpf_link_info", OPTIONAL, "raw_tracepoint.cookie"),
};

const struct wants bpf_link_target_wants = {
	.reader = "what BPF links are attached to",
	.v = want_table,
	.n = WANTS_N(want_table)};

#define STEPS 2

/*
 * The way of each kind: members of what the link is in (the link is its first
 * one), of which the first leads on; then of that, step by step, up to the last
 * one, which is the number or leads to the text.
 */
static const struct link_way {
	const char *function;
	uint32_t own[3];
	size_t n;
	uint32_t next[STEPS]; /* 0: no more */
	uint32_t also;	      /* a member that has to be 0 there */
	bool text;
} link_ways[BPF_LINK_KINDS] = {
	[BPF_LINK_RAW_POINT] = {.function = "bpf_raw_tp_link_show_fdinfo",
				.own = {FIELD_RAW_MAP, FIELD_RAW_COOKIE},
				.n = 2,
				.next = {FIELD_RAW_POINT, FIELD_POINT_NAME},
				.text = true},
	[BPF_LINK_TRACING] = {.function = "bpf_tracing_link_show_fdinfo",
			      .own = {FIELD_TRACING_TRAMPOLINE,
				      FIELD_TRACING_TYPE, FIELD_TRACING_COOKIE},
			      .n = 3,
			      .next = {FIELD_TRAMPOLINE_KEY}},
	[BPF_LINK_CGROUP] = {.function = "bpf_cgroup_link_show_fdinfo",
			     .own = {FIELD_CGROUP, FIELD_CGROUP_TYPE},
			     .n = 2,
			     .next = {FIELD_CGROUP_NODE, FIELD_NODE_ID}},
	[BPF_LINK_NETNS] = {.function = "bpf_netns_link_show_fdinfo",
			    .own = {FIELD_NETNS, FIELD_NETNS_TYPE},
			    .n = 2,
			    .next = {FIELD_NET_INUM}},
	[BPF_LINK_ITER] = {.function = "bpf_iter_link_show_fdinfo",
			   .own = {FIELD_ITER},
			   .n = 1,
			   .next = {FIELD_ITER_REG, FIELD_REG_TARGET},
			   .also = FIELD_REG_SHOW,
			   .text = true},
	[BPF_LINK_XDP] = {.function = "bpf_xdp_link_show_fdinfo",
			  .own = {FIELD_XDP_DEV},
			  .n = 1,
			  .next = {FIELD_DEV_INDEX}},
	[BPF_LINK_TCX] = {.function = "tcx_link_fdinfo",
			  .own = {FIELD_TCX_DEV, FIELD_TCX_TYPE},
			  .n = 2,
			  .next = {FIELD_DEV_INDEX}},
	[BPF_LINK_SOCKMAP] = {.function = "sock_map_link_show_fdinfo",
			      .own = {FIELD_SOCKMAP, FIELD_SOCKMAP_TYPE},
			      .n = 2,
			      .next = {FIELD_MAP_ID}},
	[BPF_LINK_STRUCT_OPS] = {.function =
					 "bpf_struct_ops_map_link_show_fdinfo",
				 .own = {FIELD_STRUCT_OPS},
				 .n = 1,
				 .next = {FIELD_MAP_ID}},
	[BPF_LINK_NETFILTER] = {.function = "bpf_nf_link_show_info",
				.own = {FIELD_HOOK_FAMILY, FIELD_HOOK_NUMBER,
					FIELD_HOOK_PRIORITY},
				.n = 3},
};

/* Links by kind. */
struct targets_work {
	struct kernel *k;
	size_t n;
	struct bpf_link *links;
	uint64_t *at;	/* of these: where it is, then where it leads */
	size_t *which;	/* of these: the number of the link */
	uint64_t *text; /* of each link */
	size_t first[BPF_LINK_KINDS + 1];
};

static void targets_work_deinit(struct targets_work *w)
{
	free(w->at);
	free(w->which);
	free(w->text);
}

/* Those that are shown by no function are plain. */
static void targets_sort(struct targets_work *w, const uint64_t *addrs,
			 const uint64_t *show)
{
	size_t kind, i, n = 0;
	uint64_t va;

	for (i = 0; i < w->n; i++)
		w->links[i].kind = show[i] ? BPF_LINK_KINDS : BPF_LINK_PLAIN;
	for (kind = 0; kind < BPF_LINK_KINDS; kind++) {
		const char *name = link_ways[kind].function;

		w->first[kind] = n;
		if (!name || !profile_symbol(w->k->profile, name, &va))
			continue;
		for (i = 0; i < w->n; i++) {
			if (!w->links[i].known || show[i] != va)
				continue;
			w->links[i].kind = kind;
			w->at[n] = addrs[i];
			w->which[n++] = i;
		}
	}
	w->first[kind] = n;
	for (i = 0; i < w->n; i++)
		w->links[i].known &= w->links[i].kind != BPF_LINK_KINDS;
}

static void target_take_own(struct bpf_link *l, const struct records *r,
			    size_t i)
{
	static const struct {
		uint32_t type, cookie;
	} of[BPF_LINK_KINDS] = {
		[BPF_LINK_RAW_POINT] = {0, FIELD_RAW_COOKIE},
		[BPF_LINK_TRACING] = {FIELD_TRACING_TYPE, FIELD_TRACING_COOKIE},
		[BPF_LINK_CGROUP] = {FIELD_CGROUP_TYPE, 0},
		[BPF_LINK_NETNS] = {FIELD_NETNS_TYPE, 0},
		[BPF_LINK_TCX] = {FIELD_TCX_TYPE, 0},
		[BPF_LINK_SOCKMAP] = {FIELD_SOCKMAP_TYPE, 0},
	};
	uint32_t type = of[l->kind].type, cookie = of[l->kind].cookie;

	if (type) {
		l->known &= records_have(r, type);
		l->attach_type = (uint32_t)records_u64(r, i, type);
	}
	if (cookie)
		l->cookie = records_u64(r, i, cookie);
	if (l->kind != BPF_LINK_NETFILTER)
		return;
	l->known &= records_have(r, FIELD_HOOK_NUMBER) &&
		    records_have(r, FIELD_HOOK_PRIORITY);
	l->hook.family = (uint32_t)records_u64(r, i, FIELD_HOOK_FAMILY);
	l->hook.number = (uint32_t)records_u64(r, i, FIELD_HOOK_NUMBER);
	l->hook.priority = (int32_t)records_u64(r, i, FIELD_HOOK_PRIORITY);
}

static bool link_is_last(const struct link_way *way, size_t step)
{
	return step == STEPS || !way->next[step];
}

static void targets_take(struct targets_work *w, size_t kind, size_t step,
			 const struct records *r)
{
	const struct link_way *way = &link_ways[kind];
	uint32_t field = step ? way->next[step - 1] : way->own[0];
	size_t i, n = w->first[kind + 1] - w->first[kind];

	for (i = 0; i < n; i++) {
		struct bpf_link *l = &w->links[w->which[w->first[kind] + i]];
		uint64_t *at = &w->at[w->first[kind] + i];

		l->known &= records_have(r, field) && (r->ok[i] || !*at);
		*at = records_u64(r, i, field);
		if (!step) {
			target_take_own(l, r, i);
			l->has_target = *at != 0;
		}
		if (!link_is_last(way, step))
			continue;
		l->number = way->text ? 0 : *at;
		if (way->text)
			w->text[w->which[w->first[kind] + i]] = *at;
		/* then its own function adds something */
		l->known &= !way->also || !records_u64(r, i, way->also);
	}
}

static int targets_step(struct targets_work *w, size_t step, struct err *err)
{
	struct records_want wants[BPF_LINK_KINDS] = {{0}};
	struct records r[BPF_LINK_KINDS] = {{0}};
	uint32_t fields[BPF_LINK_KINDS][2];
	size_t kind;
	int rc;

	for (kind = 0; kind < BPF_LINK_KINDS; kind++) {
		const struct link_way *way = &link_ways[kind];
		size_t n = w->first[kind + 1] - w->first[kind];

		fields[kind][0] = step ? way->next[step - 1] : 0;
		fields[kind][1] = way->also;
		wants[kind] = (struct records_want){
			.addrs = w->at + w->first[kind],
			.n = step && !fields[kind][0] ? 0 : n,
			.fields = step ? fields[kind] : way->own,
			.n_fields = step ? 1 : way->n};
		if (step && way->also && link_is_last(way, step))
			wants[kind].n_fields = 2;
	}
	rc = records_read_all(w->k, wants, BPF_LINK_KINDS, r, err);
	for (kind = 0; kind < BPF_LINK_KINDS; kind++) {
		if (!rc && wants[kind].n)
			targets_take(w, kind, step, &r[kind]);
		records_deinit(&r[kind]);
	}
	return rc;
}

static int targets_read_texts(struct targets_work *w, struct err *err)
{
	_cleanup_free_ char **out = calloc(w->n + 1, sizeof(*out));
	_cleanup_free_ bool *ok = calloc(w->n + 1, sizeof(*ok));
	size_t i;
	int rc;

	if (!out || !ok)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		out[i] = w->links[i].text;
	rc = records_strings(w->k, w->text, w->n, BPF_LINK_TEXT, out, ok, err);
	for (i = 0; i < w->n && !rc; i++)
		if (link_ways[w->links[i].kind % BPF_LINK_KINDS].text)
			w->links[i].known &=
				ok[i] && strlen(out[i]) < BPF_LINK_TEXT - 1;
	return rc;
}

void bpf_link_form(const struct profile *p, struct bpf_links *out)
{
	out->targets = profile_field(p, FIELD_ATTR_PATH)->present;
	out->tracing_cookie = profile_field(p, FIELD_INFO_TRACING)->present;
	out->raw_cookie = profile_field(p, FIELD_INFO_RAW)->present;
}

int bpf_link_targets_read(struct kernel *k, const uint64_t *addrs,
			  const uint64_t *show, size_t n,
			  struct bpf_link *links, struct err *err)
{
	_cleanup_(targets_work_deinit) struct targets_work w = {
		.k = k,
		.n = n,
		.links = links,
		.at = calloc(n + 1, sizeof(*w.at)),
		.which = calloc(n + 1, sizeof(*w.which)),
		.text = calloc(n + 1, sizeof(*w.text))};
	size_t step;
	int rc = 0;

	if (!w.at || !w.which || !w.text)
		return err_nomem(err);
	targets_sort(&w, addrs, show);
	for (step = 0; step <= STEPS && !rc; step++)
		rc = targets_step(&w, step, err);
	return rc ? rc : targets_read_texts(&w, err);
}
