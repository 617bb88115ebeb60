/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the per-CPU offsets. */
#include "kernel/percpu.h"

#include <stdlib.h>

#include "base/cursor.h"

int percpu_offsets(struct kernel *k, uint64_t **offsets, size_t *n,
		   struct err *err)
{
	uint64_t table, ids;
	uint64_t *v;
	size_t i;
	int rc = kernel_read_symbol(k, "nr_cpu_ids", &ids, err);

	if (rc)
		return rc;
	ids &= 0xffffffff; /* unsigned int */
	if (!profile_symbol(k->profile, "__per_cpu_offset", &table) || !ids ||
	    ids > PERCPU_MAX)
		return err_set(err, ERR_NO_LINUX,
			       "no per-CPU areas (__per_cpu_offset)");
	v = calloc(ids, sizeof(*v));
	if (!v)
		return err_nomem(err);
	rc = kernel_read(k, table, v, ids * sizeof(*v), err);
	if (rc) {
		free(v);
		return err_wrap(err, rc, "__per_cpu_offset");
	}
	for (i = 0; i < ids; i++)
		v[i] = le64(&v[i]);
	*offsets = v;
	*n = ids;
	return 0;
}
