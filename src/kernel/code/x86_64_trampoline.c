/* SPDX-License-Identifier: BSD-2-Clause */
/* Gives trampolines of ftrace the rules of what they are copies of. */
#include "kernel/code/x86_64_trampoline.h"

#include <string.h>

#include "kernel/code/x86_64_orc_table.h"

/* Up to where arch/x86/kernel/ftrace.c, create_trampoline() copies (5.8). */
static const char *const names[TRAMPOLINE_ORIGINALS][2] = {
	{"ftrace_caller", "ftrace_caller_end"},
	{"ftrace_regs_caller", "ftrace_regs_caller_end"},
};

void x86_64_trampoline_originals(
	const struct kernel *k,
	struct trampoline_original originals[TRAMPOLINE_ORIGINALS])
{
	size_t i;

	for (i = 0; i < TRAMPOLINE_ORIGINALS; i++) {
		struct trampoline_original *o = &originals[i];

		*o = (struct trampoline_original){0};
		if (!profile_symbol(k->profile, names[i][0], &o->start) ||
		    !profile_symbol(k->profile, names[i][1], &o->end) ||
		    o->end < o->start + TRAMPOLINE_BYTES)
			o->start = o->end = 0;
	}
}

/* The rules of [o->start, o->end), as of a copy at va. */
static int copy_rules(const struct trampoline_original *o,
		      const struct orc_table *image, uint64_t va,
		      struct orc_table *t)
{
	const struct orc_rule *from = orc_table_at(image, o->start);
	const struct orc_rule *end = image->rules.v + image->rules.n;
	int rc = 0;

	for (; from && from < end && from->va < o->end && !rc; from++) {
		struct orc_rule rule = *from;

		if (rule.va < o->start)
			rule.va = o->start;
		rule.va += va - o->start;
		rc = vec_push(&t->rules, rule);
	}
	return rc;
}

/* The one that begins as a trampoline of that length does; or NULL. */
static const struct trampoline_original *
find_original(const struct trampoline_original *o, const uint8_t *bytes,
	      size_t len)
{
	size_t i;

	for (i = 0; i < TRAMPOLINE_ORIGINALS; i++, o++)
		if (o->start && o->end - o->start < len &&
		    !memcmp(o->bytes, bytes, TRAMPOLINE_BYTES))
			return o;
	return NULL;
}

int x86_64_trampoline_rules(
	const struct trampoline_original originals[TRAMPOLINE_ORIGINALS],
	const struct orc_table *image, uint64_t va, size_t len,
	const uint8_t *bytes, struct orc_table *t)
{
	const struct trampoline_original *o =
		find_original(originals, bytes, len);
	uint64_t end = o ? va + (o->end - o->start) : va;
	int rc = o ? copy_rules(o, image, va, t) : 0;

	if (!rc)
		rc = vec_push(&t->rules, {.va = end, .kind = ORC_END});
	return rc ? rc
		  : vec_push(&t->rules, {.va = va + len, .kind = ORC_NONE});
}
