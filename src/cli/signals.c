/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals while a guest stands still: they wait until it is put back. */
#include "cli/signals.h"

#include <stddef.h>

/* All that a signal handler can reach: the first, and how many (2: more). */
static volatile sig_atomic_t caught, count;

/* They ask for an end; a wait is to end, too, so there is no SA_RESTART. */
static const int ends[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
			   SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU};

/* The terminal's: whom they stop, stops with the guest standing still. */
static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};

#define N_ENDS	(sizeof(ends) / sizeof(*ends))
#define N_STOPS (sizeof(stops) / sizeof(*stops))

_Static_assert(N_ENDS == SIGNALS_ENDS, "one disposition each");

static void on_signal(int number)
{
	if (!caught)
		caught = number;
	if (count < 2)
		count++;
}

void signals_catch(struct signals *s)
{
	struct sigaction catch = {.sa_handler = on_signal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t held;
	size_t i;

	sigemptyset(&held);
	for (i = 0; i < N_STOPS; i++)
		sigaddset(&held, stops[i]);
	sigprocmask(SIG_BLOCK, &held, &s->mask);
	sigfillset(&catch.sa_mask);
	sigemptyset(&ignore.sa_mask);
	for (i = 0; i < N_ENDS; i++)
		/* What nohup or a script's & has us ignore stays ignored. */
		if (!sigaction(ends[i], NULL, &s->ends[i]) &&
		    s->ends[i].sa_handler != SIG_IGN)
			sigaction(ends[i], &catch, NULL);
	sigaction(SIGPIPE, &ignore, &s->pipe);
	s->catching = true;
}

void signals_restore(struct signals *s)
{
	size_t i;

	if (!s->catching)
		return;
	for (i = 0; i < N_ENDS; i++)
		sigaction(ends[i], &s->ends[i], NULL);
	sigaction(SIGPIPE, &s->pipe, NULL);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
	s->catching = false;
}

int signals_caught(void)
{
	return caught;
}

const volatile sig_atomic_t *signals_count(void)
{
	return &count;
}
