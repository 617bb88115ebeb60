/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads masks of CPUs. */
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
	for (i = 0; i < m->n * m->stride && !rc; i++)
		m->words[i] = le64(&m->words[i]);
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
		at[i] = m->known[i] ? *cpu_mask(m, i) : 0;
		m->words[i * m->stride] = 0;
	}
	return masks_read_words(k, at, m, m->stride, err);
}

static int masks_begin(const struct cpus *cpus, size_t n, struct cpu_masks *m,
		       struct err *err)
{
	*m = (struct cpu_masks){.n = n,
				.stride = (cpus->n + 63) / 64,
				.bits = (unsigned int)cpus->n};
	m->words = calloc(n * m->stride + 1, sizeof(*m->words));
	m->known = calloc(n + 1, sizeof(*m->known));
	return m->words && m->known ? 0 : err_nomem(err);
}

bool cpu_masks_apart(const struct kernel *k)
{
	uint64_t va;

	return profile_symbol(k->profile, "alloc_cpumask_var_node", &va);
}

int cpu_masks_read(struct kernel *k, const struct cpus *cpus,
		   const uint64_t *at, size_t n, struct cpu_masks *out,
		   struct err *err)
{
	int rc;

	if (!cpu_masks_apart(k))
		return cpu_masks_read_plain(k, cpus, at, n, out, err);
	rc = masks_begin(cpus, n, out, err);
	if (!rc)
		rc = masks_read_words(k, at, out, 1, err);
	return rc ? rc : masks_follow(k, out, err);
}

int cpu_masks_read_plain(struct kernel *k, const struct cpus *cpus,
			 const uint64_t *at, size_t n, struct cpu_masks *out,
			 struct err *err)
{
	int rc = masks_begin(cpus, n, out, err);

	return rc ? rc : masks_read_words(k, at, out, out->stride, err);
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
