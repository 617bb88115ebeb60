/* SPDX-License-Identifier: BSD-2-Clause */
/* The watchdog: a process that puts the guest back where we no longer can. */
#include "target/watch.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gdbrsp/limits.h"
#include "gdbrsp/wait.h"
#include "target/inside.h"

/* A process that was killed is gone after that, or stuck in the kernel. */
#define KILL_MS 2000

/* The longest sleep: a limit may have been lowered meanwhile. */
#define SLEEP_MS 1000

/* The watchdog's own. */
struct guard {
	struct target *t; /* a copy of the ward's, but for t->held */
	pid_t ward;
	int ward_fd; /* a pidfd, or -1 */
	int control;
};

/* Whether the ward is gone within `ms`.  What it has sent is not looked at. */
static bool guard_is_alone(const struct guard *g, int ms)
{
	struct pollfd p = {.fd = g->control};

	return poll(&p, 1, ms) > 0 && p.revents & POLLHUP;
}

/* It may spin, be stopped, or wait in the kernel for what never comes. */
static void guard_kill(const struct guard *g)
{
	if (g->ward_fd >= 0)
		syscall(SYS_pidfd_send_signal, g->ward_fd, SIGKILL, NULL, 0);
	else if (getppid() == g->ward)
		kill(g->ward, SIGKILL);
	guard_is_alone(g, KILL_MS);
}

/* Sleep until something is to be done. */
static enum target_rescue guard_wait(const struct guard *g)
{
	for (;;) {
		uint64_t end = g->t->held->end_us, now = gdbrsp_now_us();

		if (end && now >= end) {
			guard_kill(g);
			return TARGET_RESCUE_LATE;
		}
		if (end && (end - now) / 1000 < SLEEP_MS)
			end = (end - now) / 1000 + 1;
		else
			end = SLEEP_MS;
		if (guard_is_alone(g, (int)end))
			return TARGET_RESCUE_GONE;
	}
}

/* The last socket that was passed, or -1. */
static int guard_take_socket(const struct guard *g)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	int fd = -1;

	for (;;) {
		struct msghdr msg = {.msg_iov = &iov,
				     .msg_iovlen = 1,
				     .msg_control = &control,
				     .msg_controllen = sizeof(control)};
		struct cmsghdr *c;

		if (recvmsg(g->control, &msg,
			    MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0)
			return fd;
		c = CMSG_FIRSTHDR(&msg);
		if (!c || c->cmsg_type != SCM_RIGHTS)
			continue;
		if (fd >= 0)
			close(fd);
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	}
}

/* One that was never connected has stopped no guest. */
static bool guard_is_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	return fd >= 0 && !getpeername(fd, (struct sockaddr *)&peer, &len);
}

/* Leave the guest, as the ward would have.  False: there is nothing to do. */
static bool guard_leave(const struct guard *g, int *ret, struct err *why)
{
	const struct gdbrsp_conn_opts opts = {.timeout_ms =
						      GDBRSP_LEAVE_TIMEOUT_MS};
	struct target *t = g->t;
	int fd = guard_take_socket(g);

	if (t->held->over || !guard_is_connected(fd))
		return false;
	*ret = gdbrsp_conn_adopt(fd, t->held->address, &opts, &t->conn, why);
	if (*ret)
		return true;
	if (!t->held->client.conn)
		gdbrsp_client_init(&t->held->client, t->conn);
	t->held->client.conn = t->conn;
	/* Parted, and all answered: only the last word was not said. */
	if (t->held->client.parted && !t->held->client.dirty)
		return false;
	t->held->client.dirty = true;
	*ret = target_leave_guest(t, why);
	return true;
}

/*
 * Whoever has an end of a pipe open keeps others waiting, and it needs no file:
 * but for stderr, these two in place of stdin and stdout.
 */
static void guard_close_rest(struct guard *g)
{
	g->control = dup2(g->control, STDIN_FILENO);
	if (g->ward_fd >= 0)
		g->ward_fd = dup2(g->ward_fd, STDOUT_FILENO);
	else
		close(STDOUT_FILENO);
	syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, 0);
}

static void guard_ignore_signals(void)
{
	static const int signals[] = {SIGINT,  SIGTERM, SIGHUP,	 SIGQUIT,
				      SIGALRM, SIGUSR1, SIGUSR2, SIGPIPE,
				      SIGTSTP, SIGTTIN, SIGTTOU, SIGXCPU};
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_IGN);
}

static _Noreturn void guard_run(struct guard *g)
{
	struct err why = {0};
	enum target_rescue end;
	int ret = 0;

	setsid();
	prctl(PR_SET_NAME, "qvmi-watchdog");
	guard_ignore_signals();
	guard_close_rest(g);
	g->t->path.by_process = false;
	end = guard_wait(g);
	if (guard_leave(g, &ret, &why) && g->t->opts.rescued)
		g->t->opts.rescued(end, target_leaves_running(g->t),
				   ret ? &why : NULL);
	_exit(0);
}

int target_watch_start(struct target *t, struct err *err)
{
	struct guard g = {.t = t, .ward = getpid()};
	int ends[2];
	pid_t pid;

	t->watch = (struct target_watch){.control = -1};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return err_sys(err, ERR_SYS, "cannot start the watchdog");
	g.ward_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	pid = fork();
	if (!pid) {
		close(ends[0]);
		g.control = ends[1];
		guard_run(&g);
	}
	close(ends[1]);
	if (g.ward_fd >= 0)
		close(g.ward_fd);
	if (pid < 0) {
		close(ends[0]);
		return err_sys(err, ERR_SYS, "cannot start the watchdog");
	}
	t->watch = (struct target_watch){.pid = pid, .control = ends[0]};
	return 0;
}

void target_watch_pass(void *ctx, int fd)
{
	const struct target *t = ctx;
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)),
			      .cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS}};
	struct iovec iov = {.iov_base = (char[1]){0}, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control.space)};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	if (t->watch.pid)
		sendmsg(t->watch.control, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int target_watch_end(struct target *t, struct err *err)
{
	struct target_watch *w = &t->watch;
	int status = 0;
	pid_t ended;

	if (!w->pid)
		return 0;
	/* Before it is told; then nobody waits for it. */
	ended = waitpid(w->pid, &status, WNOHANG);
	t->held->over = true;
	close(w->control);
	w->pid = 0;
	if (ended <= 0)
		return 0;
	return err_set(err, ERR_SYS,
		       "the watchdog had ended before qvmi did (%s %d): had "
		       "qvmi been killed, the guest would have stayed paused",
		       WIFSIGNALED(status) ? "signal" : "status",
		       WIFSIGNALED(status) ? WTERMSIG(status)
					   : WEXITSTATUS(status));
}
