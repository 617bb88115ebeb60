/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi regs: the registers of vCPUs, decoded; and changes of them. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/regs_show.h"
#include "edit/change_regs.h"
#include "guest/number.h"

#define KEY_CPU 0x100
#define KEY_SET 0x101

struct state {
	bool one; /* --cpu was given */
	unsigned int cpu;
	struct change_regs change;
	struct guest_names names; /* of all registers of each vCPU */
	struct regs_columns *columns;
};

static const struct argp_option options[] = {
	{"cpu", KEY_CPU, "N", 0, "Only vCPU N, counted from 0", 0},
	{"set", KEY_SET, "REGISTER=VALUE", 0,
	 "Change a register of that vCPU; may be given more than once", 0},
	{0}};

static int add_change(struct state *st, const char *arg, struct err *err)
{
	struct reg_change c;
	size_t i;
	int rc = change_regs_parse(arg, &c, err);

	if (rc)
		return err_wrap(err, rc, "--set");
	for (i = 0; i < st->change.list.n; i++)
		if (st->change.list.v[i].reg == c.reg)
			return err_set(err, ERR_USAGE,
				       "--set '%s': %s is set already", arg,
				       c.reg->name);
	if (vec_reserve(&st->change.list, 1))
		return err_nomem(err);
	st->change.list.v[st->change.list.n++] = c;
	return 0;
}

static int regs_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;
	uint64_t cpu;
	int rc;

	switch (key) {
	case KEY_CPU:
		rc = number_parse(arg, "--cpu", UINT32_MAX, &cpu, err);
		if (rc)
			return rc;
		st->one = true;
		st->cpu = (unsigned int)cpu;
		return 0;
	case KEY_SET:
		return add_change(st, arg, err);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int regs_prepare(struct session *s, void *state, struct err *err)
{
	struct state *st = state;

	return st->change.list.n ? session_open_journal(s, state, err) : 0;
}

/* What registers lead to, once nothing changes any more: those of vCPUs that
 * are in the kernel; without one nothing is known. */
static int regs_name(struct session *s, struct state *st, struct err *err)
{
	const struct machine *m = s->guest.machine;
	size_t i, n = m->arch->n_regs;
	_cleanup_free_ uint64_t *values =
		calloc(m->vcpus.n * n + 1, sizeof(*values));

	guest_names_deinit(&st->names);
	free(st->columns);
	st->columns = calloc(1, sizeof(*st->columns));
	if (!values || !st->columns)
		return err_nomem(err);
	for (i = 0; i < m->vcpus.n * n; i++)
		if (regs_have_names(s->guest.kernel, &m->vcpus.v[i / n]))
			values[i] = m->vcpus.v[i / n].reg[i % n];
	return s->guest.kernel
		       ? guest_names_read(&s->guest, values, m->vcpus.n * n,
					  &st->names, err)
		       : 0;
}

/* Which vCPU is meant, and its registers changed. */
static int change(struct session *s, struct state *st, struct err *err)
{
	const struct machine *m = s->guest.machine;

	if (st->one && !machine_vcpu(m, st->cpu))
		return err_set(err, ERR_NOT_FOUND,
			       "regs: there is no vCPU %u; the guest has %zu, "
			       "counted from 0",
			       st->cpu, m->vcpus.n);
	if (!st->change.list.n)
		return 0;
	if (!st->one && m->vcpus.n != 1)
		return err_set(err, ERR_REFUSED,
			       "regs: the guest has %zu vCPUs: say with --cpu "
			       "whose registers to change",
			       m->vcpus.n);
	if (!st->one)
		st->cpu = m->vcpus.v[0].index;
	st->one = true;
	st->change.vcpu = st->cpu;
	return change_regs_run(&s->editor, &st->change, err)
		       ? err_wrap(err, err->code, "regs")
		       : 0;
}

static int regs_run(struct session *s, void *state, struct err *err)
{
	int rc = change(s, state, err);

	return rc ? rc : regs_name(s, state, err);
}

static int cmd_regs_show(struct session *s, void *state, struct out *out,
			 struct err *err)
{
	const struct machine *m = s->guest.machine;
	struct state *st = state;
	size_t i;

	(void)err;
	if (s->guest.no_kernel.code)
		out_note(out, "symbols are not known: %s",
			 s->guest.no_kernel.text);
	regs_show_begin(out, m->arch, st->columns);
	for (i = 0; i < m->vcpus.n; i++) {
		const struct regs_view view = {
			.k = s->guest.kernel,
			.v = &m->vcpus.v[i],
			.names = st->names.v ? st->names.v + i * m->arch->n_regs
					     : NULL,
			.changes = st->change.list.v,
			.n_changes = st->change.list.n,
		};

		if (!st->one || m->vcpus.v[i].index == st->cpu)
			regs_show(out, st->columns, &view);
	}
	return 0;
}

static void regs_deinit(void *state)
{
	struct state *st = state;

	change_regs_deinit(&st->change);
	guest_names_deinit(&st->names);
	free(st->columns);
}

const struct cmd cmd_regs = {
	.name = "regs",
	.topic = TOPIC_LOOK,
	.summary = "Show and change registers of vCPUs",
	.doc = "Registers have the names of the stub's target description: "
	       "rax to r15, rip, eflags, fs_base, gs_base, k_gs_base, cr2, "
	       "cr3, cr4, cr8 can be set.  VALUE is a number, decimal or 0x.  "
	       "What was written is read back; all registers named are "
	       "changed, or none.  A change is recorded first: see 'qvmi "
	       "journal' and 'qvmi undo'.",
	.needs = WANTS_KERNEL,
	.options = options,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = regs_option,
	.prepare = regs_prepare,
	.run = regs_run,
	.show = cmd_regs_show,
	.deinit = regs_deinit,
};
