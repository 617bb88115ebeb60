/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the code of the scheduler, and of locks, by its borders. */
#include "kernel/code/sched_text.h"

void sched_text_init(struct sched_text *s, const struct kernel *k)
{
	static const char *const borders[2][2] = {
		{"__sched_text_start", "__sched_text_end"},
		{"__lock_text_start", "__lock_text_end"}};
	unsigned int i;

	*s = (struct sched_text){0};
	for (i = 0; i < 2; i++)
		if (!profile_symbol(k->profile, borders[i][0], &s->start[i]) ||
		    !profile_symbol(k->profile, borders[i][1], &s->end[i]))
			s->start[i] = s->end[i] = 0;
}

bool sched_text_has(const struct sched_text *s, uint64_t va)
{
	return (va >= s->start[0] && va < s->end[0]) ||
	       (va >= s->start[1] && va < s->end[1]);
}
