/* SPDX-License-Identifier: BSD-2-Clause */
/* The target options, the same on each command. */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "guest/number.h"

enum {
	KEY_MEMORY = 0x1000,
	KEY_PROCESS,
	KEY_PROFILE,
	KEY_NO_CACHE,
	KEY_LEAVE,
	KEY_TIMEOUT,
	KEY_MAX_PAUSE,
	KEY_STATS,
	KEY_WATCH,
	KEY_VCPU
};

/* As watch(1) has it. */
#define WATCH_MS 2000

const struct argp_option options_table[] = {
	{"gdb", 'g', "ADDRESS", 0,
	 "The gdb stub: HOST:PORT, PORT, unix:PATH, unix:@NAME, or as QEMU's "
	 "-gdb has it (default $QVMI_GDB, else localhost:1234)",
	 1},
	{"memory", KEY_MEMORY, "PATH", 0,
	 "How to read memory: stub, process (QEMU's own memory), auto "
	 "(default: process where that is possible)",
	 1},
	{"process", KEY_PROCESS, "PID", 0,
	 "QEMU is this process, also where another user's, or a manager's, is "
	 "at the other end of the stub",
	 1},
	{"profile", KEY_PROFILE, "FILE", 0,
	 "Take symbols and types from FILE instead of the guest", 1},
	{"vcpu", KEY_VCPU, "N", 0,
	 "Take the kernel that vCPU N shows, dead or alive, and walk cr3= as "
	 "it does",
	 1},
	{"no-cache", KEY_NO_CACHE, NULL, 0,
	 "Neither read nor write the profile cache", 1},
	{"leave", KEY_LEAVE, "STATE", 0,
	 "Leave the guest paused or running, not as it was found", 1},
	{"timeout", KEY_TIMEOUT, "SECONDS", 0,
	 "Longest wait without progress (default 10)", 1},
	{"max-pause", KEY_MAX_PAUSE, "SECONDS", 0,
	 "Longest time that the guest may stand still; what is known to take "
	 "longer is refused (default $QVMI_MAX_PAUSE, else 10 and as long as "
	 "large reads take)",
	 1},
	{"watch", KEY_WATCH, "SECONDS", OPTION_ARG_OPTIONAL,
	 "Do it again and again, each time in a pause of its own, with so much "
	 "time between (default 2)",
	 1},
	{"json", 'J', NULL, 0, "Print one JSON object", 1},
	{"stats", KEY_STATS, NULL, 0, "Say at the end what the run took", 1},
	{0}};

/* A word that an option takes, and what it stands for. */
struct word {
	const char *word;
	int value;
};

static const struct word memory_words[] = {
	{"auto", MEMORY_AUTO},
	{"stub", MEMORY_STUB},
	{"process", MEMORY_PROCESS},
	{NULL, 0},
};

static const struct word leave_words[] = {
	{"paused", LEAVE_PAUSED},
	{"running", LEAVE_RUNNING},
	{NULL, 0},
};

static int take_word(const struct word *words, const char *option,
		     const char *allowed, const char *arg, int *value,
		     struct err *err)
{
	for (; words->word; words++) {
		if (!strcmp(words->word, arg)) {
			*value = words->value;
			return 0;
		}
	}
	return err_set(err, ERR_USAGE, "%s '%s' is none of %s", option, arg,
		       allowed);
}

int options_init(struct options *o, struct err *err)
{
	const char *address = getenv("QVMI_GDB");
	const char *pause = getenv("QVMI_MAX_PAUSE");

	*o = (struct options){.qemu = {.timeout_ms = 10000}};
	if (address && *address)
		o->qemu.address = address;
	if (!pause || !*pause)
		return 0;
	return number_parse_ms(pause, "$QVMI_MAX_PAUSE", &o->qemu.max_pause_ms,
			       err);
}

/* Whichever came first. */
static int options_check_memory(const struct options *o, struct err *err)
{
	if (!o->qemu.process || o->qemu.memory != MEMORY_STUB)
		return 0;
	return err_set(err, ERR_USAGE, "--process contradicts --memory stub");
}

static int take_memory(struct options *o, const char *arg, struct err *err)
{
	int v = 0, rc;

	rc = take_word(memory_words, "--memory", "auto, stub, process", arg, &v,
		       err);
	if (!rc)
		o->qemu.memory = (enum qemu_memory)v;
	return rc ? rc : options_check_memory(o, err);
}

static int options_take_process(struct options *o, const char *arg,
				struct err *err)
{
	uint64_t pid = 0;
	int rc = number_parse(arg, "--process", INT32_MAX, &pid, err);

	if (!rc && !pid)
		rc = err_set(err, ERR_USAGE, "--process 0 is no process");
	if (!rc)
		o->qemu.process = (pid_t)pid;
	return rc ? rc : options_check_memory(o, err);
}

static int take_leave(struct options *o, const char *arg, struct err *err)
{
	int v = 0, rc;

	rc = take_word(leave_words, "--leave", "paused, running", arg, &v, err);
	if (!rc)
		o->qemu.leave = (enum qemu_leave)v;
	return rc;
}

static int options_take_vcpu(struct options *o, const char *arg,
			     struct err *err)
{
	uint64_t vcpu = 0;
	int rc = number_parse(arg, "--vcpu", UINT32_MAX, &vcpu, err);

	o->guest.has_vcpu = !rc;
	o->guest.vcpu = (unsigned int)vcpu;
	return rc;
}

int options_take(struct options *o, int key, const char *arg, struct err *err)
{
	switch (key) {
	case 'g':
		if (!*arg)
			return err_set(err, ERR_USAGE, "--gdb is empty");
		o->qemu.address = arg;
		return 0;
	case KEY_MEMORY:
		return take_memory(o, arg, err);
	case KEY_PROCESS:
		return options_take_process(o, arg, err);
	case KEY_PROFILE:
		o->guest.profile.file = arg;
		return 0;
	case KEY_NO_CACHE:
		o->guest.profile.no_cache = true;
		return 0;
	case KEY_LEAVE:
		return take_leave(o, arg, err);
	case KEY_TIMEOUT:
		return number_parse_ms(arg, "--timeout", &o->qemu.timeout_ms,
				       err);
	case KEY_MAX_PAUSE:
		return number_parse_ms(arg, "--max-pause",
				       &o->qemu.max_pause_ms, err);
	case KEY_WATCH:
		o->watch_ms = WATCH_MS;
		return arg ? number_parse_ms(arg, "--watch", &o->watch_ms, err)
			   : 0;
	case KEY_VCPU:
		return options_take_vcpu(o, arg, err);
	case 'J':
		o->json = true;
		return 0;
	case KEY_STATS:
		o->stats = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
