/* SPDX-License-Identifier: BSD-2-Clause */
/* What processes may write, by their VMAs. */
#include "cli/right.h"

#include <stdlib.h>

#include "base/cleanup.h"

/* The lists come for processes alone, in order: spread them over all places. */
static void spread(struct rights *r, const struct place *places, size_t n,
		   size_t processes)
{
	while (n-- > 0) {
		struct vma_list list = {0};

		if (places[n].space == ADDR_PID) {
			list = r->lists[--processes];
			r->lists[processes] = (struct vma_list){0};
		}
		r->lists[n] = list;
	}
}

int rights_read(struct session *s, const struct place *places, size_t n,
		struct rights *out, struct err *err)
{
	_cleanup_free_ struct mm *mms = calloc(n + 1, sizeof(*mms));
	size_t i, processes = 0;
	int rc;

	out->lists = calloc(n + 1, sizeof(*out->lists));
	if (!mms || !out->lists)
		return err_nomem(err);
	out->n = n;
	for (i = 0; i < n; i++)
		if (places[i].space == ADDR_PID)
			mms[processes++] = places[i].mm;
	if (!processes)
		return 0;
	rc = vma_lists_read(s->kernel, mms, processes, out->lists, err);
	if (!rc)
		spread(out, places, n, processes);
	return rc;
}

void rights_deinit(struct rights *r)
{
	if (r->lists)
		vma_lists_deinit(r->lists, r->n);
	free(r->lists);
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
