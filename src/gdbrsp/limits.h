/* SPDX-License-Identifier: BSD-2-Clause */
/* What a stub may cost: each limit of time, bytes and things, and its reason.
 */
#ifndef GDBRSP_LIMITS_H
#define GDBRSP_LIMITS_H

/*
 * Who is at the other end decides nothing here.  What QEMU does stays far below
 * each of these; what is above ends in one line, as an answer does that makes
 * no sense.
 */

/*
 * Time.  "Patience" is the longest wait without progress, which the user can
 * set.  An answer is two pieces, an ack and a packet, each of which may take
 * that; a stub that sends a byte now and then gets no more than both.
 */
#define GDBRSP_ANSWER_PATIENCES 2

/*
 * ... and a second more for so many bytes of what was asked for, requests
 * included: a tenth of a slow mobile link, four times a serial line of 9600
 * baud.  QEMU gives 20 million and more.
 */
#define GDBRSP_ANSWER_RATE 4096

/*
 * While things are put back, whoever is less patient than that; and where the
 * stub has not said a word so far, so that most likely it is not our turn.
 */
#define GDBRSP_LEAVE_TIMEOUT_MS	     3000
#define GDBRSP_LEAVE_MUTE_TIMEOUT_MS 300

/*
 * All of it, from its first byte to the last on whatever connection: three
 * silences of the above (two questions, and a second connection), and a rest.
 */
#define GDBRSP_LEAVE_BUDGET_MS 10000

/*
 * What is left of that after a second signal.  QEMU is left within
 * milliseconds, so who presses a key twice in a row, or whose shell and
 * terminal both pass a signal on, harms no guest.
 */
#define GDBRSP_AGAIN_MS 500

/*
 * What may come before an answer (account.c has them by kind).  Acks: one per
 * request, of which as many are under way as write.c has.
 */
#define GDBRSP_REQUESTS_MAX 1024
#define GDBRSP_ACKS_MAX	    (4 * GDBRSP_REQUESTS_MAX)

/* QEMU sends one where connecting stops the guest, and one for each `stop` of
 * somebody else's; no notification, for these need a mode that it lacks. */
#define GDBRSP_STOPS_MAX 64
#define GDBRSP_NOTES_MAX 64

/* Requests that it did not understand, and answers that were garbled. */
#define GDBRSP_NAKS_MAX	    64
#define GDBRSP_BAD_MAX	    64
#define GDBRSP_OVERLONG_MAX 64

/* The rest of an answer whose first byte was lost: the longest of QEMU's has
 * 0x20020 bytes. */
#define GDBRSP_JUNK_MAX (256u << 10)

/* Bytes on the wire for one answer, beyond its escaped body; above all of the
 * above together, so that it only ends a packet without an end. */
#define GDBRSP_WIRE_MAX (1u << 20)

/*
 * Packets under way that are dropped until a certain answer comes: those of
 * memory are 1024, a line of a monitor's text is one, and `info mtree -f` has
 * some 200 lines, ten for each device.
 */
#define GDBRSP_DRAIN_MAX 65536

/*
 * Bodies.  An answer is no longer than what the stub says of its packets
 * (docs/facts/gdbstub.md, "Packets and their sizes"), and may always have this.
 */
#define GDBRSP_BODY_MIN 4096u

/* What a stub may say of its packets: eight times QEMU's. */
#define GDBRSP_BODY_MAX (1u << 20)

/* Before it has said so: qSupported's answer, 100 to 500 bytes. */
#define GDBRSP_HELLO_MAX 16384u

/*
 * vCPUs: q35 has 4096 since QEMU 9.0 (hw/i386/pc_q35.c, max_cpus), no machine
 * has more; their IDs are 1 to that.
 */
#define GDBRSP_VCPUS_MAX 4096u

/* Bytes of `g`: 608 on x86-64; with AVX-512 and APX there would be 4096. */
#define GDBRSP_REGS_BYTES_MAX 16384u

/* Registers described: aarch64 with all its system registers has ~800. */
#define GDBRSP_REGS_MAX 2048

/* All documents of one description (25 KiB of aarch64's is the most seen), and
 * the packets of one: QEMU fills each. */
#define GDBRSP_XML_MAX	       (1u << 20)
#define GDBRSP_XML_PACKETS_MAX 2048

/*
 * All that the monitor says in one session.  `info registers -a` has 2 KiB a
 * vCPU, and is asked for each register that is written; `info mtree -f` of the
 * largest machine has about 1 MiB.
 */
#define GDBRSP_MONITOR_MAX (32u << 20)

/*
 * Ranges of RAM, and back ends: QEMU has up to 20 below 1 MiB and 1 to 4
 * above, 256 slots for DIMMs and 128 NUMA nodes.
 */
#define GDBRSP_RANGES_MAX   1024u
#define GDBRSP_BACKENDS_MAX 1024u

#endif
