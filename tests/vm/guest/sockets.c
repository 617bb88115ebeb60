/* SPDX-License-Identifier: BSD-2-Clause */
/* A scene about sockets: of each kind that has a file below /proc/net. */
#include "guest.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TCP_PORT 4001
#define UDP_PORT 4002
#define OWNER	 1234

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	NEED(ioctl(fd, SIOCSIFFLAGS, &request) == 0);
	close(fd);
}

/* At that port of 127.0.0.1 or, of IPv6, of all addresses. */
static int bound(int family, int type, int port)
{
	struct sockaddr_in four = {.sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6,
				   .sin6_port = htons(port)};
	int fd = socket(family, type, 0), one = 1;

	if (family == AF_INET) {
		NEED(bind(fd, (struct sockaddr *)&four, sizeof(four)) == 0);
		return fd;
	}
	NEED(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) == 0);
	NEED(bind(fd, (struct sockaddr *)&six, sizeof(six)) == 0);
	return fd;
}

static int connected(int to, int type)
{
	struct sockaddr_in6 name;
	socklen_t length = sizeof(name);
	int fd;

	NEED(getsockname(to, (struct sockaddr *)&name, &length) == 0);
	fd = socket(name.sin6_family, type, 0);
	NEED(connect(fd, (struct sockaddr *)&name, length) == 0);
	return fd;
}

/* Two connections to each that listens: one waits to be accepted. */
static void tcp(int family)
{
	int listener = bound(family, SOCK_STREAM, TCP_PORT);
	int client;

	NEED(listen(listener, 5) == 0);
	client = connected(listener, SOCK_STREAM);
	NEED(accept(listener, NULL, NULL) >= 0);
	NEED(connected(listener, SOCK_STREAM) >= 0);
	NEED(write(client, "bytes", 5) == 5);
}

/* A datagram waits at the one that somebody else owns. */
static void udp(int family)
{
	int fd;

	NEED(seteuid(OWNER) == 0);
	fd = bound(family, SOCK_DGRAM, UDP_PORT);
	NEED(seteuid(0) == 0);
	NEED(write(connected(fd, SOCK_DGRAM), "datagram", 8) == 8);
}

static void unix_named(const char *path, size_t length, int type)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type, 0);

	memcpy(name.sun_path, path, length);
	NEED(bind(fd, (struct sockaddr *)&name,
		  offsetof(struct sockaddr_un, sun_path) + length) == 0);
	if (type == SOCK_DGRAM)
		return;
	NEED(listen(fd, 1) == 0);
}

static void all_sockets(void)
{
	int pair[2];

	loopback_up();
	tcp(AF_INET);
	tcp(AF_INET6);
	udp(AF_INET);
	udp(AF_INET6);
	NEED(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0);
	NEED(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6) >= 0);
	unix_named("/tmp/stream socket", 19, SOCK_STREAM);
	unix_named("/tmp/datagrams", 14, SOCK_DGRAM);
	unix_named("\0abstract\0name", 14, SOCK_SEQPACKET);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	publish("sockets", getpid(), "port=%d", TCP_PORT);
}

const struct scene socket_scenes[] = {
	{"sockets", all_sockets},
	{NULL, NULL},
};
