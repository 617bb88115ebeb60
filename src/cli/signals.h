/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals while a guest stands still: they wait until it is put back. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

#define SIGNALS_ENDS 8

/* What signals meant before; a plain value. */
struct signals {
	struct sigaction ends[SIGNALS_ENDS], pipe;
	sigset_t mask;
	bool catching;
};

/*
 * SIGINT, SIGTERM, SIGHUP, SIGQUIT, and whatever else can end a process from
 * outside, are only counted (signals_count()): the guest is let go before they
 * mean what they meant.  SIGPIPE is ignored.  SIGTSTP, SIGTTIN and SIGTTOU,
 * which would stop this process and with it the guest, wait for
 * signals_restore().
 */
void signals_catch(struct signals *s);

/* All as it was; without signals_catch(), or again, nothing. */
void signals_restore(struct signals *s);

/* The signal that asked for an end, or 0. */
int signals_caught(void);

/* How many have: 2 is two or more.  For qemu_opts.interrupt. */
const volatile sig_atomic_t *signals_count(void);

#endif
