/* SPDX-License-Identifier: BSD-2-Clause */
/* What is new in the kernel's log since it was read before. */
#ifndef PROC_KMSG_FOLLOW_H
#define PROC_KMSG_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/device/printk.h"

/* How far one has come.  Zero-initialise. */
struct kmsg_follow {
	bool begun;
	uint64_t next;	  /* the record that comes now */
	uint64_t last_ts; /* of the one before it, where there is one */
	size_t damaged;	  /* how many were told of */
};

/* Records [first, end) of the log, and what is to be said of them. */
struct kmsg_news {
	size_t first, end;
	uint64_t lost; /* records that were overwritten before they were read */
	bool anew;     /* it is not the log of before: another boot, or time */
	size_t damaged; /* more records than before that make no sense */
};

/*
 * Go on to what has come since.  Each record is in one answer: where one is
 * being written, or may be added to still, that and all behind it wait for the
 * next.
 */
void kmsg_follow(struct kmsg_follow *f, const struct printk_log *log,
		 struct kmsg_news *out);

/*
 * Levels as dmesg(1) has them: "err,warn", "warn+" with all that are more
 * urgent, "+info" with all that are less; a bit of *levels for each.
 * ERR_USAGE.
 */
int kmsg_levels_parse(const char *text, uint8_t *levels, struct err *err);

#endif
