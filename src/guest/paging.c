/* SPDX-License-Identifier: BSD-2-Clause */
/* How the tables are walked that a user names by their root. */
#include "guest/paging.h"

#include <inttypes.h>
#include <stdbool.h>

/* The vCPUs that use paging, or those of them that have this very root. */
struct voters {
	const struct vcpu *first, *other; /* other: of another mode */
};

static bool has_root(const struct vcpu *v, uint64_t cr3)
{
	const struct walk_mode *mode = walk_mode_of_vcpu(v);

	return mode && (v->cr3 & mode->root) == (cr3 & mode->root);
}

static struct voters ask_vcpus(const struct machine *m, bool by_root,
			       uint64_t cr3)
{
	struct voters found = {NULL, NULL};
	size_t i;

	for (i = 0; i < m->vcpus.n; i++) {
		const struct vcpu *v = &m->vcpus.v[i];

		if (!walk_mode_of_vcpu(v) || (by_root && !has_root(v, cr3)))
			continue;
		if (!found.first)
			found.first = v;
		else if (walk_mode_of_vcpu(v) != walk_mode_of_vcpu(found.first))
			found.other = v;
	}
	return found;
}

static int of_one(const struct vcpu *v, const struct walk_mode **mode,
		  struct err *err)
{
	const struct walk_mode *own = walk_mode_of_vcpu(v);

	if (!own)
		return err_set(
			err, ERR_REFUSED,
			"vCPU %u does not use paging: it walks no tables",
			v->index);
	*mode = own;
	return 0;
}

int paging_of_cr3(const struct machine *m, const struct vcpu *only,
		  uint64_t cr3, const struct walk_mode **mode, struct err *err)
{
	struct voters v;

	if (only)
		return of_one(only, mode, err);
	v = ask_vcpus(m, true, cr3);
	if (!v.first)
		v = ask_vcpus(m, false, cr3);
	if (!v.first)
		return err_set(err, ERR_REFUSED,
			       "no vCPU uses paging: in which form the tables "
			       "at 0x%" PRIx64 " are is not known",
			       cr3);
	if (v.other)
		return err_helps(
			err,
			err_set(err, ERR_REFUSED,
				"vCPU %u uses %s paging, vCPU %u %s: say which "
				"of them cr3=0x%" PRIx64 " is for",
				v.first->index,
				walk_mode_of_vcpu(v.first)->name,
				v.other->index,
				walk_mode_of_vcpu(v.other)->name, cr3),
			REMEDY_VCPU, 0);
	return of_one(v.first, mode, err);
}
