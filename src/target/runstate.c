/* SPDX-License-Identifier: BSD-2-Clause */
/* Did the guest run before we connected?  What QEMU tells about it. */
#include "target/runstate.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

static const char died[] =
	"an earlier debugger died in mid-session (the stub still addressed "
	"physical memory): the guest is taken to have run before that";

static const char garbled[] =
	"not all that the stub said at first could be understood: the guest "
	"is taken to have run";

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
			    const struct monitor_status *status,
			    const struct gdbrsp_client *client)
{
	bool ran = client->saw_stop || status->running;
	bool told = !client->found_phys && !client->doubt;
	bool stood = *status->reason || (told && tells_stop(&run->version));

	size_t i;

	for (i = 0; i < sizeof(final) / sizeof(*final); i++)
		if (!strcmp(status->reason, final[i]))
			snprintf(run->stuck, sizeof(run->stuck), "%s",
				 status->reason);
	run->learned = true;
	run->certain = ran || stood;
	run->was_running = ran || !stood;
	run->note = NULL;
	if (!run->certain && !told)
		run->note = client->found_phys ? died : garbled;
}

int target_runstate_learn(struct target_runstate *run,
			  struct gdbrsp_client *client, struct err *err)
{
	static const char *const commands[] = {"info status", "info version"};
	struct buf said[2] = {{0}};
	struct monitor_status status;
	int ret;

	ret = gdbrsp_client_monitors(client, commands, said, 2, err);
	if (!ret)
		ret = monitor_parse_status(said[0].data, &status, err);
	if (!ret)
		ret = monitor_parse_version(said[1].data, &run->version, err);
	if (!ret)
		target_runstate_decide(run, &status, client);
	buf_deinit(&said[0]);
	buf_deinit(&said[1]);
	return ret;
}
