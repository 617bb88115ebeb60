/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/pagemap: a word for each page, at its number times 8. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/mm.h"
#include "kernel/pagemap.h"
#include "proc/proc.h"

#define WORD 8u

static int pagemap_words(struct kernel *k, const struct mm *mm,
			 struct pagemap *out, struct err *err)
{
	struct vma_list vmas = {0};
	int rc = vma_lists_read(k, mm, 1, &vmas, err);

	if (!rc)
		rc = pagemap_read(k, mm, &vmas, out, err);
	vma_lists_deinit(&vmas, 1);
	return rc;
}

/* As the kernel, whose words are not read in parts. */
static int pagemap_bytes(struct kernel *k, const struct task *t,
			 const struct proc_bytes *b, size_t *got,
			 struct err *err)
{
	uint64_t first = b->offset / WORD, pages;
	_cleanup_free_ uint64_t *words = NULL;
	struct pagemap map;
	struct mm mm;
	size_t i;
	int rc = mm_of_task(k, t, &mm, err);

	*got = 0;
	if (rc)
		return rc;
	if (b->offset % WORD || b->len % WORD)
		return err_set(err, ERR_USAGE,
			       "a pagemap is read in words of %u bytes", WORD);
	pages = mm.task_size / PAGE_SIZE_4K;
	if (first >= pages)
		return 0;
	map.va = first * PAGE_SIZE_4K;
	map.n = b->len / WORD < pages - first ? b->len / WORD
					      : (size_t)(pages - first);
	map.words = words = calloc(map.n + 1, sizeof(*words));
	if (!words)
		return err_nomem(err);
	rc = pagemap_words(k, &mm, &map, err);
	for (i = 0; i < map.n && !rc; i++)
		words[i] = htole64(words[i]);
	if (rc)
		return rc;
	memcpy(b->dst, words, map.n * WORD);
	*got = map.n * WORD;
	return 0;
}

const struct proc_file proc_pid_pagemap = {
	.name = "pagemap",
	.scope = PROC_TASK,
	.kind = PROC_BYTES,
	.bytes = pagemap_bytes,
};
