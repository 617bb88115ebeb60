/* SPDX-License-Identifier: BSD-2-Clause */
/* The watchdog: a process that puts the guest back where we no longer can. */
#include "qemu/watch.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/aside.h"
#include "base/clock.h"
#include "base/pass.h"
#include "gdbrsp/limits.h"
#include "qemu/inside.h"

/* A process that was killed is gone after that, or stuck in the kernel. */
#define KILL_MS 2000

/* The longest sleep: a limit may have been lowered meanwhile. */
#define SLEEP_MS 1000

/* The watchdog's own. */
struct guard {
	struct qemu *t; /* a copy of the ward's, but for t->held */
	pid_t ward;
	int ward_fd; /* a pidfd, or -1 */
	int control, bell;
	int fd; /* the connection that it made itself, or -1 */
};

/*
 * The ward is gone, or asks for something: to come back, by its end of control,
 * or for a connection, by the bell.
 */
#define GONE  POLLHUP
#define ASKED POLLRDHUP
#define RUNG  POLLIN

/* Which of these within `ms`, or 0.  What it has sent is not looked at. */
static int guard_listen(const struct guard *g, int ms)
{
	struct pollfd p[] = {{.fd = g->control, .events = ASKED},
			     {.fd = g->bell, .events = RUNG}};

	if (poll(p, 2, ms) <= 0)
		return 0;
	if (p[0].revents & (GONE | ASKED))
		return p[0].revents & (GONE | ASKED);
	return p[1].revents & RUNG;
}

/* It may spin, be stopped, or wait in the kernel for what never comes. */
static void guard_kill(const struct guard *g)
{
	if (g->ward_fd >= 0)
		syscall(SYS_pidfd_send_signal, g->ward_fd, SIGKILL, NULL, 0);
	else if (getppid() == g->ward)
		kill(g->ward, SIGKILL);
	guard_listen(g, KILL_MS);
}

/* The last socket that was passed, or that it made itself, or -1. */
static int guard_take_socket(const struct guard *g)
{
	int fd = -1;

	if (g->fd >= 0)
		return g->fd;
	while (pass_take(g->control, MSG_DONTWAIT, &fd) > 0)
		;
	return fd;
}

/*
 * Connect for the ward, which may not.  From here on the guest stands still:
 * whatever becomes of the ward, there is a connection to leave it on.
 */
static void guard_connect(struct guard *g)
{
	struct qemu_held *held = g->t->held;
	const struct gdbrsp_conn_opts opts = {.timeout_ms = held->patience_ms};
	struct gdbrsp_conn *conn;
	int before = guard_take_socket(g);
	eventfd_t rings;

	eventfd_read(g->bell, &rings);
	if (before >= 0)
		close(before);
	g->fd = -1;
	held->ret = gdbrsp_conn_open(held->address, &opts, &conn, &held->why);
	if (!held->ret)
		g->fd = gdbrsp_conn_take_fd(conn);
	pass_send(g->control, g->fd, 0);
}

/* Sleep until something is to be done: for the ward, or in its place. */
static enum qemu_rescue guard_wait(struct guard *g, bool *asked)
{
	for (;;) {
		uint64_t end = g->t->held->end_us, now = clock_now_us();
		int heard;

		if (end && now >= end) {
			guard_kill(g);
			return QEMU_RESCUE_LATE;
		}
		if (end && (end - now) / 1000 < SLEEP_MS)
			end = (end - now) / 1000 + 1;
		else
			end = SLEEP_MS;
		heard = guard_listen(g, (int)end);
		*asked = heard == ASKED;
		if (heard == RUNG)
			guard_connect(g);
		else if (heard)
			return g->t->held->abandoned ? QEMU_RESCUE_INTERRUPTED
						     : QEMU_RESCUE_GONE;
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
	struct qemu *t = g->t;
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
	*ret = qemu_leave_guest(t, why);
	return true;
}

/*
 * Whoever has an end of a pipe open keeps others waiting, and it needs no file:
 * but for stderr, these in place of stdin and stdout, and behind them.
 */
static void guard_close_rest(struct guard *g)
{
	int keep = STDERR_FILENO;

	g->control = dup2(g->control, STDIN_FILENO);
	if (g->ward_fd >= 0)
		g->ward_fd = dup2(g->ward_fd, STDOUT_FILENO);
	else
		close(STDOUT_FILENO);
	if (g->bell >= 0) {
		keep++;
		if (g->bell != keep)
			g->bell = dup2(g->bell, keep);
	}
	syscall(SYS_close_range, keep + 1, ~0u, 0);
}

/* What the ward may not do any more, but waits for. */
static void guard_serve(const struct guard *g)
{
	struct qemu_held *held = g->t->held;

	held->ret = qemu_come_back(g->t, held->patience_ms, &held->why);
	held->came = true;
}

static _Noreturn void guard_run(struct guard *g)
{
	struct err why = {0};
	enum qemu_rescue end;
	bool asked = false;
	int ret = 0;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	guard_close_rest(g);
	g->t->path.by_process = false;
	end = guard_wait(g, &asked);
	if (asked)
		guard_serve(g);
	else if (guard_leave(g, &ret, &why) && g->t->opts.rescued &&
		 (ret || end != QEMU_RESCUE_INTERRUPTED))
		g->t->opts.rescued(end, qemu_leaves_running(g->t),
				   ret ? &why : NULL);
	_exit(0);
}

/*
 * fork() of a process that takes nobody's turn: it has time to begin while its
 * ward waits for an answer.
 */
static pid_t fork_behind(void)
{
	const struct sched_param none = {0};
	int policy = sched_getscheduler(0);
	bool changed = policy == SCHED_OTHER &&
		       !sched_setscheduler(0, SCHED_BATCH, &none);
	pid_t pid = aside_fork("qvmi-watchdog");

	if (pid && changed)
		sched_setscheduler(0, policy, &none);
	return pid;
}

int qemu_watch_start(struct qemu *t, struct err *err)
{
	struct guard g = {.t = t, .ward = getpid(), .bell = -1, .fd = -1};
	int ends[2];
	pid_t pid;

	t->watch = (struct qemu_watch){.control = -1, .bell = -1};
	t->held->abandoned = false;
	if (t->opts.again) {
		t->watch.bell = g.bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (g.bell < 0)
			return err_sys(err, ERR_SYS,
				       "cannot start the watchdog");
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return err_sys(err, ERR_SYS, "cannot start the watchdog");
	g.ward_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	pid = fork_behind();
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
	t->watch.pid = pid;
	t->watch.control = ends[0];
	return 0;
}

void qemu_watch_pass(void *ctx, int fd)
{
	const struct qemu *t = ctx;

	if (t->watch.pid)
		pass_send(t->watch.control, fd, MSG_DONTWAIT);
}

static int interrupts(const struct qemu *t)
{
	return t->opts.interrupt ? *t->opts.interrupt : 0;
}

/* A signal came while it was to connect: it may have, and leaves the guest. */
static int watch_abandon(struct qemu *t, struct err *err)
{
	t->held->abandoned = true;
	close(t->watch.control);
	waitpid(t->watch.pid, NULL, 0);
	t->watch.pid = 0;
	return err_set(err, ERR_INTERRUPTED, "interrupted");
}

int qemu_watch_connect(struct qemu *t, unsigned int patience_ms, int *fd,
		       struct err *err)
{
	struct qemu_held *held = t->held;
	ssize_t n;

	*fd = -1;
	held->patience_ms = patience_ms;
	held->ret = ERR_SYS;
	err_set(&held->why, ERR_SYS,
		"the watchdog has ended, and who is confined can make no "
		"connection of its own");
	held->over = false;
	if (!t->watch.pid || eventfd_write(t->watch.bell, 1))
		return err_pass(err, &held->why);
	do {
		n = pass_take(t->watch.control, 0, fd);
	} while (n < 0 && errno == EINTR && !interrupts(t));
	if (n < 0 && errno == EINTR)
		return watch_abandon(t, err);
	if (*fd >= 0)
		return 0;
	held->over = true;
	return err_pass(err, &held->why);
}

/* Until it has ended; false where a second signal comes before that. */
static bool outwait(struct qemu *t)
{
	char byte;
	ssize_t n;

	do {
		n = recv(t->watch.control, &byte, 1, 0);
	} while (n > 0 || (n < 0 && errno == EINTR && interrupts(t) < 2));
	return n == 0 || errno != EINTR; /* ECONNRESET: it took no socket */
}

int qemu_watch_come_back(struct qemu *t, unsigned int patience_ms,
			 struct err *err)
{
	struct qemu_held *held = t->held;

	if (!t->watch.pid)
		return qemu_come_back(t, patience_ms, err);
	held->patience_ms = patience_ms;
	held->came = false;
	shutdown(t->watch.control, SHUT_WR);
	if (!outwait(t))
		return err_set(err, ERR_INTERRUPTED, "interrupted once more");
	if (!held->came)
		return qemu_come_back(t, patience_ms, err);
	waitpid(t->watch.pid, NULL, 0);
	close(t->watch.control);
	t->watch.pid = 0;
	return held->ret ? err_set(err, held->ret, "%s", held->why.text) : 0;
}

void qemu_watch_end(struct qemu *t)
{
	if (t->watch.pid)
		close(t->watch.control);
	t->watch.pid = 0;
	if (t->watch.bell >= 0)
		close(t->watch.bell);
	t->watch.bell = -1;
}

int qemu_watch_rest(struct qemu *t, struct err *err)
{
	struct qemu_watch *w = &t->watch;
	int status = 0;
	pid_t ended;

	if (!w->pid)
		return 0;
	/* Before it is told; then nobody waits for it. */
	ended = waitpid(w->pid, &status, WNOHANG);
	t->held->over = true;
	t->held->end_us = 0;
	if (ended > 0 || !t->opts.again)
		qemu_watch_end(t);
	if (ended <= 0)
		return 0;
	return err_set(err, ERR_SYS,
		       "the watchdog had ended before qvmi did (%s %d): had "
		       "qvmi been killed, the guest would have stayed paused",
		       WIFSIGNALED(status) ? "signal" : "status",
		       WIFSIGNALED(status) ? WTERMSIG(status)
					   : WEXITSTATUS(status));
}
