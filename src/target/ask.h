/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to QEMU's monitor, some of them put ahead. */
#ifndef TARGET_ASK_H
#define TARGET_ASK_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "gdbrsp/client.h"

/* A command, and what it printed once it was run. */
struct target_question {
	char command[48];
	bool asked;
	struct buf said;
};

/* Zero-initialise. */
struct target_ask {
	VEC(struct target_question) ahead;
};

/* Nothing is kept: what was said is not true any more. */
void target_ask_forget(struct target_ask *a);

/*
 * These will be asked, once each: they are, all together, as soon as one of
 * them is.  ERR_NOMEM.
 */
int target_ask_ahead(struct target_ask *a, const char *const *commands,
		     size_t n, struct err *err);

/*
 * Run n commands; outs[i], which is zeroed, gets the output of commands[i].
 * What was asked ahead is there already, and another time it is asked anew.
 * Errors as gdbrsp_client_monitors().
 */
int target_ask(struct target_ask *a, struct gdbrsp_client *client,
	       const char *const *commands, struct buf *outs, size_t n,
	       struct err *err);

#endif
