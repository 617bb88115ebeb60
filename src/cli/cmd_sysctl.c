/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi sysctl: what is set of the kernel, as sysctl(8) shows it. */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "proc/sys.h"
#include "symbols/glob.h"

#define SYSCTL_PATTERN_MAX 256

struct state {
	char (*patterns)[SYSCTL_PATTERN_MAX]; /* with slashes */
	size_t n;
	struct sys sys;
};

/* Dots for slashes, and slashes for dots. */
static void sysctl_turn(char *name)
{
	for (; *name; name++)
		*name = *name == '.' ? '/' : *name == '/' ? '.' : *name;
}

/* "net.ipv4.ip_forward" as well as net/ipv4/ip_forward: the first that parts
 * it tells. */
static int sysctl_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int i;

	st->patterns = calloc((size_t)n + 1, sizeof(*st->patterns));
	if (!st->patterns)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		char *to = st->patterns[st->n++];

		if (!*argv[i] || strlen(argv[i]) >= sizeof(*st->patterns))
			return err_set(err, ERR_USAGE,
				       "'%.100s' is no name of a sysctl",
				       argv[i]);
		strcpy(to, argv[i]);
		if (to[strcspn(to, "./")] == '.')
			sysctl_turn(to);
	}
	return 0;
}

/* Whether it is meant: itself, or a directory that it is in. */
static bool sysctl_fits(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	if (glob_is_pattern(pattern))
		return glob_match(pattern, name);
	return !strncmp(name, pattern, n) && (!name[n] || name[n] == '/');
}

/* Of a damaged list nobody knows what is not in it. */
static int sysctl_absent(struct state *st, size_t i, struct err *err)
{
	const char *why = remarks_next(&st->sys.remarks, NULL);

	sysctl_turn(st->patterns[i]);
	if (why)
		return err_set(err, ERR_UNREADABLE,
			       "whether there is a sysctl %.150s cannot be "
			       "told: %.250s",
			       st->patterns[i], why);
	return err_set(err, ERR_NOT_FOUND, "there is no sysctl %.200s",
		       st->patterns[i]);
}

static int sysctl_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	size_t i, j;
	int rc = sys_read(s->guest.kernel, &st->sys, err);

	for (i = 0; i < st->n && !rc; i++) {
		for (j = 0; j < st->sys.list.v.n; j++)
			if (sysctl_fits(st->patterns[i],
					sysctl_name(&st->sys.list, j)))
				break;
		if (j == st->sys.list.v.n)
			rc = sysctl_absent(st, i, err);
	}
	return rc;
}

enum {
	NAME,
	VALUE,
	HANDLER,
	DATA,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[NAME] = ROW_COLUMN("name", NULL, ROW_GUEST),
	[VALUE] = ROW_COLUMN("value", NULL, ROW_GUEST),
	[HANDLER] = ROW_COLUMN("handler", NULL, ROW_GUEST),
	[DATA] = ROW_COLUMN("data", NULL, ROW_HEX),
};

static void sysctl_show_row(const struct sys *sys, size_t i, const char *name,
			    const struct buf *value, struct row_table *t)
{
	row_add(t);
	row_string(t, NAME, name);
	if (sys_is_known(sys, i))
		row_bytes(t, VALUE, value->data ? value->data : "", value->len);
	if (sys->values.v[i].handler)
		row_string(t, HANDLER, sys->values.v[i].handler);
	if (sys->list.v.v[i].data)
		row_number(t, DATA, sys->list.v.v[i].data);
}

/* Why one that was asked for by its name has no value here. */
static void sysctl_show_absent(struct out *out, const struct sysctl_value *v,
			       const char *name)
{
	if (v->kind == SYSCTL_WRITE_ONLY)
		out_fail(out, ERR_UNREADABLE, "%.200s is only written to",
			 name);
	else if (v->kind == SYSCTL_MADE)
		out_fail(out, ERR_UNREADABLE,
			 "%.200s: the kernel's code makes its value (%.100s)",
			 name, v->handler ? v->handler : "?");
	else if (v->kind == SYSCTL_UNSET)
		out_fail(out, ERR_UNREADABLE,
			 "%.200s was not set, and the guest cannot read it "
			 "before it is",
			 name);
	else
		out_fail(out, ERR_UNREADABLE, "%.200s cannot be read", name);
}

static void sysctl_show_one(const struct state *st, size_t i, bool by_name,
			    struct out *out)
{
	const struct sys *sys = &st->sys;
	_cleanup_(buf_deinit) struct buf value = {0}, name = {0};
	bool known = sys_is_known(sys, i);

	buf_puts(&name, sysctl_name(&sys->list, i));
	if (known)
		sys_text(sys, i, &value);
	out->oom |= value.oom || name.oom;
	if (out->oom)
		return;
	sysctl_turn(name.data);
	if (value.len && value.data[value.len - 1] == '\n')
		value.len--;
	if (!known && by_name)
		sysctl_show_absent(out, &sys->values.v[i], name.data);
	if (out->json) {
		sysctl_show_row(sys, i, name.data, &value, &out->rows.top);
	} else if (known) {
		out_guest(out, name.data, name.len);
		out_text(out, " = ");
		out_procfs(out, value.data ? value.data : "", value.len);
		out_text(out, "\n");
	}
	out_flush(out);
}

static int sysctl_show(struct session *s, void *state, struct out *out,
		       struct err *err)
{
	const struct state *st = state;
	const char *remark = NULL;
	size_t i, j;

	(void)s, (void)err;
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	for (i = 0; i < st->sys.list.v.n; i++) {
		const char *name = sysctl_name(&st->sys.list, i);

		for (j = 0; j < st->n; j++)
			if (sysctl_fits(st->patterns[j], name))
				break;
		if (j < st->n || !st->n)
			sysctl_show_one(st, i,
					j < st->n &&
						!strcmp(st->patterns[j], name),
					out);
	}
	while ((remark = remarks_next(&st->sys.remarks, remark)))
		out_fail(out, ERR_UNREADABLE, "sysctl: %s", remark);
	return 0;
}

static void sysctl_deinit(void *state)
{
	struct state *st = state;

	sys_deinit(&st->sys);
	free(st->patterns);
}

const struct cmd cmd_sysctl = {
	.name = "sysctl",
	.topic = TOPIC_LOOK,
	.summary = "Print what is set of the kernel",
	.args = "[NAME...]",
	.doc = "As sysctl(8) does: what /proc/sys says to PID 1.  NAME is one "
	       "of them, all below, or a pattern, as 'net.ipv4.*_mem'; with "
	       "dots or slashes.  Values that the kernel's code makes in a way "
	       "that is not known are left out.",
	.needs = NEEDS_KERNEL,
	.max_args = -1,
	.repeats = true,
	.state_size = sizeof(struct state),
	.operands = sysctl_operands,
	.run = sysctl_run,
	.show = sysctl_show,
	.deinit = sysctl_deinit,
};
