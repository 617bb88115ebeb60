/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the per-CPU offsets. */
#include "kernel/percpu.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"

static int no_areas(struct err *err)
{
	return err_set(err, ERR_NO_LINUX,
		       "no per-CPU areas (__per_cpu_offset)");
}

/* As many as nearly all guests have come in one batch with their number. */
#define FIRST 64

int percpu_offsets(struct kernel *k, uint64_t **offsets, size_t *n,
		   struct err *err)
{
	_cleanup_free_ uint64_t *v = calloc(PERCPU_MAX, sizeof(*v));
	uint8_t ids_bytes[4] = {0}; /* unsigned int */
	struct space_read reads[2] = {
		{.root = &k->root, .dst = ids_bytes, .len = 4},
		{.root = &k->root, .dst = v, .len = FIRST * sizeof(*v)}};
	size_t i, ids;
	int rc;

	if (!v)
		return err_nomem(err);
	if (!profile_symbol(k->profile, "nr_cpu_ids", &reads[0].va) ||
	    !profile_symbol(k->profile, "__per_cpu_offset", &reads[1].va))
		return no_areas(err);
	rc = space_read(k->machine, reads, 2, err);
	if (rc)
		return rc;
	ids = le32(ids_bytes);
	if (reads[0].got < 4 || !ids || ids > PERCPU_MAX)
		return no_areas(err);
	if (reads[1].got < ids * sizeof(*v))
		rc = kernel_read(k, reads[1].va, v, ids * sizeof(*v), err);
	if (rc)
		return err_wrap(err, rc, "__per_cpu_offset");
	for (i = 0; i < ids; i++)
		v[i] = le64(&v[i]);
	*offsets = v;
	*n = ids;
	v = NULL;
	return 0;
}
