/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is attached to a stub that has no time for us. */
#include "target/holder.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "gdbrsp/address.h"
#include "target/find_process.h"

/* Of the table of all Unix sockets: more are not looked at. */
#define MESSAGES_MAX 4096

/* proc(5): /proc/PID/comm. */
static void describe_process(pid_t pid, char *words, size_t size)
{
	_cleanup_(files_cleanup_file) FILE *f = NULL;
	char path[64], comm[64] = "";

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	f = fopen(path, "re");
	if (f && fgets(comm, sizeof(comm), f))
		comm[strcspn(comm, "\n")] = '\0';
	snprintf(words, size, "process %ld%s%s", (long)pid, *comm ? ", " : "",
		 comm);
}

/* "0100007F:04D2" or 32 digits, as /proc/net/tcp and tcp6 have it. */
static bool read_end(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_in in = {.sin_family = AF_INET};
	unsigned int w[4], port;

	*ss = (struct sockaddr_storage){0};
	if (sscanf(text, "%8x%8x%8x%8x:%4x", &w[0], &w[1], &w[2], &w[3],
		   &port) == 5) {
		memcpy(&in6.sin6_addr, w, sizeof(w));
		in6.sin6_port = htons((uint16_t)port);
		if (!IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
			memcpy(ss, &in6, sizeof(in6));
			return true;
		}
		w[0] = w[3];
	} else if (sscanf(text, "%8x:%4x", &w[0], &port) != 2) {
		return false;
	}
	in.sin_addr.s_addr = w[0];
	in.sin_port = htons((uint16_t)port);
	memcpy(ss, &in, sizeof(in));
	return true;
}

/* A line of /proc/net/tcp or tcp6 (proc(5)). */
struct tcp_line {
	char local[48], remote[48];
	unsigned int state;
	unsigned long inode; /* 0: not accepted yet */
};

static bool next_tcp(FILE *f, struct tcp_line *l)
{
	char line[512];

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %47s %47s %x %*s %*s %*s %*s %*s %lu",
			   l->local, l->remote, &l->state, &l->inode) == 4)
			return true;
	return false;
}

/*
 * The end that the stub talks to: its own one is `at`, and accepted; `us`
 * waits.  False: there is none, or the stub is not on this host.
 */
static bool find_served(const char *table, const char *at, const char *us,
			struct sockaddr_storage *served)
{
	_cleanup_(files_cleanup_file) FILE *f = fopen(table, "re");
	struct tcp_line l;

	while (f && *at && next_tcp(f, &l))
		if (l.state == TCP_ESTABLISHED && l.inode &&
		    !strcmp(l.local, at) && strcmp(l.remote, us) != 0)
			return read_end(l.remote, served);
	return false;
}

static pid_t find_owner(const char *table, const char *local,
			const char *remote)
{
	_cleanup_(files_cleanup_file) FILE *f = fopen(table, "re");
	struct tcp_line l;

	while (f && *local && next_tcp(f, &l))
		if (l.inode && !strcmp(l.local, local) &&
		    !strcmp(l.remote, remote))
			return target_find_by_inode(l.inode);
	return 0;
}

static void describe_remote(const struct sockaddr_storage *ss, char *words,
			    size_t size)
{
	char name[INET6_ADDRSTRLEN] = "?";
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	memcpy(&in6, ss, sizeof(in6));
	memcpy(&in, ss, sizeof(in));
	if (ss->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &in6.sin6_addr, name, sizeof(name));
	else
		inet_ntop(AF_INET, &in.sin_addr, name, sizeof(name));
	snprintf(words, size, "one from %s, port %u", name, ntohs(in.sin_port));
}

static void find_tcp_holder(const struct sockaddr_storage *us,
			    const struct sockaddr_storage *stub, char *words,
			    size_t size)
{
	struct sockaddr_storage served;
	struct target_end here, there, other;
	pid_t pid;

	if (!target_end_write(&here, us) || !target_end_write(&there, stub))
		return;
	if (!find_served("/proc/net/tcp", there.v4, here.v4, &served) &&
	    !find_served("/proc/net/tcp6", there.v6, here.v6, &served))
		return;
	if (!target_end_write(&other, &served))
		return;
	pid = find_owner("/proc/net/tcp", other.v4, there.v4);
	if (!pid)
		pid = find_owner("/proc/net/tcp6", other.v6, there.v6);
	if (pid)
		describe_process(pid, words, size);
	else
		describe_remote(&served, words, size);
}

/* A socket's name, NUL in front where it is abstract. */
struct unix_name {
	char bytes[sizeof(((struct sockaddr_un *)0)->sun_path)];
	size_t len;
};

static bool is_named(struct rtattr *a, const struct unix_name *name)
{
	size_t n = RTA_PAYLOAD(a);

	/* With the NUL behind a path, or without. */
	if (n == name->len + 1 && *name->bytes)
		n--;
	return n == name->len && !memcmp(RTA_DATA(a), name->bytes, n);
}

/* The inode at the other end of an accepted socket of that name; 0: other. */
static unsigned long peer_of(struct nlmsghdr *h, const struct unix_name *name)
{
	struct unix_diag_msg *m = NLMSG_DATA(h);
	struct rtattr *a = (struct rtattr *)(m + 1);
	size_t left = h->nlmsg_len - NLMSG_LENGTH(sizeof(*m));
	bool named = false;
	uint32_t peer = 0;

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == UNIX_DIAG_NAME)
			named = is_named(a, name);
		if (a->rta_type == UNIX_DIAG_PEER &&
		    RTA_PAYLOAD(a) >= sizeof(peer))
			memcpy(&peer, RTA_DATA(a), sizeof(peer));
	}
	return named ? peer : 0;
}

static bool ask_for_sockets(int fd)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req body;
	} ask = {
		.header = {.nlmsg_len = sizeof(ask),
			   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.body = {.sdiag_family = AF_UNIX,
			 .udiag_states = 1u << TCP_ESTABLISHED,
			 .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER},
	};

	return send(fd, &ask, sizeof(ask), 0) == (ssize_t)sizeof(ask);
}

/* sock_diag(7).  The first that is not `us`: QEMU accepts one at a time. */
static unsigned long find_peer(const struct unix_name *name, unsigned long us)
{
	_cleanup_close_ int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	uint32_t bytes[8192];
	struct nlmsghdr *h;
	unsigned long inode;
	ssize_t n;
	size_t left;
	int i;

	if (fd < 0 || !ask_for_sockets(fd))
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
			inode = peer_of(h, name);
			if (inode && inode != us)
				return inode;
		}
	}
	return 0;
}

static void find_unix_holder(const struct unix_name *name, unsigned long us,
			     char *words, size_t size)
{
	unsigned long inode = find_peer(name, us);
	pid_t pid = inode ? target_find_by_inode(inode) : 0;

	if (pid)
		describe_process(pid, words, size);
	else if (inode)
		snprintf(words, size,
			 "a process that cannot be seen from here");
}

static void find_holder(int fd, char *words, size_t size)
{
	struct sockaddr_storage us = {0}, stub = {0};
	socklen_t us_len = sizeof(us), stub_len = sizeof(stub);
	const size_t base = offsetof(struct sockaddr_un, sun_path);
	struct unix_name name = {.len = 0};
	struct stat st;

	*words = '\0';
	if (getsockname(fd, (struct sockaddr *)&us, &us_len) ||
	    getpeername(fd, (struct sockaddr *)&stub, &stub_len) ||
	    fstat(fd, &st))
		return;
	if (stub.ss_family != AF_UNIX) {
		find_tcp_holder(&us, &stub, words, size);
		return;
	}
	if (stub_len <= base || stub_len > base + sizeof(name.bytes))
		return;
	name.len = stub_len - base;
	memcpy(name.bytes, (const char *)&stub + base, name.len);
	if (*name.bytes)
		name.len = strnlen(name.bytes, name.len);
	find_unix_holder(&name, (unsigned long)st.st_ino, words, size);
}

/* Of a Unix socket that takes no connection: its queue is full. */
static void find_holder_at(const char *address, char *words, size_t size)
{
	struct gdbrsp_address a;
	struct unix_name name = {.len = 0};

	*words = '\0';
	if (gdbrsp_address_parse(&a, address, NULL) || !*a.path)
		return;
	name.len = strlen(a.path) + a.abstract;
	memcpy(name.bytes + a.abstract, a.path, strlen(a.path));
	if (a.padded)
		name.len = sizeof(name.bytes);
	find_unix_holder(&name, 0, words, size);
}

void target_holder_name(const struct gdbrsp_conn *conn, const char *address,
			struct err *err)
{
	struct err why = *err;
	char words[128];

	if (conn && (!gdbrsp_conn_mute(conn) || gdbrsp_conn_lost(conn)))
		return;
	if (conn)
		find_holder(gdbrsp_conn_fd(conn), words, sizeof(words));
	else
		find_holder_at(address, words, sizeof(words));
	if (*words)
		err_set(err, why.code, "%.350s (%s)", why.text, words);
}
