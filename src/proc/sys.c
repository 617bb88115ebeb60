/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/sys: a text for each sysctl (kernel/sysctl.c). */
#include "proc/sys.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "kernel/clock.h"
#include "kernel/task/task_ns.h"
#include "proc/proc.h"
#include "proc/sys_made.h"

int sys_read(struct kernel *k, struct sys *out, struct err *err)
{
	struct task_ns ns;
	int rc;

	*out = (struct sys){0};
	rc = task_ns_of_init(k, &ns, err);
	if (!rc)
		rc = sysctls_read(k, &ns, &out->list, &out->remarks, err);
	return rc ? rc
		  : sysctl_values_read(k, &out->list, &ns, &out->values, err);
}

void sys_deinit(struct sys *s)
{
	sysctl_values_deinit(&s->values);
	sysctls_deinit(&s->list);
	remarks_deinit(&s->remarks);
	*s = (struct sys){0};
}

static const uint8_t *sys_bytes(const struct sys *s,
				const struct sysctl_value *v)
{
	return (v->made ? (const uint8_t *)s->values.made.data
			: s->values.bytes) +
	       v->at;
}

bool sys_is_known(const struct sys *s, size_t i)
{
	switch (s->values.v[i].kind) {
	case SYSCTL_MADE:
	case SYSCTL_WRITE_ONLY:
	case SYSCTL_UNSET:
	case SYSCTL_UNREADABLE:
		return false;
	case SYSCTL_JIFFIES:
	case SYSCTL_JIFFIES_MS:
	case SYSCTL_JIFFIES_USER:
	case SYSCTL_ULONG_JIFFIES_MS:
		return s->values.hz;
	default:
		return sys_made_is_known(&s->values.v[i],
					 sys_bytes(s, &s->values.v[i]));
	}
}

#define MS_PER_S 1000u

/* Jiffies as what a kind shows (include/linux/jiffies.h, kernel/time/time.c).
 */
static uint64_t sys_jiffies(enum sysctl_kind kind, uint64_t jiffies,
			    uint32_t hz)
{
	switch (kind) {
	case SYSCTL_JIFFIES:
		return jiffies / hz;
	case SYSCTL_JIFFIES_MS:
		return (uint32_t)((jiffies * MS_PER_S + hz - 1) / hz);
	case SYSCTL_ULONG_JIFFIES_MS:
		return jiffies * MS_PER_S / hz;
	case SYSCTL_JIFFIES_USER:
		return kernel_clock_ticks(jiffies, hz);
	default:
		return jiffies;
	}
}

/* How many bytes a number of a kind has, and whether it has a sign. */
static const struct {
	uint8_t bytes;
	bool is_signed;
} sys_numbers[] = {
	[SYSCTL_INT] = {4, true},
	[SYSCTL_UINT] = {4, false},
	[SYSCTL_ULONG] = {8, false},
	[SYSCTL_U8] = {1, false},
	[SYSCTL_BOOL] = {1, false},
	[SYSCTL_JIFFIES] = {4, true},
	[SYSCTL_JIFFIES_MS] = {4, true},
	[SYSCTL_JIFFIES_USER] = {4, true},
	[SYSCTL_ULONG_JIFFIES_MS] = {8, false},
	[SYSCTL_KEY] = {4, false},
};

static void sys_number(const struct sys *s, const struct sysctl_value *v,
		       const uint8_t *at, struct buf *out)
{
	size_t bytes = sys_numbers[v->kind].bytes;
	uint64_t value = le_any(at, bytes);
	bool negative = sys_numbers[v->kind].is_signed && value >> 31;

	if (negative)
		value = (uint32_t)-value;
	if (v->kind == SYSCTL_KEY || v->kind == SYSCTL_BOOL)
		value = value != 0;
	buf_printf(out, "%s%" PRIu64, negative ? "-" : "",
		   sys_jiffies(v->kind, value, s->values.hz));
}

/* Two ints, or (from 6.8 on) both in one of 4 bytes. */
static void sys_ports(const uint8_t *at, size_t n, struct buf *out)
{
	if (n == 4)
		buf_printf(out, "%u\t%u\n", le16(at), le16(at + 2));
	else
		buf_printf(out, "%u\t%u\n", le32(at), le32(at + 4));
}

void sys_text(const struct sys *s, size_t i, struct buf *out)
{
	const struct sysctl_value *v = &s->values.v[i];
	const uint8_t *at = sys_bytes(s, v);
	size_t n, size, j;

	if (v->kind == SYSCTL_EMPTY)
		return;
	if (sys_made_text(&s->values, v, at, out))
		return;
	if (v->kind == SYSCTL_STRING) {
		buf_add(out, at, strnlen((const char *)at, v->len));
		buf_puts(out, "\n");
		return;
	}
	if (v->kind == SYSCTL_PORTS) {
		sys_ports(at, v->len, out);
		return;
	}
	size = sys_numbers[v->kind].bytes;
	/* a bool may be told to be as long as an int */
	n = v->kind == SYSCTL_BOOL ? 1 : v->len / size;
	for (j = 0; j < n; j++) {
		buf_puts(out, j ? "\t" : "");
		sys_number(s, v, at + j * size, out);
	}
	buf_puts(out, n ? "\n" : "");
}

/* Those that are known: a record each. */
struct sys_shown {
	struct sys sys;
	size_t *which;
};

static int sys_file_read(struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	struct sys_shown *own = calloc(1, sizeof(*own));
	struct proc_part *part = out->parts;
	struct err why = {0};
	size_t i;
	int rc;

	out->own = own;
	if (!own)
		return err_nomem(err);
	rc = sys_read(k, &own->sys, &why);
	if (rc == ERR_NO_LINUX) /* other files are there all the same */
		return proc_values_fail(out, &why, err);
	if (rc)
		return err_pass(err, &why);
	own->which = calloc(own->sys.list.v.n + 1, sizeof(*own->which));
	if (!own->which)
		return err_nomem(err);
	for (i = 0; i < own->sys.list.v.n; i++)
		if (sys_is_known(&own->sys, i))
			own->which[part->records++] = i;
	proc_part_remarks(part, &own->sys.remarks);
	part->missing = part->why.len;
	return 0;
}

static void sys_file_entry(const struct proc_values *v, size_t i, size_t record,
			   struct buf *out)
{
	const struct sys_shown *own = v->own;

	(void)i;
	buf_puts(out, sysctl_name(&own->sys.list, own->which[record]));
}

static void sys_file_text(const struct proc_values *v, size_t i, size_t record,
			  struct buf *out)
{
	const struct sys_shown *own = v->own;

	(void)i;
	sys_text(&own->sys, own->which[record], out);
}

static void sys_file_deinit(struct proc_values *v)
{
	struct sys_shown *own = v->own;

	sys_deinit(&own->sys);
	free(own->which);
	free(own);
}

const struct proc_file proc_sys = {
	.name = "sys",
	.scope = PROC_SYSTEM,
	.kind = PROC_TEXT_DIR,
	.read = sys_file_read,
	.text = sys_file_text,
	.entry = sys_file_entry,
	.deinit = sys_file_deinit,
};
