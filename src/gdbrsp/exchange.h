/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of a client share: requests under way, and their replies. */
#ifndef GDBRSP_EXCHANGE_H
#define GDBRSP_EXCHANGE_H

#include <stdbool.h>

#include "gdbrsp/client.h"

/* An error for a reply that does not fit the request. */
int gdbrsp_client_unexpected(struct gdbrsp_client *c, const char *request,
			     const struct buf *reply, struct err *err);

/* The same for any but "OK". */
int gdbrsp_client_expect_ok(struct gdbrsp_client *c, const char *request,
			    const struct buf *reply, struct err *err);

/* GDB manual, "Standard Replies": E and two digits. */
bool gdbrsp_client_is_error(const struct buf *reply);

/*
 * For requests that are pipelined (memory.c, write.c): _begin before the first
 * is put, _receive for each reply, _end after the last.  _allow says between
 * them how many bytes all replies and requests have together; else, and for
 * 0, it is one packet (gdbrsp_conn_allow()).
 */
void gdbrsp_client_allow(struct gdbrsp_client *c, uint64_t bytes);
int gdbrsp_client_begin(struct gdbrsp_client *c, struct err *err);
void gdbrsp_client_put(struct gdbrsp_client *c, const char *request);
int gdbrsp_client_receive(struct gdbrsp_client *c, const struct buf **reply,
			  struct err *err);
void gdbrsp_client_end(struct gdbrsp_client *c);

/*
 * Replies do not say what they answer.  Where one looks like the other, a
 * question that only one answer fits is put behind the last of them, and its
 * answer must come behind theirs: else ERR_NO_GUEST.
 */
void gdbrsp_client_seal(struct gdbrsp_client *c);
int gdbrsp_client_unseal(struct gdbrsp_client *c, struct err *err);

/*
 * For the handshake: the next event, with expected stop replies and
 * notifications left out; and errors for one that is no packet, and for a
 * peer that is no stub.
 */
int gdbrsp_client_next(struct gdbrsp_client *c, enum gdbrsp_event *event,
		       const struct buf **body, struct err *err);
int gdbrsp_client_wrong_event(struct gdbrsp_client *c, enum gdbrsp_event event,
			      struct err *err);
int gdbrsp_client_not_gdb(struct gdbrsp_client *c, struct err *err);

/*
 * A packet that is dropped: in a handshake that was interrupted it may be what
 * tells how the stub was found.
 */
void gdbrsp_client_overhear(struct gdbrsp_client *c, const struct buf *body);

#endif
