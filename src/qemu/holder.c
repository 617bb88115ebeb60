/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is attached to a stub that has no time for us. */
#include "qemu/holder.h"

#include <arpa/inet.h>
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
#include "qemu/find_process.h"
#include "qemu/sockets.h"

static void describe_process(pid_t pid, char *words, size_t size)
{
	char comm[64];

	qemu_process_command(pid, comm, sizeof(comm));
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

/*
 * The end that the stub talks to: its own one is `at`, and accepted; `us`
 * waits.  False: there is none, or the stub is not on this host.
 */
static bool find_served(const char *table, const char *at, const char *us,
			struct sockaddr_storage *served)
{
	_cleanup_(files_cleanup_file) FILE *f = fopen(table, "re");
	struct sockets_tcp l;

	while (f && *at && sockets_next_tcp(f, &l))
		if (l.state == TCP_ESTABLISHED && l.inode &&
		    !strcmp(l.local, at) && strcmp(l.remote, us) != 0)
			return read_end(l.remote, served);
	return false;
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
	struct sockets_end here, there, other;
	struct sockets_tcp line;
	pid_t pid = 0;

	if (!sockets_write_end(&here, us) || !sockets_write_end(&there, stub))
		return;
	if (!find_served("/proc/net/tcp", there.v4, here.v4, &served) &&
	    !find_served("/proc/net/tcp6", there.v6, here.v6, &served))
		return;
	if (!sockets_write_end(&other, &served))
		return;
	if (sockets_find_tcp(&other, &there, &line))
		pid = qemu_find_by_inode(line.inode, NULL);
	if (pid)
		describe_process(pid, words, size);
	else
		describe_remote(&served, words, size);
}

static void find_unix_holder(const struct sockets_name *name, unsigned long us,
			     char *words, size_t size)
{
	unsigned long inode = sockets_unix_client(name, us);
	pid_t pid = inode ? qemu_find_by_inode(inode, NULL) : 0;

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
	struct sockets_name name = {.len = 0};
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
	struct sockets_name name = {.len = 0};

	*words = '\0';
	if (gdbrsp_address_parse(&a, address, NULL) || !*a.path)
		return;
	name.len = strlen(a.path) + a.abstract;
	memcpy(name.bytes + a.abstract, a.path, strlen(a.path));
	if (a.padded)
		name.len = sizeof(name.bytes);
	find_unix_holder(&name, 0, words, size);
}

void qemu_holder_name(const struct gdbrsp_conn *conn, const char *address,
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
