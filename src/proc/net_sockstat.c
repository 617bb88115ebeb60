/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net/sockstat (net/ipv4/proc.c, sockstat_seq_show()). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/sockstat.h"
#include "proc/net.h"

static void sockstat_lines(const struct sockstat_common *c,
			   const struct sockstat *s, struct buf *out)
{
	buf_printf(out, "sockets: used %d\n", s->used);
	buf_printf(out,
		   "TCP: inuse %d orphan %d tw %d alloc %d mem %" PRId64 "\n",
		   s->inuse[SOCKSTAT_TCP], (int)c->orphans, s->time_wait,
		   (int)c->allocated, c->pages[SOCKSTAT_TCP]);
	buf_printf(out, "UDP: inuse %d mem %" PRId64 "\n",
		   s->inuse[SOCKSTAT_UDP], c->pages[SOCKSTAT_UDP]);
	if (c->has[SOCKSTAT_UDPLITE])
		buf_printf(out, "UDPLITE: inuse %d\n",
			   s->inuse[SOCKSTAT_UDPLITE]);
	buf_printf(out, "RAW: inuse %d\n", s->inuse[SOCKSTAT_RAW]);
	buf_printf(out, "FRAG: inuse %u memory %" PRIu64 "\n", s->fragments,
		   s->fragment_bytes);
}

static int sockstat_file_read(struct kernel *k, struct proc_values *v,
			      struct err *err)
{
	_cleanup_(net_spaces_deinit) struct net_spaces spaces = {0};
	_cleanup_free_ struct sockstat *stats = NULL;
	struct sockstat_common common = {0};
	struct sock_nets nets;
	struct err why = {0};
	size_t i;
	int rc = net_spaces_read(k, v, &spaces, &why);

	if (rc)
		return net_settle(v, rc, &why, err);
	nets = (struct sock_nets){spaces.nets, spaces.n};
	stats = calloc(spaces.n + 1, sizeof(*stats));
	rc = stats ? sockstat_read(k, &nets, &common, stats, &why)
		   : err_nomem(&why);
	for (i = 0; i < v->n && !rc; i++) {
		struct proc_part *part = &v->parts[i];
		const struct sockstat *s = &stats[spaces.of[i]];

		if (spaces.of[i] == spaces.n)
			continue;
		if (!s->lost)
			sockstat_lines(&common, s, &part->text);
		net_part_counters(part, s->lost, s->torn || common.torn);
	}
	return net_settle(v, rc, &why, err);
}

NET_FILES(sockstat, sockstat_file_read, NULL, NULL);
