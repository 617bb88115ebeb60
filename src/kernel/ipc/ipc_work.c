/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what System V IPC of some kinds has alike. */
#include "kernel/ipc/ipc_work.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"

int ipc_own_read(struct kernel *k, const struct ipc_perms *perms, uint32_t perm,
		 const uint32_t *fields, size_t n_fields, struct records *out,
		 struct err *err)
{
	uint32_t offset = profile_field(k->profile, perm)->offset;
	_cleanup_free_ uint64_t *at = calloc(perms->v.n + 1, sizeof(*at));
	size_t i;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < perms->v.n; i++)
		at[i] = perms->v.v[i].addr - offset;
	return records_read(k, at, perms->v.n, fields, n_fields, out, err);
}

int ipc_pids_read(struct kernel *k, const struct records *own, uint32_t first,
		  uint32_t second, struct ipc_pids *out, struct err *err)
{
	size_t i;

	out->addrs = calloc(2 * own->n + 1, sizeof(*out->addrs));
	if (!out->addrs)
		return err_nomem(err);
	for (i = 0; i < own->n; i++) {
		out->addrs[2 * i] = records_u64(own, i, first);
		out->addrs[2 * i + 1] = records_u64(own, i, second);
	}
	return pids_read(k, out->addrs, 2 * own->n, &out->pids, err);
}

void ipc_pids_deinit(struct ipc_pids *p)
{
	free(p->addrs);
	pids_deinit(&p->pids);
}

bool ipc_pids_lost(const struct ipc_pids *p, size_t i)
{
	return (p->addrs[2 * i] && !p->pids.of[2 * i].n) ||
	       (p->addrs[2 * i + 1] && !p->pids.of[2 * i + 1].n);
}

uint32_t ipc_pid(const struct ipc_pids *p, size_t i, size_t which)
{
	return pids_first(&p->pids, 2 * i + which);
}

void ipc_lost(const struct ipc_perm *perm, struct remarks *remarks)
{
	remarks_add(remarks, "what is at 0x%" PRIx64 " cannot be read",
		    perm->addr);
}
