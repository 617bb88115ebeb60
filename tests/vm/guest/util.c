/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers of the scenes: labels, processes, mappings, files. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

const char *scene_name = "init";
int publish_fd = -1;

void publish(const char *label, pid_t pid, const char *fmt, ...)
{
	char line[512];
	int n = snprintf(line, sizeof(line), "%s %d ", label, pid);
	va_list ap;

	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	va_end(ap);
	line[n++] = '\n';
	NEED(write(publish_fd, line, n) == n);
}

void publish_range(const char *suffix, const void *addr, size_t len)
{
	char label[64];

	snprintf(label, sizeof(label), "%s%s%s", scene_name, suffix ? "." : "",
		 suffix ? suffix : "");
	publish(label, getpid(), "addr=%p len=%#zx", addr, len);
}

void need(bool ok, const char *what)
{
	if (ok)
		return;
	dprintf(1, "QVMI-SKIP %s: %s: %s\n", scene_name, what, strerror(errno));
	_exit(1);
}

void settle(void)
{
	close(publish_fd);
	for (;;)
		pause();
}

pid_t spawn(const char *comm)
{
	pid_t pid = fork();

	NEED(pid >= 0);
	if (pid == 0)
		prctl(PR_SET_NAME, comm);
	return pid;
}

void *map(size_t len, int prot, int flags, int fd)
{
	void *p;

	if (fd < 0)
		flags |= MAP_ANONYMOUS;
	p = mmap(NULL, len, prot, flags, fd, 0);
	NEED(p != MAP_FAILED);
	return p;
}

void *map_aligned(size_t len, size_t align, int advice)
{
	char *p = map(len + align, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	char *at = (char *)(((uintptr_t)p + align - 1) & -align);

	if (at > p)
		munmap(p, at - p);
	if (at < p + align)
		munmap(at + len, p + align - at);
	NEED(madvise(at, len, advice) == 0);
	return at;
}

void fill(void *addr, size_t len)
{
	for (size_t i = 0; i < len / PAGE; i++)
		sprintf((char *)addr + i * PAGE, "%s page %zu", scene_name, i);
}

int make_file(const char *path, size_t pages)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	char page[PAGE] = "";

	NEED(fd >= 0);
	for (size_t i = 0; i < pages; i++) {
		snprintf(page, sizeof(page), "%s page %zu", scene_name, i);
		NEED(write(fd, page, PAGE) == (ssize_t)PAGE);
	}
	return fd;
}

void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	char block[PAGE];

	NEED(in >= 0 && out >= 0);
	for (ssize_t n; (n = read(in, block, sizeof(block))) > 0;)
		NEED(write(out, block, n) == n);
	close(in);
	close(out);
}

bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = strlen(text);
	bool ok = fd >= 0 && write(fd, text, len) == len;

	if (fd >= 0)
		close(fd);
	return ok;
}

int param(const char *name, int fallback)
{
	char line[2048] = " ";
	FILE *file = fopen("/proc/cmdline", "r");
	const char *at = NULL;

	if (file && fgets(line + 1, sizeof(line) - 1, file))
		at = strstr(line, name);
	if (file)
		fclose(file);
	return at ? atoi(at + strlen(name)) : fallback;
}
