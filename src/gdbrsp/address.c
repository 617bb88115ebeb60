/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a stub listens: parsing the address, and connecting to it. */
#include "gdbrsp/address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A full backlog of a Unix socket is not waited for by poll(): look again. */
#define BACKLOG_RETRY_MS 50

#define LAST_CHANCE_MS	 100

static int bad_address(const char *text, struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "%s: not an address: HOST:PORT, PORT, unix:PATH or "
		       "unix:@NAME",
		       text);
}

static bool is_port(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n && n <= 5 && !s[n] && atol(s) > 0 && atol(s) <= 65535;
}

/*
 * What may stand behind QEMU's address (docs/facts/gdbstub.md, "Addresses of
 * the stub"), and why nobody can connect where it is on, or off.
 */
static const struct option {
	const char *name;
	const char *on, *off; /* NULL: of no matter */
} options[] = {
	{"server", NULL, "QEMU does not listen there, but connects itself"},
	{"wait", NULL, NULL},
	{"nowait", NULL, NULL},
	{"nodelay", NULL, NULL},
	{"delay", NULL, NULL},
	{"ipv4", NULL, NULL},
	{"ipv6", NULL, NULL},
	{"to", NULL, NULL},
	{"reconnect", NULL, NULL},
	{"reconnect-ms", NULL, NULL},
	{"abstract", NULL, NULL},
	{"tight", NULL, NULL},
	{"mux", NULL, NULL},
	{"logfile", NULL, NULL},
	{"logappend", NULL, NULL},
	{"telnet", "telnet is spoken there", NULL},
	{"tn3270", "tn3270 is spoken there", NULL},
	{"websocket", "a web socket is there", NULL},
	{"tls-creds", "TLS is spoken there", NULL},
	{"tls-authz", "TLS is spoken there", NULL},
	{NULL, NULL, NULL},
};

/* The option that begins here, its value behind it; NULL: none does. */
static const struct option *find_option(const char *text, const char **value)
{
	size_t n = strcspn(text, "=,");
	const struct option *o;

	*value = text[n] == '=' ? text + n + 1 : "on";
	for (o = options; o->name; o++)
		if (strlen(o->name) == n && !strncmp(o->name, text, n))
			return o;
	return NULL;
}

static bool is_value(const char *value, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(value, word, n) && (!value[n] || value[n] == ',');
}

/* Where the options begin: at the first comma with nothing but such behind. */
static const char *find_options(const char *text)
{
	const char *comma, *at, *value;

	for (comma = strchr(text, ','); comma; comma = strchr(comma + 1, ',')) {
		for (at = comma; at && find_option(at + 1, &value);)
			at = strchr(at + 1, ',');
		if (!at)
			return comma;
	}
	return text + strlen(text);
}

static int take_options(struct gdbrsp_address *a, const char *text,
			const char *at, struct err *err)
{
	const struct option *o;
	const char *value, *why;
	bool off;

	for (; at && *at; at = strchr(at + 1, ',')) {
		o = find_option(at + 1, &value);
		if (!o)
			break; /* find_options() has seen to that */
		off = is_value(value, "off");
		why = off ? o->off : o->on;
		if (why)
			return err_set(err, ERR_USAGE, "%s: %s (%s)", text, why,
				       o->name);
		if (!strcmp(o->name, "abstract"))
			a->abstract = !off;
		if (!strcmp(o->name, "tight"))
			a->padded = off;
	}
	return 0;
}

static int parse_unix(struct gdbrsp_address *a, const char *text,
		      const char *end, struct err *err)
{
	const char *path = text + strlen("unix:");
	size_t n, most = sizeof(a->path) - 1;

	if (*path == '@') {
		a->abstract = true;
		path++;
	}
	n = (size_t)(end - path);
	if (!n)
		return bad_address(text, err);
	most -= a->abstract; /* the NUL in front */
	if (n > most)
		return err_set(err, ERR_USAGE,
			       "%.32s...: a socket's %s may have %zu bytes",
			       text, a->abstract ? "name" : "path", most);
	a->padded &= a->abstract;
	snprintf(a->path, sizeof(a->path), "%.*s", (int)n, path);
	snprintf(a->text, sizeof(a->text), "unix:%s%s%s",
		 a->abstract ? "@" : "", a->path,
		 a->padded ? ",tight=off" : "");
	return 0;
}

static int parse_tcp(struct gdbrsp_address *a, const char *text,
		     const char *where, struct err *err)
{
	const char *port = strrchr(where, ':');
	const char *host = where;
	const char *end = port ? port : where;

	port = port ? port + 1 : where;
	if (*host == '[' && end > host && end[-1] == ']') {
		host++;
		end--;
	} else if (memchr(host, ':', (size_t)(end - host))) {
		return bad_address(text, err); /* a bare IPv6 address */
	}
	if (!is_port(port) || (size_t)(end - host) >= sizeof(a->host))
		return bad_address(text, err);
	if (host == end)
		snprintf(a->host, sizeof(a->host), "localhost");
	else
		snprintf(a->host, sizeof(a->host), "%.*s", (int)(end - host),
			 host);
	snprintf(a->port, sizeof(a->port), "%.5s", port);
	snprintf(a->text, sizeof(a->text),
		 strchr(a->host, ':') ? "[%s]:%s" : "%s:%s", a->host, a->port);
	return 0;
}

int gdbrsp_address_parse(struct gdbrsp_address *a, const char *text,
			 struct err *err)
{
	const char *end, *where;
	char whole[300];
	int ret;

	*a = (struct gdbrsp_address){0};
	text = text ? text : GDBRSP_DEFAULT_ADDRESS;
	end = find_options(text);
	ret = take_options(a, text, end, err);
	if (ret)
		return ret;
	if (!strncmp(text, "unix:", 5))
		return parse_unix(a, text, end, err);
	if ((size_t)(end - text) >= sizeof(whole) || a->abstract)
		return bad_address(text, err);
	snprintf(whole, sizeof(whole), "%.*s", (int)(end - text), text);
	where = whole + (strncmp(whole, "tcp:", 4) ? 0 : 4);
	return parse_tcp(a, text, where, err);
}

static int address_explain(const struct gdbrsp_address *a, struct err *err)
{
	switch (errno) {
	case ECONNREFUSED:
	case ENOENT:
		return err_set(err, ERR_NO_GUEST,
			       "nothing listens at %s: start QEMU with %s, or "
			       "name the stub with -g",
			       a->text,
			       *a->path ? "-gdb unix:PATH,server=on,wait=off"
					: "-s");
	case EAGAIN:
	case ETIME:
	case ETIMEDOUT:
		return err_set(err, ERR_NO_GUEST,
			       "%s does not take the connection: is another "
			       "debugger attached?",
			       a->text);
	case EINTR:
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	default:
		return err_sys(err, ERR_NO_GUEST, "cannot connect to %s",
			       a->text);
	}
}

/*
 * Wait for a connection under way; 0, or -1 with errno set.  A signal may find
 * it established already: the stub would then stop the guest for a connection
 * that nobody sees through.  So it gets a last chance.
 */
static int await_connected(int fd, struct gdbrsp_wait *w)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int error = 0;

	if (gdbrsp_wait(w, fd, POLLOUT) < 0 &&
	    (errno != EINTR || poll(&p, 1, LAST_CHANCE_MS) <= 0))
		return -1;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		return -1;
	errno = error;
	return error ? -1 : 0;
}

/* Connect to one address; the descriptor, or -1 with errno set. */
static int connect_to(int family, const struct sockaddr *sa, socklen_t len,
		      const struct gdbrsp_dial *dial)
{
	int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(family, type, 0);
	int saved;

	if (fd < 0)
		return -1;
	if (dial->made)
		dial->made(dial->arg, fd);
	while (connect(fd, sa, len)) {
		if (errno == EINPROGRESS && !await_connected(fd, dial->wait))
			break;
		if (errno == EAGAIN &&
		    !gdbrsp_wait_idle(dial->wait, BACKLOG_RETRY_MS))
			continue;
		saved = errno;
		shutdown(fd, SHUT_RDWR); /* for made()'s copies, too */
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static int connect_unix(const struct gdbrsp_address *a,
			const struct gdbrsp_dial *dial)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	size_t n = strlen(a->path);
	socklen_t len = sizeof(sa);

	if (a->abstract && !a->padded)
		len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
				  n);
	memcpy(sa.sun_path + a->abstract, a->path, n);
	return connect_to(AF_UNIX, (const struct sockaddr *)&sa, len, dial);
}

static void cleanup_addrinfo(struct addrinfo **list)
{
	int saved = errno; /* is what the caller is about to look at */

	if (*list)
		freeaddrinfo(*list);
	errno = saved;
}

/* The descriptor; -1 with errno set; or ERR_NO_GUEST with words. */
static int connect_tcp(const struct gdbrsp_address *a,
		       const struct gdbrsp_dial *dial, struct err *err)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	_cleanup_(cleanup_addrinfo) struct addrinfo *list = NULL;
	const struct addrinfo *i;
	int ret, fd = -1, on = 1;

	ret = getaddrinfo(a->host, a->port, &hints, &list);
	if (ret)
		return err_set(err, ERR_NO_GUEST, "%s: %s", a->text,
			       gai_strerror(ret));
	for (i = list; i && fd < 0; i = i->ai_next)
		fd = connect_to(i->ai_family, i->ai_addr, i->ai_addrlen, dial);
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

int gdbrsp_address_connect(const struct gdbrsp_address *a,
			   const struct gdbrsp_dial *dial, int *fd,
			   struct err *err)
{
	int ret;

	gdbrsp_wait_start(dial->wait);
	ret = *a->path ? connect_unix(a, dial) : connect_tcp(a, dial, err);
	if (ret == -1)
		return address_explain(a, err);
	if (ret < 0)
		return ret;
	*fd = ret;
	return 0;
}
