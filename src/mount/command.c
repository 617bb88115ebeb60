/* SPDX-License-Identifier: BSD-2-Clause */
/* A command of this host that has a tree of ours for its /proc. */
#include "mount/command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/pass.h"
#include "mount/cover.h"
#include "mount/point.h"
#include "mount/spaces.h"

/* What has to be told is a struct err: by the same program, so that both know
 * how long that is. */
static void command_tell(int control, const struct err *err)
{
	if (send(control, err, sizeof(*err), MSG_NOSIGNAL) < 0)
		return;
}

static int command_hear(int control, struct err *err)
{
	struct err said = {0};

	if (recv(control, &said, sizeof(said), MSG_WAITALL) != sizeof(said))
		return 0;
	said.text[sizeof(said.text) - 1] = '\0';
	return err_pass(err, &said);
}

/* As it would have been without us; and without us there is no /proc for it. */
static void command_restore(void (*undo)(void))
{
	if (undo)
		undo();
	/* Else ss(8) asks the kernel, which is this host's. */
	setenv("PROC_ROOT", "/proc", 1);
}

static _Noreturn void command_execute(int control, char *const *argv,
				      void (*undo)(void), pid_t parent)
{
	struct err err = {0};

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(COMMAND_CANNOT);
	command_restore(undo);
	if (cover_with_guest(&err)) {
		command_tell(control, &err);
		_exit(COMMAND_CANNOT);
	}
	execvp(argv[0], argv);
	err_sys(&err, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYS, "%.200s",
		argv[0]);
	command_tell(control, &err);
	_exit(err.code == ERR_NOT_FOUND ? COMMAND_ABSENT : COMMAND_CANNOT);
}

/* End as that one did. */
static _Noreturn void command_follow(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			_exit(COMMAND_CANNOT);
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
		_exit(128 + WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

/*
 * Stay between the two.  Whoever is confined may send no signal to others, nor
 * does the kernel send that of its death (landlock(7), prctl(2)): so this one,
 * which is not, does so when the other end is closed.
 */
static _Noreturn void command_stay(int control, pid_t pid)
{
	struct pollfd p[] = {
		{.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN},
		{.fd = control, .events = POLLIN}};

	/* What is typed is for the command. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	while (poll(p, 2, -1) < 0 && errno == EINTR)
		;
	if (!p[0].revents)
		kill(pid, SIGTERM);
	else
		command_follow(pid);
	_exit(COMMAND_CANNOT);
}

static _Noreturn void command_run(int control, char *const *argv,
				  void (*undo)(void))
{
	pid_t parent = getpid(), pid;
	char byte;

	if (recv(control, &byte, 1, 0) != 1)
		_exit(COMMAND_CANNOT);
	pid = fork();
	if (!pid)
		command_execute(control, argv, undo, parent);
	if (pid < 0)
		_exit(COMMAND_CANNOT);
	command_stay(control, pid);
}

static _Noreturn void command_child(int control, char *const *argv,
				    void (*undo)(void))
{
	struct err err = {0};
	int fd = -1, rc = spaces_enter(&err);

	if (!rc)
		rc = cover_host(&err);
	if (!rc)
		fd = point_mount("/proc", true, &err);
	err.code = rc ? rc : fd < 0 ? fd : 0;
	command_tell(control, &err);
	if (err.code)
		_exit(COMMAND_CANNOT);
	pass_send(control, fd, 0);
	close(fd);
	command_run(control, argv, undo);
}

/* What the child says of the first part of its work. */
static int take_device(struct command *c, int *device, struct err *err)
{
	struct err said = {0};

	*device = -1;
	if (recv(c->control, &said, sizeof(said), MSG_WAITALL) != sizeof(said))
		return err_set(err, ERR_SYS, "the command's process has ended");
	if (said.code)
		return err_pass(err, &said);
	if (pass_take(c->control, 0, device) <= 0 || *device < 0)
		return err_set(err, ERR_SYS, "the command's process has ended");
	return 0;
}

int command_start(struct command *c, char *const *argv, void (*undo)(void),
		  int *device, struct err *err)
{
	int ends[2];

	*c = (struct command){.control = -1, .ended = -1};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return err_sys(err, ERR_SYS, "socketpair");
	c->pid = fork();
	if (!c->pid) {
		close(ends[0]);
		command_child(ends[1], argv, undo);
	}
	close(ends[1]);
	c->control = ends[0];
	if (c->pid < 0) {
		c->pid = 0;
		close(ends[0]);
		return err_sys(err, ERR_SYS, "fork");
	}
	c->ended = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->ended < 0)
		return err_sys(err, ERR_SYS, "pidfd_open");
	return take_device(c, device, err);
}

void command_go(struct command *c)
{
	const char byte = 0;

	if (send(c->control, &byte, 1, MSG_NOSIGNAL) < 0)
		return; /* it has ended, which will be seen */
}

int command_end(struct command *c, struct err *err)
{
	int status = 0;
	pid_t pid = c->pid;

	if (!pid)
		return 0;
	c->pid = 0;
	shutdown(c->control, SHUT_WR);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			break;
	command_hear(c->control, err);
	close(c->control);
	if (c->ended >= 0)
		close(c->ended);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
