/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is at the other end of a connection, by this host's kernel alone. */
#include "qemu/peer.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "qemu/find_process.h"
#include "qemu/sockets.h"

static void peer_find_unix(struct qemu_peer *peer, int fd)
{
	struct ucred cred = {.uid = (uid_t)-1};
	socklen_t len = sizeof(cred);
	struct stat st;

	if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len)) {
		peer->pid = cred.pid > 0 ? cred.pid : 0;
		peer->uid = cred.uid;
		peer->has_uid = cred.uid != (uid_t)-1;
	}
	if (!fstat(fd, &st))
		peer->inode = sockets_unix_peer((unsigned long)st.st_ino);
	if (!peer->inode)
		snprintf(peer->why, sizeof(peer->why),
			 "this host does not tell which socket is at the other "
			 "end (unix_diag)");
}

static void peer_find_tcp(struct qemu_peer *peer, int fd,
			  const struct sockaddr_storage *here)
{
	struct sockaddr_storage there = {0};
	socklen_t len = sizeof(there);
	struct sockets_end us, them;
	struct sockets_tcp line;

	if (!getpeername(fd, (struct sockaddr *)&there, &len) &&
	    sockets_write_end(&us, here) && sockets_write_end(&them, &there) &&
	    sockets_find_tcp(&them, &us, &line)) {
		peer->has_uid = true;
		peer->uid = line.uid;
		peer->inode = line.inode;
		return;
	}
	snprintf(peer->why, sizeof(peer->why),
		 "QEMU's process is not seen from here: another host or "
		 "network name space");
}

static bool peer_try(struct qemu_peer *peer, pid_t pid)
{
	int fd = pid ? qemu_process_holds(pid, peer->inode) : -1;

	if (fd >= 0) {
		peer->pid = pid;
		peer->fd = fd;
	}
	return fd >= 0;
}

/* Who has that socket: it, or a process of those threads, or any. */
static bool peer_find_holder(struct qemu_peer *peer,
			     const struct monitor_cpus *cpus)
{
	pid_t pid;

	if (!peer->inode)
		return false;
	if (peer_try(peer, peer->pid))
		return true;
	/* They are of one process, if they tell anything. */
	if (cpus && cpus->v.n &&
	    peer_try(peer, qemu_find_by_thread(cpus->v.v[0].thread_id)))
		return true;
	pid = qemu_find_by_inode(peer->inode, &peer->fd);
	if (pid)
		peer->pid = pid;
	return pid != 0;
}

static void peer_explain(struct qemu_peer *peer)
{
	if (peer->pid)
		snprintf(peer->why, sizeof(peer->why),
			 "process %ld listened, but who has the connection is "
			 "not seen from here",
			 (long)peer->pid);
	else
		snprintf(
			peer->why, sizeof(peer->why),
			"QEMU's process is not seen from here: another user's, "
			"or of another PID name space");
}

void qemu_peer_look(struct qemu_peer *peer, int fd,
		    const struct monitor_cpus *cpus)
{
	struct sockaddr_storage here = {0};
	socklen_t len = sizeof(here);

	*peer = (struct qemu_peer){.pid = 0};
	if (getsockname(fd, (struct sockaddr *)&here, &len))
		return;
	if (here.ss_family == AF_UNIX)
		peer_find_unix(peer, fd);
	else
		peer_find_tcp(peer, fd, &here);
	peer->holds = peer->has_uid && peer_find_holder(peer, cpus);
	if (!peer->holds && !*peer->why)
		peer_explain(peer);
	if (peer->pid)
		qemu_process_command(peer->pid, peer->command,
				     sizeof(peer->command));
}
