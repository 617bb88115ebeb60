/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/kpagecount: how often each frame is mapped, at its number times 8. */
#include <endian.h>
#include <string.h>

#include "kernel/page.h"
#include "kernel/variables.h"
#include "proc/proc.h"

#define WORD 8u

/* Frames of a section of memory (CONFIG_SPARSEMEM); the last is told whole. */
#define SECTION_FRAMES (1ULL << 15)

struct kpagecount_work {
	uint8_t *dst;
};

static int kpagecount_put(void *ctx, const struct page_info *pages, size_t n,
			  struct err *err)
{
	struct kpagecount_work *w = ctx;
	size_t i;

	(void)err;
	for (i = 0; i < n; i++, w->dst += WORD) {
		uint64_t word =
			htole64(pages[i].maps_counted ? pages[i].mapcount : 0);

		memcpy(w->dst, &word, WORD);
	}
	return 0;
}

static int kpagecount_bytes(struct kernel *k, const struct task *t,
			    const struct proc_bytes *b, size_t *got,
			    struct err *err)
{
	struct variable last = {.name = "max_pfn", .size = 8};
	struct kpagecount_work w = {.dst = b->dst};
	uint64_t first = b->offset / WORD, frames, n = b->len / WORD;
	int rc;

	(void)t;
	*got = 0;
	if (b->offset % WORD || b->len % WORD)
		return err_set(err, ERR_USAGE,
			       "counts of pages are read in words of %u bytes",
			       WORD);
	rc = variables_read(k, &last, 1, err);
	if (rc)
		return rc;
	if (!last.known)
		return err_set(err, ERR_NOT_FOUND,
			       "how many frames there are cannot be read");
	frames = (last.value + SECTION_FRAMES - 1) & ~(SECTION_FRAMES - 1);
	if (first >= frames)
		return 0;
	if (n > frames - first)
		n = frames - first;
	rc = page_scan(k, first, n, kpagecount_put, &w, err);
	if (!rc)
		*got = n * WORD;
	return rc;
}

const struct proc_file proc_kpagecount = {
	.name = "kpagecount",
	.scope = PROC_SYSTEM,
	.kind = PROC_BYTES,
	.bytes = kpagecount_bytes,
};
