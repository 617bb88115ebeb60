/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree as a file system: a session of libfuse, and the loop of it. */
#include "mount/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "mount/answer.h"
#include "mount/held.h"

#define LINGER_US 50   /* what it takes to be woken, twice */
#define BURST	  1000 /* answers between two looks at what else there is */

/* What libfuse has to say is said again by who called it. */
static void no_words(enum fuse_log_level level, const char *fmt, va_list ap)
{
	(void)level, (void)fmt, (void)ap;
}

static int serve_mount(struct serve *s, int fd, const char *directory,
		       struct err *err)
{
	char name[32];

	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	if (!fuse_session_mount(s->session, fd < 0 ? directory : name))
		return 0;
	return err_set(err, ERR_SYS,
		       "cannot mount on %.200s: fusermount3 (package fuse3) "
		       "does not do it for this user",
		       directory);
}

/* Whether somebody else can run while this process looks for something to do.
 */
static bool has_cpus(void)
{
	cpu_set_t set;

	return !sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) > 1;
}

int serve_open(struct serve *s, int fd, const char *directory, bool allow_other,
	       struct err *err)
{
	char options[96];
	char program[] = "qvmi", dash_o[] = "-o";
	char *argv[] = {program, dash_o, options, NULL};
	struct fuse_args args = {.argc = 3, .argv = argv};
	int rc;

	fuse_set_log_func(no_words);
	snprintf(options, sizeof(options),
		 "fsname=qvmi,subtype=qvmi,nosuid,nodev,noexec%s",
		 allow_other ? ",allow_other" : "");
	s->inodes.root.since = time(NULL);
	s->session =
		fuse_session_new(&args, &answer_ops, sizeof(answer_ops), s);
	fuse_opt_free_args(&args);
	if (!s->session)
		return err_set(err, ERR_SYS, "libfuse makes no session");
	s->lingers = has_cpus();
	rc = serve_mount(s, fd, directory, err);
	if (rc)
		return rc;
	if (fcntl(fuse_session_fd(s->session), F_SETFL, O_NONBLOCK))
		return err_sys(err, ERR_SYS, "/dev/fuse");
	return 0;
}

/* Answer one, if there is one. */
static int serve_one(struct serve *s, struct fuse_buf *buf, bool *answered,
		     struct err *err)
{
	int n = fuse_session_receive_buf(s->session, buf);

	*answered = n > 0;
	if (n > 0)
		fuse_session_process_buf(s->session, buf);
	if (n >= 0 || n == -EINTR || n == -EAGAIN)
		return 0;
	errno = -n;
	return err_sys(err, ERR_SYS, "/dev/fuse");
}

/*
 * Answer one, and what follows it at once: who reads many files waits less for
 * a process that looks than for one that has to be woken (docs/facts/fuse.md,
 * "Waking").  Not without end, for there is more to look at.
 */
static int serve_burst(struct serve *s, const struct serve_end *end,
		       struct fuse_buf *buf, struct err *err)
{
	uint64_t until_us = 0;
	unsigned int n = 0;
	bool answered;
	int rc;

	do {
		rc = serve_one(s, buf, &answered, err);
		if (answered && s->lingers && ++n < BURST)
			until_us = clock_now_us() + LINGER_US;
		else if (!answered)
			sched_yield();
	} while (!rc && n < BURST && !*end->interrupt &&
		 !fuse_session_exited(s->session) && clock_now_us() < until_us);
	return rc;
}

/*
 * Sleep until there is something to do; false: it is over.  Signals are let
 * through in the sleep alone, so that none is lost between the look at their
 * count and that.
 */
static bool serve_sleep(const struct serve *s, const struct serve_end *end)
{
	struct pollfd p[] = {
		{.fd = fuse_session_fd(s->session), .events = POLLIN},
		{.fd = end->fd, .events = POLLIN}};
	sigset_t all, before;
	bool over;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	over = *end->interrupt ||
	       (ppoll(p, 2, NULL, end->asleep) > 0 && p[1].revents) ||
	       *end->interrupt;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return !over;
}

int serve_run(struct serve *s, struct mount_tree *tree,
	      const struct serve_end *end, struct err *err)
{
	struct fuse_buf buf = {0};
	int rc = 0;

	s->tree = tree;
	tree->booted = held_expire;
	tree->booted_ctx = s;
	while (!rc && !fuse_session_exited(s->session) && serve_sleep(s, end))
		rc = serve_burst(s, end, &buf, err);
	free(buf.mem);
	return rc;
}

void serve_close(struct serve *s)
{
	if (s->session)
		fuse_session_destroy(s->session);
	s->session = NULL;
	inodes_deinit(&s->inodes);
}
