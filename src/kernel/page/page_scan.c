/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges many frames that follow each other, a part of them at a time. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/page/page.h"

/* So many together: more of them would take memory. */
#define SCAN_SLICE (1u << 14)

int page_scan(struct kernel *k, uint64_t first, uint64_t n, page_visit *visit,
	      void *ctx, struct err *err)
{
	_cleanup_free_ uint64_t *pfns = calloc(SCAN_SLICE, sizeof(*pfns));
	_cleanup_free_ struct page_info *pages =
		calloc(SCAN_SLICE, sizeof(*pages));
	size_t i, now;
	int rc = 0;

	if (!pfns || !pages)
		return err_nomem(err);
	for (; n && !rc; n -= now, first += now) {
		now = n < SCAN_SLICE ? (size_t)n : SCAN_SLICE;
		for (i = 0; i < now; i++)
			pfns[i] = first + i;
		rc = page_read(k, pfns, now, pages, err);
		if (!rc)
			rc = visit(ctx, pages, now, err);
	}
	return rc;
}
