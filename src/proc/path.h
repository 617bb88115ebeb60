/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths below /proc, of which parts may be patterns. */
#ifndef PROC_PATH_H
#define PROC_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "proc/proc.h"

#define PROC_PATH_MAX 256 /* bytes of a path, with its NUL */

/*
 *   path = ["/proc/"] ( NAME | PID "/" NAME | PID "/task/" TID "/" NAME )
 *        | "/sys/" NAME | "/etc/" NAME | "/dev/" NAME
 *   and the directories that these are in
 *
 * each a pattern as of glob(7), part by part.  A first part without a letter is
 * a PID.
 */
struct proc_path {
	enum proc_scope scope; /* one of them */
	const char *name;      /* in bytes[]; "": the directory itself */
	const char *pid;       /* in bytes[]; NULL: the system's */
	const char *tid;       /* in bytes[]; NULL: not below task/; "": task/
				  itself */
	char bytes[PROC_PATH_MAX];
	char whole[PROC_PATH_MAX]; /* without /proc/; of PROC_BESIDE all of it
				    */
};

/* Take a path apart; ERR_USAGE: too long, or none of these. */
int proc_path_parse(const char *text, struct proc_path *out, struct err *err);

/* Whether a part of it is a pattern. */
bool proc_path_is_pattern(const struct proc_path *path);

/* The number that a PID or TID is, 0 where it is a pattern of several. */
uint32_t proc_path_number(const char *part);

/* Whether a number fits such a part. */
bool proc_path_fits(const char *part, uint32_t number);

enum proc_path_match {
	PROC_PATH_DIFFERS,
	PROC_PATH_SAME,	 /* the name is what the pattern means */
	PROC_PATH_BELOW, /* the pattern goes on below the name */
	PROC_PATH_ABOVE	 /* the name goes on below the pattern */
};

/* Hold a name against a pattern, part by part; *rest is what goes on of the one
 * or the other, or "". */
enum proc_path_match proc_path_match(const char *pattern, const char *name,
				     const char **rest);

#endif
