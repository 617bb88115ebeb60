/* SPDX-License-Identifier: BSD-2-Clause */
/* Whoever can stop a machine, and let it go. */
#ifndef MACHINE_SOURCE_H
#define MACHINE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "machine/machine.h"

/* What is known of it; strings live as long as it does. */
struct source_info {
	const char *address;	 /* as connected to */
	const char *program;	 /* "QEMU 7.2.22 (...)" */
	const char *memory_path; /* "stub" or "process" */
	pid_t memory_process;	 /* which that is, or 0 */
	bool was_running;	 /* so it is left, unless told otherwise */
	bool found_paused_known; /* false: nothing tells, it runs again */
	const char *found; /* its word for its state; "paused": by us, too */
	const char *found_why; /* what the two above rest on */
	const char *note;      /* a remark for the user, or NULL */
	const char *migration; /* its word for one under way, or NULL */
	/* After it was let go: the state in which it was left, where that is
	 * not as found, or as asked; and why, unless that was said so. */
	const char *left_otherwise, *left_note;
	const char *memory_note; /* the same, on the way memory was read */
	const char *memory_why;	 /* why by the stub, where not asked for */
	const char *watch_note;	 /* after it was let go: nobody watched */
	bool moved;		 /* after that: not of one moment */
	bool resumed;		 /* somebody else let it run, before that */
};

/* What the wire saw; pause_us runs from the stop until it went (or now). */
struct source_stats {
	uint64_t packets;    /* requests sent */
	uint64_t wire_bytes; /* both directions */
	uint64_t pause_us;
};

/* What each function is to do is said below. */
struct source_ops {
	int (*stop)(void *ctx, struct machine **machine, struct err *err);
	int (*look_again)(void *ctx, unsigned int ms, struct err *err);
	int (*go)(void *ctx, struct err *err);
	void (*announce)(void *ctx, uint64_t us);
	void (*info)(const void *ctx, struct source_info *info);
	void (*stats)(const void *ctx, struct source_stats *stats);
	void (*close)(void *ctx);
};

/* A plain value; all zeros: there is none. */
struct source {
	const struct source_ops *ops;
	void *ctx;
	bool again; /* it can be stopped more often than once */
};

bool source_is_there(const struct source *s);

/*
 * Stop the machine: *machine is its, filled, and valid until source_go().
 * After that it may be stopped once more, if s->again.  What ERR_* there are
 * is the source's to say; after an error it is as it was found.
 */
int source_stop(struct source *s, struct machine **machine, struct err *err);

/*
 * Let it run for `ms`, stop it again and read all registers anew; what was
 * read of its memory is forgotten.  ERR_REFUSED: it was not found running, or
 * something else has stopped it meanwhile.
 */
int source_look_again(struct source *s, unsigned int ms, struct err *err);

/*
 * Let it go as it was found, or as asked: the end of the pause.  Once; again,
 * or without a source, it does nothing.  An error says in what state it is
 * left, or that it did not stand still.
 */
int source_go(struct source *s, struct err *err);

/* What is to be done now takes so long, as far as that is known. */
void source_announce(struct source *s, uint64_t us);

/* Zeros without a source. */
void source_info(const struct source *s, struct source_info *info);
void source_stats(const struct source *s, struct source_stats *stats);

/* Let it go if that has not happened, and free; without a source nothing. */
void source_close(struct source *s);

#endif
