/* SPDX-License-Identifier: BSD-2-Clause */
/* A QEMU guest as a machine: attach, stand still, leave as it was found. */
#include "qemu/qemu.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gdbrsp/address.h"
#include "gdbrsp/limits.h"
#include "qemu/holder.h"
#include "qemu/inside.h"
#include "qemu/survey.h"

/* A stub that gives less than this is slow, and a reason for a longer pause. */
#define PAUSE_RATE (256u << 10) /* bytes a second */

/* What the limit of the pause is for the others, after it changed. */
static void share_limit(struct qemu *t)
{
	uint64_t until = gdbrsp_conn_until(t->conn);

	/* Then leaving begins, which sets another end. */
	if (until)
		t->held->end_us = until + QEMU_GRACE_US;
}

void qemu_announce(struct qemu *t, uint64_t us)
{
	if (t->opts.max_pause_ms || !t->conn)
		return;
	gdbrsp_conn_extend(t->conn, us);
	t->held->end_us += us;
	share_limit(t);
}

/* Once begun it is done, as long as the stub does not fall silent. */
static void allow_write(struct qemu *t)
{
	uint64_t end_us = clock_now_us() + QEMU_GRACE_US +
			  GDBRSP_ANSWER_PATIENCES * 1000ULL *
				  gdbrsp_conn_timeout(t->conn);

	if (end_us > t->held->end_us)
		t->held->end_us = end_us;
}

/* Called while the connection waits. */
static void qemu_progress(void *arg, uint64_t bytes)
{
	struct qemu *t = arg;

	if (t->conn && !gdbrsp_conn_until(t->conn))
		allow_write(t);
	else if (t->conn)
		qemu_announce(t, (bytes - t->seen) * 1000000 / PAUSE_RATE);
	t->seen = bytes;
	if (t->opts.progress)
		t->opts.progress(t->opts.arg, bytes);
}

/* What one pause showed; the next one is to begin like the first. */
static void forget_pause(struct qemu *t)
{
	struct qemu_held *held = t->held;

	gdbrsp_client_init(&held->client, NULL);
	held->run = (struct qemu_runstate){0};
	held->leave = t->opts.leave;
	held->came_back = false;
	t->moved = t->left = t->unwatched = (struct err){0};
	t->path.stub.gone = (struct err){0};
	t->ran_us = t->until_us = t->seen = 0;
	t->path.process.limits = NULL; /* those of the connection that was */
	qemu_monitor_forget(&t->path.stub.monitor);
	qemu_process_forget(&t->path.process);
	qemu_areas_deinit(&t->path.process.areas);
	machine_drop_cache(&t->machine);
	t->machine.stats = (struct machine_stats){0};
}

static int dial(struct qemu *t, const struct gdbrsp_conn_opts *opts,
		struct err *err)
{
	int fd, ret;

	if (!t->known)
		return gdbrsp_conn_open(t->opts.address, opts, &t->conn, err);
	ret = qemu_watch_connect(t, opts->timeout_ms, &fd, err);
	return ret ? ret
		   : gdbrsp_conn_adopt(fd, t->held->address, opts, &t->conn,
				       err);
}

static int attach(struct qemu *t, struct err *err)
{
	const struct qemu_opts *opts = &t->opts;
	const struct gdbrsp_conn_opts conn_opts = {
		.timeout_ms = opts->timeout_ms,
		.max_ms =
			opts->max_pause_ms ? opts->max_pause_ms : QEMU_PAUSE_MS,
		.interrupt = opts->interrupt,
		.progress = qemu_progress,
		.made = qemu_watch_pass,
		.arg = t,
	};
	int ret;

	if (!t->known)
		snprintf(t->held->address, sizeof(t->held->address), "%s",
			 opts->address ? opts->address
				       : GDBRSP_DEFAULT_ADDRESS);
	t->held->end_us =
		clock_now_us() + (conn_opts.timeout_ms + conn_opts.max_ms +
				  GDBRSP_LEAVE_BUDGET_MS) *
					 1000ULL;
	ret = dial(t, &conn_opts, err);
	if (ret == ERR_NO_GUEST)
		qemu_holder_name(NULL, opts->address, err);
	if (ret)
		return ret;
	share_limit(t);
	snprintf(t->held->address, sizeof(t->held->address), "%s",
		 gdbrsp_conn_name(t->conn));
	gdbrsp_client_init(&t->held->client, t->conn);
	ret = gdbrsp_client_handshake(&t->held->client, err);
	if (ret == ERR_NO_GUEST)
		qemu_holder_name(t->conn, opts->address, err);
	return ret;
}

/* The machine that stands still, and how it is read. */
static int survey(struct qemu *t, enum qemu_memory memory, struct err *err)
{
	int ret = qemu_survey(&t->path.stub, &t->machine, err);

	if (!ret)
		ret = qemu_path_choose(&t->path, memory, &t->machine, err);
	t->machine.apart = t->path.by_process;
	if (!ret)
		qemu_path_name(&t->path, t->held->address, t->machine.instance,
			       sizeof(t->machine.instance));
	return ret;
}

/* Is it still that one? */
static int survey_again(struct qemu *t, struct err *err)
{
	int ret = qemu_survey_ahead(&t->path.stub, err);

	if (!ret)
		ret = qemu_path_ahead(&t->path, &t->machine, err);
	if (!ret)
		ret = qemu_survey_again(&t->path.stub, &t->machine, err);
	return ret ? ret : qemu_path_again(&t->path, &t->machine, err);
}

/* How it is to be left is learned first: from there on errors can happen. */
static int learn(struct qemu *t, enum qemu_memory memory, struct err *err)
{
	int ret;

	ret = qemu_runstate_learn(&t->held->run, &t->held->client,
				  &t->path.stub.monitor, err);
	if (!ret)
		ret = qemu_runstate_allows(&t->held->run, t->held->leave, err);
	if (ret == ERR_REFUSED)
		t->held->leave = LEAVE_AS_FOUND;
	if (!ret)
		ret = t->known ? survey_again(t, err) : survey(t, memory, err);
	if (ret == ERR_CORRUPT)
		ret = err_wrap(err, ERR_NO_GUEST, "%s", t->held->address);
	return ret;
}

int qemu_new(const struct qemu_opts *opts, struct qemu **out, struct err *err)
{
	struct qemu *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return err_nomem(err);
	t->held = mmap(NULL, sizeof(*t->held), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t->held == MAP_FAILED) {
		free(t);
		return err_nomem(err);
	}
	t->opts = *opts;
	t->held->leave = opts->leave;
	machine_init(&t->machine, &qemu_path_ops, &t->path);
	t->path.stub.client = &t->held->client;
	t->path.stub.monitor = qemu_monitor_by_stub(&t->held->client);
	t->path.chosen = opts->process;
	ret = qemu_watch_start(t, err);
	if (ret)
		qemu_destroy(t);
	else
		*out = t;
	return ret;
}

int qemu_attach(struct qemu *t, struct err *err)
{
	struct err why = {0}, left = {0};
	int ret;

	if (t->known)
		forget_pause(t);
	ret = attach(t, &why);
	if (!ret)
		ret = learn(t, t->opts.memory, &why);
	t->known |= !ret;
	if (!ret)
		return 0;
	if (qemu_release(t, &left) || t->left.code)
		err_set(err, ret, "%.250s; %.250s", why.text,
			*left.text ? left.text : t->left.text);
	else
		err_pass(err, &why);
	return ret;
}

int qemu_open(const struct qemu_opts *opts, struct qemu **out, struct err *err)
{
	struct qemu *t;
	int ret = qemu_new(opts, &t, err);

	if (ret)
		return ret;
	ret = qemu_attach(t, err);
	if (ret)
		qemu_destroy(t);
	else
		*out = t;
	return ret;
}

int qemu_again(struct qemu *t, unsigned int ms, struct err *err)
{
	uint64_t from = clock_now_us();
	bool alone = true;
	int ret;

	if (!t->held->run.was_running)
		return err_set(err, ERR_REFUSED, "it was not found running");
	ret = gdbrsp_client_run(&t->held->client, ms, &alone, err);
	t->ran_us += clock_now_us() - from;
	machine_drop_cache(&t->machine);
	if (!ret && alone)
		ret = qemu_survey_vcpus(&t->path.stub, &t->machine, err);
	if (ret || alone)
		return ret;
	t->held->run.was_running = false;
	return err_set(err, ERR_REFUSED, "it was stopped by something else");
}

void qemu_destroy(struct qemu *t)
{
	if (!t)
		return;
	qemu_release(t, NULL);
	qemu_watch_end(t);
	machine_deinit(&t->machine);
	qemu_path_deinit(&t->path);
	munmap(t->held, sizeof(*t->held));
	free(t);
}

struct machine *qemu_machine(struct qemu *t)
{
	return &t->machine;
}

void qemu_info(const struct qemu *t, struct source_info *info)
{
	*info = (struct source_info){
		.address = t->held->address,
		.program = t->held->run.version.text,
		.memory_path = t->path.by_process ? "process" : "stub",
		.memory_process =
			t->path.by_process ? t->path.process.bound.pid : 0,
		.was_running = t->held->run.was_running,
		.found_paused_known = t->held->run.certain,
		.found = t->held->run.found,
		.found_why = t->held->run.why ? t->held->run.why : "",
		.note = t->held->run.note,
		.migration = *t->held->run.migration.status
				     ? t->held->run.migration.status
				     : NULL,
		.left_otherwise = t->left.code ? t->held->run.now : NULL,
		.left_note = t->left.code && t->held->leave == LEAVE_AS_FOUND
				     ? t->left.text
				     : NULL,
		.watch_note = t->unwatched.code ? t->unwatched.text : NULL,
		.moved = t->moved.code != 0,
		.resumed = t->moved.code || t->held->client.resumed,
		.memory_note = *t->path.note ? t->path.note : NULL,
		.memory_why = *t->path.why ? t->path.why : NULL,
	};
}

void qemu_stats(const struct qemu *t, struct source_stats *stats)
{
	struct gdbrsp_conn_stats now = t->stats;
	uint64_t until_us = t->until_us;

	if (t->conn) {
		gdbrsp_conn_stats(t->conn, &now);
		until_us = clock_now_us();
	}
	*stats = (struct source_stats){
		.packets = now.packets,
		.wire_bytes = now.bytes,
		.pause_us = until_us - now.since_us - t->ran_us,
	};
}

const struct qemu_peer *qemu_peer(const struct qemu *t)
{
	return &t->path.peer;
}

bool qemu_is_foreign(const struct qemu *t)
{
	return t->path.foreign;
}
