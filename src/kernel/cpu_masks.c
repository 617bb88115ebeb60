/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads masks of CPUs that are variables. */
#include "kernel/cpu_masks.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "walk/space.h"

/* Read so many words at each address; what is not there is not known. */
static int masks_read_words(struct kernel *k, const uint64_t *at,
			    struct cpu_masks *m, size_t words, struct err *err)
{
	_cleanup_free_ struct space_read *reads =
		calloc(m->n + 1, sizeof(*reads));
	size_t i;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < m->n; i++)
		reads[i] = (struct space_read){
			.root = &k->root,
			.va = at[i],
			.dst = m->words + i * m->stride,
			.len = kernel_pointer(k, at[i]) ? words * 8 : 0};
	rc = space_read(k->machine, reads, m->n, err);
	for (i = 0; i < m->n && !rc; i++)
		m->known[i] = reads[i].len && reads[i].got == reads[i].len;
	return rc;
}

/* They were pointers. */
static int masks_follow(struct kernel *k, struct cpu_masks *m, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(m->n + 1, sizeof(*at));
	size_t i;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < m->n; i++) {
		at[i] = m->known[i] ? le64(cpu_mask(m, i)) : 0;
		m->words[i * m->stride] = 0;
	}
	return masks_read_words(k, at, m, m->stride, err);
}

int cpu_masks_read(struct kernel *k, const struct cpus *cpus,
		   const uint64_t *at, size_t n, struct cpu_masks *out,
		   struct err *err)
{
	uint64_t va;
	bool apart = profile_symbol(k->profile, "alloc_cpumask_var_node", &va);
	size_t i;
	int rc;

	*out = (struct cpu_masks){.n = n, .stride = (cpus->n + 63) / 64};
	out->words = calloc(n * out->stride + 1, sizeof(*out->words));
	out->known = calloc(n + 1, sizeof(*out->known));
	if (!out->words || !out->known)
		return err_nomem(err);
	rc = masks_read_words(k, at, out, apart ? 1 : out->stride, err);
	if (!rc && apart)
		rc = masks_follow(k, out, err);
	for (i = 0; i < n * out->stride; i++)
		out->words[i] = le64(&out->words[i]);
	return rc;
}

void cpu_masks_deinit(struct cpu_masks *m)
{
	free(m->words);
	free(m->known);
	*m = (struct cpu_masks){0};
}

const uint64_t *cpu_mask(const struct cpu_masks *m, size_t i)
{
	return m->words + i * m->stride;
}
