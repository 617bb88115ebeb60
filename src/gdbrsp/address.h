/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a stub listens: the address as the user writes it, and connecting. */
#ifndef GDBRSP_ADDRESS_H
#define GDBRSP_ADDRESS_H

#include <stdbool.h>

#include "base/err.h"
#include "gdbrsp/wait.h"

#define GDBRSP_DEFAULT_ADDRESS "localhost:1234"

/* A TCP host and port, or the path of a Unix socket (the others empty). */
struct gdbrsp_address {
	char host[256];
	char port[8];
	char path[108]; /* sun_path; of an abstract socket what is behind NUL */
	bool abstract;
	bool padded;	/* its name is all of sun_path (QEMU: tight=off) */
	char text[272]; /* normal form, for messages, and to be parsed again */
};

/*
 * "HOST:PORT", ":PORT", "PORT" (on localhost), "[V6]:PORT", "unix:PATH",
 * "unix:@NAME" (abstract); and what QEMU's -gdb takes: "tcp:" in front, options
 * behind ("tcp::1234,server=on", "unix:PATH,server=on,wait=off").  NULL:
 * GDBRSP_DEFAULT_ADDRESS.  0 or ERR_USAGE.
 */
int gdbrsp_address_parse(struct gdbrsp_address *a, const char *text,
			 struct err *err);

/* How to connect. */
struct gdbrsp_dial {
	struct gdbrsp_wait *wait;
	/* Called with each socket before it is connected; may be NULL. */
	void (*made)(void *arg, int fd);
	void *arg; /* of made */
};

/*
 * Connect: *fd is then non-blocking, without Nagle's delay, close-on-exec, and
 * the caller's.  Gives up when the wait, which begins here, is over.
 * ERR_NO_GUEST: nobody there, or busy, or the host does not let us;
 * ERR_INTERRUPTED.
 */
int gdbrsp_address_connect(const struct gdbrsp_address *a,
			   const struct gdbrsp_dial *dial, int *fd,
			   struct err *err);

#endif
