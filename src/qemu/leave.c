/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaving a guest as it was found, or as asked: the end of a pause. */
#include <string.h>

#include "base/clock.h"
#include "gdbrsp/limits.h"
#include "qemu/inside.h"

bool qemu_leaves_running(const struct qemu *t)
{
	return qemu_runstate_runs(&t->held->run, t->held->leave,
				  t->held->client.resumed);
}

/* Patience for putting things back: `ms`, or less. */
static void hurry(struct qemu *t, unsigned int ms, unsigned int max_ms)
{
	gdbrsp_conn_leave(t->conn, ms < max_ms ? ms : max_ms,
			  t->held->leave_us);
}

/*
 * An error or a signal may have come before the stub's first answer, or
 * before it was known how the guest was found.
 */
static int learn_late(struct qemu *t, struct err *err)
{
	unsigned int ms = gdbrsp_conn_timeout(t->conn);
	int ret;

	hurry(t, ms,
	      t->held->client.answered ? GDBRSP_LEAVE_TIMEOUT_MS
				       : GDBRSP_LEAVE_MUTE_TIMEOUT_MS);
	ret = t->held->client.dirty
		      ? gdbrsp_client_resync(&t->held->client, err)
		      : 0;
	if (ret || t->held->run.learned)
		return ret;
	hurry(t, ms, GDBRSP_LEAVE_TIMEOUT_MS);
	if (t->held->client.steady ||
	    !gdbrsp_client_handshake(&t->held->client, NULL))
		qemu_runstate_learn(&t->held->run, &t->held->client,
				    &t->path.stub.monitor, NULL);
	return t->held->client.dirty
		       ? gdbrsp_client_resync(&t->held->client, err)
		       : 0;
}

/*
 * How is the guest now?  One that somebody else resumed does not keep its
 * process from being read; but the question stops it, and the stub says so, or
 * (QEMU from 8.1 on) loses the packet without a word.  Then it is asked again
 * (docs/facts/gdbstub.md, "While the guest runs").
 */
static int ask_again(struct qemu *t, struct err *err)
{
	struct err why = {0};
	bool lost;
	int ret;

	ret = qemu_runstate_ask(&t->held->run, &t->path.stub.monitor, &why);
	lost = gdbrsp_conn_silent(t->conn);
	if (t->path.by_process && !t->path.stub.gone.code)
		t->moved = why;
	if (!ret || ret == ERR_INTERRUPTED)
		return ret ? err_pass(err, &why) : 0;
	ret = t->held->client.dirty
		      ? gdbrsp_client_resync(&t->held->client, err)
		      : 0;
	if (ret)
		return ret;
	if (lost && t->moved.code)
		err_set(&t->moved, ERR_NO_GUEST,
			"%s: a packet was lost: somebody else let the guest "
			"run, so what was read is not of one moment",
			t->held->address);
	/* Without an answer what was known counts. */
	qemu_runstate_ask(&t->held->run, &t->path.stub.monitor, NULL);
	return t->held->client.dirty
		       ? gdbrsp_client_resync(&t->held->client, err)
		       : 0;
}

static int leave_put_back(struct qemu *t, struct err *err)
{
	bool learned = t->held->run.learned;
	int ret;

	ret = learn_late(t, err);
	if (!ret && learned)
		ret = ask_again(t, err);
	if (!ret)
		ret = gdbrsp_client_leave(&t->held->client,
					  qemu_leaves_running(t), err);
	return ret;
}

/* How the guest was found is known from the first. */
int qemu_come_back(struct qemu *t, unsigned int patience_ms, struct err *err)
{
	struct gdbrsp_conn_opts opts = {
		.timeout_ms = t->held->client.answered
				      ? patience_ms
				      : GDBRSP_LEAVE_MUTE_TIMEOUT_MS,
		.leave_us = t->held->leave_us,
		.interrupt = t->opts.interrupt,
	};
	struct gdbrsp_client client;
	struct qemu_monitor monitor = qemu_monitor_by_stub(&client);
	struct gdbrsp_conn *conn;
	int ret;

	ret = gdbrsp_conn_open(t->held->address, &opts, &conn, err);
	if (ret)
		return ret;
	t->held->came_back = true;
	gdbrsp_client_init(&client, conn);
	ret = gdbrsp_client_handshake(&client, err);
	/* It ran by now: we did that, or somebody else. */
	t->held->client.resumed |= client.saw_stop;
	if (!ret && t->held->run.learned)
		qemu_runstate_ask(&t->held->run, &monitor, NULL);
	t->held->client.resumed |= client.resumed;
	if (!ret)
		ret = gdbrsp_client_leave(&client, qemu_leaves_running(t), err);
	if (ret && !gdbrsp_conn_lost(conn))
		gdbrsp_client_abandon(&client, qemu_leaves_running(t));
	gdbrsp_conn_close(conn);
	return ret;
}

int qemu_leave_guest(struct qemu *t, struct err *err)
{
	/* Who has lost it has said so already. */
	bool lost = gdbrsp_conn_lost(t->conn), over;
	unsigned int ms;
	int ret;

	t->held->leave_us = clock_now_us() + GDBRSP_LEAVE_BUDGET_MS * 1000ULL;
	t->held->end_us = t->held->leave_us + QEMU_GRACE_US;
	/* Whether a guest that was to be let go runs is not known, and the next
	 * byte would stop it: only another connection tells. */
	ret = t->held->client.echoes   ? 0
	      : t->held->client.parted ? ERR_NO_GUEST
				       : leave_put_back(t, lost ? NULL : err);
	lost = gdbrsp_conn_lost(t->conn);
	over = ret == ERR_INTERRUPTED || clock_now_us() >= t->held->leave_us;
	/* Silent so far, it may be the turn of another debugger; or no time is
	 * left for a second try. */
	if (ret && !lost && !t->held->client.stranger &&
	    (over || !t->held->client.answered))
		gdbrsp_client_abandon(&t->held->client, qemu_leaves_running(t));
	ms = gdbrsp_conn_timeout(t->conn);
	gdbrsp_conn_stats(t->conn, &t->stats);
	gdbrsp_conn_close(t->conn);
	t->conn = NULL;
	if (ret && !over && !t->held->client.exited &&
	    (lost || t->held->client.answered))
		ret = qemu_watch_come_back(t, ms, lost ? NULL : err);
	/* Who never spoke the protocol has stopped no guest for us. */
	return t->held->client.answered && !t->held->client.exited ? ret : 0;
}

/*
 * It left the state in which it was found, and ran for that, or was reset.
 * What the stub was asked for comes before a plain "paused": that is made by
 * the first packet which meets the guest running.
 */
static void say_moved(struct qemu *t)
{
	if (t->moved.code ||
	    (!t->path.by_process && !strcmp(t->held->run.now, "paused")))
		return;
	err_set(&t->moved, ERR_NO_GUEST,
		"%s: somebody else %s: what was read is not of one moment",
		t->held->address,
		strcmp(t->held->run.now, "prelaunch") ? "let the guest run"
						      : "reset the machine");
}

/* Is it left as it was to be?  And was its state the same all the time? */
static void compare_states(struct qemu *t)
{
	const struct qemu_state *now = qemu_state_find(t->held->run.now);

	if (!t->held->run.learned)
		return;
	/* After a first attempt to leave it a change may be our own. */
	if (strcmp(t->held->run.now, t->held->run.found) != 0 &&
	    !now->standing && !t->held->came_back)
		say_moved(t);
	if (t->held->leave != LEAVE_AS_FOUND)
		qemu_runstate_allows(&t->held->run, t->held->leave, &t->left);
	else if ((t->held->run.was_running || t->held->client.resumed) &&
		 !qemu_leaves_running(t))
		err_set(&t->left, ERR_REFUSED,
			"the guest is in state '%s' by now, and is left so%s%s",
			t->held->run.now, now->no_start ? ": " : "",
			now->no_start ? now->no_start : "");
}

int qemu_release(struct qemu *t, struct err *err)
{
	struct err why = {0};
	int ret;

	if (!t->conn) {
		qemu_watch_rest(t, NULL);
		return 0;
	}
	ret = qemu_leave_guest(t, &why);
	qemu_watch_rest(t, &t->unwatched);
	t->until_us = clock_now_us();
	machine_drop_cache(&t->machine);
	qemu_stub_end(&t->path.stub, ERR_REFUSED,
		      "the guest is released already");
	if (ret)
		return err_set(err, ret, QEMU_STRANDED "%s%s",
			       *why.text ? ": " : "", why.text);
	compare_states(t);
	if (t->moved.code)
		return err_set(err, t->moved.code, "%.250s%s%.250s",
			       t->moved.text, t->left.code ? "; " : "",
			       t->left.text);
	if (t->left.code && t->held->leave != LEAVE_AS_FOUND)
		return err_pass(err, &t->left);
	return 0;
}
