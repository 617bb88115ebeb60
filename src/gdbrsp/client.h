/* SPDX-License-Identifier: BSD-2-Clause */
/* What is asked of QEMU's stub: one function per kind of question. */
#ifndef GDBRSP_CLIENT_H
#define GDBRSP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "gdbrsp/conn.h"
#include "machine/machine.h"

/*
 * A conversation with a stub whose guest stands still.  All functions are
 * synchronous and return 0 or, with words that name the stub and the request:
 *
 *	ERR_NO_GUEST	 it is gone, busy, or does not answer as QEMU does; or
 *			 somebody else let the guest run in between
 *	ERR_INTERRUPTED	 a signal
 *	ERR_NOMEM
 *
 * After an error replies may be under way.  The next call first sends a
 * question with an unmistakable answer and drops all that comes before it.
 */
struct gdbrsp_client {
	struct gdbrsp_conn *conn; /* not owned */
	size_t packet_size;	  /* the stub's own limit for a body */
	bool is_qemu;		  /* qqemu.Supported names PhyMemMode */
	bool stranger;		  /* it speaks, but not this protocol */
	bool echoes;		  /* it says what it is told: no stub */
	bool of_process;	  /* it has a process, not a machine */
	bool answered;		  /* at least one whole packet has come */
	bool saw_stop;		  /* it ran when we came (QEMU up to 8.0) */
	bool steady;		  /* handshake done: a stop is an error */
	bool resumed;		  /* somebody else let it run since then */
	bool exited;		  /* the guest has ended */
	bool dirty;		  /* replies may be under way */
	bool asked;		  /* a handshake was tried, see hello.c */
	bool found_phys;	  /* it addressed physical memory already */
	char first_mode;      /* what it said of that at first; 0: not yet */
	bool doubt;	      /* saw_stop, found_phys: may be wrong */
	bool one_by_one;      /* it drops what comes while it answers */
	bool sized;	      /* its answer in front of that has come */
	bool parted;	      /* told to detach: it gets no more packets */
	size_t regs_max;      /* bytes of `g`, if that is described */
	size_t said;	      /* by the monitor so far, in bytes */
	unsigned int markers; /* sent so far, see client.c */
	size_t seal;	      /* bytes that the last one asked for */
};

void gdbrsp_client_init(struct gdbrsp_client *c, struct gdbrsp_conn *conn);

/*
 * The first exchange: makes the stub's parser and ours agree, learns the
 * packet size, has `m` and `M` address physical memory, and refuses what is
 * not a QEMU that can do so (QEMU 4.1, qqemu.PhyMemMode).  Consumes the stop
 * reply that QEMU up to 8.0 sends on its own where connecting stopped a running
 * guest.
 */
int gdbrsp_client_handshake(struct gdbrsp_client *c, struct err *err);

/* Drop all replies under way; nothing is outstanding after it. */
int gdbrsp_client_resync(struct gdbrsp_client *c, struct err *err);

/*
 * One packet out, one packet in: GDB manual, "Packets".  *reply is
 * NUL-terminated, never a console or stop packet, and valid until the next
 * call.  An empty reply means that the stub does not know the request.
 */
int gdbrsp_client_call(struct gdbrsp_client *c, const char *request,
		       const struct buf **reply, struct err *err);

/* Whether `m` and `M` address physical memory. */
int gdbrsp_client_get_phys_mode(struct gdbrsp_client *c, bool *on,
				struct err *err);

/* A document by qXfer:features:read; ctx is a client (gdbrsp_fetch_fn). */
int gdbrsp_client_fetch_xml(void *ctx, const char *annex, struct buf *out,
			    struct err *err);

/*
 * Run n monitor commands (qRcmd), pipelined; the output of commands[i] is
 * appended to outs[i].  For such as print little: a line or some.
 */
int gdbrsp_client_monitors(struct gdbrsp_client *c, const char *const *commands,
			   struct buf *outs, size_t n, struct err *err);

/* A vCPU: QEMU's thread ID is cpu_index + 1. */
struct gdbrsp_vcpu {
	char id[24]; /* as the stub writes it: "01", "p01.01" */
	unsigned int index;
	bool halted;   /* says qThreadExtraInfo */
	uint8_t *regs; /* the decoded reply to `g` */
	size_t regs_len;
};

/* Zero-initialise; owns the registers. */
struct gdbrsp_vcpus {
	VEC(struct gdbrsp_vcpu) v;
};

/*
 * All vCPUs with their registers, in the stub's order.  Where `out` has some,
 * those are expected to be there still: it takes one round trip then.
 */
int gdbrsp_client_read_vcpus(struct gdbrsp_client *c, struct gdbrsp_vcpus *out,
			     struct err *err);
void gdbrsp_vcpus_deinit(struct gdbrsp_vcpus *vcpus);

/* The registers of one of them once more; the stub turns to it (`Hg`). */
int gdbrsp_client_read_vcpu(struct gdbrsp_client *c, struct gdbrsp_vcpu *vcpu,
			    struct err *err);

struct gdbrsp_reg; /* target_xml.h */

/*
 * Read n registers of up to 8 bytes of a vCPU by `p`, which has those that are
 * not in the reply to `g`.
 */
int gdbrsp_client_read_regs(struct gdbrsp_client *c,
			    const struct gdbrsp_vcpu *vcpu,
			    const struct gdbrsp_reg *const *regs, size_t n,
			    uint64_t *values, struct err *err);

/*
 * Set a register, reg->size bytes in target order, by `P` or, where that is
 * not known, by `G`.  Reads the vCPU first: without a `g` KVM would take the
 * values that it has over what is written (QEMU 5.2 to 11.1).  Signals
 * end no wait from here on.  QEMU says OK whatever becomes of the value: read
 * it back.  ERR_REFUSED: the stub answers with an error.
 */
int gdbrsp_client_write_reg(struct gdbrsp_client *c, struct gdbrsp_vcpu *vcpu,
			    const struct gdbrsp_reg *reg, const uint8_t *bytes,
			    struct err *err);

/*
 * Read all n pieces and set every status to MEM_OK or MEM_FAILED (the stub
 * answered with an error).  Requests are pipelined, as large as the stub
 * allows, and span pieces that follow one another in list and memory.
 */
int gdbrsp_client_read(struct gdbrsp_client *c, struct mem_read *reads,
		       size_t n, struct err *err);

/*
 * Write all n pieces, pipelined, and set every status (machine_ops.write).
 * ERR_PARTIAL: the stub answers to some with an error.  From the first
 * write on signals end no wait any more, and what goes wrong is tried once
 * more: nothing is left half written, unless the connection is lost.
 * ERR_INTERRUPTED: a signal came before the first one.
 */
int gdbrsp_client_write(struct gdbrsp_client *c, struct mem_write *writes,
			size_t n, struct err *err);

/*
 * Have the stub address virtual memory again and, with `run`, detach:
 * breakpoints are removed and the guest runs.  The only thing to do afterwards,
 * whatever comes back, is to close the connection: any further byte would stop
 * the guest, and a second detach makes QEMU 7.2 crash (docs/facts/gdbstub.md,
 * "Leaving").
 */
int gdbrsp_client_leave(struct gdbrsp_client *c, bool run, struct err *err);

/*
 * The same, for a stub that does not answer (now), without waiting.  A
 * connection that waits behind another debugger's would else stop the guest
 * when its turn comes, with nobody there to resume it.
 */
void gdbrsp_client_abandon(struct gdbrsp_client *c, bool run);

/*
 * Let the guest run for `ms` and stop it again.  *alone: nothing but this has
 * stopped it; else somebody else has, or it has stopped by itself, and it
 * would stand still now without us.
 */
int gdbrsp_client_run(struct gdbrsp_client *c, unsigned int ms, bool *alone,
		      struct err *err);

/* After an error: is it there, in step, and has the guest not run since? */
bool gdbrsp_client_is_there(struct gdbrsp_client *c);

#endif
