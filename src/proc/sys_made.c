/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints what functions of the kernel's make of sysctls. */
#include "proc/sys_made.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/masks.h"

/* Names of bits, in the order in which they are shown. */
struct sys_bit {
	uint64_t bit;
	const char *name;
};

/* seccomp_log_names, kernel/seccomp.c */
static const struct sys_bit sys_actions[] = {
	{1 << 0, "kill_process"}, {1 << 1, "kill_thread"}, {1 << 2, "trap"},
	{1 << 3, "errno"},	  {1 << 7, "user_notif"},  {1 << 4, "trace"},
	{1 << 5, "log"},	  {1 << 6, "allow"},
};

/* si_names, lib/sys_info.c; SYS_INFO_PANIC_CONSOLE_REPLAY has none. */
static const struct sys_bit sys_infos[] = {
	{1 << 0, "tasks"},	   {1 << 1, "mem"},    {1 << 2, "timers"},
	{1 << 3, "locks"},	   {1 << 4, "ftrace"}, {1 << 6, "all_bt"},
	{1 << 7, "blocked_tasks"},
};

/* The names of a kind, and how many bytes its bits are. */
static const struct sys_bits {
	enum sysctl_kind kind;
	const struct sys_bit *v;
	size_t n, bytes;
	uint64_t nameless;
	const char *between;
} sys_bits[] = {
	{SYSCTL_ACTIONS, sys_actions,
	 sizeof(sys_actions) / sizeof(sys_actions[0]), 4, 0, " "},
	{SYSCTL_SYS_INFO, sys_infos, sizeof(sys_infos) / sizeof(sys_infos[0]),
	 8, 1 << 5, ","},
};

static const struct sys_bits *sys_bits_of(enum sysctl_kind kind)
{
	size_t i;

	for (i = 0; i < sizeof(sys_bits) / sizeof(sys_bits[0]); i++)
		if (sys_bits[i].kind == kind)
			return &sys_bits[i];
	return NULL;
}

bool sys_made_is_known(const struct sysctl_value *v, const uint8_t *at)
{
	const struct sys_bits *bits = sys_bits_of(v->kind);
	uint64_t value;
	size_t i;

	if (!bits)
		return true;
	value = le_any(at, bits->bytes) & ~bits->nameless;
	for (i = 0; i < bits->n; i++)
		value &= ~bits->v[i].bit;
	return !value;
}

static void sys_made_names(enum sysctl_kind kind, const uint8_t *at,
			   struct buf *out)
{
	const struct sys_bits *bits = sys_bits_of(kind);
	uint64_t value = bits ? le_any(at, bits->bytes) : 0;
	const char *between = "";
	size_t i;

	for (i = 0; bits && i < bits->n; i++) {
		if (!(value & bits->v[i].bit))
			continue;
		buf_printf(out, "%s%s", between, bits->v[i].name);
		between = bits->between;
	}
}

/* lib/vsprintf.c, %pU */
static void sys_made_uuid(const uint8_t *at, struct buf *out)
{
	size_t i;

	for (i = 0; i < 16; i++)
		buf_printf(out, "%s%02x",
			   i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			   at[i]);
}

/* With a colon behind every so many bytes. */
static void sys_made_colons(const uint8_t *at, size_t n, size_t every,
			    struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_printf(out, "%s%02x", i && !(i % every) ? ":" : "", at[i]);
}

/* Of no key, too, one is shown (net/ipv4/sysctl_net_ipv4.c,
 * proc_tcp_fastopen_key()). */
static void sys_made_fastopen(const uint8_t *at, struct buf *out)
{
	size_t i, n = le32(at + 32) == 2 ? 2 : 1;

	for (i = 0; i < n; i++, at += 16)
		buf_printf(out,
			   "%s%08" PRIx32 "-%08" PRIx32 "-%08" PRIx32
			   "-%08" PRIx32,
			   i ? "," : "", le32(at), le32(at + 4), le32(at + 8),
			   le32(at + 12));
}

/* Words of the host out of bytes of the guest. */
static void sys_made_mask(const struct sysctl_values *values,
			  const struct sysctl_value *v, const uint8_t *at,
			  struct buf *out)
{
	_cleanup_free_ uint64_t *words = calloc(v->len / 8 + 1, sizeof(*words));
	size_t i;

	if (!words) {
		out->oom = true;
		return;
	}
	for (i = 0; i < v->len / 8; i++)
		words[i] = le64(at + i * 8);
	if (v->kind == SYSCTL_MASK)
		mask_put_hex(words, values->cpus, out);
	else
		mask_put_list(words, (unsigned int)v->len * 8, out);
}

bool sys_made_text(const struct sysctl_values *values,
		   const struct sysctl_value *v, const uint8_t *at,
		   struct buf *out)
{
	switch (v->kind) {
	case SYSCTL_UUID:
		sys_made_uuid(at, out);
		break;
	case SYSCTL_IP6:
		sys_made_colons(at, 16, 2, out);
		break;
	case SYSCTL_COLONS:
		sys_made_colons(at, v->len, 1, out);
		break;
	case SYSCTL_BITMAP:
	case SYSCTL_MASK:
		sys_made_mask(values, v, at, out);
		break;
	case SYSCTL_ACTIONS:
	case SYSCTL_SYS_INFO:
		sys_made_names(v->kind, at, out);
		break;
	case SYSCTL_FASTOPEN:
		sys_made_fastopen(at, out);
		break;
	default:
		return false;
	}
	buf_puts(out, "\n");
	return true;
}
