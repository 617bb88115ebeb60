/* SPDX-License-Identifier: BSD-2-Clause */
/* Whoever can stop a machine, and let it go. */
#include "machine/source.h"

bool source_is_there(const struct source *s)
{
	return s->ops;
}

int source_stop(struct source *s, struct machine **machine, struct err *err)
{
	return s->ops->stop(s->ctx, machine, err);
}

int source_look_again(struct source *s, unsigned int ms, struct err *err)
{
	return s->ops->look_again(s->ctx, ms, err);
}

int source_go(struct source *s, struct err *err)
{
	return s->ops ? s->ops->go(s->ctx, err) : 0;
}

void source_announce(struct source *s, uint64_t us)
{
	s->ops->announce(s->ctx, us);
}

void source_info(const struct source *s, struct source_info *info)
{
	*info = (struct source_info){0};
	if (s->ops)
		s->ops->info(s->ctx, info);
}

void source_stats(const struct source *s, struct source_stats *stats)
{
	*stats = (struct source_stats){0};
	if (s->ops)
		s->ops->stats(s->ctx, stats);
}

void source_close(struct source *s)
{
	if (s->ops)
		s->ops->close(s->ctx);
	*s = (struct source){0};
}
