/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's /proc served as a file system, in many pauses of a session. */
#ifndef CLI_SERVING_H
#define CLI_SERVING_H

#include <stdbool.h>

#include "cli/session.h"
#include "mount/serve.h"
#include "mount/tree.h"

/* Keys of the options that `mount` and `run` have in common, and the first that
 * is free for their own. */
enum {
	SERVING_HOLD = 0x3000,
	SERVING_REFRESH,
	SERVING_OWN
};

#define SERVING_OPTIONS                                                        \
	{"hold",                                                               \
	 SERVING_HOLD,                                                         \
	 NULL,                                                                 \
	 0,                                                                    \
	 "Keep the guest paused: all of the tree is of one moment",            \
	 0},                                                                   \
	{                                                                      \
		"refresh", SERVING_REFRESH, "MS", 0,                           \
			"What is opened within so many milliseconds is of "    \
			"one "                                                 \
			"moment, for which the guest is paused once (default " \
			"500)",                                                \
			0                                                      \
	}

/* Zero-initialise. */
struct serving {
	bool hold, has_refresh;
	bool write; /* memory, through the journal that is open */
	unsigned int refresh_ms;
	/* Called with the state when all that is asked will be answered. */
	void (*ready)(void *state);
	void *state;
	struct serve serve; /* opened in `prepare` */
	struct mount_tree_counts counts;
};

/* Take one of these options, or ARGP_ERR_UNKNOWN, or ERR_USAGE. */
int serving_option(struct serving *s, int key, const char *arg,
		   struct err *err);

/* As a command's `run`: with --hold it serves, for the guest stands still. */
int serving_hold(struct serving *s, struct session *session, int fd,
		 struct err *err);

/*
 * As a command's `show`: the guest was let go.  Until it is unmounted, a signal
 * comes, or fd can be read (-1: none).
 */
int serving_run(struct serving *s, struct session *session, int fd,
		struct err *err);

#endif
