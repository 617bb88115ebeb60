/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's run states: how a guest was found, and how it may be left. */
#include "qemu/runstate.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define RESET \
	"it cannot run before it is reset: 'system_reset' in QEMU's monitor"
#define SNAPSHOT \
	"QEMU lets it run when the snapshot or dump is whole: wait for it"
#define MIGRATION                                                             \
	"its migration is not finished: wait, or 'migrate_cancel' in QEMU's " \
	"monitor"
#define COLO \
	"COLO decides when it runs: 'x_colo_lost_heartbeat' in QEMU's monitor"
#define ASLEEP "it sleeps (S3): 'system_wakeup' in QEMU's monitor wakes it"

const struct qemu_state qemu_states[] = {
	/* Nobody can be attached to the stub of a machine not yet built. */
	{.word = "preconfig", .no_start = "the machine is not built yet"},
	/* -S; or a reset while it was paused */
	{.word = "prelaunch", .goes_on = true},
	{.word = "running", .goes_on = true},
	{.word = "paused", .goes_on = true},
	{.word = "debug"}, /* somebody's breakpoint was hit */
	{.word = "watchdog"},
	{.word = "guest-panicked"},
	/* cont also forgets the drive's error (blk_iostatus_reset()). */
	{.word = "io-error",
	 .no_start = "a drive has failed: 'cont' in QEMU's monitor tries "
		     "again"},
	{.word = "suspended", .no_start = ASLEEP, .no_hold = ASLEEP},
	{.word = "shutdown", .no_start = RESET},
	{.word = "internal-error", .no_start = RESET},
	/* cont and stop only decide what is done on arrival (autostart). */
	{.word = "inmigrate",
	 .no_start = "it is still arriving: 'cont' in QEMU's monitor lets it "
		     "run once it is there",
	 .no_hold = "it is still arriving: 'stop' in QEMU's monitor has it "
		    "paused once it is there"},
	{.word = "finish-migrate",
	 .no_start = MIGRATION,
	 .no_hold = MIGRATION,
	 .standing = true},
	/* cont takes the disks back, too (bdrv_activate_all()). */
	{.word = "postmigrate",
	 .no_start = "it has moved to another QEMU: 'cont' in this one's "
		     "monitor takes it back, if that one is gone",
	 .standing = true},
	{.word = "colo", .no_start = COLO, .no_hold = COLO, .standing = true},
	{.word = "save-vm", .no_start = SNAPSHOT, .no_hold = SNAPSHOT},
	/* QEMU stays so where it could not load the snapshot whole. */
	{.word = "restore-vm",
	 .no_start = "a snapshot is not loaded whole: 'loadvm' or "
		     "'system_reset' in QEMU's monitor"},
	{.word = NULL},
};

/* What a later QEMU may have. */
static const struct qemu_state unknown = {
	.no_start =
		"this state is not known here: try 'cont' in QEMU's monitor",
};

const struct qemu_state *qemu_state_find(const char *word)
{
	const struct qemu_state *s;

	for (s = qemu_states; s->word; s++)
		if (!strcmp(s->word, word))
			return s;
	return &unknown;
}

static const char died[] =
	"an earlier debugger died in mid-session (the stub still addressed "
	"physical memory): the guest is taken to have run before that";

static const char garbled[] =
	"not all that the stub said at first could be understood: the guest "
	"is taken to have run";

static const char arriving[] =
	"the guest is still arriving by a migration: not all of its memory is "
	"there yet";

/* From 8.1 on nobody is told that connecting stopped the guest:
 * docs/facts/gdbstub.md, "Connecting". */
static bool tells_stop(const struct monitor_version *v)
{
	return v->major < 8 || (v->major == 8 && v->minor == 0);
}

/* What the decision rests on. */
static const char *runstate_explain(const struct monitor_status *status,
				    const struct gdbrsp_client *client,
				    const struct monitor_version *version)
{
	if (client->saw_stop)
		return "the stub told of a stop when it was connected to";
	if (status->running)
		return "QEMU says so";
	if (*status->reason)
		return "QEMU names the reason";
	if (client->found_phys)
		return "an earlier debugger died in mid-session";
	if (client->doubt)
		return "the stub's first words could not be understood";
	if (tells_stop(version))
		return "the stub told of no stop when it was connected to";
	return "QEMU from 8.1 on does not tell whether a paused guest ran";
}

/*
 * Connecting makes a running guest "paused", and leaves any other state as it
 * is: prelaunch, debug, io-error, inmigrate...
 */
void qemu_runstate_decide(struct qemu_runstate *run,
			  const struct monitor_status *status,
			  const struct gdbrsp_client *client)
{
	bool ran = client->saw_stop || status->running;
	bool told = !client->found_phys && !client->doubt;
	bool stood = *status->reason || (told && tells_stop(&run->version));

	run->learned = true;
	run->certain = ran || stood;
	run->was_running = ran || !stood;
	run->why = runstate_explain(status, client, &run->version);
	run->note = strcmp(status->reason, "inmigrate") ? NULL : arriving;
	if (!run->certain && !told)
		run->note = client->found_phys ? died : garbled;
	snprintf(run->found, sizeof(run->found), "%s",
		 monitor_status_word(status));
	snprintf(run->now, sizeof(run->now), "%s", run->found);
}

int qemu_runstate_learn(struct qemu_runstate *run, struct gdbrsp_client *client,
			struct qemu_monitor *monitor, struct err *err)
{
	static const char *const commands[] = {"info status", "info version",
					       "info migrate"};
	struct buf said[3] = {{0}};
	struct monitor_status status;
	int i, ret;

	ret = qemu_monitor_run(monitor, commands, said, 3, err);
	if (!ret)
		ret = monitor_parse_status(said[0].data, &status, err);
	if (!ret)
		ret = monitor_parse_version(said[1].data, &run->version, err);
	if (!ret)
		monitor_parse_migration(said[2].data, &run->migration);
	if (!ret)
		qemu_runstate_decide(run, &status, client);
	for (i = 0; i < 3; i++)
		buf_deinit(&said[i]);
	return ret;
}

int qemu_runstate_ask(struct qemu_runstate *run, struct qemu_monitor *monitor,
		      struct err *err)
{
	static const char *const command = "info status";
	struct monitor_status status;
	struct buf said = {0};
	int ret;

	ret = qemu_monitor_run(monitor, &command, &said, 1, err);
	if (!ret)
		ret = monitor_parse_status(said.data, &status, err);
	if (!ret)
		snprintf(run->now, sizeof(run->now), "%s",
			 monitor_status_word(&status));
	buf_deinit(&said);
	return ret;
}

int qemu_runstate_allows(const struct qemu_runstate *run, enum qemu_leave wish,
			 struct err *err)
{
	const struct qemu_state *s = qemu_state_find(run->now);
	const char *why = wish == LEAVE_RUNNING	 ? s->no_start
			  : wish == LEAVE_PAUSED ? s->no_hold
						 : NULL;

	if (!why)
		return 0;
	return err_set(err, ERR_REFUSED,
		       "QEMU says the guest is in state '%s': %s", run->now,
		       why);
}

/*
 * A stop by somebody else, while we have it stopped, changes nothing that can
 * be seen.  A start does: whatever the guest stood for, it is plainly paused
 * afterwards, by the byte that asked.
 */
bool qemu_runstate_runs(const struct qemu_runstate *run, enum qemu_leave wish,
			bool resumed)
{
	const struct qemu_state *s;

	if (wish == LEAVE_PAUSED)
		return false;
	/* Where nothing is known it runs: it is a debugger's habit, too. */
	if (!run->learned)
		return true;
	s = qemu_state_find(run->now);
	if (wish == LEAVE_RUNNING)
		return !s->no_start;
	resumed |= strcmp(run->found, "paused") != 0 &&
		   !strcmp(run->now, "paused");
	return s->goes_on && (run->was_running || resumed);
}
