/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run took: the --stats line. */
#ifndef CLI_STATS_H
#define CLI_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct stats {
	uint64_t wall_us;    /* from start to the last line */
	uint64_t pause_us;   /* how long the guest stood still */
	uint64_t batches;    /* sets of reads under way together */
	uint64_t packets;    /* requests sent to the stub */
	uint64_t wire_bytes; /* to and from the stub */
	uint64_t read_bytes; /* of guest memory */
	uint64_t rss_kib;    /* largest resident size of this process */
	const char *memory;  /* "stub", "process" */
	const char *profile; /* "cache", "guest", "file", "none" */
};

/* The numbers of struct stats, in the order they are printed. */
struct stats_number {
	const char *name;
	size_t offset;
};

#define STATS_NUMBERS 7
extern const struct stats_number stats_numbers[STATS_NUMBERS];

uint64_t stats_number(const struct stats *s, size_t i);

/* "stats: wall_us=.. ... profile=..\n" */
void stats_line(const struct stats *s, struct buf *b);

#endif
