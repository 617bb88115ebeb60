/* SPDX-License-Identifier: BSD-2-Clause */
/* Going on in the background, once all is well. */
#ifndef CLI_BACKGROUND_H
#define CLI_BACKGROUND_H

#include "base/err.h"

/* Zero-initialise; a plain value. */
struct background {
	int ready; /* 0: it stays in the foreground */
	int null;
};

/*
 * Go on in a child, of a session of its own, to be done before there is a
 * watchdog.  The parent, which does not come back, passes on what the child
 * says on stderr, until that is ready (then it ends with 0) or has ended (then
 * as that did).  ERR_SYS.
 */
int background_start(struct background *b, struct err *err);

/* It is ready: nothing is said any more. */
void background_ready(struct background *b);

#endif
