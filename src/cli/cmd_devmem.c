/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi devmem: one physical access, as dev_mem does it on /dev/mem. */
#include "cli/commands.h"

#include <inttypes.h>
#include <string.h>

#include "base/cursor.h"
#include "cli/change_show.h"
#include "edit/change.h"
#include "edit/record.h"
#include "guest/addr.h"
#include "guest/number.h"
#include "guest/value.h"

struct state {
	struct addr addr;
	bool write;
	unsigned int width;
	uint64_t at, old, value;
	struct change change; /* for a write */
};

static int take_address(struct state *st, const char *text, struct err *err)
{
	int rc = addr_parse(text, &st->addr, err);

	if (rc)
		return rc;
	if (st->addr.space != ADDR_PHYS && st->addr.has_space)
		return err_set(err, ERR_USAGE,
			       "'%s': devmem takes physical addresses", text);
	if (addr_has_symbol(&st->addr))
		return err_set(err, ERR_USAGE,
			       "'%s': symbols are virtual, devmem takes "
			       "physical addresses",
			       text);
	return addr_value(&st->addr, NULL, NULL, &st->at, err);
}

static int plan_write(struct state *st, const char *address, struct err *err)
{
	struct change_item *item = change_add(&st->change, address, err);
	uint8_t bytes[8];

	if (!item)
		return err->code;
	item->addr.space = ADDR_PHYS;
	le_store(bytes, st->value, st->width);
	buf_add(&item->now, bytes, st->width);
	return item->now.oom ? err_nomem(err) : 0;
}

static int devmem_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int rc = take_address(st, argv[0], err);

	if (rc)
		return rc;
	if (strcmp(argv[1], "r") != 0 && strcmp(argv[1], "w") != 0)
		return err_set(err, ERR_USAGE, "'%s' is neither r nor w",
			       argv[1]);
	st->write = *argv[1] == 'w';
	rc = value_width(argv[2], &st->width, err);
	if (rc)
		return rc;
	if (st->write && n < 4)
		return cmd_missing(&cmd_devmem, err);
	if (!st->write && n > 3)
		return err_set(err, ERR_USAGE, "r takes no value");
	if (!st->write)
		return 0;
	rc = number_parse(argv[3], "value", value_max(st->width), &st->value,
			  err);
	return rc ? rc : plan_write(st, argv[0], err);
}

static enum needs devmem_needs_now(const void *state)
{
	const struct state *st = state;

	return st->write ? WANTS_KERNEL : NEEDS_MACHINE;
}

static int devmem_prepare(struct session *s, void *state, struct err *err)
{
	struct state *st = state;

	return st->write ? session_open_journal(s, state, err) : 0;
}

static int read_value(struct session *s, struct state *st, struct err *err)
{
	uint8_t bytes[8] = {0};
	struct mem_read r = {.pa = st->at, .dst = bytes, .len = st->width};
	int rc = machine_read(s->guest.machine, &r, 1, err);

	if (!rc && r.status != MEM_OK)
		rc = err_set(err, ERR_UNREADABLE,
			     "devmem: physical 0x%" PRIx64 " cannot be read",
			     st->at);
	st->old = le_any(bytes, st->width);
	return rc;
}

static int devmem_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc;

	if (!machine_is_ram(s->guest.machine, st->at, st->width))
		return err_set(err, ERR_REFUSED,
			       "devmem: physical 0x%" PRIx64
			       " is not RAM (qvmi info lists what is)",
			       st->at);
	if (!st->write)
		return read_value(s, st, err);
	st->change.command = "devmem";
	/* Who names frames means them: all that can be allowed is. */
	st->change.allow = GUARD_ALL;
	rc = change_run(&s->editor, &st->change, err);
	if (rc)
		return err_wrap(err, rc, "devmem");
	st->old = le_any(st->change.old, st->width);
	return 0;
}

enum {
	ADDRESS,
	WIDTH,
	VALUE,
	OLD,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("address", NULL, ROW_HEX),
	[WIDTH] = ROW_COLUMN("width", NULL, ROW_COUNT),
	[VALUE] = ROW_COLUMN("value", NULL, ROW_HEX),
	[OLD] = ROW_COLUMN("old", NULL, ROW_HEX),
};

static int devmem_show(struct session *s, void *state, struct out *out,
		       struct err *err)
{
	struct state *st = state;
	struct row_table *t = &out->rows.top;
	int digits = 2 * (int)st->width;

	(void)s;
	(void)err;
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	row_add(t);
	row_number(t, ADDRESS, st->at);
	row_number(t, WIDTH, st->width);
	row_number(t, VALUE, st->write ? st->value : st->old);
	out_text(out, "0x%" PRIx64 ": 0x%0*" PRIx64, st->at, digits, st->old);
	if (st->write) {
		row_number(t, OLD, st->old);
		out_text(out, " -> 0x%0*" PRIx64, digits, st->value);
	}
	out_text(out, "\n");
	if (st->change.blind)
		out_note(out, "%s", change_blind_note);
	return 0;
}

static void devmem_deinit(void *state)
{
	struct state *st = state;

	change_deinit(&st->change);
}

const struct cmd cmd_devmem = {
	.name = "devmem",
	.topic = TOPIC_MODULES,
	.summary = "Read or write 1, 2, 4 or 8 bytes of physical memory",
	.args = "ADDRESS r WIDTH\nADDRESS w WIDTH VALUE",
	.doc = "ADDRESS is physical, with or without p: before it, and must "
	       "be RAM.  Free pages and the zero page are not written.",
	.needs = WANTS_KERNEL,
	.min_args = 3,
	.max_args = 4,
	.repeats = true,
	.state_size = sizeof(struct state),
	.operands = devmem_operands,
	.needs_now = devmem_needs_now,
	.prepare = devmem_prepare,
	.run = devmem_run,
	.show = devmem_show,
	.deinit = devmem_deinit,
};
