/* SPDX-License-Identifier: BSD-2-Clause */
/* Did the guest run before we connected?  What QEMU tells about it. */
#include "target/runstate.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

static const char died[] =
	"an earlier debugger died in mid-session (the stub still addressed "
	"physical memory): the guest is taken to have run before that";

/* QEMU 8.1 stopped sending stop replies that nobody asked for (gdbstub.c). */
static bool tells_stop(const struct monitor_version *v)
{
	return v->major < 8 || (v->major == 8 && v->minor == 0);
}

/* QEMU's runstate_needs_reset(), softmmu/runstate.c: these do not run on. */
static const char *const final[] = {"shutdown", "internal-error"};

/*
 * Connecting makes a running guest "paused", and leaves any other state as it
 * is: prelaunch, debug, io-error, inmigrate...
 */
void target_runstate_decide(struct target_runstate *run,
			    const struct monitor_status *status, bool saw_stop,
			    bool phys_mode)
{
	bool ran = saw_stop || status->running;
	bool stood =
		*status->reason || (!phys_mode && tells_stop(&run->version));

	size_t i;

	for (i = 0; i < sizeof(final) / sizeof(*final); i++)
		if (!strcmp(status->reason, final[i]))
			snprintf(run->stuck, sizeof(run->stuck), "%s",
				 status->reason);
	run->learned = true;
	run->certain = ran || stood;
	run->was_running = ran || !stood;
	run->note = !run->certain && phys_mode ? died : NULL;
}

int target_runstate_learn(struct target_runstate *run,
			  struct gdbrsp_client *client, struct err *err)
{
	_cleanup_(buf_deinit) struct buf status_text = {0};
	_cleanup_(buf_deinit) struct buf version_text = {0};
	struct monitor_status status;
	bool phys_mode;
	int ret;

	ret = gdbrsp_client_get_phys_mode(client, &phys_mode, err);
	if (!ret)
		ret = gdbrsp_client_monitor(client, "info status", &status_text,
					    err);
	if (!ret)
		ret = monitor_parse_status(status_text.data, &status, err);
	if (!ret)
		ret = gdbrsp_client_monitor(client, "info version",
					    &version_text, err);
	if (!ret)
		ret = monitor_parse_version(version_text.data, &run->version,
					    err);
	if (ret)
		return ret;
	target_runstate_decide(run, &status, client->saw_stop, phys_mode);
	return 0;
}
