/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes that stay when what started them is ended. */
#include "base/aside.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

static void aside_begin(const char *name)
{
	static const int signals[] = {SIGINT,  SIGTERM, SIGHUP,	 SIGQUIT,
				      SIGALRM, SIGUSR1, SIGUSR2, SIGPIPE,
				      SIGTSTP, SIGTTIN, SIGTTOU, SIGXCPU};
	size_t i;

	setsid();
	prctl(PR_SET_NAME, name);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_IGN);
}

pid_t aside_fork(const char *name)
{
	sigset_t all, before;
	pid_t pid;

	/* What comes for both while it begins finds it ignoring that. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (!pid)
		aside_begin(name);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}
