/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi writeval: one byte into a process, refused in the words of mtest. */
#include "cli/commands.h"

#include "cli/addr.h"
#include "cli/change.h"
#include "cli/number.h"
#include "cli/place.h"

struct state {
	struct addr addr;
	uint8_t byte;
	struct place place;
	struct change change;
};

static int operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	uint64_t byte = 0;
	int rc = addr_parse(argv[0], &st->addr, err);

	(void)n;
	if (!rc && st->addr.space != ADDR_PID)
		rc = err_set(err, ERR_USAGE, "'%s' names no PID: PID:ADDRESS",
			     argv[0]);
	if (!rc)
		rc = number_parse(argv[1], "byte", 255, &byte, err);
	st->byte = (uint8_t)byte;
	return rc;
}

static int refuse(const struct place *p, const char *words, struct err *err)
{
	char label[64];

	place_label(p, p->at, label, sizeof(label));
	return err_set(err, ERR_REFUSED, "writeval: %s: %s", label, words);
}

static int check(struct session *s, struct state *st, struct err *err)
{
	enum change_right right = CHANGE_ALLOWED;
	struct walk w;
	uint64_t at;
	int rc = change_right(s, &st->place, 1, &right, &at, err);

	if (rc)
		return rc;
	if (right == CHANGE_NO_VMA)
		return refuse(&st->place, "vma not found", err);
	if (right == CHANGE_NO_WRITE)
		return refuse(&st->place, "vma has no write permission", err);
	rc = walk_one(s->machine, &st->place.root, st->place.at, &w, err);
	if (rc)
		return rc;
	if (w.result != WALK_MAPPED)
		return refuse(&st->place, "pte not found", err);
	return 0;
}

static int run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = place_resolve(s, &st->addr, &st->place, err);

	if (!rc)
		rc = check(s, st, err);
	if (rc)
		return rc;
	rc = change_write(s, &st->place, &st->byte, 1, 0, &st->change, err);
	return rc ? err_wrap(err, rc, "writeval") : 0;
}

static int show(struct session *s, void *state, struct out *out,
		struct err *err)
{
	struct state *st = state;

	(void)s;
	(void)err;
	change_show(&st->change, out);
	out->style = OUT_LINES;
	out_text(out, "found\n");
	return 0;
}

static void deinit(void *state)
{
	struct state *st = state;

	change_deinit(&st->change);
}

const struct cmd cmd_writeval = {
	.name = "writeval",
	.summary = "Write one byte into the memory of a process",
	.args = "PID:ADDRESS BYTE",
	.doc = "Says 'found', or refuses with 'vma not found', 'vma has no "
	       "write permission' or 'pte not found', as the mtest kernel "
	       "module does.",
	.needs = NEEDS_KERNEL,
	.min_args = 2,
	.max_args = 2,
	.state_size = sizeof(struct state),
	.operands = operands,
	.run = run,
	.show = show,
	.deinit = deinit,
};
