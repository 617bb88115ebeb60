/* SPDX-License-Identifier: BSD-2-Clause */
/* The kinds of CPUs that there are, and a vCPU's registers by name. */
#include "arch/arch.h"

#include <string.h>

static const struct arch *const arches[] = {&arch_x86_64, &arch_aarch64, NULL};

const struct arch *arch_at(size_t i)
{
	return arches[i];
}

const struct arch *arch_find(const char *gdb_name)
{
	size_t i;

	for (i = 0; arches[i]; i++)
		if (!strcmp(arches[i]->gdb_name, gdb_name))
			return arches[i];
	return NULL;
}

const struct arch_reg *arch_reg_find(const struct arch *a, const char *name)
{
	unsigned int i;

	for (i = 0; i < a->n_regs; i++)
		if (!strcmp(a->regs[i].name, name))
			return &a->regs[i];
	return NULL;
}

bool vcpu_has(const struct vcpu *v, const struct arch_reg *reg)
{
	return !reg->optional || v->has >> (reg - v->arch->regs) & 1;
}

uint64_t vcpu_get(const struct vcpu *v, const struct arch_reg *reg)
{
	return v->reg[reg - v->arch->regs];
}

void vcpu_put(struct vcpu *v, const struct arch_reg *reg, uint64_t value)
{
	unsigned int drop = 64 - 8 * reg->bytes;

	v->reg[reg - v->arch->regs] = value << drop >> drop;
	v->has |= 1ULL << (reg - v->arch->regs);
}

uint64_t vcpu_root(const struct vcpu *v, unsigned int root)
{
	return v->reg[v->arch->root_reg(v, root)];
}

uint64_t vcpu_table(const struct vcpu *v, unsigned int root,
		    const struct paging *p)
{
	return paging_root(p, vcpu_root(v, root));
}
