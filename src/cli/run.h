/* SPDX-License-Identifier: BSD-2-Clause */
/* One command: look while the guest stands still, let it go, then print. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cmd.h"

/* One command from its line to its end. */
struct run {
	int argc; /* of the program */
	char **argv;
	int own_argc; /* of the command: the words from its name on */
	char **own_argv;
	char **borrowed; /* a copy of those, for the state; or NULL */
	const struct cmd *cmd;
	void *state; /* as parsed; owned by the caller */
	struct cmd_line line;
	struct session session;
	struct out out;
	uint64_t started_us;
	unsigned int rounds;
	unsigned int again_ms; /* up to the next pause; 0: there is none */
	bool no_command;       /* on the command line */
	bool resumed; /* by somebody else, in the pause; it is left as found */
	bool printed; /* the answer is out, with its statistics in JSON */
};

/*
 * Do it, with --watch again and again; the exit status.  A signal that came
 * meanwhile ends this process.
 */
int run_command(struct run *r);

/*
 * Print the answer, and in JSON what went wrong in place of one; r->out is to
 * be filled.
 */
void run_answer(struct run *r, bool have_answer, struct err *err);

/* Write all to standard output.  ERR_SYS. */
int run_write(const struct buf *b, struct err *err);

#endif
