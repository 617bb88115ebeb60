/* SPDX-License-Identifier: BSD-2-Clause */
/* A QEMU guest as a source of stopped machines. */
#include "qemu/inside.h"

static int stop_source(void *ctx, struct machine **machine, struct err *err)
{
	struct qemu *t = ctx;
	int ret = qemu_attach(t, err);

	if (!ret)
		*machine = &t->machine;
	return ret;
}

static int look_again(void *ctx, unsigned int ms, struct err *err)
{
	return qemu_again(ctx, ms, err);
}

static int go(void *ctx, struct err *err)
{
	return qemu_release(ctx, err);
}

static void announce(void *ctx, uint64_t us)
{
	qemu_announce(ctx, us);
}

static void info_of(const void *ctx, struct source_info *info)
{
	qemu_info(ctx, info);
}

static void stats_of(const void *ctx, struct source_stats *stats)
{
	qemu_stats(ctx, stats);
}

static void close_source(void *ctx)
{
	qemu_destroy(ctx);
}

struct source qemu_source(struct qemu *t)
{
	static const struct source_ops ops = {
		.stop = stop_source,
		.look_again = look_again,
		.go = go,
		.announce = announce,
		.info = info_of,
		.stats = stats_of,
		.close = close_source,
	};

	return (struct source){.ops = &ops, .ctx = t, .again = t->opts.again};
}
