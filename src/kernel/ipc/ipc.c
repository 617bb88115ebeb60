/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what System V IPC of all kinds has: tables, owners, rights. */
#include "kernel/ipc/ipc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/ipc/ipc_work.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/task/task_ns.h"
#include "kernel/xarray.h"

/* What is wanted of the types. */
enum {
	FIELD_NS_IDS = WANTS_OF(READER_IPC),
	FIELD_IDS_HEAD,
	FIELD_PERM_KEY,
	FIELD_PERM_ID,
	FIELD_PERM_MODE,
	FIELD_PERM_UID,
	FIELD_PERM_GID,
	FIELD_PERM_CUID,
	FIELD_PERM_CGID,
	STRUCT_IDS
};

static const struct want want_table[] = {
	FIELD(NS_IDS, "ipc_namespace", REQUIRED, "ids"),
	FIELD(IDS_HEAD, "ipc_ids", REQUIRED, "ipcs_idr.idr_rt.xa_head"),
	FIELD(PERM_KEY, "kern_ipc_perm", REQUIRED, "key"),
	FIELD(PERM_ID, "kern_ipc_perm", REQUIRED, "id"),
	FIELD(PERM_MODE, "kern_ipc_perm", REQUIRED, "mode"),
	FIELD(PERM_UID, "kern_ipc_perm", REQUIRED, "uid"),
	FIELD(PERM_GID, "kern_ipc_perm", REQUIRED, "gid"),
	FIELD(PERM_CUID, "kern_ipc_perm", REQUIRED, "cuid"),
	FIELD(PERM_CGID, "kern_ipc_perm", REQUIRED, "cgid"),
	STRUCT(IDS, "ipc_ids", REQUIRED),
};

const struct wants ipc_wants = {
	.reader = "System V IPC", .v = want_table, .n = WANTS_N(want_table)};

/* What the table of a kind begins with. */
static int ipc_head_read(struct kernel *k, enum ipc_kind kind, uint64_t *head,
			 struct err *err)
{
	const struct profile *p = k->profile;
	uint64_t at = (uint64_t)kind * profile_sizeof(p, STRUCT_IDS) +
		      profile_field(p, FIELD_NS_IDS)->offset +
		      profile_field(p, FIELD_IDS_HEAD)->offset;
	struct task_ns ns;
	uint8_t bytes[8];
	int rc = task_ns_of_init(k, &ns, err);

	if (!rc && !ns.at[TASK_NS_IPC])
		rc = err_set(err, ERR_NO_LINUX,
			     "the IPC namespace of PID 1 cannot be found");
	if (!rc)
		rc = kernel_read(k, ns.at[TASK_NS_IPC] + at, bytes,
				 sizeof(bytes), err);
	if (rc)
		return err_wrap(err, rc, "System V IPC");
	*head = le64(bytes);
	return 0;
}

/* An entry is a pointer to a struct kern_ipc_perm, and has one number. */
static int ipc_take(const struct kernel *k, const struct xarray_entries *found,
		    struct ipc_perms *out, struct remarks *remarks)
{
	size_t i;

	if (found->torn)
		remarks_add(remarks, "the table is damaged at 0x%" PRIx64,
			    found->torn_at);
	for (i = 0; i < found->list.n; i++) {
		const struct xarray_entry *e = &found->list.v[i];

		if (out->v.n == IPC_OBJECTS_MAX) {
			remarks_add(remarks, "there are more than qvmi reads");
			break;
		}
		if (e->first != e->last || e->value & 3 ||
		    !kernel_pointer(k, e->value))
			remarks_add(remarks,
				    "the table has 0x%" PRIx64
				    ", which is no pointer",
				    e->value);
		else if (vec_push(&out->v, {.addr = e->value}))
			return ERR_NOMEM;
	}
	return 0;
}

/* Those that cannot be read are left out. */
static int ipc_fill(struct kernel *k, struct ipc_perms *out,
		    struct remarks *remarks, struct err *err)
{
	static const uint32_t fields[] = {FIELD_PERM_KEY,  FIELD_PERM_ID,
					  FIELD_PERM_MODE, FIELD_PERM_UID,
					  FIELD_PERM_GID,  FIELD_PERM_CUID,
					  FIELD_PERM_CGID};
	_cleanup_free_ uint64_t *at = calloc(out->v.n + 1, sizeof(*at));
	_cleanup_(records_deinit) struct records r = {0};
	size_t i, n = out->v.n, kept = 0;
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = out->v.v[i].addr;
	rc = records_read(k, at, n, fields, WANTS_N(fields), &r, err);
	for (i = 0; i < n && !rc; i++) {
		if (!r.ok[i]) {
			ipc_lost(&out->v.v[i], remarks);
			continue;
		}
		out->v.v[kept++] = (struct ipc_perm){
			.addr = at[i],
			.key = (int32_t)records_u64(&r, i, FIELD_PERM_KEY),
			.id = (int32_t)records_u64(&r, i, FIELD_PERM_ID),
			.mode = (uint32_t)records_u64(&r, i, FIELD_PERM_MODE),
			.uid = (uint32_t)records_u64(&r, i, FIELD_PERM_UID),
			.gid = (uint32_t)records_u64(&r, i, FIELD_PERM_GID),
			.cuid = (uint32_t)records_u64(&r, i, FIELD_PERM_CUID),
			.cgid = (uint32_t)records_u64(&r, i, FIELD_PERM_CGID)};
	}
	out->v.n = rc ? 0 : kept;
	return rc;
}

int ipc_perms_read(struct kernel *k, enum ipc_kind kind, struct ipc_perms *out,
		   struct remarks *remarks, struct err *err)
{
	static const struct xarray_range all = {0, UINT64_MAX};
	_cleanup_(xarray_entries_deinit) struct xarray_entries found = {0};
	struct xarray table = {.ranges = &all, .n = 1};
	int rc = profile_check_reader(k->profile, READER_IPC, err);

	if (!rc && !xarrays_known(k))
		rc = profile_unknown(k->profile,
				     "this kernel keeps System V IPC in no way "
				     "that qvmi knows (ipc_ids.ipcs_idr)",
				     err);
	if (!rc)
		rc = ipc_head_read(k, kind, &table.head, err);
	if (!rc)
		rc = xarrays_read(k, &table, 1, IPC_NODES_MAX, &found, err);
	if (!rc && ipc_take(k, &found, out, remarks))
		rc = err_nomem(err);
	return rc ? rc : ipc_fill(k, out, remarks, err);
}

void ipc_perms_deinit(struct ipc_perms *p)
{
	vec_deinit(&p->v);
}
