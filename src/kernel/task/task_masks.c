/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the masks of CPUs and nodes of tasks. */
#include "kernel/task/task_masks.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_CPUS = WANTS_OF(READER_TASK_MASKS),
	FIELD_TASK_MEMS,
	FIELD_CACHE_NODES,
	STRUCT_CACHE_NODE
};

static const struct want want_table[] = {
	FIELD(TASK_CPUS, "task_struct", OPTIONAL, "cpus_mask"), /* 5.3 */
	FIELD(TASK_MEMS, "task_struct", OPTIONAL, "mems_allowed"),
	FIELD(CACHE_NODES, "kmem_cache", OPTIONAL, "node|per_node"), /* 7.1 */
	STRUCT(CACHE_NODE, "kmem_cache_per_node_ptrs", OPTIONAL),
};

const struct wants task_masks_wants = {
	.reader = "masks of CPUs", .v = want_table, .n = WANTS_N(want_table)};

#define WORD_BITS	64u
#define NODES_SHIFT_MAX 10 /* arch/x86/Kconfig */

/*
 * MAX_NUMNODES is a power of two: more than a word's are as many as the mask
 * has bits; else a slab cache's array tells, which has an element for each.
 */
static unsigned int mask_node_bits(struct kernel *k, uint32_t mask)
{
	const struct profile_field *nodes =
		profile_field(k->profile, FIELD_CACHE_NODES);
	uint32_t size = profile_sizeof(k->profile, STRUCT_CACHE_NODE);
	unsigned int bits = mask * 8;

	if (!size)
		size = 8; /* a pointer */
	if (bits > 1u << NODES_SHIFT_MAX)
		return 0;
	if (bits == WORD_BITS)
		bits = nodes->present && nodes->size / size <= WORD_BITS
			       ? nodes->size / size
			       : 0;
	return bits;
}

/* nr_cpu_ids; kernels that are made for one number of CPUs have none. */
static int mask_cpu_bits(struct kernel *k, uint32_t mask, unsigned int *bits,
			 struct err *err)
{
	uint64_t ids = mask * 8;
	int rc = kernel_read_symbol(k, "nr_cpu_ids", 4, &ids, err);

	if (rc == ERR_NOT_FOUND)
		rc = 0;
	*bits = ids <= mask * 8 && ids <= PERCPU_MAX ? (unsigned int)ids : 0;
	return rc;
}

static int mask_take(const struct records *r, uint32_t id,
		     struct task_mask *out)
{
	size_t i, word;

	out->stride = records_size(r, id) / 8;
	out->words = calloc(r->n * out->stride + 1, sizeof(*out->words));
	if (!out->words)
		return ERR_NOMEM;
	for (i = 0; i < r->n; i++)
		for (word = 0; word < out->stride; word++)
			out->words[i * out->stride + word] =
				le64(records_bytes(r, i, id) + 8 * word);
	return 0;
}

int task_masks_read(struct kernel *k, const struct task *tasks, size_t n,
		    struct task_masks *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_TASK_CPUS, FIELD_TASK_MEMS};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	*out = (struct task_masks){.ok = calloc(n + 1, sizeof(*out->ok))};
	if (!addrs || !out->ok)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].addr;
	rc = records_read(k, addrs, n, fields, 2, &r, err);
	if (rc)
		return rc;
	if (mask_take(&r, FIELD_TASK_CPUS, &out->cpus) ||
	    mask_take(&r, FIELD_TASK_MEMS, &out->mems))
		return err_nomem(err);
	for (i = 0; i < n; i++)
		out->ok[i] = r.ok[i];
	out->mems.bits = mask_node_bits(k, (uint32_t)(out->mems.stride * 8));
	return mask_cpu_bits(k, (uint32_t)(out->cpus.stride * 8),
			     &out->cpus.bits, err);
}

void task_masks_deinit(struct task_masks *m)
{
	free(m->cpus.words);
	free(m->mems.words);
	free(m->ok);
}
