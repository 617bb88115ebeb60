/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing vCPU registers: checks of the values, then the machine does it. */
#include "cli/change_regs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/number.h"
#include "cli/regbits.h"
#include "cli/value.h"
#include "walk/walk.h"

int change_regs_parse(const char *text, struct reg_change *c, struct err *err)
{
	size_t len = strcspn(text, "=");
	char name[16], what[32];

	if (!text[len])
		return err_set(err, ERR_USAGE,
			       "--set '%s' is not of the form REGISTER=VALUE",
			       text);
	snprintf(name, sizeof(name), "%.*s", (int)(len < 15 ? len : 15), text);
	*c = (struct reg_change){.reg = vcpu_reg_find(name)};
	if (!c->reg)
		return err_set(err, ERR_USAGE,
			       "--set '%s': no register of that name (rax, "
			       "rip, eflags, fs_base...: see qvmi-regs(1))",
			       text);
	if (c->reg->no_sets)
		return err_set(err, ERR_USAGE,
			       "--set '%s': %s is not changed: %s", text, name,
			       c->reg->no_sets);
	snprintf(what, sizeof(what), "%s", name);
	return number_parse(text + len + 1, what, value_max(c->reg->bytes),
			    &c->new, err);
}

/* SDM vol. 1, 3.4.3: such flags the CPU would not have, or not run with. */
static int check_flags(const struct vcpu *v, uint64_t flags, struct err *err)
{
	uint64_t known = regbits_known(regbits_rflags) | RFLAGS_FIXED;

	if (flags & ~known)
		return err_set(err, ERR_REFUSED,
			       "eflags: reserved bits 0x%" PRIx64 " are 0 in a "
			       "CPU",
			       flags & ~known);
	if (!(flags & RFLAGS_FIXED))
		return err_set(err, ERR_REFUSED,
			       "eflags: bit 1 (0x2) is always 1 in a CPU");
	if (v->efer & EFER_LMA && flags & RFLAGS_VM)
		return err_set(err, ERR_REFUSED,
			       "eflags: VM (0x20000) does not exist in long "
			       "mode");
	return 0;
}

/* What the CPU loads only canonical (SDM vol. 1, 3.3.7.1). */
static bool holds_address(const struct vcpu_reg *reg)
{
	return !strcmp(reg->name, "rip") || strstr(reg->name, "_base");
}

static int check_value(const struct vcpu *v, const struct reg_change *c,
		       struct err *err)
{
	if (!strcmp(c->reg->name, "eflags"))
		return check_flags(v, c->new, err);
	if (holds_address(c->reg) && v->efer & EFER_LMA &&
	    !walk_canonical(walk_mode_of_cr4(v->cr4), c->new))
		return err_set(err, ERR_REFUSED,
			       "%s: 0x%" PRIx64 " is not canonical",
			       c->reg->name, c->new);
	return 0;
}

int change_regs(struct session *s, unsigned int vcpu,
		struct reg_change *changes, size_t n, struct err *err)
{
	const struct vcpu *v = machine_vcpu(s->machine, vcpu);
	size_t i;
	int rc = 0;

	for (i = 0; v && i < n && !rc; i++)
		rc = check_value(v, &changes[i], err);
	if (rc)
		return err_wrap(err, rc, "nothing was changed");
	return machine_write_regs(s->machine, vcpu, changes, n, err);
}
