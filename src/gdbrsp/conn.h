/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection to a stub: packets go out, packets come in, nobody blocks. */
#ifndef GDBRSP_CONN_H
#define GDBRSP_CONN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "gdbrsp/packet.h"
#include "gdbrsp/wait.h"

struct gdbrsp_conn;

struct gdbrsp_conn_opts {
	unsigned int timeout_ms; /* longest wait without progress */
	unsigned int max_ms;	 /* longest time in all; 0: any */
	uint64_t leave_us;	 /* not 0: as after gdbrsp_conn_leave() */
	const volatile sig_atomic_t *interrupt; /* signals; may be NULL */
	/* Called while it waits: bytes so far, both directions; may be NULL. */
	void (*progress)(void *arg, uint64_t bytes);
	/* Called with each socket before it is connected; may be NULL. */
	void (*made)(void *arg, int fd);
	void *arg; /* of these */
};

/* Both directions; packets are those that were sent. */
struct gdbrsp_conn_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t since_us; /* when the connection was there (clock_now_us) */
};

/* Connect (address.h).  ERR_USAGE, ERR_NO_GUEST, ERR_SYS, ERR_INTERRUPTED. */
int gdbrsp_conn_open(const char *address, const struct gdbrsp_conn_opts *opts,
		     struct gdbrsp_conn **out, struct err *err);

/* The same on a socket that is connected; it belongs to the connection then. */
int gdbrsp_conn_adopt(int fd, const char *name,
		      const struct gdbrsp_conn_opts *opts,
		      struct gdbrsp_conn **out, struct err *err);

/* Close and free; what is queued and not sent is dropped.  NULL is fine. */
void gdbrsp_conn_close(struct gdbrsp_conn *c);

/* Free it, and nothing else: its socket, as it is, which is the caller's. */
int gdbrsp_conn_take_fd(struct gdbrsp_conn *c);

/* Queue a packet.  It leaves at the next gdbrsp_conn_next() or _push(). */
void gdbrsp_conn_put(struct gdbrsp_conn *c, const void *body, size_t len);

/* Send what the socket takes at once; never waits, reports nothing. */
void gdbrsp_conn_push(struct gdbrsp_conn *c);

/*
 * From here on answers are awaited: packets of up to body_max bytes, `bytes` of
 * them in all.  They are due, however busy the stub is with sending
 * something, at a time that follows from that, and what else comes in front of
 * each of them is counted: see limits.h.
 */
void gdbrsp_conn_allow(struct gdbrsp_conn *c, size_t body_max, uint64_t bytes);

/*
 * Send what is queued and wait for the next event that is not an ack.  *body,
 * for GDBRSP_PACKET and GDBRSP_NOTE, is NUL-terminated and valid until the
 * next call.  0; ERR_NO_GUEST: lost, no progress within the timeout (see
 * gdbrsp_conn_lost()), or what is expected comes too late, or too much in
 * its place (gdbrsp_conn_unruly()); ERR_INTERRUPTED: a signal, or the limit;
 * ERR_NOMEM.
 */
int gdbrsp_conn_next(struct gdbrsp_conn *c, enum gdbrsp_event *event,
		     const struct buf **body, struct err *err);

/* The same for at most `ms`; 0 with *came false: nothing came. */
int gdbrsp_conn_await(struct gdbrsp_conn *c, unsigned int ms, bool *came,
		      enum gdbrsp_event *event, const struct buf **body,
		      struct err *err);

/* Queue 0x03, which stops a guest that runs: GDB manual, "Interrupts". */
void gdbrsp_conn_put_interrupt(struct gdbrsp_conn *c);

/*
 * Acknowledge packets from now on, in front of the next packet sent, or do
 * not.  QEMU needs none while the guest stands still, and takes one that it
 * does not expect, while the guest runs, for a wish to stop it
 * (docs/facts/gdbstub.md, "Acknowledgements").
 */
void gdbrsp_conn_set_acks(struct gdbrsp_conn *c, bool on);

/*
 * For putting things back: another timeout; no limit but until_us
 * (clock_now_us; 0: none); and one signal ends no wait any more, though a
 * second one does so, soon.
 */
void gdbrsp_conn_leave(struct gdbrsp_conn *c, unsigned int timeout_ms,
		       uint64_t until_us);

/*
 * From now on neither a signal nor the limit ends a wait.  ERR_INTERRUPTED, and
 * they do: one has come, or it is reached.
 */
int gdbrsp_conn_hold_signals(struct gdbrsp_conn *c, struct err *err);

/* The limit, if there is one, is reached so much later. */
void gdbrsp_conn_extend(struct gdbrsp_conn *c, uint64_t us);

/* When the limit is reached (clock_now_us); 0: never. */
uint64_t gdbrsp_conn_until(const struct gdbrsp_conn *c);

/* What ends a wait now, for work that has the same limits (wait.h). */
const struct gdbrsp_wait *gdbrsp_conn_wait(const struct gdbrsp_conn *c);

/*
 * Whether much is to come: then waits are long enough that it comes in large
 * pieces.  To be woken for each packet takes both sides more time.
 */
void gdbrsp_conn_expect_much(struct gdbrsp_conn *c, bool much);

unsigned int gdbrsp_conn_timeout(const struct gdbrsp_conn *c);

/* True once the other side has closed: nothing can be put back any more. */
bool gdbrsp_conn_lost(const struct gdbrsp_conn *c);

/* True where the last wait was in vain: the timeout passed. */
bool gdbrsp_conn_silent(const struct gdbrsp_conn *c);

/* True where it went beyond what limits.h allows: not to be talked to again,
 * but for putting things back. */
bool gdbrsp_conn_unruly(const struct gdbrsp_conn *c);

/* True while not a single byte has come. */
bool gdbrsp_conn_mute(const struct gdbrsp_conn *c);

/* The socket, for looking at who is at its other end. */
int gdbrsp_conn_fd(const struct gdbrsp_conn *c);

const char *gdbrsp_conn_name(const struct gdbrsp_conn *c);
void gdbrsp_conn_stats(const struct gdbrsp_conn *c,
		       struct gdbrsp_conn_stats *stats);

#endif
