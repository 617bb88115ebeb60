/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes of this host: who has a socket, what a process is called. */
#include "qemu/find_process.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"

bool qemu_read_nspid(const char *line, long *number)
{
	const char *last = strrchr(line, '\t');

	if (strncmp(line, "NSpid:", 6) != 0)
		return false;
	*number = last ? strtol(last, NULL, 10) : 0;
	return true;
}

/*
 * Another number than we call it by means that the stub, which speaks of its
 * own, meant another thread.
 */
pid_t qemu_find_by_thread(long tid)
{
	_cleanup_(files_cleanup_file) FILE *f = NULL;
	char path[64], line[256];
	long tgid = 0, own;

	snprintf(path, sizeof(path), "/proc/%ld/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		sscanf(line, "Tgid: %ld", &tgid);
		if (qemu_read_nspid(line, &own))
			return own == tid ? (pid_t)tgid : 0;
	}
	return (pid_t)tgid;
}

bool qemu_is_socket(int dirfd, const char *path, unsigned long inode)
{
	char socket[64], to[64];
	ssize_t n = readlinkat(dirfd, path, to, sizeof(to) - 1);

	snprintf(socket, sizeof(socket), "socket:[%lu]", inode);
	to[n > 0 ? n : 0] = '\0';
	return !strcmp(to, socket);
}

int qemu_process_holds(pid_t pid, unsigned long inode)
{
	_cleanup_(files_cleanup_dir) DIR *dir = NULL;
	const struct dirent *e;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (qemu_is_socket(dirfd(dir), e->d_name, inode))
			return (int)strtol(e->d_name, NULL, 10);
	return -1;
}

pid_t qemu_find_by_inode(unsigned long inode, int *fd)
{
	_cleanup_(files_cleanup_dir) DIR *dir = opendir("/proc");
	const struct dirent *e;
	long pid;
	int held;

	while (dir && (e = readdir(dir))) {
		pid = strtol(e->d_name, NULL, 10);
		held = pid > 0 ? qemu_process_holds((pid_t)pid, inode) : -1;
		if (held < 0)
			continue;
		if (fd)
			*fd = held;
		return (pid_t)pid;
	}
	return 0;
}

/* proc(5): /proc/PID/comm. */
void qemu_process_command(pid_t pid, char *name, size_t size)
{
	_cleanup_(files_cleanup_file) FILE *f = NULL;
	char path[64], line[64] = "";

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	f = fopen(path, "re");
	if (f && fgets(line, sizeof(line), f))
		line[strcspn(line, "\n")] = '\0';
	snprintf(name, size, "%s", line);
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

void qemu_name_process(pid_t pid, char *name, size_t size)
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
