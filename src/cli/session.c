/* SPDX-License-Identifier: BSD-2-Clause */
/* One pause of one guest: attach, find the kernel, let go, count. */
#include "cli/session.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/heap.h"
#include "base/populate.h"
#include "cli/remedy.h"
#include "kernel/views.h"

/* So much read through the stub makes QEMU grow by what is worth a remark. */
#define NOTE_BACKED (256ULL << 20)

void session_init(struct session *s, const struct options *options,
		  const char *command)
{
	*s = (struct session){.options = options, .save_dir = -1, .status = -1};
	s->editor.guest = &s->guest;
	progress_init(&s->progress, command);
}

static void show_progress(void *arg, uint64_t bytes)
{
	progress_show(arg, bytes);
}

/* The watchdog is there, and all that this process will need is open. */
static void confine_session(struct session *s)
{
	const struct qemu_peer *peer = qemu_peer(s->qemu);
	struct source_info info = {0};
	struct confine_needs needs = {
		.dirs = {s->save_dir,
			 s->guest.profile ? profile_dir(s->guest.profile) : -1,
			 s->editor.journal ? journal_dir(s->editor.journal)
					   : -1}};

	source_info(&s->guest.source, &info);
	needs.process = info.memory_process;
	needs.user = peer->has_uid ? peer->uid : (uid_t)-1;
	if (s->options->stats)
		s->status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	s->lacks = confine(&needs);
}

int session_open_journal(struct session *s, void *state, struct err *err)
{
	(void)state;
	return journal_open(true, &s->editor.journal, err);
}

/* All that is done once, before the guest is stopped for the first time. */
static int start_guest(struct session *s, enum needs needs, struct err *err)
{
	struct guest *g = &s->guest;
	int rc;

	guest_deinit(g); /* of an attempt before */
	s->qemu_opts = s->options->qemu;
	s->qemu_opts.progress = show_progress;
	s->qemu_opts.arg = &s->progress;
	s->qemu_opts.interrupt = signals_count();
	rc = qemu_new(&s->qemu_opts, &s->qemu, err);
	if (rc)
		return rc;
	guest_start(g, &s->options->guest, qemu_source(s->qemu));
	heap_populate();
	return needs >= WANTS_KERNEL ? guest_prepare(g, err) : 0;
}

/*
 * After the watchdog: what both have would be copied, page by page.  The stub
 * sends so slowly that the faults of who waits for it cost nothing.
 */
static int make_room(struct session *s, struct err *err)
{
	if (!s->room_len || s->room)
		return 0;
	s->room = populate_alloc_huge(s->room_len);
	if (!s->room)
		return err_nomem(err);
	if (s->options->qemu.memory != MEMORY_STUB)
		populate(s->room, s->room_len);
	return 0;
}

int session_attach(struct session *s, enum needs needs, struct err *err)
{
	struct guest *g = &s->guest;
	bool first = !source_is_there(&g->source);
	int rc = 0;

	if (first)
		rc = start_guest(s, needs, err);
	if (!rc)
		rc = make_room(s, err);
	if (!rc) {
		signals_catch(&s->signals);
		rc = guest_attach(g, err);
	}
	if (rc)
		return rc;
	if (first)
		confine_session(s);
	rc = guest_check_vcpu(g, err);
	return rc ? err_wrap(err, rc, "--vcpu") : 0;
}

int session_open(struct session *s, enum needs needs, struct err *err)
{
	int rc = needs == NEEDS_NOTHING ? 0 : session_attach(s, needs, err);

	if (rc || needs <= NEEDS_MACHINE)
		return rc;
	rc = guest_find_kernel(&s->guest, needs, err);
	remedy_word(&s->guest.no_kernel);
	return rc;
}

int session_release(struct session *s, struct err *err)
{
	int rc = guest_release(&s->guest, err);

	progress_end(&s->progress);
	signals_restore(&s->signals);
	guest_keep(&s->guest);
	return rc;
}

void session_deinit(struct session *s)
{
	journal_close(s->editor.journal);
	guest_deinit(&s->guest);
	signals_restore(&s->signals);
	cleanup_close(&s->save_dir);
	cleanup_close(&s->status);
	free(s->room);
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
	const struct machine *m = s->guest.machine;
	size_t i, k;

	for (i = 0; i < m->vcpus.n; i++) {
		const struct kernel_view *v = &s->guest.kernel->views[i];

		for (k = 0; k < i && v->shows == SHOWS_OTHER; k++)
			if (s->guest.kernel->views[k].shows == SHOWS_OTHER &&
			    s->guest.kernel->views[k].phys_text == v->phys_text)
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

static void note_memory(const struct session *s, const char *note,
			struct out *out)
{
	const struct qemu_peer *peer = qemu_peer(s->qemu);

	/* Whoever was not root is refused by the kernel, too. */
	if (qemu_is_foreign(s->qemu) && peer->pid && s->lacks.root)
		out_note(out, "%s (--process %ld has it read all the same)",
			 note, (long)peer->pid);
	else
		out_note(out, "%s", note);
}

void session_notes(const struct session *s, struct out *out)
{
	struct source_info info = {0};
	const char *note = NULL;

	if (!source_is_there(&s->guest.source))
		return;
	source_info(&s->guest.source, &info);
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
		note_memory(s, info.memory_note, out);
	if (!strcmp(info.memory_path, "stub") &&
	    s->guest.machine->stats.read_bytes >= NOTE_BACKED)
		out_note(out,
			 "%" PRIu64 " MiB were read through the stub: the "
			 "host now backs what of it the guest never touched",
			 s->guest.machine->stats.read_bytes >> 20);
	if (s->editor.note.code)
		out_note(out, "%s", s->editor.note.text);
	while ((note = remarks_next(&s->guest.symbols.remarks, note)))
		out_note(out, "%s", note);
	if (s->guest.kernel && s->guest.since == KERNEL_OTHER)
		out_note(out, "the guest has another kernel, or another boot "
			      "of it, than in the pause before");
	if (s->guest.kernel && s->guest.since == KERNEL_BACK)
		out_note(out, "the guest is at an earlier time than in the "
			      "pause before: a snapshot of it was loaded");
	if (s->guest.kernel && s->guest.kernel->remembered)
		out_note(out, "no vCPU shows the kernel, for they run guests "
			      "of their own (nested virtualisation): it is the "
			      "one that was seen earlier in this boot");
	if (s->guest.kernel)
		note_kernels(s, out);
	note = s->guest.kernel ? profile_note(s->guest.profile) : NULL;
	if (note)
		out_note(out, "%s", note);
}

const char *session_left(const struct session *s)
{
	struct source_info info = {0};

	if (source_is_there(&s->guest.source))
		source_info(&s->guest.source, &info);
	return info.left_note;
}

const char *session_profile(const struct session *s)
{
	if (!s->guest.kernel)
		return "none";
	switch (profile_source(s->guest.profile)) {
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
	struct source_info info = {0};
	struct guest_took took;

	if (!source_is_there(&s->guest.source))
		return false;
	source_info(&s->guest.source, &info);
	took = guest_took(&s->guest);
	*stats = (struct stats){
		.pause_us = took.pause_us,
		.batches = took.batches,
		.packets = took.packets,
		.wire_bytes = took.wire_bytes,
		.read_bytes = took.read_bytes,
		.rss_kib = peak_kib(s),
		.memory = info.memory_path,
		.profile = session_profile(s),
	};
	return true;
}
