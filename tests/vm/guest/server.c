/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command channel on the second serial port. One line is a command, the
 * reply is "ERRNO LENGTH\n" and LENGTH bytes. What is long, and would take a
 * serial line under TCG seconds, stays in memory: "ERRNO LENGTH FRAME+N...\n"
 * tells from where QEMU can take it until the next command, in hex, N frames
 * each.
 *
 *
 *     list                   labels, one line each: LABEL PID KEY=VALUE...
 *     cat PATH               the file
 *     pagemap PID ADDR N     N entries of /proc/PID/pagemap, one hex per line
 *     kpageflags PFN [N]     the same of /proc/kpageflags
 *     kpagecount PFN [N]     the same of /proc/kpagecount
 *     runs FILE N            N entries of /proc/FILE from the first on, equal
 *                            ones together: VALUE COUNT, hex and decimal
 *     peek PID ADDR LEN      raw bytes of a process
 *     poke PID ADDR HEX      writes them
 *     port PORT VALUE        writes a byte to an I/O port
 *     bpf NAME               runs that BPF program once, as a socket's filter
 *     kexec KIND CMDLINE     loads /kexec/vmlinuz, KIND is crash or next
 *     kexec-run              runs the next kernel
 *     run CMD                output of a shell command; ERRNO is its status
 *
 * All buffers are static and touched at the start, so that answering never
 * changes what /proc says of the server itself.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define REPLY_MAX   (4UL << 20)
#define ENTRIES_MAX 65536UL
#define SERIAL_MAX  256UL
#define FRAME_MASK  ((1ULL << 55) - 1)

static char reply[REPLY_MAX] __attribute__((aligned(4096)));
static char head[REPLY_MAX / PAGE * 24];
static size_t reply_len;
static uint64_t entries[ENTRIES_MAX];
static const char *label_text;
static size_t label_len;

/* Reads to the end of the file or of the buffer; 0 or an errno. */
static int slurp(int fd)
{
	ssize_t n;

	if (fd < 0)
		return errno;
	reply_len = 0;
	do {
		n = read(fd, reply + reply_len, REPLY_MAX - reply_len);
		reply_len += n > 0 ? n : 0;
	} while (n > 0);
	n = n < 0 ? errno : 0;
	close(fd);
	return n;
}

static int cmd_list(char *args)
{
	(void)args;
	memcpy(reply, label_text, label_len);
	reply_len = label_len;
	return 0;
}

static int cmd_cat(char *args)
{
	return slurp(open(args, O_RDONLY | O_CLOEXEC));
}

static int cmd_run(char *args)
{
	int fds[2], err, status = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return errno;
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		execl("/bin/busybox", "busybox", "sh", "-c", args, NULL);
		_exit(127);
	}
	close(fds[1]);
	err = slurp(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return err ? err : WEXITSTATUS(status);
}

/* Opens /proc/PID/FILE or, without a PID, /proc/FILE. */
static int open_proc(const char *pid, const char *file, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s%s%s", pid ? pid : "",
		 pid ? "/" : "", file);
	return open(path, flags | O_CLOEXEC);
}

/* N entries of eight bytes from number FIRST on, as lines of hex digits. */
static int dump_entries(int fd, uint64_t first, uint64_t n)
{
	ssize_t got;
	int err = 0;

	if (fd < 0)
		return errno;
	if (n > ENTRIES_MAX)
		n = ENTRIES_MAX;
	got = pread(fd, entries, n * 8, first * 8);
	if (got < 0)
		err = errno;
	close(fd);
	reply_len = 0;
	for (ssize_t i = 0; i < got / 8; i++)
		reply_len += sprintf(reply + reply_len, "%016llx\n",
				     (unsigned long long)entries[i]);
	return err;
}

/* The next number of a command line; FALLBACK at its end. */
static uint64_t number(char **args, uint64_t fallback)
{
	char *word = strsep(args, " ");

	return word ? strtoull(word, NULL, 0) : fallback;
}

static int cmd_pagemap(char *args)
{
	char *pid = strsep(&args, " ");
	uint64_t first = number(&args, 0) / PAGE;

	return dump_entries(open_proc(pid, "pagemap", O_RDONLY), first,
			    number(&args, 1));
}

static int cmd_kpageflags(char *args)
{
	uint64_t first = number(&args, 0);

	return dump_entries(open_proc(NULL, "kpageflags", O_RDONLY), first,
			    number(&args, 1));
}

static int cmd_kpagecount(char *args)
{
	uint64_t first = number(&args, 0);

	return dump_entries(open_proc(NULL, "kpagecount", O_RDONLY), first,
			    number(&args, 1));
}

/* Adds "VALUE COUNT" to the reply. */
static void put_run(uint64_t value, uint64_t count)
{
	if (count && reply_len + 64 < REPLY_MAX)
		reply_len += sprintf(reply + reply_len, "%llx %llu\n",
				     (unsigned long long)value,
				     (unsigned long long)count);
}

static int cmd_runs(char *args)
{
	int fd = open_proc(NULL, strsep(&args, " "), O_RDONLY);
	uint64_t left = number(&args, 0), value = 0, count = 0;
	ssize_t got = 1;

	if (fd < 0)
		return errno;
	for (reply_len = 0; left && got > 0; left -= got / 8) {
		got = read(fd, entries,
			   8 * (left < ENTRIES_MAX ? left : ENTRIES_MAX));
		for (ssize_t i = 0; i < got / 8; i++) {
			if (entries[i] != value) {
				put_run(value, count);
				value = entries[i];
				count = 0;
			}
			count++;
		}
	}
	put_run(value, count);
	close(fd);
	return left ? EIO : 0;
}

static int cmd_peek(char *args)
{
	int fd = open_proc(strsep(&args, " "), "mem", O_RDONLY);
	uint64_t addr = number(&args, 0);
	uint64_t len = number(&args, 0);
	ssize_t n;

	if (fd < 0)
		return errno;
	n = pread(fd, reply, len < REPLY_MAX ? len : REPLY_MAX, addr);
	reply_len = n > 0 ? n : 0;
	n = n < 0 ? errno : 0;
	close(fd);
	return n;
}

static int cmd_poke(char *args)
{
	int fd = open_proc(strsep(&args, " "), "mem", O_WRONLY);
	uint64_t addr = number(&args, 0);
	size_t len = 0;
	int err;

	if (fd < 0)
		return errno;
	for (; args && sscanf(args, "%2hhx", reply + len) == 1; args += 2)
		if (len++, !args[1])
			break;
	err = pwrite(fd, reply, len, addr) == (ssize_t)len ? 0 : errno;
	close(fd);
	return err;
}

static int cmd_port(char *args)
{
	uint64_t port = number(&args, 0), value = number(&args, 0);

	if (ioperm(port, 1, 1))
		return errno;
	outb(value, port);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(char *args);
} commands[] = {
	{"list", cmd_list},
	{"cat", cmd_cat},
	{"run", cmd_run},
	{"pagemap", cmd_pagemap},
	{"kpageflags", cmd_kpageflags},
	{"kpagecount", cmd_kpagecount},
	{"runs", cmd_runs},
	{"peek", cmd_peek},
	{"poke", cmd_poke},
	{"port", cmd_port},
	{"bpf", generated_run},
	{"kexec", kexec_load},
	{"kexec-run", kexec_run},
};

static int dispatch(char *line)
{
	char *name = strsep(&line, " ");

	reply_len = 0;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(line ? line : name);
	return ENOSYS;
}

/*
 * Says in which frames the reply lies; false where not all of it does, or
 * nobody tells.
 */
static bool say_frames(int err)
{
	size_t n = (reply_len + PAGE - 1) / PAGE, len, run = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t got = pread(fd, entries, n * 8, (uintptr_t)reply / PAGE * 8);

	close(fd);
	len = sprintf(head, "%d %zu", err, reply_len);
	for (size_t i = 0; i < n; i += run) {
		if (got != (ssize_t)(n * 8) || !(entries[i] >> 63))
			return false;
		for (run = 1;
		     i + run < n && entries[i + run] == entries[i] + run;)
			run++;
		len += sprintf(head + len, " %llx+%zx",
			       (unsigned long long)entries[i] & FRAME_MASK,
			       run);
	}
	sprintf(head + len, "\n");
	return true;
}

static void send_all(int fd, const char *data, size_t len)
{
	for (ssize_t n; len > 0; data += n, len -= n) {
		n = write(fd, data, len);
		if (n < 0)
			return;
	}
}

/* Reads a line of at most MAX - 1 bytes, without its newline. */
static bool read_line(int fd, char *line, size_t max)
{
	size_t len = 0;

	while (len < max - 1 && read(fd, line + len, 1) == 1) {
		if (line[len] == '\n') {
			line[len] = '\0';
			return true;
		}
		len++;
	}
	return false;
}

void serve(const char *labels, size_t len, int ready_fd)
{
	static char line[PAGE];
	int fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios tio;
	int err;

	label_text = labels;
	label_len = len;
	memset(reply, 1, sizeof(reply));
	memset(head, 1, sizeof(head));
	memset(entries, 1, sizeof(entries));
	NEED(fd >= 0 && tcgetattr(fd, &tio) == 0);
	cfmakeraw(&tio);
	cfsetspeed(&tio, B115200);
	tio.c_cflag |= CLOCAL;
	NEED(tcsetattr(fd, TCSANOW, &tio) == 0);
	close(ready_fd);
	for (;;) {
		if (!read_line(fd, line, sizeof(line)))
			continue;
		err = dispatch(line);
		if (reply_len > SERIAL_MAX && say_frames(err)) {
			send_all(fd, head, strlen(head));
			continue;
		}
		send_all(fd, head,
			 snprintf(head, sizeof(head), "%d %zu\n", err,
				  reply_len));
		send_all(fd, reply, reply_len);
	}
}
