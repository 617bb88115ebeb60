/* SPDX-License-Identifier: BSD-2-Clause */
/* The other side of a connection, for tests: plays a script as a stub would. */
#include "unit/gdbrsp_peer.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gdbrsp/packet.h"
#include "unit/peer_clock.h"

struct peer {
	const struct peer_opts *opts;
	struct gdbrsp_parser parser;
	struct cursor in;
	int fd, listener;
	bool hush;
	uint8_t written[256]; /* memory from address 0x1000 on, if not 0 */
	char bytes[65536];
};

static void complain(const char *what, const char *want, const char *got)
{
	fprintf(stderr, "peer: %s: want `%.200s`, got `%.200s`\n", what, want,
		got);
	_exit(1);
}

static void say(const struct peer *p, const char *bytes, size_t n)
{
	size_t piece = p->opts && p->opts->bytewise ? 1 : n;

	while (n) {
		ssize_t sent =
			send(p->fd, bytes, piece < n ? piece : n, MSG_NOSIGNAL);

		if (sent <= 0)
			return; /* it has closed: what it said still counts */
		bytes += sent;
		n -= (size_t)sent;
	}
}

static void say_packet(const struct peer *p, const char *body, size_t n)
{
	struct buf out = {0};

	gdbrsp_encode(&out, body, n);
	say(p, out.data, out.len);
	buf_deinit(&out);
}

static ssize_t listen_to(struct peer *p)
{
	peer_clock_await(p->fd);
	return recv(p->fd, p->bytes, sizeof(p->bytes), 0);
}

/* The next packet's body, acked; NULL when the other side closes. */
static const char *hear(struct peer *p)
{
	enum gdbrsp_event e;
	ssize_t n;

	for (;;) {
		e = gdbrsp_parser_next(&p->parser, &p->in);
		if (e == GDBRSP_PACKET) {
			say(p, "+", p->hush ? 0 : 1);
			return p->parser.body.data;
		}
		if (e == GDBRSP_ACK)
			continue;
		if (e == GDBRSP_BAD) {
			say(p, "-", 1);
			continue;
		}
		if (e != GDBRSP_MORE)
			complain("event", "packet", "something else");
		n = listen_to(p);
		if (n <= 0)
			return NULL;
		cursor_init(&p->in, p->bytes, (size_t)n);
	}
}

uint8_t peer_byte(uint64_t addr)
{
	return (uint8_t)(addr * 7 + (addr >> 8) + (addr >> 16));
}

static uint8_t *written(struct peer *p, uint64_t addr)
{
	return addr >= 0x1000 && addr < 0x1000 + sizeof(p->written)
		       ? &p->written[addr - 0x1000]
		       : NULL;
}

static void serve_read(struct peer *p, uint64_t addr, uint64_t len)
{
	struct buf out = {0};
	uint64_t i;

	if (len > p->opts->packet_size / 2) {
		say_packet(p, "E22", 3);
		return;
	}
	if (addr < p->opts->hole_end && addr + len > p->opts->hole) {
		say_packet(p, "E14", 3);
		return;
	}
	for (i = addr; i < addr + len; i++) {
		uint8_t *w = written(p, i);
		uint8_t byte = w && *w ? *w : peer_byte(i);

		if (p->opts->zeros)
			byte = 0;
		gdbrsp_hex_encode(&out, &byte, 1);
	}
	say_packet(p, out.data, out.len);
	buf_deinit(&out);
}

static void serve_write(struct peer *p, uint64_t addr, const char *hex,
			uint64_t len)
{
	uint64_t i;

	if (addr < p->opts->hole_end && addr + len > p->opts->hole) {
		say_packet(p, "E14", 3);
		return;
	}
	for (i = 0; i < len; i++) {
		uint8_t *w = written(p, addr + i);

		if (w)
			gdbrsp_hex_decode(w, hex + 2 * i, 1);
	}
	say_packet(p, "OK", 2);
}

static void serve(struct peer *p)
{
	static const char xml[] = "m<?xml version=\"1.0\"?><!DOCTYPE target "
				  "SYSTEM \"gdb-target.dtd\"><target><archi";
	unsigned long addr, len, at = 0;
	const char *body;
	char text[64];

	while ((body = hear(p))) {
		int colon = 0;

		if (strlen(body) >= p->opts->packet_size)
			complain("request", "PacketSize", "more");
		if (!strcmp(body, "qSupported"))
			say_packet(p, text,
				   (size_t)snprintf(text, sizeof(text),
						    "PacketSize=%zx",
						    p->opts->packet_size));
		else if (!strcmp(body, "qqemu.PhyMemMode"))
			say_packet(p, "0", 1);
		else if (!strcmp(body, "Qqemu.PhyMemMode:1"))
			say_packet(p, "OK", 2);
		else if (sscanf(body, "qXfer:features:read:target.xml:%lx,%lx",
				&at, &len) == 2)
			say_packet(p, xml, len + 1);
		else if (sscanf(body, "m%lx,%lx", &addr, &len) == 2)
			serve_read(p, addr, len);
		else if (sscanf(body, "M%lx,%lx:%n", &addr, &len, &colon) >= 2)
			serve_write(p, addr, body + colon, len);
		else
			say_packet(p, "", 0);
	}
	_exit(0);
}

/* `\n` in a script stands for a line feed. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++)
		*to++ = s[0] == '\\' && s[1] == 'n' ? (s++, '\n') : *s;
	*to = '\0';
}

/* Close the connection, and take the next one. */
static void take_next(struct peer *p)
{
	struct sockaddr_un sa;
	socklen_t len = sizeof(sa);

	close(p->fd);
	p->fd = accept(p->listener, NULL, NULL);
	getsockname(p->listener, (struct sockaddr *)&sa, &len);
	unlink(sa.sun_path);
	gdbrsp_parser_deinit(&p->parser);
	gdbrsp_parser_init(&p->parser, 1 << 20);
	cursor_init(&p->in, p->bytes, 0);
}

/* The byte that stops a guest; it may have come together with a packet. */
static void hear_stop(struct peer *p)
{
	if (!cursor_left(&p->in)) {
		ssize_t n = listen_to(p);

		if (n <= 0)
			complain("byte", "0x03", "the end");
		cursor_init(&p->in, p->bytes, (size_t)n);
	}
	if (cursor_u8(&p->in) != 3)
		complain("byte", "0x03", "something else");
}

static void drip(struct peer *p, const char *args)
{
	char *bytes;
	unsigned long ms = strtoul(args, &bytes, 10);

	while (peer_clock_sleep(p->fd, (unsigned int)ms))
		say(p, bytes + 1, strlen(bytes + 1));
}

/* Many at a time; what is heard is not even read. */
static void flood(struct peer *p, const char *bytes)
{
	size_t len = strlen(bytes), many = sizeof(p->bytes) / len, i;

	for (i = 0; i < many; i++)
		memcpy(p->bytes + i * len, bytes, len);
	while (send(p->fd, p->bytes, many * len, MSG_NOSIGNAL) > 0)
		;
}

/* To whoever is at the other end; it is there until that is over. */
static void send_signal(const struct peer *p, int number)
{
	struct ucred other;
	socklen_t len = sizeof(other);

	if (getsockopt(p->fd, SOL_SOCKET, SO_PEERCRED, &other, &len) ||
	    kill(other.pid, number))
		complain("signal", "somebody", "nobody");
}

static void play_line(struct peer *p, char *line)
{
	const char *body, *want = strlen(line) > 2 ? line + 2 : "";

	if (!*line || *line == '#')
		return;
	unescape(line);
	if (!strcmp(line, "close"))
		_exit(0);
	if (!strcmp(line, "again"))
		take_next(p);
	if (!strcmp(line, "hush"))
		p->hush = true;
	if (!strcmp(line, "stop"))
		hear_stop(p);
	if (!strcmp(line, "serve"))
		serve(p);
	if (!strcmp(line, "mute"))
		while (listen_to(p) > 0)
			;
	if (!strncmp(line, "signal ", 7))
		send_signal(p, atoi(line + 7));
	if (!strncmp(line, "sleep ", 6))
		peer_clock_sleep(p->fd, (unsigned int)atoi(line + 6));
	if (!strncmp(line, "drip ", 5))
		drip(p, line + 5);
	if (!strncmp(line, "flood ", 6))
		flood(p, line + 6);
	if (*line == '<')
		say_packet(p, want, strlen(want));
	if (*line == '!')
		say(p, want, strlen(want));
	if (*line != '>')
		return;
	body = hear(p);
	if (!body)
		complain("request", want, "the end");
	if (line[1] != '?' && strcmp(body, want) != 0)
		complain("request", want, body);
}

static void play(int fd, int listener, const char *script,
		 const struct peer_opts *opts)
{
	struct peer *p = calloc(1, sizeof(*p));
	char *copy = strdup(script), *line, *rest = copy;
	const char *body;

	alarm(600);
	p->fd = fd;
	p->listener = listener;
	p->opts = opts;
	gdbrsp_parser_init(&p->parser, 1 << 20);
	while ((line = strsep(&rest, "\n")))
		play_line(p, line);
	body = hear(p);
	if (body)
		complain("the end", "", body);
	_exit(0);
}

pid_t peer_start(const char *script, const struct peer_opts *opts, int *fd)
{
	int pair[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	peer_clock_start();
	pid = fork();
	if (!pid) {
		close(pair[0]);
		play(pair[1], -1, script, opts);
	}
	close(pair[1]);
	*fd = pair[0];
	return pid;
}

pid_t peer_listen(const char *script, const struct peer_opts *opts,
		  char *address)
{
	static unsigned int count;
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t pid;

	snprintf(sa.sun_path, sizeof(sa.sun_path), "/tmp/qvmi-peer.%d.%u",
		 (int)getpid(), count++);
	unlink(sa.sun_path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	peer_clock_start();
	pid = fork();
	if (!pid) {
		int conn = accept(fd, NULL, NULL);

		/* Who comes back finds nobody, or waits until he is taken. */
		if (!strstr(script, "again\n"))
			unlink(sa.sun_path);
		play(conn, fd, script, opts);
	}
	close(fd);
	snprintf(address, 128, "unix:%s", sa.sun_path);
	return pid;
}

int peer_wait(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status;
}

char *peer_load(const char *name)
{
	char path[512], *text;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", TEST_DATA, name);
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s", path);
	text = calloc(1, 1 << 20);
	n = fread(text, 1, (1 << 20) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

char *peer_load_up_to(const char *name, const char *request, int n,
		      const char *tail)
{
	char *session = peer_load(name), *at = session;

	for (; n; n--) {
		at = strstr(at, request);
		ck_assert_msg(at != NULL, "%s", request);
		at += strlen(request);
	}
	strcpy(at, tail);
	return session;
}
