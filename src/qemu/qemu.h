/* SPDX-License-Identifier: BSD-2-Clause */
/* A QEMU guest as a machine: attach, stand still, leave as it was found. */
#ifndef QEMU_QEMU_H
#define QEMU_QEMU_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "machine/source.h"
#include "qemu/peer.h"

enum qemu_memory {
	MEMORY_AUTO,
	MEMORY_STUB,
	MEMORY_PROCESS
};
enum qemu_leave {
	LEAVE_AS_FOUND,
	LEAVE_PAUSED,
	LEAVE_RUNNING
};

/* Why a watchdog had to take a guest's release over. */
enum qemu_rescue {
	QEMU_RESCUE_GONE,	 /* its ward ended without that */
	QEMU_RESCUE_LATE,	 /* it took too long, and was ended */
	QEMU_RESCUE_INTERRUPTED, /* a signal came while it was connected for */
};

struct qemu_opts {
	/* "HOST:PORT", "PORT", "unix:PATH"; NULL: localhost:1234 */
	const char *address;
	enum qemu_memory memory;
	pid_t process; /* the one to be read; 0: who is at the other end */
	enum qemu_leave leave;
	bool again;		   /* there may be more pauses than one */
	unsigned int timeout_ms;   /* longest wait without progress */
	unsigned int max_pause_ms; /* longest pause; 0: QEMU_PAUSE_MS */
	/* Called often while the guest stands still: what came and went by the
	 * connection, in bytes; may be NULL. */
	void (*progress)(void *arg, uint64_t bytes);
	void *arg; /* of progress */
	/*
	 * How often it was asked for an end, NULL: nobody does.  From the first
	 * on every wait ends with ERR_INTERRUPTED, for which a signal that has
	 * raised it has to interrupt system calls; qemu_release() still does
	 * its work, which the second, and nothing else, cuts short within half
	 * a second.
	 */
	const volatile sig_atomic_t *interrupt;
	/*
	 * Called in the watchdog, a process of its own, when it has left the
	 * guest in our place: whether it runs; err is NULL, or says why the
	 * guest may be left paused.  May be NULL.
	 */
	void (*rescued)(enum qemu_rescue end, bool runs, const struct err *err);
};

struct qemu;

/*
 * How long a guest may stand still where nobody says otherwise: nothing but
 * the reading of large memory, which is announced, comes near that.
 */
#define QEMU_PAUSE_MS 10000

/*
 * One that has its watchdog, and is not connected: best made before there is
 * much memory that both would have.  The caller frees with qemu_destroy().
 * ERR_SYS, ERR_NOMEM.
 */
int qemu_new(const struct qemu_opts *opts, struct qemu **out, struct err *err);

/*
 * Connect, which stops the guest; learn its RAM map and the registers of all
 * vCPUs; switch the stub to physical memory; choose how memory is read.  On
 * failure everything is put back first.  ERR_NO_GUEST: nobody there, busy, or
 * no QEMU stub; ERR_NO_LINUX: a QEMU whose CPUs are not x86-64; ERR_REFUSED:
 * MEMORY_PROCESS, which cannot be had, or a state of QEMU's that does not let
 * the guest be left so; ERR_INTERRUPTED: a signal, or the pause reached its
 * limit.  That ends reads later, too; no write.
 *
 * After qemu_release() of one with opts.again it does so once more, by a
 * connection that the watchdog makes: this process may have given up the right
 * to make one.  How the guest is found, its RAM map and its vCPUs are learnt
 * anew.  A process whose memory is read is proven to be the one at the other
 * end still: ERR_NO_GUEST where it is not.  ERR_SYS: the watchdog has ended.
 */
int qemu_attach(struct qemu *t, struct err *err);

/* Both; there is nothing to free after an error. */
int qemu_open(const struct qemu_opts *opts, struct qemu **out, struct err *err);

/*
 * What is to be done now takes so many microseconds, as far as that is known:
 * unless the user has set a limit to the pause, it may last as much longer.
 */
void qemu_announce(struct qemu *t, uint64_t us);

/*
 * Let the guest run for `ms`, stop it again and read the registers of all
 * vCPUs anew; what was read of its memory is forgotten.  ERR_REFUSED, and
 * nothing is done, where it was not found running; or, and it is left as it is
 * now, where something else has stopped it meanwhile.
 */
int qemu_again(struct qemu *t, unsigned int ms, struct err *err);

/*
 * Put the stub back (PhyMemMode 0, nothing outstanding), let the guest run or
 * stand as found or as asked, and close the connection: the end of the pause.
 * The machine is not to be read any more, the rest stays valid.  Once; again
 * it does nothing.  An error says in what state the guest is left, or that it
 * did not stand still while its memory was read.  A guest that ran, and whose
 * state is another one by now (QEMU moved it away, it panicked), is left in
 * that: source_info.left_note.  It takes GDBRSP_LEAVE_BUDGET_MS at most,
 * whatever the stub does.
 */
int qemu_release(struct qemu *t, struct err *err);

/* What the words of qemu_open() and qemu_release() have in them then. */
#define QEMU_STRANDED "the guest may be left paused"

/* Release if that has not happened, and free; NULL is fine. */
void qemu_destroy(struct qemu *t);

/* The machine; owned by it. */
struct machine *qemu_machine(struct qemu *t);

/* As a source, which qemu_destroy() ends. */
struct source qemu_source(struct qemu *t);

/*
 * Where QEMU has the bytes at n physical addresses in its own address space, by
 * the word of its monitor (docs/facts/gdbstub.md, "QEMU's process"), while the
 * guest stands still; 0: no RAM is there, or it does not say.  Errors are those
 * of gdbrsp_client_monitors().
 */
int qemu_hvas(struct qemu *t, const uint64_t *pas, size_t n, uint64_t *hvas,
	      struct err *err);

/* Who is at the other end, as far as this host tells. */
const struct qemu_peer *qemu_peer(const struct qemu *t);

/* Memory is read by the stub for its being another user's than we are. */
bool qemu_is_foreign(const struct qemu *t);

void qemu_info(const struct qemu *t, struct source_info *info);

void qemu_stats(const struct qemu *t, struct source_stats *stats);

#endif
