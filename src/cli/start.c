/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process of qvmi is made to be before it looks at anything. */
#include "cli/start.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/heap.h"
#include "base/sanitized.h"

/* What start() found. */
static struct {
	struct rlimit memory;
	bool had_memory; /* it was limited by us, then */
	void (*on_xfsz)(int);
	void (*on_chld)(int);
} before = {.on_xfsz = SIG_DFL, .on_chld = SIG_DFL};

/*
 * All readers have limits of their own (kernel/limits.h and the like), which
 * stay far below this; who finds a way around them ends here.
 */
#define MEMORY_MAX (8ULL << 30)

/* With 0, 1 or 2 closed, a socket would become stdout. */
static void fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* The limit is for what is started, too; where the kernel pipes cores to a
 * program (core_pattern), it counts for nothing, but dumpable does. */
static void keep_secrets(void)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/* A sanitizer takes terabytes of address space for itself. */
static void limit_memory(void)
{
	struct rlimit l;

	if (SANITIZED || getrlimit(RLIMIT_AS, &l) || l.rlim_cur <= MEMORY_MAX)
		return;
	before.memory = l;
	l.rlim_cur = MEMORY_MAX;
	before.had_memory = !setrlimit(RLIMIT_AS, &l);
}

int start(struct err *err)
{
	fill_standard_fds();
	limit_memory();
	keep_secrets();
	heap_keep();
	/* A file that may not grow is an error, as a full disk is. */
	before.on_xfsz = signal(SIGXFSZ, SIG_IGN);
	/* Who ignores it has no exit status of a child. */
	before.on_chld = signal(SIGCHLD, SIG_DFL);
	if (!getauxval(AT_SECURE))
		return 0;
	return err_set(err, ERR_REFUSED,
		       "this program was given rights that its caller lacks "
		       "(set-user-ID, set-group-ID, capabilities of its file), "
		       "and does not run so; take them away, and run it as a "
		       "user who has them");
}

void start_undo(void)
{
	if (before.had_memory)
		setrlimit(RLIMIT_AS, &before.memory);
	signal(SIGXFSZ, before.on_xfsz);
	signal(SIGCHLD, before.on_chld);
}
