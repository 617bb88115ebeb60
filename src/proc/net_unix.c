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

/* An abstract name begins with a NUL, and any may stand in it; others end in
 * one, which counts. */
static void unix_path(const struct sock *s, struct buf *out)
{
	size_t i = 0, n = s->path_len;

	buf_puts(out, " ");
	if (n && !s->path[0]) {
		buf_puts(out, "@");
		i++;
	} else if (n) {
		n--;
	}
	for (; i < n; i++) {
		char c = s->path[i] ? (char)s->path[i] : '@';

		buf_add(out, &c, 1);
	}
}

static void unix_text(const struct proc_values *v, size_t i, size_t record,
		      struct buf *out)
{
	const struct net_socks *own = v->own;
	const struct sock *s = net_socks_get(v, i, record);
	char pointer[POINTER_TEXT_BYTES];

	if (!s) {
		buf_puts(out, "Num       RefCount Protocol Flags    Type St "
			      "Inode Path\n");
		return;
	}
	pointer_text(&own->pointers, s->addr, pointer);
	buf_printf(out, "%s: %08X %08X %08X %04X %02X %5" PRIu64, pointer,
		   s->refs, 0, s->state == SOCK_LISTEN ? ACCEPTCON : 0, s->type,
		   unix_state(s), s->ino);
	if (s->has_path)
		unix_path(s, out);
	buf_puts(out, "\n");
}

static int unix_read(struct kernel *k, struct proc_values *v, struct err *err)
{
	return net_socks_read(k, 1u << SOCK_TABLE_UNIX, 0, v, err);
}

NET_FILES(unix, unix_read, unix_text, net_socks_deinit);
