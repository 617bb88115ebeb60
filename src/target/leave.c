/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaving a guest as it was found, or as asked: the end of a pause. */
#include <string.h>

#include "gdbrsp/limits.h"
#include "gdbrsp/wait.h"
#include "target/inside.h"
#include "target/signal.h"

static bool is_to_run(const struct target *t)
{
	return target_runstate_runs(&t->run, t->leave, t->client.resumed);
}

/* Patience for putting things back: `ms`, or less. */
static void hurry(struct target *t, unsigned int ms, unsigned int max_ms)
{
	gdbrsp_conn_leave(t->conn, ms < max_ms ? ms : max_ms, t->leave_us);
}

/*
 * An error or a signal may have come before the stub's first answer, or
 * before it was known how the guest was found.
 */
static int learn_late(struct target *t, struct err *err)
{
	unsigned int ms = gdbrsp_conn_timeout(t->conn);
	int ret;

	hurry(t, ms,
	      t->client.answered ? GDBRSP_LEAVE_TIMEOUT_MS
				 : GDBRSP_LEAVE_MUTE_TIMEOUT_MS);
	ret = t->client.dirty ? gdbrsp_client_resync(&t->client, err) : 0;
	if (ret || t->run.learned)
		return ret;
	hurry(t, ms, GDBRSP_LEAVE_TIMEOUT_MS);
	if (t->client.steady || !gdbrsp_client_handshake(&t->client, NULL))
		target_runstate_learn(&t->run, &t->client, NULL);
	return t->client.dirty ? gdbrsp_client_resync(&t->client, err) : 0;
}

/*
 * How is the guest now?  One that somebody else resumed does not keep its
 * process from being read; but the question stops it, and the stub says so, or
 * (QEMU from 8.1 on) loses the packet without a word.  Then it is asked again.
 */
static int ask_again(struct target *t, struct err *err)
{
	struct err why = {0};
	bool lost;
	int ret;

	ret = target_runstate_ask(&t->run, &t->client, &why);
	lost = gdbrsp_conn_silent(t->conn);
	if (t->path.by_process && !t->path.stub.gone.code)
		t->moved = why;
	if (!ret || ret == ERR_INTERRUPTED)
		return ret ? err_set(err, ret, "%s", why.text) : 0;
	ret = t->client.dirty ? gdbrsp_client_resync(&t->client, err) : 0;
	if (ret)
		return ret;
	if (lost && t->moved.code)
		err_set(&t->moved, ERR_NO_GUEST,
			"%s: a packet was lost: somebody else let the guest "
			"run, so what was read is not of one moment",
			t->address);
	/* Without an answer what was known counts. */
	target_runstate_ask(&t->run, &t->client, NULL);
	return t->client.dirty ? gdbrsp_client_resync(&t->client, err) : 0;
}

static int put_back(struct target *t, struct err *err)
{
	bool learned = t->run.learned;
	int ret;

	ret = learn_late(t, err);
	if (!ret && learned)
		ret = ask_again(t, err);
	if (!ret)
		ret = gdbrsp_client_leave(&t->client, is_to_run(t), err);
	return ret;
}

/*
 * The connection is lost, or it is not known whether the stub has let the
 * guest run, after which nothing may be said on it: so do it on another one.
 * How the guest was found is known from the first.
 */
static int come_back(struct target *t, unsigned int patience_ms,
		     struct err *err)
{
	struct gdbrsp_conn_opts opts = {
		.timeout_ms = t->client.answered ? patience_ms
						 : GDBRSP_LEAVE_MUTE_TIMEOUT_MS,
		.leave_us = t->leave_us,
		.interrupt = target_signal_flag(),
	};
	struct gdbrsp_client client;
	struct gdbrsp_conn *conn;
	int ret;

	ret = gdbrsp_conn_open(t->address, &opts, &conn, err);
	if (ret)
		return ret;
	t->came_back = true;
	gdbrsp_client_init(&client, conn);
	ret = gdbrsp_client_handshake(&client, err);
	/* It ran by now: we did that, or somebody else. */
	t->client.resumed |= client.saw_stop;
	if (!ret && t->run.learned)
		target_runstate_ask(&t->run, &client, NULL);
	t->client.resumed |= client.resumed;
	if (!ret)
		ret = gdbrsp_client_leave(&client, is_to_run(t), err);
	if (ret && !gdbrsp_conn_lost(conn))
		gdbrsp_client_abandon(&client, is_to_run(t));
	gdbrsp_conn_close(conn);
	return ret;
}

/* Put back; 0 also where there is nothing to be put back. */
static int leave(struct target *t, struct err *err)
{
	/* Who has lost it has said so already. */
	bool lost = gdbrsp_conn_lost(t->conn), over;
	unsigned int ms;
	int ret;

	t->leave_us = gdbrsp_now_us() + GDBRSP_LEAVE_BUDGET_MS * 1000ULL;
	ret = t->client.echoes ? 0 : put_back(t, lost ? NULL : err);
	lost = gdbrsp_conn_lost(t->conn);
	over = ret == ERR_INTERRUPTED || gdbrsp_now_us() >= t->leave_us;
	/* Silent so far, it may be the turn of another debugger; or no time is
	 * left for a second try. */
	if (ret && !lost && !t->client.stranger &&
	    (over || !t->client.answered))
		gdbrsp_client_abandon(&t->client, is_to_run(t));
	ms = gdbrsp_conn_timeout(t->conn);
	gdbrsp_conn_stats(t->conn, &t->stats);
	gdbrsp_conn_close(t->conn);
	t->conn = NULL;
	if (ret && !over && !t->client.exited && (lost || t->client.answered))
		ret = come_back(t, ms, lost ? NULL : err);
	/* Who never spoke the protocol has stopped no guest for us. */
	return t->client.answered && !t->client.exited ? ret : 0;
}

/*
 * It left the state in which it was found, and ran for that, or was reset.
 * What the stub was asked for comes before a plain "paused": that is made by
 * the first packet which meets the guest running.
 */
static void say_moved(struct target *t)
{
	if (t->moved.code ||
	    (!t->path.by_process && !strcmp(t->run.now, "paused")))
		return;
	err_set(&t->moved, ERR_NO_GUEST,
		"%s: somebody else %s: what was read is not of one moment",
		t->address,
		strcmp(t->run.now, "prelaunch") ? "let the guest run"
						: "reset the machine");
}

/* Is it left as it was to be?  And was its state the same all the time? */
static void compare_states(struct target *t)
{
	const struct target_state *now = target_state_find(t->run.now);

	if (!t->run.learned)
		return;
	/* After a first attempt to leave it a change may be our own. */
	if (strcmp(t->run.now, t->run.found) != 0 && !now->standing &&
	    !t->came_back)
		say_moved(t);
	if (t->leave != LEAVE_AS_FOUND)
		target_runstate_allows(&t->run, t->leave, &t->left);
	else if ((t->run.was_running || t->client.resumed) && !is_to_run(t))
		err_set(&t->left, ERR_REFUSED,
			"the guest is in state '%s' by now, and is left so%s%s",
			t->run.now, now->no_start ? ": " : "",
			now->no_start ? now->no_start : "");
}

int target_release(struct target *t, struct err *err)
{
	struct err why = {0};
	int ret;

	if (!t->conn)
		return 0;
	ret = leave(t, &why);
	t->until_us = gdbrsp_now_us();
	machine_drop_cache(&t->machine);
	target_stub_end(&t->path.stub, ERR_REFUSED,
			"the guest is released already");
	if (ret)
		return err_set(err, ret, TARGET_STRANDED "%s%s",
			       *why.text ? ": " : "", why.text);
	compare_states(t);
	if (t->moved.code)
		return err_set(err, t->moved.code, "%.250s%s%.250s",
			       t->moved.text, t->left.code ? "; " : "",
			       t->left.text);
	if (t->left.code && t->leave != LEAVE_AS_FOUND)
		return err_set(err, t->left.code, "%s", t->left.text);
	return 0;
}
