/* SPDX-License-Identifier: BSD-2-Clause */
/* Files below net/ in /proc: of whose namespace they are. */
#include "proc/net.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/stored.h"
#include "kernel/clock.h"
#include "kernel/task/task_ns.h"

/* Where each part's struct net is; the system's is that of PID 1. */
static int net_spaces_find(struct kernel *k, const struct proc_values *v,
			   struct task_ns *ns, struct err *err)
{
	return v->tasks ? task_ns_read(k, v->tasks, v->n, ns, err)
			: task_ns_of_init(k, ns, err);
}

/* Of tasks whose own cannot be found it is said that it is not known. */
static int net_spaces_read(struct kernel *k, const struct proc_values *v,
			   struct net_spaces *out, struct err *err)
{
	_cleanup_free_ struct task_ns *ns = calloc(v->n + 1, sizeof(*ns));
	size_t i;
	int rc;

	*out = (struct net_spaces){
		.nets = calloc(v->n + 1, sizeof(*out->nets)),
		.of = calloc(v->n + 1, sizeof(*out->of)),
	};
	if (!ns || !out->nets || !out->of)
		return err_nomem(err);
	rc = net_spaces_find(k, v, ns, err);
	for (i = 0; i < v->n && !rc; i++) {
		uint64_t net = ns[i].at[TASK_NS_NET], at;

		if (!net && ns[i].torn)
			proc_part_unknown(&v->parts[i], true);
		if (!net || map_get(&out->by_net, net, NULL))
			continue;
		at = out->n;
		out->nets[out->n++] = net;
		if (map_put(&out->by_net, net, at))
			rc = err_nomem(err);
	}
	for (i = 0; i < v->n && !rc; i++) {
		uint64_t net = ns[i].at[TASK_NS_NET], at = out->n;

		if (net)
			map_get(&out->by_net, net, &at);
		out->of[i] = at;
	}
	return rc;
}

/* The end of a read() that came to `rc`. */
static int net_settle(struct proc_values *v, int rc, const struct err *why,
		      struct err *err)
{
	if (rc == ERR_NO_LINUX)
		return proc_values_fail(v, why, err);
	return rc ? err_pass(err, why) : 0;
}

static void net_spaces_deinit(struct net_spaces *s)
{
	free(s->nets);
	free(s->of);
	map_deinit(&s->by_net);
	*s = (struct net_spaces){0};
}

/* The texts of such a file. */
struct net_texts {
	struct net_spaces spaces;
	struct net_text *v; /* of each */
};

static int net_texts_make(struct kernel *k, net_make *make,
			  const struct proc_values *v, struct remarks *remarks,
			  struct err *err)
{
	struct net_texts *own = v->own;
	int rc = net_spaces_read(k, v, &own->spaces, err);
	const struct sock_nets nets = {own->spaces.nets, own->spaces.n};
	size_t i;

	if (rc)
		return rc;
	own->v = calloc(nets.n + 1, sizeof(*own->v));
	rc = own->v ? make(k, &nets, own->v, remarks, err) : err_nomem(err);
	for (i = 0; i < nets.n && !rc; i++)
		if (own->v[i].text.oom)
			rc = err_nomem(err);
	return rc;
}

static void net_part_counters(struct proc_part *part, const struct net_text *t)
{
	if (part->why.len)
		return;
	part->torn = t->torn && !t->lost;
	if (t->lost)
		buf_puts(&part->why, "its network namespace cannot be read");
	else if (t->torn)
		buf_puts(&part->why, "some counters cannot be read");
}

int net_texts_read(struct kernel *k, net_make *make, struct proc_values *v,
		   struct err *err)
{
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct net_texts *own = calloc(1, sizeof(*own));
	struct err why = {0};
	size_t i;
	int rc;

	v->own = own;
	if (!own)
		return err_nomem(err);
	rc = net_texts_make(k, make, v, &remarks, &why);
	for (i = 0; i < v->n && !rc; i++) {
		size_t space = own->spaces.of[i];

		if (space == own->spaces.n)
			continue;
		v->parts[i].records = 1;
		proc_part_remarks(&v->parts[i], &remarks);
		net_part_counters(&v->parts[i], &own->v[space]);
	}
	return net_settle(v, rc, &why, err);
}

void net_texts_text(const struct proc_values *v, size_t i, size_t record,
		    struct buf *out)
{
	const struct net_texts *own = v->own;
	const struct buf *text = &own->v[own->spaces.of[i]].text;

	(void)record;
	buf_add(out, text->data, text->len);
}

void net_texts_deinit(struct proc_values *v)
{
	struct net_texts *own = v->own;
	size_t i;

	for (i = 0; own->v && i < own->spaces.n; i++)
		buf_deinit(&own->v[i].text);
	free(own->v);
	net_spaces_deinit(&own->spaces);
	free(own);
}

/* Put each socket on the list of its namespace. */
static int net_socks_list(struct net_socks *own, uint16_t family,
			  unsigned int which)
{
	uint64_t space;
	size_t i;

	for (i = 0; i < own->socks.v.n; i++) {
		const struct sock *s = &own->socks.v.v[i];

		if ((family && s->family != family) ||
		    !(which & 1u << s->table))
			continue;
		if (map_get(&own->spaces.by_net, s->net, &space) &&
		    vec_push(&own->lists[space].v, i))
			return ERR_NOMEM;
	}
	return 0;
}

static int net_socks_read_all(struct kernel *k, unsigned int which,
			      uint16_t family, struct proc_values *v,
			      struct remarks *remarks, struct err *err)
{
	struct net_socks *own = v->own;
	struct sock_nets nets;
	int rc = net_spaces_read(k, v, &own->spaces, err);

	nets = (struct sock_nets){own->spaces.nets, own->spaces.n};
	if (!rc)
		rc = socks_read(k, &nets, which, &own->socks, remarks, err);
	if (!rc)
		rc = pointer_text_read(k, &own->pointers, err);
	if (!rc)
		rc = kernel_hz(k, &own->hz, err);
	if (rc)
		return rc;
	own->old_packets = sock_has_old_packets(k);
	if (!own->hz)
		return err_set(err, ERR_NO_LINUX,
			       "how long a jiffy is cannot be told "
			       "(clocksource_jiffies)");
	own->lists = calloc(own->spaces.n + 1, sizeof(*own->lists));
	if (!own->lists || net_socks_list(own, family, which))
		return err_nomem(err);
	return 0;
}

int net_socks_read(struct kernel *k, unsigned int which, uint16_t family,
		   struct proc_values *v, struct err *err)
{
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct net_socks *own = calloc(1, sizeof(*own));
	struct err why = {0};
	size_t i;
	int rc;

	v->own = own;
	if (!own)
		return err_nomem(err);
	rc = net_socks_read_all(k, which, family, v, &remarks, &why);
	for (i = 0; i < v->n && !rc; i++) {
		size_t space = own->spaces.of[i];

		if (space == own->spaces.n)
			continue;
		v->parts[i].records = 1 + own->lists[space].v.n;
		proc_part_remarks(&v->parts[i], &remarks);
	}
	return net_settle(v, rc, &why, err);
}

void net_socks_deinit(struct proc_values *v)
{
	struct net_socks *own = v->own;
	size_t i;

	for (i = 0; own->lists && i < own->spaces.n; i++)
		vec_deinit(&own->lists[i].v);
	free(own->lists);
	socks_deinit(&own->socks);
	net_spaces_deinit(&own->spaces);
	free(own);
}

const struct sock *net_socks_get(const struct proc_values *v, size_t i,
				 size_t record)
{
	const struct net_socks *own = v->own;
	size_t space = own->spaces.of[i];

	return record ? &own->socks.v.v[own->lists[space].v.v[record - 1]]
		      : NULL;
}

void net_pointer(const struct net_socks *own, const struct sock *s,
		 struct buf *out)
{
	char text[POINTER_TEXT_BYTES];

	pointer_text(&own->pointers, s->addr, text);
	buf_puts(out, text);
}
