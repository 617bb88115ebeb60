/* SPDX-License-Identifier: BSD-2-Clause */
/* Which process of this host is behind a stub: guesses, to be checked. */
#include "target/find_process.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"

/*
 * proc(5), /proc/PID/status.  NSpid ends in the number that the thread has for
 * itself: another one than we call it by means that the stub, which speaks of
 * its own, meant another thread.
 */
static pid_t process_of(long tid)
{
	_cleanup_(files_cleanup_file) FILE *f = NULL;
	char path[64], line[256];
	const char *last;
	long tgid = 0;

	snprintf(path, sizeof(path), "/proc/%ld/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		sscanf(line, "Tgid: %ld", &tgid);
		if (strncmp(line, "NSpid:", 6) != 0)
			continue;
		last = strrchr(line, '\t');
		return last && strtol(last, NULL, 10) == tid ? (pid_t)tgid : 0;
	}
	return (pid_t)tgid;
}

pid_t target_find_by_threads(const struct monitor_cpus *cpus)
{
	pid_t pid = 0, other;
	size_t i;

	for (i = 0; i < cpus->v.n; i++) {
		other = process_of(cpus->v.v[i].thread_id);
		if (!other || (pid && other != pid))
			return 0;
		pid = other;
	}
	return pid;
}

/* The process that has a descriptor of that socket. */
static bool holds(const char *pid, const char *socket)
{
	_cleanup_(files_cleanup_dir) DIR *dir = NULL;
	const struct dirent *e;
	char path[300], to[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		n = readlinkat(dirfd(dir), e->d_name, to, sizeof(to) - 1);
		if (n < 0)
			continue;
		to[n] = '\0';
		if (!strcmp(to, socket))
			return true;
	}
	return false;
}

pid_t target_find_by_inode(unsigned long inode)
{
	_cleanup_(files_cleanup_dir) DIR *dir = opendir("/proc");
	const struct dirent *e;
	char socket[64];
	long pid;

	snprintf(socket, sizeof(socket), "socket:[%lu]", inode);
	while (dir && (e = readdir(dir))) {
		pid = strtol(e->d_name, NULL, 10);
		if (pid > 0 && holds(e->d_name, socket))
			return (pid_t)pid;
	}
	return 0;
}

bool target_end_write(struct target_end *end, const struct sockaddr_storage *ss)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	uint32_t w[4] = {0};

	*end = (struct target_end){0};
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

/* "sl local remote st queues timer retransmit uid timeout inode"; 0: none. */
static unsigned long find_inode(const char *table, const char *local,
				const char *remote)
{
	_cleanup_(files_cleanup_file) FILE *f = fopen(table, "re");
	char line[512], a[48], b[48];
	unsigned long inode;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %47s %47s %*s %*s %*s %*s %*s %*s %lu", a,
			   b, &inode) == 3 &&
		    !strcmp(a, local) && !strcmp(b, remote))
			return inode;
	return 0;
}

static pid_t find_tcp(int fd)
{
	struct sockaddr_storage here = {0}, there = {0};
	socklen_t here_len = sizeof(here), there_len = sizeof(there);
	struct target_end us, them;
	unsigned long inode = 0;

	if (getsockname(fd, (struct sockaddr *)&here, &here_len) ||
	    getpeername(fd, (struct sockaddr *)&there, &there_len) ||
	    !target_end_write(&us, &here) || !target_end_write(&them, &there))
		return 0;
	if (*us.v4)
		inode = find_inode("/proc/net/tcp", them.v4, us.v4);
	if (!inode)
		inode = find_inode("/proc/net/tcp6", them.v6, us.v6);
	return inode ? target_find_by_inode(inode) : 0;
}

pid_t target_find_by_socket(int fd)
{
	struct sockaddr_storage here = {0};
	socklen_t len = sizeof(here);
	struct ucred cred = {0};

	if (getsockname(fd, (struct sockaddr *)&here, &len))
		return 0;
	if (here.ss_family != AF_UNIX)
		return find_tcp(fd);
	len = sizeof(cred);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return 0;
	return cred.pid;
}

/* proc(5): /proc/PID/stat, field 22, counted on from behind the name. */
static bool start_of(pid_t pid, unsigned long long *start)
{
	_cleanup_(files_cleanup_file) FILE *f = NULL;
	char path[64], text[1024] = "";
	const char *at;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	f = fopen(path, "re");
	n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	text[n] = '\0';
	at = strrchr(text, ')');
	return at && sscanf(at,
			    ") %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			    "%*s %*s %*s %*s %*s %*s %*s %*s %llu",
			    start) == 1;
}

void target_name_process(pid_t pid, char *name, size_t size)
{
	_cleanup_(files_cleanup_file) FILE *f =
		fopen("/proc/sys/kernel/random/boot_id", "re");
	unsigned long long start;
	char boot[37];

	*name = '\0';
	if (pid > 0 && f && fscanf(f, "%36s", boot) == 1 &&
	    start_of(pid, &start))
		snprintf(name, size, "%s %ld %llu", boot, (long)pid, start);
}
