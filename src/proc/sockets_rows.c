/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of sockets: names of states, addresses, who has them open. */
#include <arpa/inet.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "proc/sockets.h"

enum {
	PROTO,
	TYPE,
	STATE,
	LOCAL,
	REMOTE,
	PATH,
	UID,
	INODE,
	REFS,
	NETNS,
	ADDRESS,
	USERS_TEXT,
	USERS,
	N_COLUMNS
};

const struct row_column sockets_columns[] = {
	[PROTO] = ROW_COLUMN("proto", "PROTO", ROW_WORDS),
	[TYPE] = ROW_COLUMN("type", "TYPE", ROW_WORDS),
	[STATE] = ROW_COLUMN("state", "STATE", ROW_WORDS),
	[LOCAL] = ROW_COLUMN("local", "LOCAL", ROW_WORDS),
	[REMOTE] = ROW_COLUMN("remote", "REMOTE", ROW_WORDS),
	[PATH] = ROW_COLUMN("path", "PATH", ROW_GUEST),
	[UID] = ROW_COLUMN("uid", "UID", ROW_COUNT),
	[INODE] = ROW_COLUMN("inode", "INODE", ROW_COUNT),
	[REFS] = ROW_COLUMN("refs", NULL, ROW_COUNT),
	[NETNS] = ROW_COLUMN("netns", NULL, ROW_COUNT),
	[ADDRESS] = ROW_COLUMN("address", NULL, ROW_HEX),
	[USERS_TEXT] = ROW_COLUMN(NULL, "USERS", ROW_GUEST),
	[USERS] = ROW_COLUMN("users", NULL, ROW_TABLE),
};

const size_t sockets_n_columns = N_COLUMNS;

enum {
	USER_PID,
	USER_COMM,
	USER_FD,
	N_USER_COLUMNS
};

static const struct row_column user_columns[] = {
	[USER_PID] = ROW_COLUMN("pid", NULL, ROW_COUNT),
	[USER_COMM] = ROW_COLUMN("comm", NULL, ROW_GUEST),
	[USER_FD] = ROW_COLUMN("fd", NULL, ROW_COUNT),
};

static const char *sockets_proto(const struct sock *s)
{
	bool six = s->family == SOCK_FAMILY_INET6;

	switch (s->table) {
	case SOCK_TABLE_UDP:
		return six ? "udp6" : "udp";
	case SOCK_TABLE_RAW:
	case SOCK_TABLE_RAW6:
		return six ? "raw6" : "raw";
	case SOCK_TABLE_UNIX:
		return "unix";
	case SOCK_TABLE_NETLINK:
		return "netlink";
	case SOCK_TABLE_PACKET:
		return "packet";
	default:
		return six ? "tcp6" : "tcp";
	}
}

/* include/net/tcp_states.h; other protocols know two of them. */
static const char *sockets_state(const struct sock *s)
{
	static const char *const names[] = {
		NULL,	      "established", "syn-sent",  "syn-recv",
		"fin-wait-1", "fin-wait-2",  "time-wait", "close",
		"close-wait", "last-ack",    "listen",	  "closing",
		"syn-recv"};
	bool tcp = s->table == SOCK_TABLE_LISTEN || s->table == SOCK_TABLE_TCP;
	unsigned int state =
		s->state == SOCK_TIME_WAIT ? s->substate : s->state;

	if (!tcp && s->state == SOCK_ESTABLISHED)
		return "connected";
	if (!tcp && s->state != SOCK_LISTEN)
		return "unconnected";
	if (!tcp)
		state = s->state;
	return state < sizeof(names) / sizeof(names[0]) ? names[state] : NULL;
}

/* include/linux/net.h */
static const char *sockets_type(const struct sock *s)
{
	static const char *const names[] = {NULL,  "stream", "dgram",
					    "raw", NULL,     "seqpacket"};

	return s->type < sizeof(names) / sizeof(names[0]) ? names[s->type]
							  : NULL;
}

static void sockets_word(struct row_table *t, size_t column, const char *word)
{
	if (word)
		row_string(t, column, word);
}

/* "127.0.0.1:80", "[::1]:80"; a port of 0 is "*". */
static void sockets_address(struct row_table *t, size_t column,
			    const struct sock *s, const uint8_t *at,
			    uint16_t port)
{
	bool six = s->family == SOCK_FAMILY_INET6;
	char text[INET6_ADDRSTRLEN] = "?", number[8] = "*";

	inet_ntop(six ? AF_INET6 : AF_INET, at, text, sizeof(text));
	if (port)
		snprintf(number, sizeof(number), "%u", port);
	row_printf(t, column, six ? "[%s]:%s" : "%s:%s", text, number);
}

/* include/uapi/linux/netlink.h */
static const char *const netlink_names[] = {
	"route",	  "unused",	"usersock",
	"firewall",	  "sock-diag",	"nflog",
	"xfrm",		  "selinux",	"iscsi",
	"audit",	  "fib-lookup", "connector",
	"netfilter",	  "ip6-fw",	"dnrtmsg",
	"kobject-uevent", "generic",	NULL,
	"scsitransport",  "ecryptfs",	"rdma",
	"crypto",	  "smc"};

/* "route:1234" of netlink, where the kernel's own have no number; "0003:2" of
 * a packet socket, the protocol and the interface's number. */
static void sockets_other_address(struct row_table *t, const struct sock *s)
{
	const char *name =
		s->protocol < sizeof(netlink_names) / sizeof(netlink_names[0])
			? netlink_names[s->protocol]
			: NULL;
	char port[16] = "kernel", protocol[16];

	if (s->table == SOCK_TABLE_PACKET) {
		snprintf(port, sizeof(port), "%u", s->ifindex);
		row_printf(t, LOCAL, "%04x:%s", s->protocol,
			   s->ifindex ? port : "*");
		return;
	}
	snprintf(protocol, sizeof(protocol), "%u", s->protocol);
	if (s->portid)
		snprintf(port, sizeof(port), "%u", s->portid);
	row_printf(t, LOCAL, "%s:%s", name ? name : protocol, port);
}

static bool sockets_is_listening(const struct sock *s)
{
	return s->state == SOCK_LISTEN || s->state == SOCK_CLOSE;
}

/* As /proc/net/unix has it: NULs are shown as '@'. */
static void sockets_path(struct row_table *t, const struct sock *s)
{
	_cleanup_(buf_deinit) struct buf b = {0};

	if (!s->has_path)
		return;
	sock_path(s, &b);
	t->rows->oom |= b.oom;
	row_bytes(t, PATH, b.data ? b.data : "", b.len);
}

/* "nc/123:3, sh/124:3" */
static void sockets_users(const struct sockets *s, size_t sock, size_t *next,
			  struct row_table *out)
{
	struct row_table *t =
		row_subtable(out, USERS, user_columns, N_USER_COLUMNS);
	_cleanup_(buf_deinit) struct buf b = {0};

	while (*next < s->users.n && s->users.v[*next].sock < sock)
		(*next)++;
	for (; *next < s->users.n && s->users.v[*next].sock == sock;
	     (*next)++) {
		const struct socket_user *u = &s->users.v[*next];
		const struct task *task = &s->tasks.v[u->task];

		row_add(t);
		row_number(t, USER_PID, task->pid);
		row_string(t, USER_COMM, task->comm);
		row_number(t, USER_FD, u->fd);
		buf_printf(&b, "%s%s/%u:%u", b.len ? ", " : "", task->comm,
			   task->pid, u->fd);
	}
	out->rows->oom |= b.oom;
	if (b.len)
		row_bytes(out, USERS_TEXT, b.data, b.len);
}

void sockets_rows(const struct sockets *s, bool listening,
		  struct row_table *out)
{
	size_t i, next = 0;

	for (i = 0; i < s->socks.v.n; i++) {
		const struct sock *k = &s->socks.v.v[i];

		if (listening && !sockets_is_listening(k))
			continue;
		row_add(out);
		row_string(out, PROTO, sockets_proto(k));
		sockets_word(out, TYPE, sockets_type(k));
		sockets_word(out, STATE, sockets_state(k));
		row_number(out, UID, k->uid);
		row_number(out, REFS, k->refs);
		row_number(out, ADDRESS, k->addr);
		if (k->ino)
			row_number(out, INODE, k->ino);
		if (s->netns[i])
			row_number(out, NETNS, s->netns[i]);
		sockets_path(out, k);
		if (k->table > SOCK_TABLE_UNIX) {
			sockets_other_address(out, k);
		} else if (k->family != SOCK_FAMILY_UNIX) {
			sockets_address(out, LOCAL, k, k->local, k->port);
			sockets_address(out, REMOTE, k, k->remote,
					k->remote_port);
		}
		sockets_users(s, i, &next, out);
	}
}
