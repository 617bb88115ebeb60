/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose memory is written, and what its owners may write by their VMAs. */
#include "edit/rights.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "edit/guard_who.h"

/* The mms of all places; those named by roots are looked for together. */
static int find_owners(struct guest *g, const struct place *places, size_t n,
		       struct mm *mms, struct err *err)
{
	_cleanup_free_ uint64_t *roots = calloc(n + 1, sizeof(*roots));
	_cleanup_free_ struct mm *found = calloc(n + 1, sizeof(*found));
	size_t i, some = 0;
	int rc;

	if (!roots || !found)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		if (places[i].space == ADDR_PID)
			mms[i] = places[i].mm;
		if (places[i].space == ADDR_ROOT)
			roots[some++] = paging_root(places[i].root.paging,
						    places[i].named.value);
	}
	rc = guard_mms_of_roots(g->kernel, roots, some, found, err);
	for (i = some = 0; i < n && !rc; i++)
		if (places[i].space == ADDR_ROOT)
			mms[i] = found[some++];
	return rc;
}

int rights_read(struct guest *g, const struct place *places, size_t n,
		struct rights *out, struct err *err)
{
	int rc;

	out->mms = calloc(n + 1, sizeof(*out->mms));
	out->lists = calloc(n + 1, sizeof(*out->lists));
	if (!out->mms || !out->lists)
		return err_nomem(err);
	out->n = n;
	if (!g->kernel)
		return 0;
	rc = find_owners(g, places, n, out->mms, err);
	return rc ? rc
		  : vma_lists_read(g->kernel, out->mms, n, out->lists, err);
}

void rights_deinit(struct rights *r)
{
	if (r->lists)
		vma_lists_deinit(r->lists, r->n);
	free(r->lists);
	free(r->mms);
	*r = (struct rights){0};
}

int right_ask(const struct vma_list *vmas, uint32_t pid, uint64_t at,
	      size_t len, enum right *right, uint64_t *bad, struct err *err)
{
	const struct vma *vma;
	uint64_t left = len;

	*right = RIGHT_ALLOWED;
	while (left && *right == RIGHT_ALLOWED) {
		vma = vma_find(vmas, at);
		*bad = at;
		if (!vma && vmas->torn)
			return err_set(err, ERR_UNREADABLE,
				       "the VMAs of pid %u are not whole: %s",
				       pid, vmas->why);
		if (!vma)
			*right = RIGHT_NO_VMA;
		else if (!(vma->flags & VM_WRITE))
			*right = RIGHT_NO_WRITE;
		else if (left <= vma->end - at)
			break;
		else
			left -= vma->end - at, at = vma->end;
	}
	return 0;
}
