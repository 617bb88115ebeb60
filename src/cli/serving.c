/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's /proc served as a file system, in many pauses of a session. */
#include "cli/serving.h"

#include "cli/complain.h"
#include "cli/remedy.h"
#include "cli/serving_write.h"
#include "cli/signals.h"
#include "guest/number.h"

#define REFRESH_MS     500
#define REFRESH_MAX_MS 3600000

/* Nobody knows how long a guest will be held: a year. */
#define HOLD_US (365 * 24 * 3600 * 1000000ULL)

int serving_option(struct serving *s, int key, const char *arg, struct err *err)
{
	uint64_t ms = 0;
	int rc;

	switch (key) {
	case SERVING_HOLD:
		s->hold = true;
		return 0;
	case SERVING_REFRESH:
		rc = number_parse(arg, "--refresh", REFRESH_MAX_MS, &ms, err);
		s->has_refresh = true;
		s->refresh_ms = (unsigned int)ms;
		return rc;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int serving_stop(void *ctx, struct kernel **k, bool *other,
			struct err *err)
{
	struct session *s = ctx;
	struct guest *g = &s->guest;
	int rc = guest_attach(g, err);

	if (!rc)
		rc = guest_find_kernel(g, NEEDS_KERNEL, err);
	*k = g->kernel;
	*other = g->since == KERNEL_OTHER;
	return rc;
}

static int serving_go(void *ctx, struct err *err)
{
	struct session *s = ctx;
	int rc = guest_release(&s->guest, err);

	guest_keep(&s->guest);
	return rc;
}

/* It stands still already, and who stopped it lets it go. */
static int held_stop(void *ctx, struct kernel **k, bool *other, struct err *err)
{
	struct session *s = ctx;

	(void)err;
	*k = s->guest.kernel;
	*other = false;
	return 0;
}

static int held_go(void *ctx, struct err *err)
{
	(void)ctx, (void)err;
	return 0;
}

static int serving_change(void *ctx, const struct mount_tree_write *w,
			  struct err *err)
{
	return serving_write(ctx, w, err);
}

static void serving_complain(void *ctx, const struct err *err)
{
	struct err words = *err;

	(void)ctx;
	if (signals_caught())
		return;
	remedy_word(&words);
	if (words.code == ERR_INTERRUPTED)
		err_set(&words, words.code, "%.400s (--max-pause)", err->text);
	complain_err(&words);
}

/* The signals that mean an end are caught. */
static int serve_guest(struct serving *s, struct session *session, int fd,
		       struct err *err)
{
	const struct mount_tree_guest guest = {
		.stop = s->hold ? held_stop : serving_stop,
		.go = s->hold ? held_go : serving_go,
		.write = s->write ? serving_change : NULL,
		.complain = serving_complain,
		.ctx = session};
	const struct serve_end end = {.interrupt = signals_count(),
				      .asleep = &session->signals.mask,
				      .fd = fd};
	struct mount_tree tree;
	int rc;

	/* The terminal is somebody else's from here on. */
	progress_end(&session->progress);
	session->progress.wanted = false;
	mount_tree_init(&tree, &guest,
			s->has_refresh ? s->refresh_ms : REFRESH_MS);
	rc = s->hold ? mount_tree_hold(&tree, err) : 0;
	if (!rc)
		s->ready(s->state);
	if (!rc)
		rc = serve_run(&s->serve, &tree, &end, err);
	serve_close(&s->serve);
	s->counts = tree.counts;
	mount_tree_deinit(&tree);
	return rc;
}

int serving_hold(struct serving *s, struct session *session, int fd,
		 struct err *err)
{
	if (!s->hold)
		return 0;
	source_announce(&session->guest.source, HOLD_US);
	return serve_guest(s, session, fd, err);
}

int serving_run(struct serving *s, struct session *session, int fd,
		struct err *err)
{
	int rc;

	if (s->hold)
		return 0;
	signals_catch(&session->signals);
	rc = serve_guest(s, session, fd, err);
	signals_restore(&session->signals);
	return rc;
}
