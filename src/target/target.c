/* SPDX-License-Identifier: BSD-2-Clause */
/* A QEMU guest as a machine: attach, stand still, leave as it was found. */
#include "target/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gdbrsp/wait.h"
#include "target/holder.h"
#include "target/inside.h"
#include "target/signal.h"
#include "target/survey.h"

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
	t->machine.apart = t->path.by_process;
	if (!ret)
		target_path_name(&t->path, t->address, t->machine.instance,
				 sizeof(t->machine.instance));
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
	t->path.chosen = opts->process;
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
		.memory_why = *t->path.why ? t->path.why : NULL,
		.memory_foreign = t->path.foreign,
		.peer = &t->path.peer,
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
