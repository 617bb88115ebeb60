/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the per-CPU offsets. */
#include "kernel/percpu.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"

/* As many as nearly all guests have come in one batch with their number. */
#define FIRST 64

/* The offsets behind the first ones; all of them, or none. */
static int read_rest(struct kernel *k, uint64_t va, uint64_t *v, size_t *n,
		     struct err *err)
{
	struct space_read read = {
		.root = &k->root, .va = va, .dst = v, .len = *n * sizeof(*v)};
	int rc = space_read(k->machine, &read, 1, err);

	if (!rc && read.got < read.len)
		*n = 0;
	return rc;
}

int percpu_offsets(struct kernel *k, uint64_t **offsets, size_t *n,
		   struct err *err)
{
	_cleanup_free_ uint64_t *v = calloc(PERCPU_MAX, sizeof(*v));
	uint8_t ids_bytes[4] = {0}; /* unsigned int */
	struct space_read reads[2] = {
		{.root = &k->root, .dst = ids_bytes, .len = 4},
		{.root = &k->root, .dst = v, .len = FIRST * sizeof(*v)}};
	size_t i, ids = 0;
	int rc = 0;

	if (!v)
		return err_nomem(err);
	if (profile_symbol(k->profile, "nr_cpu_ids", &reads[0].va) &&
	    profile_symbol(k->profile, "__per_cpu_offset", &reads[1].va))
		rc = space_read(k->machine, reads, 2, err);
	if (!rc && reads[0].got == 4)
		ids = le32(ids_bytes);
	if (ids > PERCPU_MAX)
		ids = 0;
	if (!rc && reads[1].got < ids * sizeof(*v))
		rc = read_rest(k, reads[1].va, v, &ids, err);
	if (rc)
		return rc;
	for (i = 0; i < ids; i++)
		v[i] = le64(&v[i]);
	*offsets = v;
	*n = ids;
	v = NULL;
	return 0;
}

int percpu_first_read(struct kernel *k, struct percpu_first *out,
		      struct err *err)
{
	int rc;

	*out = (struct percpu_first){0};
	if (!profile_symbol(k->profile, "__per_cpu_start", &out->first))
		return 0;
	rc = kernel_read_symbol(k, "pcpu_unit_size", 4, &out->size,
				err); /* int */
	if (rc == ERR_NOT_FOUND)
		return 0;
	return rc ? rc : percpu_offsets(k, &out->offsets, &out->n, err);
}
