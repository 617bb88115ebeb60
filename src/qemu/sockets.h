/* SPDX-License-Identifier: BSD-2-Clause */
/* What this host's kernel tells of both ends of a connection. */
#ifndef QEMU_SOCKETS_H
#define QEMU_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

/* An end of a connection as the kernel writes it in /proc/net/tcp and tcp6. */
struct sockets_end {
	char v4[16], v6[48]; /* v4 empty where there is no such form */
};

/* False: not of TCP. */
bool sockets_write_end(struct sockets_end *end,
		       const struct sockaddr_storage *ss);

/* A line of /proc/net/tcp or tcp6 (proc(5)). */
struct sockets_tcp {
	char local[48], remote[48];
	unsigned int state, uid;
	unsigned long inode; /* 0: not accepted yet */
};

/* The next line; false: there is none. */
bool sockets_next_tcp(FILE *f, struct sockets_tcp *l);

/*
 * The socket of this network name space whose own end is `local`, connected to
 * `remote` and accepted; false: there is none.  A state before that would do
 * for nothing: anybody may begin to connect from an address that he names.
 */
bool sockets_find_tcp(const struct sockets_end *local,
		      const struct sockets_end *remote, struct sockets_tcp *l);

/* A Unix socket's name, NUL in front where it is abstract. */
struct sockets_name {
	char bytes[sizeof(((struct sockaddr_un *)0)->sun_path)];
	size_t len;
};

/*
 * sock_diag(7), which takes no rights.  The inode of the socket at the other
 * end of that Unix socket; 0: the kernel does not say (no unix_diag), or it is
 * not accepted yet.
 */
unsigned long sockets_unix_peer(unsigned long inode);

/*
 * The inode at the other end of an accepted Unix socket of that name, the
 * first that is not `us`; 0: none.
 */
unsigned long sockets_unix_client(const struct sockets_name *name,
				  unsigned long us);

#endif
