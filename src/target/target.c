/* SPDX-License-Identifier: BSD-2-Clause */
/* A QEMU guest as a machine: attach, stand still, leave as it was found. */
#include "target/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gdbrsp/client.h"
#include "gdbrsp/wait.h"
#include "target/find_process.h"
#include "target/holder.h"
#include "target/path.h"
#include "target/runstate.h"
#include "target/signal.h"
#include "target/survey.h"

/*
 * How long an answer is waited for while things are put back, unless the user
 * is less patient; and where the stub has not said a word so far, so that most
 * likely it is not our turn.
 */
#define LEAVE_TIMEOUT_MS      3000
#define LEAVE_MUTE_TIMEOUT_MS 300

struct target {
	struct gdbrsp_conn *conn; /* NULL: released */
	struct gdbrsp_client client;
	struct target_path path;
	struct machine machine;
	struct target_runstate run;
	enum target_leave leave;
	struct err moved; /* read by the process while the guest ran */
	struct err left;  /* not as it was to be left, and why */
	bool came_back;	  /* was left on a second connection */
	struct gdbrsp_conn_stats stats; /* as they were at the release */
	uint64_t until_us, ran_us;	/* ran: in between, target_again() */
	char address[272];
};

static int attach(struct target *t, const struct target_opts *opts,
		  struct err *err)
{
	const struct gdbrsp_conn_opts conn_opts = {
		.timeout_ms = opts->timeout_ms,
		.max_ms = opts->max_pause_ms,
		.interrupt = target_signal_flag(),
		.progress = opts->progress,
		.arg = opts->arg,
	};
	int ret;

	ret = gdbrsp_conn_open(opts->address, &conn_opts, &t->conn, err);
	if (ret == ERR_NO_GUEST)
		target_holder_name(NULL, opts->address, err);
	if (ret)
		return ret;
	snprintf(t->address, sizeof(t->address), "%s",
		 gdbrsp_conn_name(t->conn));
	gdbrsp_client_init(&t->client, t->conn);
	ret = gdbrsp_client_handshake(&t->client, err);
	if (ret == ERR_NO_GUEST)
		target_holder_name(t->conn, opts->address, err);
	return ret;
}

/*
 * Which machine this is: its process, and where a manager or a tunnel stands
 * for several, the address.
 */
static void name_instance(struct target *t)
{
	pid_t pid = t->path.by_process
			    ? t->path.process.pid
			    : target_find_by_socket(gdbrsp_conn_fd(t->conn));
	char name[96];

	target_name_process(pid, name, sizeof(name));
	if (*name)
		snprintf(t->machine.instance, sizeof(t->machine.instance),
			 "%s %s", name, t->address);
}

/* How it is to be left is learned first: from there on errors can happen. */
static int learn(struct target *t, enum target_memory memory, struct err *err)
{
	int ret;

	ret = target_runstate_learn(&t->run, &t->client, err);
	if (!ret)
		ret = target_runstate_allows(&t->run, t->leave, err);
	if (ret == ERR_REFUSED)
		t->leave = LEAVE_AS_FOUND;
	if (!ret)
		ret = target_survey(&t->path.stub, &t->machine, err);
	if (!ret)
		ret = target_path_choose(&t->path, memory, &t->machine, err);
	if (!ret)
		name_instance(t);
	if (ret == ERR_CORRUPT)
		ret = err_wrap(err, ERR_NO_GUEST, "%s", t->address);
	return ret;
}

int target_open(const struct target_opts *opts, struct target **out,
		struct err *err)
{
	struct err why = {0}, left = {0};
	struct target *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return err_nomem(err);
	machine_init(&t->machine, &target_path_ops, &t->path);
	t->path.stub.client = &t->client;
	t->leave = opts->leave;
	ret = attach(t, opts, &why);
	if (!ret)
		ret = learn(t, opts->memory, &why);
	if (!ret) {
		*out = t;
		return 0;
	}
	if (target_release(t, &left) || t->left.code)
		err_set(err, ret, "%.250s; %.250s", why.text,
			*left.text ? left.text : t->left.text);
	else
		err_set(err, ret, "%s", why.text);
	target_destroy(t);
	return ret;
}

int target_again(struct target *t, unsigned int ms, struct err *err)
{
	uint64_t from = gdbrsp_now_us();
	bool alone = true;
	int ret;

	if (!t->run.was_running)
		return err_set(err, ERR_REFUSED, "it was not found running");
	ret = gdbrsp_client_run(&t->client, ms, &alone, err);
	t->ran_us += gdbrsp_now_us() - from;
	machine_drop_cache(&t->machine);
	if (!ret && alone)
		ret = target_survey_vcpus(&t->path.stub, &t->machine, err);
	if (ret || alone)
		return ret;
	t->run.was_running = false;
	return err_set(err, ERR_REFUSED, "it was stopped by something else");
}

static bool is_to_run(const struct target *t)
{
	return target_runstate_runs(&t->run, t->leave, t->client.resumed);
}

/* Patience, up to `max_ms`, for putting things back; no signal ends it. */
static void hurry(struct gdbrsp_conn *conn, unsigned int max_ms)
{
	unsigned int ms = gdbrsp_conn_timeout(conn);

	gdbrsp_conn_set_timeout(conn, ms < max_ms ? ms : max_ms);
}

/*
 * An error or a signal may have come before the stub's first answer, or
 * before it was known how the guest was found.
 */
static int learn_late(struct target *t, struct err *err)
{
	unsigned int ms = gdbrsp_conn_timeout(t->conn);
	int ret;

	hurry(t->conn,
	      t->client.answered ? LEAVE_TIMEOUT_MS : LEAVE_MUTE_TIMEOUT_MS);
	ret = t->client.dirty ? gdbrsp_client_resync(&t->client, err) : 0;
	if (ret || t->run.learned)
		return ret;
	gdbrsp_conn_set_timeout(t->conn, ms);
	hurry(t->conn, LEAVE_TIMEOUT_MS);
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
	if (!ret)
		return 0;
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
						 : LEAVE_MUTE_TIMEOUT_MS};
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
	bool lost = gdbrsp_conn_lost(t->conn);
	unsigned int ms;
	int ret;

	ret = t->client.echoes ? 0 : put_back(t, lost ? NULL : err);
	lost = gdbrsp_conn_lost(t->conn);
	/* Silent so far: it may be the turn of another debugger. */
	if (ret && !lost && !t->client.answered && !t->client.stranger)
		gdbrsp_client_abandon(&t->client, is_to_run(t));
	ms = gdbrsp_conn_timeout(t->conn);
	gdbrsp_conn_stats(t->conn, &t->stats);
	gdbrsp_conn_close(t->conn);
	t->conn = NULL;
	if (ret && !t->client.exited && (lost || t->client.answered))
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
		return err_set(err, ret, "the guest may be left paused%s%s",
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

void target_destroy(struct target *t)
{
	if (!t)
		return;
	target_release(t, NULL);
	machine_deinit(&t->machine);
	target_path_deinit(&t->path);
	free(t);
}

struct machine *target_machine(struct target *t)
{
	return &t->machine;
}

void target_info(const struct target *t, struct target_info *info)
{
	*info = (struct target_info){
		.address = t->address,
		.stub = t->run.version.text,
		.memory_path = t->path.by_process ? "process" : "stub",
		.was_running = t->run.was_running,
		.found_paused_known = t->run.certain,
		.found = t->run.found,
		.found_why = t->run.why ? t->run.why : "",
		.note = t->run.note,
		.migration = *t->run.migration.status ? t->run.migration.status
						      : NULL,
		.left_otherwise = t->left.code ? t->run.now : NULL,
		.left_note = t->left.code && t->leave == LEAVE_AS_FOUND
				     ? t->left.text
				     : NULL,
		.moved = t->moved.code != 0,
		.memory_note = *t->path.note ? t->path.note : NULL,
	};
}

void target_stats(const struct target *t, struct target_stats *stats)
{
	struct gdbrsp_conn_stats now = t->stats;
	uint64_t until_us = t->until_us;

	if (t->conn) {
		gdbrsp_conn_stats(t->conn, &now);
		until_us = gdbrsp_now_us();
	}
	*stats = (struct target_stats){
		.packets = now.packets,
		.wire_bytes = now.bytes,
		.pause_us = until_us - now.since_us - t->ran_us,
	};
}
