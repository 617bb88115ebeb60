/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a command's file goes: a place told beforehand, a stream into it. */
#ifndef CLI_SINK_H
#define CLI_SINK_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/session.h"

/*
 * What the user named: a file, that is replaced as a whole, in the session's
 * save_dir; or a pipe or the like, which is written straight.  Zero-initialise.
 */
struct sink_place {
	const char *path;
	char name[NAME_MAX + 1]; /* of the file */
	bool straight;		 /* it is none: fd is what is written to... */
	bool is_stdout;		 /* ...and this is what that is */
	int fd;
};

/*
 * In `prepare`, before any guest is touched: open the directory, or what is
 * written straight, where that is allowed ("-" is standard output then).
 * ERR_SYS; ERR_REFUSED: something is there that must not be
 * replaced.
 */
int sink_find(struct session *s, const char *path, bool straight,
	      struct sink_place *place, struct err *err);
void sink_place_deinit(struct sink_place *place);

/*
 * The same for a file beside a command's answer, straight where that is
 * allowed.  Also ERR_USAGE: the path is empty, the command is to be repeated,
 * or standard output is to have both.
 */
int sink_find_beside(struct session *s, const char *path,
		     struct sink_place *place, struct err *err);

/* Puts a file into a stream, one that fails where a signal asked for an end. */
typedef int sink_write_fn(const void *ctx, FILE *out, struct err *err);

/*
 * Have `write` fill a descriptor, which stays the caller's; *bytes were
 * written.  ERR_SYS or ERR_INTERRUPTED where that is not all, or what `write`
 * says.
 */
int sink_fill(int fd, sink_write_fn *write, const void *ctx, uint64_t *bytes,
	      struct err *err);

/* The same, and then let the file appear whole, or write it straight. */
int sink_save(const struct session *s, const struct sink_place *place,
	      sink_write_fn *write, const void *ctx, uint64_t *bytes,
	      struct err *err);

/*
 * In `show`, the one of sink_find_beside(): the disk is written to while the
 * guest runs again, and signals wait for it.
 */
int sink_save_beside(struct session *s, const struct sink_place *place,
		     sink_write_fn *write, const void *ctx, struct err *err);

#endif
