/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi write: change memory, with what the process may do as the limit. */
#include "cli/commands.h"

#include <inttypes.h>

#include "cli/addr.h"
#include "cli/change.h"
#include "cli/place.h"
#include "cli/value.h"

struct state {
	unsigned int width; /* 0: not given, 1 */
	struct addr addr;
	struct buf bytes;
	struct place place;
	unsigned int allow; /* enum guard_allow */
	struct change change;
};

enum {
	KEY_SHARED = 0x200,
	KEY_READONLY,
	KEY_PHYSICAL
};

static const struct argp_option options[] = {
	{"width", 'w', "BYTES", 0, "Bytes of each number: 1 (default), 2, 4, 8",
	 0},
	{"shared", KEY_SHARED, NULL, 0,
	 "Also pages that others use: shared mappings, files, copy on write",
	 0},
	{"readonly", KEY_READONLY, NULL, 0, "Also what its owner may not write",
	 0},
	{"physical", KEY_PHYSICAL, NULL, 0,
	 "Also frames that nothing good is known of", 0},
	{0}};

static int option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	switch (key) {
	case 'w':
		return value_width(arg, &st->width, err);
	case KEY_SHARED:
		st->allow |= GUARD_SHARED;
		return 0;
	case KEY_READONLY:
		st->allow |= GUARD_READONLY;
		return 0;
	case KEY_PHYSICAL:
		st->allow |= GUARD_PHYSICAL;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int i, rc = addr_parse(argv[0], &st->addr, err);

	for (i = 1; !rc && i < n; i++)
		rc = value_add(&st->bytes, argv[i], st->width ? st->width : 1,
			       err);
	if (!rc && !st->bytes.len)
		rc = err_set(err, ERR_USAGE, "the values are empty");
	return rc;
}

static enum needs needs_now(const void *state)
{
	const struct state *st = state;

	return addr_needs_kernel(&st->addr) ? NEEDS_KERNEL
					    : NEEDS_KERNEL_IF_ANY;
}

/* In words of its own where a process has nothing at all. */
static int check_memory(struct session *s, struct state *st, struct err *err)
{
	enum change_right right = CHANGE_ALLOWED;
	uint64_t at = 0;
	int rc;

	if (st->place.space != ADDR_PID)
		return 0;
	rc = change_right(s, &st->place, st->bytes.len, &right, &at, err);
	if (rc || right != CHANGE_NO_VMA)
		return rc;
	return err_set(err, ERR_REFUSED,
		       "%u:0x%" PRIx64 ": the process has no memory there; "
		       "nothing was written",
		       st->place.task.pid, at);
}

static int run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = place_resolve(s, &st->addr, &st->place, err);

	if (!rc && !place_fits(st->place.at, st->bytes.len))
		rc = err_set(err, ERR_REFUSED,
			     "the range runs over the end of the address "
			     "space");
	if (!rc)
		rc = check_memory(s, st, err);
	if (!rc)
		rc = change_write(s, &st->place, st->bytes.data, st->bytes.len,
				  st->allow, &st->change, err);
	return rc ? err_wrap(err, rc, "write") : 0;
}

static int show(struct session *s, void *state, struct out *out,
		struct err *err)
{
	struct state *st = state;

	(void)s;
	(void)err;
	change_show(&st->change, out);
	return 0;
}

static void deinit(void *state)
{
	struct state *st = state;

	buf_deinit(&st->bytes);
	change_deinit(&st->change);
}

const struct cmd cmd_write = {
	.name = "write",
	.summary = "Change memory, and show old and new bytes",
	.args = "ADDRESS VALUE...",
	.doc = "VALUE is a number (decimal or 0x; little-endian, one byte "
	       "unless -w says more), str:TEXT or hex:DIGITS.  All is checked "
	       "before the first byte is written: every page must be there, "
	       "be RAM, and be memory that one process alone uses and may "
	       "write, or data of the kernel; options allow more.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 2,
	.max_args = -1,
	.state_size = sizeof(struct state),
	.option = option,
	.operands = operands,
	.needs_now = needs_now,
	.run = run,
	.show = show,
	.deinit = deinit,
};
