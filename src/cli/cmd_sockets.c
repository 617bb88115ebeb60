/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi sockets: all sockets, and who has them open. */
#include "cli/commands.h"
#include "proc/sockets.h"

struct state {
	unsigned int which; /* 0: the usual ones */
	bool listening;
	struct sockets sockets;
};

enum {
	KEY_NETLINK = 0x100,
	KEY_PACKET
};

static const struct argp_option options[] = {
	{"tcp", 't', NULL, 0, "Only TCP, and what other such options name", 0},
	{"udp", 'u', NULL, 0, "Only UDP, likewise", 0},
	{"raw", 'w', NULL, 0, "Only raw sockets, likewise", 0},
	{"unix", 'x', NULL, 0, "Only Unix sockets, likewise", 0},
	{"netlink", KEY_NETLINK, NULL, 0, "Only netlink, likewise", 0},
	{"packet", KEY_PACKET, NULL, 0, "Only packet sockets, likewise", 0},
	{"listening", 'l', NULL, 0, "Only those that listen, or have no peer",
	 0},
	{0}};

/* Tables that an option names. */
static const struct {
	int key;
	unsigned int tables;
} families[] = {
	{'t', 1u << SOCK_TABLE_LISTEN | 1u << SOCK_TABLE_TCP},
	{'u', 1u << SOCK_TABLE_UDP},
	{'w', 1u << SOCK_TABLE_RAW | 1u << SOCK_TABLE_RAW6},
	{'x', 1u << SOCK_TABLE_UNIX},
	{KEY_NETLINK, 1u << SOCK_TABLE_NETLINK},
	{KEY_PACKET, 1u << SOCK_TABLE_PACKET},
};

static int sockets_option(void *state, int key, const char *arg,
			  struct err *err)
{
	struct state *st = state;
	size_t i;

	(void)arg, (void)err;
	if (key == 'l') {
		st->listening = true;
		return 0;
	}
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (families[i].key == key) {
			st->which |= families[i].tables;
			return 0;
		}
	return ARGP_ERR_UNKNOWN;
}

static int sockets_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;

	return sockets_read(s->guest.kernel,
			    st->which ? st->which : SOCKETS_USUAL, &st->sockets,
			    err);
}

static int sockets_show(struct session *s, void *state, struct out *out,
			struct err *err)
{
	const struct state *st = state;
	const char *remark = NULL;

	(void)s, (void)err;
	out_begin(out, OUT_TABLE, sockets_columns, sockets_n_columns);
	sockets_rows(&st->sockets, st->listening, &out->rows.top);
	while ((remark = remarks_next(&st->sockets.remarks, remark)))
		out_fail(out, ERR_UNREADABLE, "sockets: %s", remark);
	return 0;
}

static void sockets_end(void *state)
{
	struct state *st = state;

	sockets_deinit(&st->sockets);
}

const struct cmd cmd_sockets = {
	.name = "sockets",
	.topic = TOPIC_LOOK,
	.summary = "List sockets and who has them open",
	.doc = "TCP, UDP, raw and Unix sockets of the network namespaces of "
	       "all processes, or those that options name, as of ss(8).  A "
	       "user is COMM/PID:DESCRIPTOR.",
	.needs = NEEDS_KERNEL,
	.max_args = 0,
	.repeats = true,
	.draws = true,
	.options = options,
	.state_size = sizeof(struct state),
	.option = sockets_option,
	.run = sockets_run,
	.show = sockets_show,
	.deinit = sockets_end,
};
