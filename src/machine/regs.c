/* SPDX-License-Identifier: BSD-2-Clause */
/* vCPU registers by name: one table; and changes that are read back. */
#include "machine/regs.h"

#include <inttypes.h>
#include <string.h>

#define VCPU_REG_SELECTOR "its hidden part would have to follow"
#define VCPU_REG_MODE	  "it decides on the mode of the CPU"

#define REG(id, n, member, width, why)                             \
	[VCPU_##id] = {.name = (n),                                \
		       .offset = offsetof(struct vcpu, member),    \
		       .size = sizeof(((struct vcpu *)0)->member), \
		       .bytes = (width),                           \
		       .no_sets = (why)},

const struct vcpu_reg vcpu_regs[VCPU_REGS_N + 1] = {VCPU_REGS(REG)};
#undef REG

const struct vcpu_reg *vcpu_reg_find(const char *name)
{
	const struct vcpu_reg *r;

	for (r = vcpu_regs; r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}

uint64_t vcpu_reg_get(const struct vcpu *v, const struct vcpu_reg *reg)
{
	const uint8_t *from = (const uint8_t *)v + reg->offset;
	uint64_t wide;
	uint32_t narrow;

	if (reg->size == sizeof(wide)) {
		memcpy(&wide, from, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, from, sizeof(narrow));
	return narrow;
}

void vcpu_reg_put(struct vcpu *v, const struct vcpu_reg *reg, uint64_t value)
{
	uint8_t *to = (uint8_t *)v + reg->offset;
	uint32_t narrow = (uint32_t)value;

	if (reg->size == sizeof(value))
		memcpy(to, &value, sizeof(value));
	else
		memcpy(to, &narrow, sizeof(narrow));
}

struct vcpu *machine_vcpu(const struct machine *m, unsigned int index)
{
	size_t i;

	for (i = 0; i < m->vcpus.n; i++)
		if (m->vcpus.v[i].index == index)
			return &m->vcpus.v[i];
	return NULL;
}

/* The first register in which two states of a vCPU differ, or NULL. */
static const struct vcpu_reg *first_difference(const struct vcpu *a,
					       const struct vcpu *b)
{
	const struct vcpu_reg *r;

	for (r = vcpu_regs; r->name; r++)
		if (vcpu_reg_get(a, r) != vcpu_reg_get(b, r))
			return r;
	return NULL;
}

/* What is read back must be `want`. */
static int check_back(struct machine *m, const struct vcpu *want,
		      struct err *err)
{
	struct vcpu now = *want;
	const struct vcpu_reg *r;
	int rc = m->ops->read_regs(m->ctx, &now, err);

	if (rc)
		return rc;
	r = first_difference(want, &now);
	if (!r)
		return 0;
	return err_set(err, ERR_REFUSED,
		       "vCPU %u: %s is 0x%" PRIx64 " when read back, not "
		       "0x%" PRIx64,
		       want->index, r->name, vcpu_reg_get(&now, r),
		       vcpu_reg_get(want, r));
}

/* Write the old values again, the last first, and look. */
static int put_back(struct machine *m, const struct vcpu *old,
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
		rc = check_back(m, old, &why);
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
		changes[i].old = vcpu_reg_get(v, changes[i].reg);
		changes[i].sent = false;
		vcpu_reg_put(&want, changes[i].reg, changes[i].new);
	}
	for (i = 0; i < n && !rc; i++) {
		rc = m->ops->write_reg(m->ctx, vcpu, changes[i].reg,
				       changes[i].new, err);
		changes[i].sent = rc != ERR_REFUSED && rc != ERR_INTERRUPTED;
	}
	if (rc && !changes[0].sent)
		return rc;
	if (!rc)
		rc = check_back(m, &want, err);
	if (rc)
		return put_back(m, &old, changes, i, rc, err);
	*v = want;
	return 0;
}
