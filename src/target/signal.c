/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals that ask for an end: remembered, so that the guest is put back. */
#include <signal.h>
#include <stddef.h>

#include "target/signal.h"
#include "target/target.h"

/* The only variable that a signal handler can reach. */
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	if (!caught)
		caught = number;
}

void target_catch_signals(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction catch = {.sa_handler = on_signal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before;
	size_t i;

	/* Without SA_RESTART: a wait is to end. */
	sigemptyset(&catch.sa_mask);
	sigemptyset(&ignore.sa_mask);
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		/* What nohup or a script's & has us ignore stays ignored. */
		if (!sigaction(ends[i], NULL, &before) &&
		    before.sa_handler != SIG_IGN)
			sigaction(ends[i], &catch, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

int target_caught_signal(void)
{
	return caught;
}

const volatile sig_atomic_t *target_signal_flag(void)
{
	return &caught;
}
