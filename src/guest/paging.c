/* SPDX-License-Identifier: BSD-2-Clause */
/* How the tables are walked that a user names by their root. */
#include "guest/paging.h"

#include <inttypes.h>
#include <stdbool.h>

/* The vCPUs that use paging, or those of them that have this very root. */
struct voters {
	const struct vcpu *first, *other; /* other: of another form */
};

static const struct paging *form_of(const struct vcpu *v,
				    const struct addr_root *root)
{
	return v->arch->paging(v, root->number);
}

static bool has_root(const struct vcpu *v, const struct addr_root *root)
{
	const struct paging *p = form_of(v, root);

	return p &&
	       vcpu_table(v, root->number, p) == paging_root(p, root->value);
}

static struct voters ask_vcpus(const struct machine *m, bool by_root,
			       const struct addr_root *root)
{
	struct voters found = {NULL, NULL};
	size_t i;

	for (i = 0; i < m->vcpus.n; i++) {
		const struct vcpu *v = &m->vcpus.v[i];

		if (!form_of(v, root) || (by_root && !has_root(v, root)))
			continue;
		if (!found.first)
			found.first = v;
		else if (form_of(v, root) != form_of(found.first, root))
			found.other = v;
	}
	return found;
}

static int of_one(const struct vcpu *v, const struct addr_root *root,
		  const struct vcpu **by, struct err *err)
{
	if (!form_of(v, root))
		return err_set(
			err, ERR_REFUSED,
			"vCPU %u does not use paging: it walks no tables",
			v->index);
	*by = v;
	return 0;
}

static int other_arch(const struct machine *m, const struct addr_root *root,
		      struct err *err)
{
	const struct arch_root *have = m->arch->roots;

	return err_set(err, ERR_REFUSED,
		       "%s= names a root of %s; the guest's CPUs are %s and "
		       "have %s%s%s",
		       addr_root_name(root), root->arch->name, m->arch->name,
		       have[0].name, m->arch->n_roots > 1 ? ", " : "",
		       m->arch->n_roots > 1 ? have[1].name : "");
}

int paging_of_root(const struct machine *m, const struct vcpu *only,
		   const struct addr_root *root, const struct vcpu **by,
		   struct err *err)
{
	struct voters v;

	if (root->arch != m->arch)
		return other_arch(m, root, err);
	if (only)
		return of_one(only, root, by, err);
	v = ask_vcpus(m, true, root);
	if (!v.first)
		v = ask_vcpus(m, false, root);
	if (!v.first)
		return err_set(err, ERR_REFUSED,
			       "no vCPU uses paging: in which form the tables "
			       "at 0x%" PRIx64 " are is not known",
			       root->value);
	if (v.other)
		return err_helps(
			err,
			err_set(err, ERR_REFUSED,
				"vCPU %u uses %s paging, vCPU %u %s: say which "
				"of them %s=0x%" PRIx64 " is for",
				v.first->index, form_of(v.first, root)->name,
				v.other->index, form_of(v.other, root)->name,
				addr_root_name(root), root->value),
			REMEDY_VCPU, 0);
	return of_one(v.first, root, by, err);
}
