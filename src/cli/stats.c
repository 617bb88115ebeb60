/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run took: the --stats line. */
#include "cli/stats.h"

#include <inttypes.h>
#include <string.h>

#define NUMBER(member)                                  \
	{                                               \
#member, offsetof(struct stats, member) \
	}

const struct stats_number stats_numbers[STATS_NUMBERS] = {
	NUMBER(wall_us), NUMBER(pause_us),   NUMBER(batches),
	NUMBER(packets), NUMBER(wire_bytes), NUMBER(read_bytes),
	NUMBER(rss_kib),
};

uint64_t stats_number(const struct stats *s, size_t i)
{
	uint64_t v;

	memcpy(&v, (const char *)s + stats_numbers[i].offset, sizeof(v));
	return v;
}

void stats_line(const struct stats *s, struct buf *b)
{
	size_t i;

	buf_puts(b, "stats:");
	for (i = 0; i < STATS_NUMBERS; i++)
		buf_printf(b, " %s=%" PRIu64, stats_numbers[i].name,
			   stats_number(s, i));
	buf_printf(b, " memory=%s profile=%s\n", s->memory, s->profile);
}
