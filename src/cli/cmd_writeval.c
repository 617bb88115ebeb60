/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi writeval: one byte into a process, refused in the words of mtest. */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "cli/change_show.h"
#include "edit/change.h"
#include "edit/record.h"
#include "edit/rights.h"
#include "guest/number.h"

struct state {
	struct change change;
};

static int writeval_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	struct change_item *item = change_add(&st->change, argv[0], err);
	uint64_t value = 0;
	uint8_t byte;
	int rc;

	(void)n;
	if (!item)
		return err->code;
	if (item->addr.space != ADDR_PID)
		return err_set(err, ERR_USAGE, "'%s' names no PID: PID:ADDRESS",
			       argv[0]);
	rc = number_parse(argv[1], "byte", 255, &value, err);
	byte = (uint8_t)value;
	buf_add(&item->now, &byte, 1);
	return !rc && item->now.oom ? err_nomem(err) : rc;
}

static int writeval_refuse(const struct place *p, const char *words,
			   struct err *err)
{
	char label[64];

	place_label(p, p->at, label, sizeof(label));
	return err_set(err, ERR_REFUSED, "writeval: %s: %s", label, words);
}

static int check_vma(struct session *s, const struct place *p, struct err *err)
{
	_cleanup_(rights_deinit) struct rights rights = {0};
	enum right right = RIGHT_ALLOWED;
	uint64_t bad;
	int rc = rights_read(&s->guest, p, 1, &rights, err);

	if (!rc)
		rc = right_ask(&rights.lists[0], p->task.pid, p->at, 1, &right,
			       &bad, err);
	if (rc || right == RIGHT_ALLOWED)
		return rc;
	return writeval_refuse(p,
			       right == RIGHT_NO_VMA
				       ? "vma not found"
				       : "vma has no write permission",
			       err);
}

static int writeval_check(struct session *s, const struct place *p,
			  struct err *err)
{
	struct walk w;
	int rc = check_vma(s, p, err);

	if (!rc)
		rc = walk_one(s->guest.machine, &p->root, p->at, &w, err);
	if (!rc && w.result != WALK_MAPPED)
		rc = writeval_refuse(p, "pte not found", err);
	return rc;
}

static int writeval_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc;

	st->change.command = "writeval";
	rc = change_resolve(&s->editor, &st->change, err);
	if (!rc)
		rc = writeval_check(s, &st->change.places.v[0], err);
	if (rc)
		return rc;
	rc = change_run(&s->editor, &st->change, err);
	return rc ? err_wrap(err, rc, "writeval") : 0;
}

static int writeval_show(struct session *s, void *state, struct out *out,
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

static void writeval_deinit(void *state)
{
	struct state *st = state;

	change_deinit(&st->change);
}

const struct cmd cmd_writeval = {
	.name = "writeval",
	.topic = TOPIC_MODULES,
	.summary = "Write one byte into the memory of a process",
	.args = "PID:ADDRESS BYTE",
	.doc = "Says 'found', or refuses with 'vma not found', 'vma has no "
	       "write permission' or 'pte not found', as the mtest kernel "
	       "module does.",
	.needs = NEEDS_KERNEL,
	.min_args = 2,
	.max_args = 2,
	.state_size = sizeof(struct state),
	.operands = writeval_operands,
	.prepare = session_open_journal,
	.run = writeval_run,
	.show = writeval_show,
	.deinit = writeval_deinit,
};
