/* SPDX-License-Identifier: BSD-2-Clause */
/* A gdb stub without a QEMU: serves a recorded guest, says what became of it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "stub/stub.h"

/* What one turn of QEMU's main loop takes (CHR_READ_BUF_LEN). */
#define DISPATCH 4096

/* How long a connection that a client has left may still bring bytes. */
#define DRAIN_MS 5000

static const char usage[] =
	"usage: stub IMAGE GENERATION ADDRESS [RAM-SIZE]\n"
	"       stub --list\n"
	"ADDRESS is a path, or a port of 127.0.0.1.  Commands on standard\n"
	"input, each answered by a line:\n"
	"  state          what became of the guest\n"
	"  run, stand WORD  from now on it is found running, or in that state\n"
	"  later WORD     from the second look at its state on it is another\n"
	"  be GENERATION  from now on it behaves so\n"
	"  reset          memory, registers and stub as at the start\n"
	"  poke FILE      change memory (see image.h)\n";

/* The address may be a path or a port. */
static int listen_at(const char *address)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr_in in = {.sin_family = AF_INET};
	char *end;
	bool tcp;
	int fd, on = 1;

	in.sin_port = htons((uint16_t)strtoul(address, &end, 10));
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	tcp = *address && !*end;
	if (!tcp && strlen(address) >= sizeof(un.sun_path))
		die("%s: the path is too long", address);
	memcpy(un.sun_path, address, strlen(address) % sizeof(un.sun_path));
	fd = socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, tcp ? (struct sockaddr *)&in : (struct sockaddr *)&un,
		 tcp ? sizeof(in) : sizeof(un)) ||
	    listen(fd, 1))
		die("%s: %s", address, strerror(errno));
	return fd;
}

static void say_state(const struct stub *s)
{
	printf("running=%d reason=%s phys=%d written=%" PRIu64
	       " breakpoints=%u parser=%s connections=%u stops=%u "
	       "requests=%" PRIu64 " registers=%" PRIu64 "\n",
	       s->running, *s->reason ? s->reason : "-", s->phys_mode,
	       s->written, s->breakpoints,
	       s->state == RS_IDLE ? "idle" : "busy", s->connections, s->stops,
	       s->requests, s->set_registers);
}

static void reset(struct stub *s)
{
	image_reset(s->image);
	buf_deinit(&s->last);
	*s = (struct stub){
		.gen = s->gen, .image = s->image, .running = true, .fd = -1};
}

/* One command; false: not understood. */
static bool obey(struct stub *s, const char *line)
{
	const struct generation *gen;

	if (!strcmp(line, "reset")) {
		reset(s);
	} else if (!strcmp(line, "run")) {
		stub_start(s);
	} else if (!strncmp(line, "stand ", 6)) {
		stub_stand(s, line + 6);
	} else if (!strncmp(line, "later ", 6)) {
		snprintf(s->later, sizeof(s->later), "%.39s", line + 6);
	} else if (!strncmp(line, "poke ", 5)) {
		image_poke(s->image, line + 5);
	} else if (!strncmp(line, "be ", 3)) {
		gen = generation_find(line + 3);
		s->gen = gen ? gen : s->gen;
		return gen != NULL;
	} else {
		return !strcmp(line, "state");
	}
	return true;
}

/* Bytes of the client; a stub that cannot pipeline hears but the first. */
static void hear(struct stub *s)
{
	uint8_t bytes[DISPATCH];
	uint64_t before;
	ssize_t n, i;

	n = recv(s->fd, bytes, sizeof(bytes), 0);
	if (n <= 0) {
		close(s->fd);
		stub_close(s);
		return;
	}
	for (i = 0; i < n; i++) {
		before = s->requests;
		stub_byte(s, bytes[i]);
		if (s->gen->lacks & LACKS_PIPELINE && s->requests > before)
			break;
	}
}

/* A client that has gone may have left bytes behind: they come first. */
static void drain(struct stub *s, int listener)
{
	struct pollfd p = {.events = POLLIN};

	for (;;) {
		p.fd = s->fd >= 0 ? s->fd : listener;
		if (poll(&p, 1, s->fd >= 0 ? DRAIN_MS : 0) <= 0)
			return;
		if (s->fd >= 0)
			hear(s);
		else
			stub_open(s,
				  accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	}
}

/* False at the end of standard input. */
static bool take_command(struct stub *s, int listener)
{
	char line[1200];

	if (!fgets(line, sizeof(line), stdin))
		return false;
	line[strcspn(line, "\n")] = '\0';
	drain(s, listener);
	if (obey(s, line))
		say_state(s);
	else
		printf("error: %s\n", line);
	fflush(stdout);
	return true;
}

static void serve(struct stub *s, int listener)
{
	struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
			      {.events = POLLIN}};
	int on = 1;

	for (;;) {
		p[1].fd = s->fd >= 0 ? s->fd : listener;
		if (poll(p, 2, -1) < 0)
			die("poll: %s", strerror(errno));
		if (p[1].revents && s->fd >= 0) {
			hear(s);
		} else if (p[1].revents) {
			stub_open(s,
				  accept4(listener, NULL, NULL, SOCK_CLOEXEC));
			setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on,
				   sizeof(on));
		} else if (p[0].revents && !take_command(s, listener)) {
			return;
		}
	}
}

int main(int argc, char **argv)
{
	static struct stub s = {.running = true, .fd = -1};
	int listener;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		generation_list();
		return 0;
	}
	if (argc < 4) {
		fputs(usage, stderr);
		return 2;
	}
	/* It must not outlive a test run that was killed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setvbuf(stdin, NULL, _IONBF, 0);
	s.gen = generation_find(argv[2]);
	if (!s.gen)
		die("no generation %s; see --list", argv[2]);
	s.image =
		image_open(argv[1], argc > 4 ? strtoull(argv[4], NULL, 0) : 0);
	listener = listen_at(argv[3]);
	say_state(&s);
	fflush(stdout);
	serve(&s, listener);
	if (s.fd >= 0)
		close(s.fd);
	close(listener);
	buf_deinit(&s.last);
	image_free(s.image);
	return 0;
}
