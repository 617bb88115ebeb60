/* SPDX-License-Identifier: BSD-2-Clause */
/* The way to guest memory: QEMU's process where that is possible, the stub. */
#ifndef QEMU_PATH_H
#define QEMU_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "machine/machine.h"
#include "qemu/peer.h"
#include "qemu/process.h"
#include "qemu/stub.h"
#include "qemu/qemu.h"

/*
 * ctx of qemu_path_ops.  Zero-initialise and set stub.client: then all goes
 * through the stub.
 */
struct qemu_path {
	struct qemu_stub stub;
	struct qemu_process process;
	struct qemu_peer peer; /* of the connection */
	pid_t chosen;	       /* the process that the user names; 0: none */
	bool by_process;       /* reads; writes never are, TCG must see them */
	bool foreign;	       /* they are not, for it is another user's */
	char why[320];	/* why they are not, if they could be asked for */
	char note[320]; /* the same, or why no longer, worth a word; or "" */
};

void qemu_path_deinit(struct qemu_path *path);

/*
 * Choose, once the machine is filled and the stub addresses physical memory.
 * A process is read only where it has the other end of this very connection,
 * and where that is of the user that we run as: a stub may say what it likes,
 * and whoever has more rights than its owner would use them for him.  The user
 * may name a process instead.  0, also where MEMORY_AUTO stays with the stub;
 * ERR_REFUSED: MEMORY_PROCESS, and why that cannot be had; or what the client
 * says.
 */
int qemu_path_choose(struct qemu_path *path, enum qemu_memory want,
		     const struct machine *m, struct err *err);

/*
 * In a later pause: is the process that was chosen the one at the other end?
 * ERR_NO_GUEST: it is not, by its vCPUs' threads, or by what is in its memory.
 * Before it, _ahead has what it asks the monitor asked with the first other
 * question, for the machine as it was.
 */
int qemu_path_ahead(struct qemu_path *path, const struct machine *m,
		    struct err *err);
int qemu_path_again(struct qemu_path *path, const struct machine *m,
		    struct err *err);

/*
 * Which machine this is: its process, and where a manager or a tunnel stands
 * for several, the address; "" where that is not known.
 */
void qemu_path_name(const struct qemu_path *path, const char *address,
		    char *name, size_t size);

/*
 * Reads that fail by the process are done by the stub, and so are all that
 * follow.  What is read to be written back is never read by the process; why
 * writes go by the stub: docs/facts/gdbstub.md, "Physical memory"
 */
extern const struct machine_ops qemu_path_ops;

#endif
