/* SPDX-License-Identifier: BSD-2-Clause */
/* One pause of one guest: attach, find the kernel, let go, count. */
#include "cli/session.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/start.h"
#include "kernel/locate.h"
#include "kernel/views.h"
#include "machine/regs.h"

/* So much read through the stub makes QEMU grow by what is worth a remark. */
#define NOTE_BACKED (256ULL << 20)

void session_init(struct session *s, const struct options *options,
		  const char *command)
{
	*s = (struct session){.options = options, .save_dir = -1, .status = -1};
	progress_init(&s->progress, command);
}

static void show_progress(void *arg, uint64_t bytes)
{
	progress_show(arg, bytes);
}

/* A guest without a kernel, as far as can be told; not one that is gone. */
static bool is_kernel_missing(int code)
{
	return code == ERR_NO_LINUX || code == ERR_UNREADABLE ||
	       code == ERR_CORRUPT;
}

static int find_kernel(struct session *s, struct location_choice *choice,
		       struct err *err)
{
	const struct options *o = s->options;

	choice->only = o->has_vcpu ? machine_vcpu(s->machine, o->vcpu) : NULL;
	return kernel_open(s->machine, s->profile, choice, &s->kernel, err);
}

/*
 * A vCPU whose guest just computes is in its host's kernel for 3 to 5 of 100
 * looks (TCG, a timer of 250 Hz): as many looks fail with a chance of 1 in
 * 20,000.  Times differ, so that no timer's period keeps hiding it.
 */
#define LOOKS	 300
#define LOOK_MS	 3u
#define LOOK_VAR 5u

/* What all vCPUs have for a root. */
static uint64_t sum_roots(const struct machine *m)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < m->vcpus.n; i++)
		sum = sum * 31 + m->vcpus.v[i].cr3;
	return sum;
}

/* Let the guest run on and look, until a kernel is seen. */
static int look_again(struct session *s, struct location_choice *choice,
		      struct err *err)
{
	uint64_t failed = sum_roots(s->machine);
	struct err why = *err;
	unsigned int i;
	int rc = why.code;

	for (i = 0; i < LOOKS && rc && choice->later; i++) {
		rc = target_again(s->target, LOOK_MS + i % LOOK_VAR, err);
		if (rc == ERR_REFUSED)
			return err_set(err, why.code,
				       "%.400s; it has to run to be looked at "
				       "again",
				       why.text);
		if (rc)
			return rc;
		rc = why.code;
		if (sum_roots(s->machine) == failed)
			continue;
		rc = find_kernel(s, choice, err);
		failed = sum_roots(s->machine);
	}
	if (rc && choice->later)
		err_set(err, rc, "%s", why.text);
	return rc;
}

/* It is not to be seen: then the one that was, earlier in this boot. */
static int find_remembered(struct session *s, struct location_choice *choice,
			   struct err *err)
{
	struct err why = *err;
	int rc = find_kernel(s, choice, err);

	return rc == ERR_NO_LINUX ? err_set(err, rc, "%s", why.text) : rc;
}

static int open_kernel(struct session *s, enum needs needs, struct err *err)
{
	struct location_choice choice = {0};
	int rc = find_kernel(s, &choice, err);

	if (rc && choice.later)
		rc = look_again(s, &choice, err);
	choice.remembered = true;
	if (rc == ERR_NO_LINUX && choice.later && !choice.only)
		rc = find_remembered(s, &choice, err);
	symbols_init(&s->symbols, s->kernel);
	if (rc && choice.needed) {
		struct err why = *err;

		err_set(err, rc, "%.490s (--vcpu N)", why.text);
	}
	if (needs != WANTS_KERNEL || !is_kernel_missing(rc))
		return rc;
	s->no_kernel = *err;
	*err = (struct err){0};
	return 0;
}

static int check_vcpu(const struct session *s, struct err *err)
{
	const struct options *o = s->options;

	if (!o->has_vcpu || machine_vcpu(s->machine, o->vcpu))
		return 0;
	return err_set(err, ERR_NOT_FOUND,
		       "--vcpu: there is no vCPU %u; the guest has %zu, "
		       "counted from 0",
		       o->vcpu, s->machine->vcpus.n);
}

/* The watchdog is there, and all that this process will need is open. */
static void confine_session(struct session *s)
{
	struct target_info info = {0};
	struct confine_needs needs = {
		.dirs = {s->save_dir, s->profile ? profile_dir(s->profile) : -1,
			 s->journal ? journal_dir(s->journal) : -1}};

	target_info(s->target, &info);
	needs.process = info.memory_process;
	needs.user = info.peer->has_uid ? info.peer->uid : (uid_t)-1;
	if (s->options->stats)
		s->status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	s->lacks = confine(&needs);
}

int session_open(struct session *s, enum needs needs, struct err *err)
{
	struct target_opts opts = s->options->target;
	int rc;

	if (needs == NEEDS_NOTHING)
		return 0;
	opts.progress = show_progress;
	opts.arg = &s->progress;
	rc = target_new(&opts, &s->target, err);
	if (!rc)
		start_memory();
	if (!rc && needs >= WANTS_KERNEL)
		rc = profile_create(&s->options->profile, &s->profile, err);
	if (!rc) {
		target_signals_catch(&s->signals);
		rc = target_attach(s->target, err);
	}
	if (rc) {
		target_destroy(s->target);
		s->target = NULL;
		return rc;
	}
	s->machine = target_machine(s->target);
	confine_session(s);
	rc = check_vcpu(s, err);
	if (rc)
		return rc;
	if (needs == NEEDS_TARGET)
		return 0;
	return open_kernel(s, needs, err);
}

int session_release(struct session *s, struct err *err)
{
	int rc = s->target ? target_release(s->target, err) : 0;

	progress_end(&s->progress);
	target_signals_restore(&s->signals);
	if (s->kernel && !session_moved(s))
		profile_keep(s->profile);
	return rc;
}

bool session_moved(const struct session *s)
{
	struct target_info info = {0};

	if (s->target)
		target_info(s->target, &info);
	return info.moved;
}

void session_deinit(struct session *s)
{
	journal_close(s->journal);
	symbols_deinit(&s->symbols);
	kernel_close(s->kernel);
	profile_destroy(s->profile);
	target_destroy(s->target);
	target_signals_restore(&s->signals);
	cleanup_close(&s->save_dir);
	cleanup_close(&s->status);
}

/* The first words of a banner: "Linux version 6.1.0-56-cloud-amd64". */
static int release_length(const char *banner)
{
	const char *end = banner;
	int words = 3;

	while (*end && (*end != ' ' || --words))
		end++;
	return (int)(end - banner);
}

/* What other kernels there are, each once, and how to see them. */
static void note_kernels(const struct session *s, struct out *out)
{
	const struct machine *m = s->machine;
	size_t i, k;

	for (i = 0; i < m->vcpus.n; i++) {
		const struct kernel_view *v = &s->kernel->views[i];

		for (k = 0; k < i && v->shows == SHOWS_OTHER; k++)
			if (s->kernel->views[k].shows == SHOWS_OTHER &&
			    s->kernel->views[k].phys_text == v->phys_text)
				break;
		if (v->shows == SHOWS_OTHER && k == i)
			out_note(out,
				 "vCPU %u %s another kernel, at physical "
				 "0x%" PRIx64 " (%.*s): --vcpu %u shows that "
				 "one",
				 m->vcpus.v[i].index,
				 v->parked ? "stands still in" : "runs",
				 v->phys_text, release_length(v->banner),
				 v->banner, m->vcpus.v[i].index);
	}
}

static void note_memory(const struct target_info *info, struct out *out)
{
	/* Whoever is not root is refused by the kernel, too. */
	if (info->memory_foreign && info->peer->pid && !geteuid())
		out_note(out, "%s (--process %ld has it read all the same)",
			 info->memory_note, (long)info->peer->pid);
	else
		out_note(out, "%s", info->memory_note);
}

void session_notes(const struct session *s, struct out *out)
{
	struct target_info info = {0};
	const char *note = NULL;

	if (!s->target)
		return;
	target_info(s->target, &info);
	if (info.note)
		out_note(out, "%s", info.note);
	if (info.migration)
		out_note(out,
			 "a migration is under way (%s): a guest that stands "
			 "still here when it is complete comes up paused on "
			 "the other side",
			 info.migration);
	if (info.left_note)
		out_note(out, "%s", info.left_note);
	if (info.watch_note)
		out_note(out, "%s", info.watch_note);
	if (info.memory_note)
		note_memory(&info, out);
	if (!strcmp(info.memory_path, "stub") &&
	    s->machine->stats.read_bytes >= NOTE_BACKED)
		out_note(out,
			 "%" PRIu64 " MiB were read through the stub: the "
			 "host now backs what of it the guest never touched",
			 s->machine->stats.read_bytes >> 20);
	if (s->journal_note.code)
		out_note(out, "%s", s->journal_note.text);
	while ((note = remarks_next(&s->symbols.remarks, note)))
		out_note(out, "%s", note);
	if (s->kernel && s->kernel->remembered)
		out_note(out, "no vCPU shows the kernel, for they run guests "
			      "of their own (nested virtualisation): it is the "
			      "one that was seen earlier in this boot");
	if (s->kernel)
		note_kernels(s, out);
	note = s->kernel ? profile_note(s->profile) : NULL;
	if (note)
		out_note(out, "%s", note);
}

const char *session_left(const struct session *s)
{
	struct target_info info = {0};

	if (s->target)
		target_info(s->target, &info);
	return info.left_note;
}

const char *session_profile(const struct session *s)
{
	if (!s->kernel)
		return "none";
	switch (profile_source(s->profile)) {
	case PROFILE_GUEST:
		return "guest";
	case PROFILE_CACHE:
		return "cache";
	case PROFILE_FILE:
		return "file";
	}
	return "none";
}

/*
 * The most memory that was ours at a time.  getrusage() will not do: its
 * ru_maxrss counts what the process was before execve(), too.
 */
static uint64_t peak_kib(const struct session *s)
{
	char text[4096], *line;
	ssize_t n =
		s->status < 0 ? 0 : pread(s->status, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	line = strstr(text, "\nVmHWM:");
	return line ? strtoull(line + strlen("\nVmHWM:"), NULL, 10) : 0;
}

bool session_stats(const struct session *s, struct stats *stats)
{
	struct target_stats wire = {0};
	struct target_info info = {0};

	if (!s->target)
		return false;
	target_stats(s->target, &wire);
	target_info(s->target, &info);
	*stats = (struct stats){
		.pause_us = wire.pause_us,
		.batches = s->machine->stats.batches,
		.packets = wire.packets,
		.wire_bytes = wire.wire_bytes,
		.read_bytes = s->machine->stats.read_bytes,
		.rss_kib = peak_kib(s),
		.memory = info.memory_path,
		.profile = session_profile(s),
	};
	return true;
}
