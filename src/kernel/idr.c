/* SPDX-License-Identifier: BSD-2-Clause */
/* The PID table, an xarray whose entries are struct pids. */
#include "kernel/idr.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/xarray.h"

/* What is wanted of the types. */
enum {
	FIELD_PIDNS_IDR = WANTS_OF(READER_IDR)
};

static const struct want want_table[] = {
	FIELD(PIDNS_IDR, "pid_namespace", OPTIONAL,
	      "idr.idr_rt.xa_head"), /* 4.20 */
};

const struct wants idr_wants = {
	.reader = "tables of PIDs", .v = want_table, .n = WANTS_N(want_table)};

#define MAX_NODES (65536 + 1024 + 16 + 1) /* of PID_MAX_LIMIT numbers */

void idr_deinit(struct idr *idr)
{
	vec_deinit(&idr->entries);
}

static void idr_tear(struct idr *idr, uint64_t addr)
{
	if (!idr->torn)
		idr->torn_at = addr;
	idr->torn = true;
}

static int idr_read_head(struct kernel *k, uint64_t *head, struct err *err)
{
	const struct profile_field *idr =
		profile_field(k->profile, FIELD_PIDNS_IDR);
	uint8_t bytes[8];
	uint64_t ns;
	int rc;

	if (!profile_symbol(k->profile, "init_pid_ns", &ns) || !idr->present ||
	    !xarrays_known(k))
		return profile_unknown(k->profile,
				       "this kernel keeps its PIDs in no way "
				       "that qvmi knows (init_pid_ns.idr)",
				       err);
	rc = kernel_read(k, ns + idr->offset, bytes, sizeof(bytes), err);
	if (rc)
		return err_wrap(err, rc, "init_pid_ns");
	*head = le64(bytes);
	return 0;
}

/* A pointer to a struct pid has no low bits, and one number. */
static int idr_take(const struct kernel *k, const struct xarray_entries *found,
		    struct idr *out)
{
	size_t i;

	for (i = 0; i < found->list.n; i++) {
		const struct xarray_entry *e = &found->list.v[i];

		if (e->first != e->last || e->first >= PID_MAX_LIMIT ||
		    e->value & 3 || !kernel_pointer(k, e->value))
			idr_tear(out, e->value);
		else if (vec_push(&out->entries,
				  {(uint32_t)e->first, e->value}))
			return ERR_NOMEM;
	}
	return 0;
}

int idr_read(struct kernel *k, const uint32_t *only, size_t n, struct idr *out,
	     struct err *err)
{
	_cleanup_(xarray_entries_deinit) struct xarray_entries found = {0};
	_cleanup_free_ struct xarray_range *ranges =
		calloc(n + 1, sizeof(*ranges));
	struct xarray table = {.ranges = ranges, .n = n ? n : 1};
	size_t i;
	int rc;

	*out = (struct idr){0};
	if (!ranges)
		return err_nomem(err);
	ranges[0] = (struct xarray_range){0, UINT64_MAX};
	for (i = 0; i < n; i++)
		ranges[i] = (struct xarray_range){only[i], only[i]};
	rc = idr_read_head(k, &table.head, err);
	if (!rc)
		rc = xarrays_read(k, &table, 1, MAX_NODES, &found, err);
	if (!rc && found.torn)
		idr_tear(out, found.torn_at);
	if (!rc && idr_take(k, &found, out))
		rc = err_nomem(err);
	return rc;
}
