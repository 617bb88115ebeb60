/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is attached to a stub that has no time for us. */
#ifndef QEMU_HOLDER_H
#define QEMU_HOLDER_H

#include "base/err.h"
#include "gdbrsp/conn.h"

/*
 * Behind the words for a stub that does not answer: who has the connection
 * that is served, "(process 1234, gdb)", as far as this host tells.  conn:
 * ours, which waits and has heard nothing; NULL: not even that was to be had.
 */
void qemu_holder_name(const struct gdbrsp_conn *conn, const char *address,
		      struct err *err);

#endif
