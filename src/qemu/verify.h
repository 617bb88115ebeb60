/* SPDX-License-Identifier: BSD-2-Clause */
/* Where QEMU says its RAM lies, and whether a process has it there. */
#ifndef QEMU_VERIFY_H
#define QEMU_VERIFY_H

#include "base/err.h"
#include "gdbrsp/client.h"
#include "qemu/monitor_text.h"
#include "machine/machine.h"
#include "qemu/process.h"
#include "qemu/stub.h"

/*
 * Ask for the host virtual address of every RAM range, at its start and its
 * end, and for the vCPU threads: one round trip.  Fills p->blocks.
 * ERR_REFUSED: an answer is missing, or a range does not lie in one piece; or
 * what the client says.
 */
int qemu_verify_map(struct qemu_process *p, struct monitor_cpus *cpus,
		    struct qemu_stub *stub, const struct machine *m,
		    struct err *err);

/* That will be asked of a machine with the RAM of this one. */
int qemu_verify_ahead(struct qemu_stub *stub, const struct machine *m,
		      struct err *err);

/*
 * Compare some bytes of every range as the process that is bound and as the
 * stub have them; the stub addresses physical memory.  Places are drawn by lot
 * from pages in use; those that anybody could foretell are compared, but prove
 * nothing.  Only pages that the process has are
 * looked at, by either: in a range without any there is nothing to compare.
 * Before that it is asked what each range lies in (qemu_process_check()).
 * `again`: it was proven that this process, which is still the same, has the
 * guest there; one place of each range is looked at, for what differs.
 * ERR_REFUSED: it may not be read, does not hold this guest, or there is
 * nothing in memory to tell it by; or what the client says.
 */
int qemu_verify_bytes(struct qemu_process *p, struct gdbrsp_client *client,
		      const struct machine *m, bool again, struct err *err);

#endif
