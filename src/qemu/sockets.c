/* SPDX-License-Identifier: BSD-2-Clause */
/* What this host's kernel tells of both ends of a connection. */
#include "qemu/sockets.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"

/* Of the table of all Unix sockets: more are not looked at. */
#define MESSAGES_MAX 4096

bool sockets_write_end(struct sockets_end *end,
		       const struct sockaddr_storage *ss)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	uint32_t w[4] = {0};

	*end = (struct sockets_end){0};
	if (ss->ss_family == AF_INET) {
		memcpy(&in, ss, sizeof(in));
		snprintf(end->v4, sizeof(end->v4), "%08" PRIX32 ":%04X",
			 in.sin_addr.s_addr, ntohs(in.sin_port));
		/* Its other end may be a socket for both families. */
		w[2] = htonl(0xffff);
		w[3] = in.sin_addr.s_addr;
		in6.sin6_port = in.sin_port;
	} else if (ss->ss_family == AF_INET6) {
		memcpy(&in6, ss, sizeof(in6));
		memcpy(w, &in6.sin6_addr, sizeof(w));
	} else {
		return false;
	}
	snprintf(end->v6, sizeof(end->v6),
		 "%08" PRIX32 "%08" PRIX32 "%08" PRIX32 "%08" PRIX32 ":%04X",
		 w[0], w[1], w[2], w[3], ntohs(in6.sin6_port));
	return true;
}

/* "sl local remote st queues timer retransmit uid timeout inode". */
bool sockets_next_tcp(FILE *f, struct sockets_tcp *l)
{
	char line[512];

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %47s %47s %x %*s %*s %*s %u %*s %lu",
			   l->local, l->remote, &l->state, &l->uid,
			   &l->inode) == 5)
			return true;
	return false;
}

static bool sockets_find_in(const char *table, const char *local,
			    const char *remote, struct sockets_tcp *l)
{
	_cleanup_(files_cleanup_file) FILE *f = fopen(table, "re");

	while (f && *local && sockets_next_tcp(f, l))
		if (l->state == TCP_ESTABLISHED && l->inode &&
		    !strcmp(l->local, local) && !strcmp(l->remote, remote))
			return true;
	return false;
}

bool sockets_find_tcp(const struct sockets_end *local,
		      const struct sockets_end *remote, struct sockets_tcp *l)
{
	return sockets_find_in("/proc/net/tcp", local->v4, remote->v4, l) ||
	       sockets_find_in("/proc/net/tcp6", local->v6, remote->v6, l);
}

static bool sockets_has_name(struct rtattr *a, const struct sockets_name *name)
{
	size_t n = RTA_PAYLOAD(a);

	/* With the NUL behind a path, or without. */
	if (n == name->len + 1 && *name->bytes)
		n--;
	return n == name->len && !memcmp(RTA_DATA(a), name->bytes, n);
}

/* The inode at the other end, of a socket of that name, NULL: any; 0: other. */
static unsigned long sockets_read_peer(struct nlmsghdr *h,
				       const struct sockets_name *name)
{
	struct unix_diag_msg *m = NLMSG_DATA(h);
	struct rtattr *a = (struct rtattr *)(m + 1);
	size_t left = h->nlmsg_len - NLMSG_LENGTH(sizeof(*m));
	bool named = !name;
	uint32_t peer = 0;

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (name && a->rta_type == UNIX_DIAG_NAME)
			named = sockets_has_name(a, name);
		if (a->rta_type == UNIX_DIAG_PEER &&
		    RTA_PAYLOAD(a) >= sizeof(peer))
			memcpy(&peer, RTA_DATA(a), sizeof(peer));
	}
	return named ? peer : 0;
}

/* Ask for one socket by its inode, or for all: 0. */
static bool sockets_ask(int fd, unsigned long inode)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req body;
	} ask = {
		.header = {.nlmsg_len = sizeof(ask),
			   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			   .nlmsg_flags =
				   NLM_F_REQUEST | (inode ? 0 : NLM_F_DUMP)},
		.body = {.sdiag_family = AF_UNIX,
			 .udiag_states = 1u << TCP_ESTABLISHED,
			 .udiag_ino = (uint32_t)inode,
			 .udiag_cookie = {~0u, ~0u}, /* any */
			 .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER},
	};

	return send(fd, &ask, sizeof(ask), 0) == (ssize_t)sizeof(ask);
}

/* The first answer that tells of a peer, but for `us`. */
static unsigned long sockets_diag(unsigned long inode,
				  const struct sockets_name *name,
				  unsigned long us)
{
	_cleanup_close_ int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	unsigned long peer;
	uint32_t bytes[8192];
	struct nlmsghdr *h;
	size_t left;
	ssize_t n;
	int i;

	if (fd < 0 || !sockets_ask(fd, inode))
		return 0;
	for (i = 0; i < MESSAGES_MAX; i++) {
		n = recv(fd, bytes, sizeof(bytes), 0);
		if (n <= 0)
			return 0;
		h = (struct nlmsghdr *)bytes;
		for (left = (size_t)n; NLMSG_OK(h, left);
		     h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY)
				return 0; /* the end, or an error */
			peer = sockets_read_peer(h, name);
			if ((peer && peer != us) || inode)
				return peer;
		}
	}
	return 0;
}

unsigned long sockets_unix_peer(unsigned long inode)
{
	return inode ? sockets_diag(inode, NULL, 0) : 0;
}

unsigned long sockets_unix_client(const struct sockets_name *name,
				  unsigned long us)
{
	/* One at a time: docs/facts/gdbstub.md, "Connecting". */
	return sockets_diag(0, name, us);
}
