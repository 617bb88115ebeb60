/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net/unix (net/unix/af_unix.c, unix_seq_show()). */
#include <inttypes.h>

#include "proc/net.h"

/* enum socket_state, include/uapi/linux/net.h */
enum {
	UNCONNECTED = 1,
	CONNECTING,
	CONNECTED,
	DISCONNECTING
};

#define ACCEPTCON (1u << 16) /* __SO_ACCEPTCON, include/uapi/linux/net.h */

static unsigned int unix_state(const struct sock *s)
{
	bool established = s->state == SOCK_ESTABLISHED;

	if (s->has_socket)
		return established ? CONNECTED : UNCONNECTED;
	return established ? CONNECTING : DISCONNECTING;
}

static void unix_text(const struct proc_values *v, size_t i, size_t record,
		      struct buf *out)
{
	const struct net_socks *own = v->own;
	const struct sock *s = net_socks_get(v, i, record);

	if (!s) {
		buf_puts(out, "Num       RefCount Protocol Flags    Type St "
			      "Inode Path\n");
		return;
	}
	net_pointer(own, s, out);
	buf_printf(out, ": %08X %08X %08X %04X %02X %5" PRIu64, s->refs, 0,
		   s->state == SOCK_LISTEN ? ACCEPTCON : 0, s->type,
		   unix_state(s), s->ino);
	if (s->has_path) {
		buf_puts(out, " ");
		sock_path(s, out);
	}
	buf_puts(out, "\n");
}

static int unix_read(struct kernel *k, struct proc_values *v, struct err *err)
{
	return net_socks_read(k, 1u << SOCK_TABLE_UNIX, 0, v, err);
}

NET_FILES(unix, unix_read, unix_text, net_socks_deinit);
