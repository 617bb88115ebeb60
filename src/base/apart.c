/* SPDX-License-Identifier: BSD-2-Clause */
/* Work on foreign bytes, in a process that can do nothing but that. */
#include "base/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/files.h"
#include "base/sanitized.h"

/* What a child says by its exit status. */
enum {
	DONE,
	FAILED /* the result is a struct err */
};

/* Bytes of address space that this process has. */
static uint64_t mapped(void)
{
	unsigned long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f && fscanf(f, "%llu", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Beyond `most` CPU time comes SIGXCPU, and beyond the hard limit SIGKILL. */
static void limit(int what, uint64_t most)
{
	const struct rlimit l = {most, most + (what == RLIMIT_CPU)};

	setrlimit((__rlimit_resource_t)what, &l);
}

/* Sanitizers reserve terabytes. */
static void limit_all(const struct apart_limits *l)
{
	limit(RLIMIT_CPU, l->seconds);
	limit(RLIMIT_FSIZE, l->result);
	if (!SANITIZED)
		limit(RLIMIT_AS, mapped() + l->memory);
}

/* Nothing but what it works with: in, out, stderr. */
static int apart_keep(int *in, int *out)
{
	int high[2] = {fcntl(*in, F_DUPFD, STDERR_FILENO + 1),
		       fcntl(*out, F_DUPFD, STDERR_FILENO + 1)};

	*in = dup2(high[0], STDIN_FILENO);
	*out = dup2(high[1], STDOUT_FILENO);
	syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, 0);
	return *in | *out;
}

static _Noreturn void child(apart_work *work, void *arg, int in, int out,
			    const struct apart_limits *l)
{
	struct err err = {0};
	int rc;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGXFSZ, SIG_IGN); /* EFBIG */
	signal(SIGXCPU, SIG_DFL);
	limit_all(l);
	if (apart_keep(&in, &out) < 0)
		_exit(errno & 0x7f);
	confine_worker();
	rc = work(arg, in, out, &err);
	err.code = rc;
	if (rc && (ftruncate(out, 0) || lseek(out, 0, SEEK_SET) ||
		   files_write(out, &err, sizeof(err))))
		_exit(FAILED);
	_exit(rc ? FAILED : DONE);
}

/* Words of a process that foreign bytes may have had their way with. */
static int take_words(int out, struct err *err)
{
	struct err said;

	if (files_read_at(out, &said, sizeof(said), 0) != sizeof(said) ||
	    said.code >= 0 || said.code < ERR_PARTIAL)
		return err_set(err, ERR_CORRUPT, "its reader fails");
	said.text[sizeof(said.text) - 1] = '\0';
	/* Its words and no more: it looked at foreign bytes. */
	return err_set(err, said.code, "%s", said.text);
}

static int take_end(int status, int out, const struct apart_limits *l,
		    struct err *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == DONE)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == FAILED)
		return take_words(out, err);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return err_set(err, ERR_REFUSED,
			       "reading it takes more than %u s, and was given "
			       "up",
			       l->seconds);
	return err_set(err, ERR_CORRUPT, "its reader ended by %s %d",
		       WIFSIGNALED(status) ? "signal" : "status",
		       WIFSIGNALED(status) ? WTERMSIG(status)
					   : WEXITSTATUS(status));
}

static int apart_run(apart_work *work, void *arg, int in, int out,
		     const struct apart_limits *l, struct err *err)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		child(work, arg, in, out, l);
	if (pid < 0)
		return err_sys(err, ERR_SYS, "fork");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return take_end(status, out, l, err);
}

int apart(apart_work *work, void *arg, int in, const struct apart_limits *l,
	  struct err *err)
{
	int out = memfd_create("qvmi", MFD_CLOEXEC), rc;

	if (out < 0)
		return err_sys(err, ERR_SYS, "memfd_create");
	rc = apart_run(work, arg, in, out, l, err);
	if (!rc)
		return out;
	close(out);
	return rc;
}
