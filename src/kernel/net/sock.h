/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets of network namespaces, as /proc/net shows them. */
#ifndef KERNEL_SOCK_H
#define KERNEL_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/net/sock_table.h"

/* Of struct sockaddr_un (include/uapi/linux/un.h), and a NUL that the kernel
 * adds (net/unix/af_unix.c, unix_mkname_bsd()). */
#define SOCK_PATH_MAX 109

/* sock_common.skc_state, include/net/tcp_states.h */
enum sock_state {
	SOCK_ESTABLISHED = 1,
	SOCK_TIME_WAIT = 6,
	SOCK_CLOSE = 7,
	SOCK_LISTEN = 10,
	SOCK_NEW_SYN_RECV = 12
};

/* include/linux/socket.h */
enum sock_family {
	SOCK_FAMILY_UNIX = 1,
	SOCK_FAMILY_INET = 2,
	SOCK_FAMILY_INET6 = 10,
	SOCK_FAMILY_NETLINK = 16,
	SOCK_FAMILY_PACKET = 17
};

/* What files show of TCP sockets alone. */
struct sock_tcp {
	uint32_t tx_queue; /* write_seq - snd_una */
	uint32_t rx_queue; /* of one that listens: who waits to be accepted */
	uint8_t timer;	   /* as in the column "tr" */
	int64_t left;	   /* jiffies until it expires */
	uint8_t retransmits, probes;
	uint32_t rto, ato; /* jiffies */
	uint32_t quick;	   /* << 1, and in bit 0 whether it is interactive */
	uint32_t cwnd, ssthresh;
	int32_t qlen; /* fastopen's */
};

/*
 * One socket.  Of one in TIME_WAIT, and of one that is being opened
 * (NEW_SYN_RECV), there is no more than addresses, refs, timer and uid.
 */
struct sock {
	uint64_t addr, net;
	enum sock_table table;
	uint32_t bucket;
	uint16_t family, type;
	uint8_t state, substate;       /* the latter of one in TIME_WAIT */
	uint8_t local[16], remote[16]; /* as in memory; IPv4: the first 4 */
	uint16_t port, remote_port;
	uint16_t num; /* of a raw one: the protocol */
	uint32_t refs;
	bool has_socket; /* a file, that is */
	uint32_t uid;
	uint64_t ino;		     /* 0: none */
	uint32_t tx_bytes, rx_bytes; /* of datagrams: what waits */
	uint32_t drops;
	struct sock_tcp tcp;
	uint16_t protocol;	     /* of netlink, or as in Ethernet frames */
	uint32_t portid, groups;     /* of netlink */
	uint32_t ifindex;	     /* of a packet socket; 0: any interface */
	bool running;		     /* that takes packets; or netlink dumps */
	uint8_t path[SOCK_PATH_MAX]; /* of a Unix socket */
	size_t path_len;
	bool has_path;
};

struct socks {
	VEC(struct sock) v; /* as in struct socks_at */
};

/*
 * Those of these namespaces in the tables of `which`, a bit each
 * (enum sock_table); as many batches as sock_tables_read(), and five.  What
 * cannot be read is left out, and told in remarks.  The caller frees with
 * socks_deinit(), also after an error.
 */
int socks_read(struct kernel *k, const struct sock_nets *nets,
	       unsigned int which, struct socks *out, struct remarks *remarks,
	       struct err *err);
void socks_deinit(struct socks *s);

/* Whether the types tell of packet sockets: they may be a module's. */
bool sock_knows_packets(const struct kernel *k);

/* Whether packet sockets are those of kernels up to 6.3. */
bool sock_has_old_packets(const struct kernel *k);

/* Append the name of a Unix socket that has one, as /proc/net/unix shows it:
 * NULs, with which an abstract one begins, as '@'. */
void sock_path(const struct sock *s, struct buf *out);

#endif
