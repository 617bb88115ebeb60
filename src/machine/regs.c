/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes of vCPU registers, which are read back. */
#include "machine/regs.h"

#include <inttypes.h>
#include <stdlib.h>

struct vcpu *machine_vcpu(const struct machine *m, unsigned int index)
{
	size_t i;

	for (i = 0; i < m->vcpus.n; i++)
		if (m->vcpus.v[i].index == index)
			return &m->vcpus.v[i];
	return NULL;
}

uint64_t *vcpus_code(const struct machine *m)
{
	uint64_t *code = calloc(m->vcpus.n + 1, sizeof(*code));
	size_t i;

	for (i = 0; code && i < m->vcpus.n; i++)
		code[i] = m->vcpus.v[i].reg[m->arch->pc];
	return code;
}

/* The first register in which two states of a vCPU differ, or NULL. */
static const struct arch_reg *first_difference(const struct vcpu *a,
					       const struct vcpu *b)
{
	unsigned int i;

	for (i = 0; i < a->arch->n_regs; i++)
		if (a->reg[i] != b->reg[i])
			return &a->arch->regs[i];
	return NULL;
}

/* What is read back must be `want`. */
static int regs_check_back(struct machine *m, const struct vcpu *want,
			   struct err *err)
{
	struct vcpu now = *want;
	const struct arch_reg *r;
	int rc = m->ops->read_regs(m->ctx, &now, err);

	if (rc)
		return rc;
	r = first_difference(want, &now);
	if (!r)
		return 0;
	return err_set(err, ERR_REFUSED,
		       "vCPU %u: %s is 0x%" PRIx64 " when read back, not "
		       "0x%" PRIx64,
		       want->index, r->name, vcpu_get(&now, r),
		       vcpu_get(want, r));
}

/* Write the old values again, the last first, and look. */
static int regs_put_back(struct machine *m, const struct vcpu *old,
			 const struct reg_change *changes, size_t n, int code,
			 struct err *err)
{
	struct err why = {0};
	size_t i;
	int rc = 0;

	for (i = n; i-- > 0 && !rc;)
		if (changes[i].sent)
			rc = m->ops->write_reg(m->ctx, old->index,
					       changes[i].reg, changes[i].old,
					       &why);
	if (!rc)
		rc = regs_check_back(m, old, &why);
	if (!rc)
		return err_wrap(err, code, "nothing was changed");
	return err_wrap(err, ERR_PARTIAL,
			"registers may be left changed (%.150s)", why.text);
}

int machine_write_regs(struct machine *m, unsigned int vcpu,
		       struct reg_change *changes, size_t n, struct err *err)
{
	struct vcpu *v = machine_vcpu(m, vcpu), old, want;
	size_t i;
	int rc = 0;

	if (!v)
		return err_set(err, ERR_NOT_FOUND,
			       "no vCPU %u: the guest has %zu, counted from 0",
			       vcpu, m->vcpus.n);
	if (!m->ops->write_reg || !m->ops->read_regs)
		return err_set(err, ERR_REFUSED,
			       "registers cannot be written here");
	old = want = *v;
	for (i = 0; i < n; i++) {
		changes[i].old = vcpu_get(v, changes[i].reg);
		changes[i].sent = false;
		vcpu_put(&want, changes[i].reg, changes[i].new);
	}
	for (i = 0; i < n && !rc; i++) {
		rc = m->ops->write_reg(m->ctx, vcpu, changes[i].reg,
				       changes[i].new, err);
		changes[i].sent = rc != ERR_REFUSED && rc != ERR_INTERRUPTED;
	}
	if (rc && !changes[0].sent)
		return rc;
	if (!rc)
		rc = regs_check_back(m, &want, err);
	if (rc)
		return regs_put_back(m, &old, changes, i, rc, err);
	*v = want;
	return 0;
}
