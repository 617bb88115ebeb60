/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands as data: one constant object each, one table of them. */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include <argp.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/session.h"

/* What a command is for: the parts of the list that help prints. */
enum topic {
	TOPIC_LOOK,
	TOPIC_CHANGE,
	TOPIC_MODULES,
	TOPIC_GUEST,
	N_TOPICS
};
extern const char *const cmd_topics[];

/*
 * A command goes through parse and prepare (before any guest is touched), run
 * (the guest stands still: read values, render nothing) and show (it runs
 * again: fill the out).  `state` is zeroed storage of state_size bytes for what
 * these hand on; argv stays valid throughout.
 */
struct cmd {
	const char *name;
	enum topic topic;
	const char *summary; /* one line, no full stop */
	const char *args;    /* operands, as in a synopsis; may be NULL */
	const char *doc;     /* more help, or NULL */
	enum needs needs;    /* at most */
	const struct argp_option *options; /* its own, or NULL */
	int min_args, max_args;		   /* operands; -1: any number */
	bool repeats; /* it only reads, so that --watch makes sense */
	bool draws;   /* tables, where it is text: see cli/tables.h */
	bool parts;   /* it reads much: see guest_part() */
	size_t state_size;
	/* So many bytes at the start of it last from one pause to the next. */
	size_t kept_size;
	/* How it leaves the guest, unless that is as it was found. */
	enum qemu_leave leave;

	/* Take one of its own options; NULL without options. */
	int (*option)(void *state, int key, const char *arg, struct err *err);
	/* Take all operands, when all options are known. */
	int (*operands)(void *state, char **argv, int n, struct err *err);
	/* Of operands that were refused: the text that is malformed, and the
	 * byte that is meant; NULL: there is no such place. */
	const char *(*place)(const void *state, size_t *at);
	/* What this very call needs, where that can be less than `needs`. */
	enum needs (*needs_now)(const void *state);
	/* What is to be ready on the host before the guest is stopped. */
	int (*prepare)(struct session *s, void *state, struct err *err);
	int (*run)(struct session *s, void *state, struct err *err);
	/*
	 * For one that looks until something is so: after each pause, err being
	 * what came of it, the milliseconds up to the next; 0: it is over, and
	 * err says how.  NULL: once, or with --watch, is all.
	 */
	unsigned int (*judge)(void *state, struct err *err);
	/*
	 * For one that goes on with what it showed before, where an option says
	 * so: the milliseconds between pauses, unless --watch has others; 0: it
	 * does not.
	 */
	unsigned int (*follows)(const void *state);
	int (*show)(struct session *s, void *state, struct out *out,
		    struct err *err);
	/* Its own exit status, after a show() without errors; NULL: 0. */
	int (*status)(const void *state);
	void (*deinit)(void *state);
};

/* All commands, in the order of their list; ends in NULL. */
extern const struct cmd *const cmd_table[];

/*
 * The command of that name, or the one whose name begins so.  ERR_USAGE names
 * those that it may be, or the nearest one.
 */
int cmd_find(const char *name, const struct cmd **c, struct err *err);

/* What a command line asks for. */
enum cmd_ask {
	CMD_RUN,
	CMD_HELP,
	CMD_VERSION
};

/* A command line, as far as it is the same for all commands. */
struct cmd_line {
	struct options options; /* set up by the caller */
	enum cmd_ask ask;
	char meant[64]; /* "323:16" where "323 16" is there, or "" */
};

/*
 * Parse "qvmi [OPTION...] COMMAND ..." up to the command: *next is the index
 * of its name, or argc.  ERR_USAGE.
 */
int cmd_parse_top(int argc, char **argv, struct cmd_line *l, int *next,
		  struct err *err);

/*
 * Parse a command's own line, behind cmd_parse_top(); argv[0] is its name.
 * ERR_USAGE.
 */
int cmd_parse(const struct cmd *c, int argc, char **argv, struct cmd_line *l,
	      void *state, struct err *err);

/* For callbacks: ERR_USAGE, with the forms that operands have. */
int cmd_missing(const struct cmd *c, struct err *err);

/* Put behind an error what was meant, perhaps. */
void cmd_hint(const struct cmd_line *l, struct err *err);

/* What is taken beside options_table on each line; ends in a zero entry. */
extern const struct argp_option cmd_common_options[];

#endif
