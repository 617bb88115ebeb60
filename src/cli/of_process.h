/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that show a file of /proc of one process, or of all. */
#ifndef CLI_OF_PROCESS_H
#define CLI_OF_PROCESS_H

#include "cli/cmd.h"
#include "kernel/task/task.h"
#include "proc/proc.h"

/* The state of such a command, or the beginning of it. */
struct of_process {
	bool all;
	uint64_t pid;
	struct task_list list; /* with all */
	struct task task;      /* without */
	const struct task *tasks;
	size_t n;
	struct proc_values values;
};

/* --all, and the operands "PID\n--all". */
extern const struct argp_option of_process_options[];
int of_process_option(void *state, int key, const char *arg, struct err *err);
int of_process_operands(const struct cmd *c, struct of_process *p, char **argv,
			int n, struct err *err);

/*
 * Read a file of them; with `memory` of those that have some, and one without
 * is an error, whose words tell why.
 */
int of_process_read(const struct proc_file *f, bool memory, struct session *s,
		    struct of_process *p, struct err *err);

/* What of part i is missing, and of all of them; `what` it is: "maps". */
void of_process_fault(const struct of_process *p, size_t i, const char *what,
		      struct out *out);
void of_process_torn(const struct of_process *p, const char *what,
		     struct out *out);
/* The file's notes. */
void of_process_notes(const struct session *s, const struct of_process *p,
		      const char *what, struct out *out);

/* All of it as a table. */
int of_process_show(const struct session *s, const struct of_process *p,
		    const char *what, struct out *out);

/* For deinit, of a state that begins so. */
void of_process_deinit(void *state);

#endif
