/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net/dev (net/core/net-procfs.c, dev_seq_show()). */
#include <inttypes.h>

#include "kernel/net/net_devices.h"
#include "proc/net.h"

static const char heading[] =
	"Inter-|   Receive                                                |  "
	"Transmit\n"
	" face |bytes    packets errs drop fifo frame compressed multicast|"
	"bytes    packets errs drop fifo colls carrier compressed\n";

/* Columns: sums of counters, and how wide; NET_STATS: no more. */
static const struct {
	enum net_stat of[4];
	int width;
} columns[] = {
	{{NET_RX_BYTES, NET_STATS}, 7},
	{{NET_RX_PACKETS, NET_STATS}, 7},
	{{NET_RX_ERRORS, NET_STATS}, 4},
	{{NET_RX_DROPPED, NET_RX_MISSED_ERRORS, NET_STATS}, 4},
	{{NET_RX_FIFO_ERRORS, NET_STATS}, 4},
	{{NET_RX_LENGTH_ERRORS, NET_RX_OVER_ERRORS, NET_RX_CRC_ERRORS,
	  NET_RX_FRAME_ERRORS},
	 5},
	{{NET_RX_COMPRESSED, NET_STATS}, 10},
	{{NET_MULTICAST, NET_STATS}, 9},
	{{NET_TX_BYTES, NET_STATS}, 8},
	{{NET_TX_PACKETS, NET_STATS}, 7},
	{{NET_TX_ERRORS, NET_STATS}, 4},
	{{NET_TX_DROPPED, NET_STATS}, 4},
	{{NET_TX_FIFO_ERRORS, NET_STATS}, 4},
	{{NET_COLLISIONS, NET_STATS}, 5},
	{{NET_TX_CARRIER_ERRORS, NET_TX_ABORTED_ERRORS, NET_TX_WINDOW_ERRORS,
	  NET_TX_HEARTBEAT_ERRORS},
	 7},
	{{NET_TX_COMPRESSED, NET_STATS}, 10},
};

static void net_dev_line(const struct net_device *d, struct buf *out)
{
	size_t i, j;

	buf_printf(out, "%6s:", d->name);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		uint64_t value = 0;

		for (j = 0; j < 4 && columns[i].of[j] != NET_STATS; j++)
			value += d->stats[columns[i].of[j]];
		buf_printf(out, " %*" PRIu64, columns[i].width, value);
	}
	buf_puts(out, "\n");
}

/* One whose driver counts for itself has no line. */
static void net_dev_add(const struct net_device *d, struct buf *out,
			struct remarks *remarks)
{
	if (d->counted)
		net_dev_line(d, out);
	else
		remarks_add(remarks, "what %s has counted cannot be told%s%s%s",
			    *d->name ? d->name : "a device",
			    d->driver ? " (" : "", d->driver ? d->driver : "",
			    d->driver ? ")" : "");
}

static int net_dev_make(struct kernel *k, const struct sock_nets *nets,
			struct net_text *out, struct remarks *remarks,
			struct err *err)
{
	struct net_devices devices = {0};
	size_t i;
	int rc = net_devices_read(k, nets, &devices, remarks, err);

	for (i = 0; i < nets->n && !rc; i++)
		buf_puts(&out[i].text, heading);
	for (i = 0; i < devices.v.n && !rc; i++)
		net_dev_add(&devices.v.v[i], &out[devices.v.v[i].net].text,
			    remarks);
	net_devices_deinit(&devices);
	return rc;
}

NET_TEXTS(dev, net_dev_make);
