/* SPDX-License-Identifier: BSD-2-Clause */
/* The target options, the same on each command. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <argp.h>
#include <stdbool.h>

#include "base/err.h"
#include "guest/guest.h"
#include "qemu/qemu.h"

/* Borrows strings from argv and the environment. */
struct options {
	struct qemu_opts qemu;
	struct guest_opts guest;
	unsigned int watch_ms; /* between two pauses; 0: there is one */
	bool json;
	bool stats;
};

/* The defaults, with those of the environment.  ERR_USAGE: one of these. */
int options_init(struct options *o, struct err *err);

/* The table for argp and for help; ends in a zero entry. */
extern const struct argp_option options_table[];

/* Take one option; ARGP_ERR_UNKNOWN, or 0, or ERR_USAGE. */
int options_take(struct options *o, int key, const char *arg, struct err *err);

#endif
