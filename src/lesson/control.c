/* SPDX-License-Identifier: BSD-2-Clause */
/* A walk in words: what control registers make of its rights. */
#include <inttypes.h>
#include <string.h>

#include "lesson/lesson.h"

enum control_bit {
	CONTROL_UNKNOWN,
	CONTROL_CLEAR,
	CONTROL_SET
};

/* A flag of a register of the vCPU that counts, where that is known. */
static enum control_bit control_bit(const struct lesson *l, const char *name,
				    const char *flag)
{
	const struct arch_reg *reg =
		l->control ? arch_reg_find(l->control->arch, name) : NULL;
	const struct regbit *b = reg ? reg->bits : NULL;

	for (; b && b->name; b++)
		if (!strcmp(b->name, flag))
			return vcpu_get(l->control, reg) >> b->bit & 1
				       ? CONTROL_SET
				       : CONTROL_CLEAR;
	return CONTROL_UNKNOWN;
}

/* Intel SDM vol. 3A, 4.6: what kernel mode may with pages of user mode. */
static void say_kernel_access(struct lesson *l)
{
	enum control_bit smap = control_bit(l, "cr4", "SMAP");
	enum control_bit smep = control_bit(l, "cr4", "SMEP");

	if (smap == CONTROL_SET)
		lesson_say(l, "rights",
			   "Kernel mode reads and writes a page of user mode "
			   "only while EFLAGS.AC is set, as it is in "
			   "copy_from_user() and the like (CR4.SMAP is set).");
	else if (smap == CONTROL_CLEAR)
		lesson_say(l, "rights",
			   "Kernel mode can read and write pages of user mode "
			   "at any time (CR4.SMAP is clear).");
	if (smep == CONTROL_SET)
		lesson_say(l, "rights",
			   "Kernel mode fetches no instructions from a page of "
			   "user mode (CR4.SMEP is set).");
	else if (smep == CONTROL_CLEAR)
		lesson_say(l, "rights",
			   "Kernel mode can fetch instructions from pages of "
			   "user mode, where no entry forbids it (CR4.SMEP is "
			   "clear).");
}

static void say_write_protect(struct lesson *l)
{
	enum control_bit wp = control_bit(l, "cr0", "WP");

	if (wp == CONTROL_SET)
		lesson_say(l, "rights",
			   "No write to the page is permitted, and that holds "
			   "for kernel mode, too (CR0.WP is set).");
	else if (wp == CONTROL_CLEAR)
		lesson_say(l, "rights",
			   "No write to the page is permitted, but kernel mode "
			   "writes all the same (CR0.WP is clear).");
}

static void say_key(struct lesson *l)
{
	struct paging_part parts[PAGING_MAX_PARTS];
	const struct paging_part *key;
	const struct walk *w = l->walk;

	key = paging_part_find(parts, walk_level_parts(w, w->n - 1, parts),
			       "PKEY");
	if (!key || !key->value || !w->user)
		return;
	if (control_bit(l, "cr4", "PKE") == CONTROL_CLEAR)
		lesson_say(l, "rights",
			   "The page has protection key %" PRIu64
			   ", which counts for nothing now (CR4.PKE is clear).",
			   key->value);
	else
		lesson_say(l, "rights",
			   "The page has protection key %" PRIu64
			   ": what user mode may is also up to PKRU of each "
			   "thread, which a stub does not show.",
			   key->value);
}

void lesson_tell_control(struct lesson *l)
{
	const struct walk *w = l->walk;

	if (w->result != WALK_MAPPED)
		return;
	say_key(l);
	if (w->user)
		say_kernel_access(l);
	if (!w->write)
		say_write_protect(l);
}
