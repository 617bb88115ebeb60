/* SPDX-License-Identifier: BSD-2-Clause */
/* What maps, programs, links and types of BPF add to /proc/PID/fdinfo. */
#include <inttypes.h>
#include <stdlib.h>

#include "proc/pid_fd_special.h"

static int bpf_read_maps(struct kernel *k, const uint64_t *at, size_t n,
			 struct fd_specials *out, struct err *err)
{
	return bpf_maps_read(k, at, n, &out->bpf_maps, err);
}

/* bpf_map_show_fdinfo() of kernel/bpf/syscall.c */
static bool bpf_put_map(const struct fd_specials *s, size_t nr, struct buf *out)
{
	const struct bpf_map *m = &s->bpf_maps.v[nr];

	if (!m->known || !out)
		return m->known;
	buf_printf(out,
		   "map_type:\t%" PRIu32 "\n"
		   "key_size:\t%" PRIu32 "\n"
		   "value_size:\t%" PRIu32 "\n"
		   "max_entries:\t%" PRIu32 "\n"
		   "map_flags:\t0x%" PRIx32 "\n",
		   m->type, m->key_size, m->value_size, m->entries, m->flags);
	if (s->bpf_maps.extra)
		buf_printf(out, "map_extra:\t0x%" PRIx64 "\n", m->extra);
	buf_printf(out,
		   "memlock:\t%" PRIu64 "\n"
		   "map_id:\t%" PRIu32 "\n"
		   "frozen:\t%d\n",
		   m->memory, m->id, m->frozen);
	if (m->owner_type)
		buf_printf(out,
			   "owner_prog_type:\t%" PRIu32 "\n"
			   "owner_jited:\t%d\n",
			   m->owner_type, m->owner_jited);
	return true;
}

const struct fd_special proc_fd_bpf_map = {bpf_read_maps, bpf_put_map};

static int bpf_read_progs(struct kernel *k, const uint64_t *at, size_t n,
			  struct fd_specials *out, struct err *err)
{
	return bpf_progs_read(k, at, n, &out->bpf_progs, err);
}

static void bpf_put_tag(const struct bpf_prog *p, struct buf *out)
{
	size_t i;

	buf_puts(out, "prog_tag:\t");
	for (i = 0; i < BPF_TAG_BYTES; i++)
		buf_printf(out, "%02x", p->tag[i]);
	buf_puts(out, "\n");
}

/* bpf_prog_show_fdinfo() of kernel/bpf/syscall.c */
static bool bpf_put_prog(const struct fd_specials *s, size_t nr,
			 struct buf *out)
{
	const struct bpf_prog *p = &s->bpf_progs.v[nr];

	if (!p->known || !out)
		return p->known;
	buf_printf(out,
		   "prog_type:\t%" PRIu32 "\n"
		   "prog_jited:\t%d\n",
		   p->type, p->jited);
	bpf_put_tag(p, out);
	buf_printf(out,
		   "memlock:\t%" PRIu64 "\n"
		   "prog_id:\t%" PRIu32 "\n"
		   "run_time_ns:\t%" PRIu64 "\n"
		   "run_cnt:\t%" PRIu64 "\n",
		   p->memory, p->id, p->ns, p->runs);
	if (s->bpf_progs.misses)
		buf_printf(out, "recursion_misses:\t%" PRIu64 "\n", p->misses);
	if (s->bpf_progs.verified)
		buf_printf(out, "verified_insns:\t%" PRIu32 "\n", p->verified);
	return true;
}

const struct fd_special proc_fd_bpf_prog = {bpf_read_progs, bpf_put_prog};

static int bpf_read_links(struct kernel *k, const uint64_t *at, size_t n,
			  struct fd_specials *out, struct err *err)
{
	return bpf_links_read(k, at, n, &out->bpf_links, err);
}

static void bpf_put_cookie(const struct bpf_link *l, struct buf *out)
{
	buf_printf(out, "cookie:\t%" PRIu64 "\n", l->cookie);
}

static void bpf_put_attach_type(const struct bpf_link *l, struct buf *out)
{
	buf_printf(out, "attach_type:\t%" PRId32 "\n", (int32_t)l->attach_type);
}

/* bpf_tracing_link_show_fdinfo(); the key of a trampoline is of two halves */
static void bpf_put_tracing(const struct bpf_links *all,
			    const struct bpf_link *l, struct buf *out)
{
	bpf_put_attach_type(l, out);
	if (all->targets)
		buf_printf(out,
			   "target_obj_id:\t%" PRIu64 "\n"
			   "target_btf_id:\t%" PRIu64 "\n",
			   l->number >> 32, l->number & 0x7fffffff);
	if (all->tracing_cookie)
		bpf_put_cookie(l, out);
}

#define TCX_INGRESS 46 /* BPF_TCX_INGRESS */

/* A line of the link's number, by its name; then its attach_type, if any. */
static void bpf_put_number(const char *name, const struct bpf_link *l,
			   bool type, struct buf *out)
{
	buf_printf(out, "%s:\t%" PRIu64 "\n", name, l->number);
	if (type)
		bpf_put_attach_type(l, out);
}

/* What a link's show_fdinfo() adds; where each is, bpf_link_target.c tells. */
static void bpf_put_target(const struct bpf_links *all,
			   const struct bpf_link *l, struct buf *out)
{
	switch (l->kind) {
	case BPF_LINK_RAW_POINT:
		buf_printf(out, "tp_name:\t%s\n", l->text);
		if (all->raw_cookie)
			bpf_put_cookie(l, out);
		break;
	case BPF_LINK_TRACING:
		bpf_put_tracing(all, l, out);
		break;
	case BPF_LINK_CGROUP:
		bpf_put_number("cgroup_id", l, true, out);
		break;
	case BPF_LINK_NETNS:
		bpf_put_number("netns_ino", l, true, out);
		break;
	case BPF_LINK_ITER:
		buf_printf(out, "target_name:\t%s\n", l->text);
		break;
	case BPF_LINK_XDP:
		bpf_put_number("ifindex", l, false, out);
		break;
	case BPF_LINK_TCX:
		bpf_put_number("ifindex", l, false, out);
		buf_printf(
			out, "attach_type:\t%" PRIu32 " (%s)\n", l->attach_type,
			l->attach_type == TCX_INGRESS ? "ingress" : "egress");
		break;
	case BPF_LINK_SOCKMAP:
		bpf_put_number("map_id", l, true, out);
		break;
	case BPF_LINK_STRUCT_OPS:
		if (l->has_target)
			bpf_put_number("map_id", l, false, out);
		break;
	case BPF_LINK_NETFILTER:
		buf_printf(out,
			   "pf:\t%" PRIu32 "\thooknum:\t%" PRIu32
			   "\tprio:\t%" PRId32 "\n",
			   l->hook.family, l->hook.number, l->hook.priority);
		break;
	default:
		break;
	}
}

/* bpf_link_show_fdinfo() of kernel/bpf/syscall.c */
static bool bpf_put_link(const struct fd_specials *s, size_t nr,
			 struct buf *out)
{
	const struct bpf_link *l = &s->bpf_links.v[nr];

	if (!l->known || !out)
		return l->known;
	if (l->name[0])
		buf_printf(out, "link_type:\t%s\n", l->name);
	else
		buf_printf(out, "link_type:\t<%" PRIu32 ">\n", l->type);
	buf_printf(out, "link_id:\t%" PRIu32 "\n", l->id);
	if (l->has_prog) {
		bpf_put_tag(&l->prog, out);
		buf_printf(out, "prog_id:\t%" PRIu32 "\n", l->prog.id);
	}
	bpf_put_target(&s->bpf_links, l, out);
	return true;
}

const struct fd_special proc_fd_bpf_link = {bpf_read_links, bpf_put_link};

static int bpf_read_types(struct kernel *k, const uint64_t *at, size_t n,
			  struct fd_specials *out, struct err *err)
{
	out->bpf_types = calloc(n, sizeof(*out->bpf_types));
	return out->bpf_types ? bpf_types_read(k, at, n, out->bpf_types, err)
			      : err_nomem(err);
}

/* bpf_btf_show_fdinfo() of kernel/bpf/btf.c */
static bool bpf_put_types(const struct fd_specials *s, size_t nr,
			  struct buf *out)
{
	const struct bpf_types *t = &s->bpf_types[nr];

	if (t->known && out)
		buf_printf(out, "btf_id:\t%" PRIu32 "\n", t->id);
	return t->known;
}

const struct fd_special proc_fd_bpf_types = {bpf_read_types, bpf_put_types};
