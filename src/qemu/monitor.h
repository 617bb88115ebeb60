/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's human monitor: whoever runs its commands, and some put ahead. */
#ifndef QEMU_MONITOR_H
#define QEMU_MONITOR_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "gdbrsp/client.h"

/* A command, and what it printed once it was run. */
struct qemu_question {
	char command[48];
	bool asked;
	struct buf said;
};

/*
 * Made by qemu_monitor_by_stub(), or by hand with another way to the monitor:
 * `run` has n commands run and appends what commands[i] prints to outs[i].
 */
struct qemu_monitor {
	int (*run)(void *ctx, const char *const *commands, struct buf *outs,
		   size_t n, struct err *err);
	void *ctx;
	VEC(struct qemu_question) ahead;
};

/* By the stub (qRcmd): errors are those of gdbrsp_client_monitors(). */
struct qemu_monitor qemu_monitor_by_stub(struct gdbrsp_client *client);

/* What was put ahead is not asked, and what was said is not kept. */
void qemu_monitor_forget(struct qemu_monitor *m);

/*
 * These will be asked, once each: they are, all together, as soon as one of
 * them is.  ERR_NOMEM.
 */
int qemu_monitor_ahead(struct qemu_monitor *m, const char *const *commands,
		       size_t n, struct err *err);

/*
 * Run n commands; outs[i], which is zeroed, gets the output of commands[i].
 * What was put ahead is there already, and another time it is asked anew.
 * Errors are those of m->run.
 */
int qemu_monitor_run(struct qemu_monitor *m, const char *const *commands,
		     struct buf *outs, size_t n, struct err *err);

#endif
