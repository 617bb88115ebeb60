/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose memory is written, and what its owners may write by their VMAs. */
#include "cli/right.h"

#include <stdlib.h>

#include "cli/guard_who.h"

static int find_owner(struct session *s, const struct place *place,
		      struct mm *mm, struct err *err)
{
	if (place->space == ADDR_PID)
		*mm = place->mm;
	if (place->space == ADDR_CR3)
		return guard_mm_of_cr3(s->kernel, place->cr3, mm, err);
	return 0;
}

int rights_read(struct session *s, const struct place *places, size_t n,
		struct rights *out, struct err *err)
{
	size_t i;
	int rc = 0;

	out->mms = calloc(n + 1, sizeof(*out->mms));
	out->lists = calloc(n + 1, sizeof(*out->lists));
	if (!out->mms || !out->lists)
		return err_nomem(err);
	out->n = n;
	if (!s->kernel)
		return 0;
	for (i = 0; i < n && !rc; i++)
		rc = find_owner(s, &places[i], &out->mms[i], err);
	return rc ? rc
		  : vma_lists_read(s->kernel, out->mms, n, out->lists, err);
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
