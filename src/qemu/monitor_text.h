/* SPDX-License-Identifier: BSD-2-Clause */
/* What QEMU's human monitor says, as values; pure functions on its text. */
#ifndef QEMU_MONITOR_TEXT_H
#define QEMU_MONITOR_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"

/*
 * Texts are NUL-terminated; lines may end in CR LF, as the monitor's do.  What
 * its commands print: docs/facts/gdbstub.md, "The monitor".
 */

/* A piece of the guest's physical address space that is its RAM. */
struct monitor_ram {
	uint64_t start;
	uint64_t size;
	uint64_t offset; /* into the memory block behind it */
	char name[64];	 /* of that block: "pc.ram", "m0" */
};

/* Zero-initialise; ascending and disjoint. */
struct monitor_rams {
	VEC(struct monitor_ram) v;
};

void monitor_rams_deinit(struct monitor_rams *rams);

/*
 * The RAM of the machine, out of `info mtree -f` and `info memdev`.
 *
 * Of all flat views the one that holds the address space "memory" counts
 * (docs/facts/gdbstub.md, "RAM"; QEMU 5.2 to 10.0):
 *
 *	FlatView #1
 *	 AS "memory", root: system
 *	 Root memory region: system
 *	  START-END (prio N, ram): NAME [@OFFSET][ KVM][ owner:...]
 *
 * Of its lines those of type "ram" or "nv-ram", writable that is, count whose
 * block is one of the machine's memory back ends: since QEMU 5.0 every machine
 * has its RAM from such, and `info memdev` lists them.  Video memory, option
 * ROMs, firmware and device windows belong to none.  Should no line match (a
 * machine with RAM of its own making), all lines count but those of blocks
 * that are known not to be system RAM.
 *
 * 0; ERR_CORRUPT: no such view, a line that makes no sense, no RAM at all, or
 * more ranges or back ends than limits.h has; ERR_NOMEM.
 */
int monitor_parse_ram(const char *mtree, const char *memdev,
		      struct monitor_rams *rams, struct err *err);

/*
 * Whether every back end is there as a whole: no line of the view's is missing
 * as far as can be told from its sizes.  False, too, for a back end that is not
 * plugged in, or only in part.
 */
bool monitor_ram_adds_up(const char *mtree, const char *memdev);

/*
 * `info status`: "VM status: paused (prelaunch)".  Up to 8.0 QEMU with
 * -singlestep puts "(single step mode)" in front of the reason.
 */
struct monitor_status {
	bool running;
	char reason[40]; /* "prelaunch", "debug", "io-error"...; else empty */
};

/* 0 or ERR_CORRUPT. */
int monitor_parse_status(const char *text, struct monitor_status *status,
			 struct err *err);

/* QEMU's word for the state: "running", "paused" or the reason. */
const char *monitor_status_word(const struct monitor_status *status);

/*
 * `info migrate`: "Migration status: active", since 10.1 "Status: active".
 * The word of a migration that is under way, to or from this QEMU; "" where
 * none is.
 */
struct monitor_migration {
	char status[24];
};

void monitor_parse_migration(const char *text, struct monitor_migration *m);

/* `info version`: "7.2.22Debian 1:7.2+dfsg-7" with no space in between. */
struct monitor_version {
	unsigned int major, minor, micro;
	char text[96]; /* "QEMU 7.2.22 (Debian 1:7.2+dfsg-7)" */
};

/* 0 or ERR_CORRUPT. */
int monitor_parse_version(const char *text, struct monitor_version *version,
			  struct err *err);

/* `info cpus`: "* CPU #0: thread_id=6458", a line per vCPU. */
struct monitor_cpu {
	unsigned int index;
	long thread_id; /* in QEMU's own PID name space */
};

struct monitor_cpus {
	VEC(struct monitor_cpu) v;
};

void monitor_cpus_deinit(struct monitor_cpus *cpus);

/* 0, also where there is none; ERR_CORRUPT: too many (limits.h); ERR_NOMEM. */
int monitor_parse_cpus(const char *text, struct monitor_cpus *cpus,
		       struct err *err);

/*
 * `gpa2hva ADDR`: "Host virtual address for 0x1000 (pc.ram) is 0x7f4c5be01000"
 * (monitor/misc.c, later monitor/hmp-cmds.c; QEMU 2.10 to 11.1).  0; or
 * ERR_NOT_FOUND: it says anything else, or speaks of another address than gpa.
 */
int monitor_parse_hva(const char *text, uint64_t gpa, uint64_t *hva,
		      struct err *err);

/*
 * `info registers -a`: whether a vCPU runs 64-bit code (CS.L is 1).  Its block
 * begins with "CPU#N", then come "RAX=" or else "EAX=" (target/i386/
 * cpu-dump.c, x86_cpu_dump_state(), QEMU 5.2 to 10.0).  0, or ERR_REFUSED: it
 * does not say.
 */
int monitor_parse_64_bit(const char *text, unsigned int index, bool *is_64_bit,
			 struct err *err);

#endif
