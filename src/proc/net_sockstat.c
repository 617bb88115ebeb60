/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net/sockstat (net/ipv4/proc.c, sockstat_seq_show()). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/net/sockstat.h"
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

static int sockstat_make(struct kernel *k, const struct sock_nets *nets,
			 struct net_text *out, struct remarks *remarks,
			 struct err *err)
{
	_cleanup_free_ struct sockstat *stats =
		calloc(nets->n + 1, sizeof(*stats));
	struct sockstat_common common = {0};
	size_t i;
	int rc = stats ? sockstat_read(k, nets, &common, stats, err)
		       : err_nomem(err);

	(void)remarks;
	for (i = 0; i < nets->n && !rc; i++) {
		out[i].lost = stats[i].lost;
		out[i].torn = stats[i].torn || common.torn;
		if (!stats[i].lost)
			sockstat_lines(&common, &stats[i], &out[i].text);
	}
	return rc;
}

NET_TEXTS(sockstat, sockstat_make);
