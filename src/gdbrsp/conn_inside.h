/* SPDX-License-Identifier: BSD-2-Clause */
/* What a connection has inside: for open.c, which makes it, and conn.c. */
#ifndef GDBRSP_CONN_INSIDE_H
#define GDBRSP_CONN_INSIDE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "gdbrsp/account.h"
#include "gdbrsp/conn.h"
#include "gdbrsp/packet.h"
#include "gdbrsp/wait.h"

struct gdbrsp_conn {
	int fd;
	struct gdbrsp_wait wait;
	struct gdbrsp_parser parser;
	struct buf out; /* encoded packets; those before out_pos are sent */
	size_t out_pos;
	struct cursor in; /* what is left to parse of `bytes` */
	bool acks, lost, mute, silent, late, unruly, leaving;
	struct gdbrsp_account account; /* of the answer that is awaited */
	const volatile sig_atomic_t *interrupt;
	int send_error; /* nothing can be sent any more: what came is left */
	struct gdbrsp_conn_stats stats;
	void (*progress)(void *arg, uint64_t bytes);
	void *progress_arg;
	char name[272];
	uint8_t bytes[64 << 10];
};

#endif
