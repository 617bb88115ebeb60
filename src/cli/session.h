/* SPDX-License-Identifier: BSD-2-Clause */
/* One pause of one guest: attach, find the kernel, let go, count. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/confine.h"
#include "base/err.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/stats.h"
#include "edit/record.h"
#include "guest/guest.h"

/* Plain values. */
struct session {
	const struct options *options;
	struct qemu_opts qemu_opts; /* those of options, and ours */
	struct qemu *qemu;	    /* the source of that guest */
	struct guest guest;
	struct editor editor;	    /* of that guest; without a journal unless
				       session_open_journal() was called */
	struct signals signals;	    /* as inherited */
	struct confine_lacks lacks; /* how this process is not confined */
	int save_dir; /* in which the command makes a file; or -1 */
	int status;   /* /proc/self/status; or -1 */
	/*
	 * For much that is read: as long as `prepare` says, and there before
	 * the guest is stopped.  Whoever takes it leaves NULL.
	 */
	uint8_t *room;
	size_t room_len; /* 0: none */
	struct progress progress;
};

/* Nothing yet; session_deinit() is fine from here on.  Both have to stay. */
void session_init(struct session *s, const struct options *options,
		  const char *command);

/* As the `prepare` of a command that changes a guest: no journal, no write. */
int session_open_journal(struct session *s, void *state, struct err *err);

/*
 * Catch signals, attach, be confined (base/confine.h), and open the kernel
 * where needed.  Also after an error the caller goes on with session_release()
 * and session_deinit().
 */
int session_open(struct session *s, enum needs needs, struct err *err);

/* The first part of that: all but the kernel, which guest_find_kernel() opens.
 */
int session_attach(struct session *s, enum needs needs, struct err *err);

/*
 * Let the guest go, then give signals back the meaning they had: the end of
 * the pause.  Without a target, or again, it does nothing.
 */
int session_release(struct session *s, struct err *err);

void session_deinit(struct session *s);

/* Remarks of the layers below, as notes. */
void session_notes(const struct session *s, struct out *out);

/* After the release: left otherwise than as found, in words; or NULL. */
const char *session_left(const struct session *s);

/* Where the profile is from: "guest", "cache", "file" or "none". */
const char *session_profile(const struct session *s);

/* What it took; false without a target.  wall_us is left to the caller. */
bool session_stats(const struct session *s, struct stats *stats);

#endif
