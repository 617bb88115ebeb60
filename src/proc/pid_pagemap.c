/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/pagemap: a word for each page, at its number times 8. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/pagemap.h"
#include "proc/proc.h"

#define WORD 8u

/* Of n processes: their memory, its areas, and the words. */
struct pagemap_files {
	size_t n;
	struct mm *mms;
	struct vma_list *vmas;
	struct pagemap *maps;
};

static void pagemap_files_deinit(struct pagemap_files *f)
{
	size_t i;

	for (i = 0; i < f->n && f->maps; i++)
		free(f->maps[i].words);
	if (f->vmas)
		vma_lists_deinit(f->vmas, f->n);
	free(f->mms);
	free(f->vmas);
	free(f->maps);
}

static int pagemap_files_init(struct pagemap_files *f, size_t n)
{
	f->n = n;
	f->mms = calloc(n + 1, sizeof(*f->mms));
	f->vmas = calloc(n + 1, sizeof(*f->vmas));
	f->maps = calloc(n + 1, sizeof(*f->maps));
	return f->mms && f->vmas && f->maps ? 0 : ERR_NOMEM;
}

/* What is asked for of one; as the kernel, whose words are not read in parts.
 */
static int pagemap_plan(const struct mm *mm, struct proc_bytes *b,
			struct pagemap *map)
{
	uint64_t first = b->offset / WORD, pages;

	if (mm_check(b->task, mm, &b->why))
		return 0;
	if (b->offset % WORD || b->len % WORD) {
		err_set(&b->why, ERR_USAGE,
			"a pagemap is read in words of %u bytes", WORD);
		return 0;
	}
	pages = mm->task_size / PAGE_SIZE_4K;
	if (first >= pages)
		return 0;
	map->va = first * PAGE_SIZE_4K;
	map->n = b->len / WORD < pages - first ? b->len / WORD
					       : (size_t)(pages - first);
	map->words = calloc(map->n + 1, sizeof(*map->words));
	return map->words ? 0 : ERR_NOMEM;
}

static void pagemap_take(const struct pagemap *map, struct proc_bytes *b)
{
	size_t i;

	if (!b->why.code)
		b->why = map->why;
	if (b->why.code)
		return;
	for (i = 0; i < map->n; i++)
		map->words[i] = htole64(map->words[i]);
	if (map->n)
		memcpy(b->dst, map->words, map->n * WORD);
	b->got = map->n * WORD;
}

static int pagemap_bytes(struct kernel *k, struct proc_bytes *b, size_t n,
			 struct err *err)
{
	_cleanup_(pagemap_files_deinit) struct pagemap_files f = {0};
	_cleanup_free_ struct task *tasks = calloc(n + 1, sizeof(*tasks));
	size_t i;
	int rc;

	if (!tasks || pagemap_files_init(&f, n))
		return err_nomem(err);
	for (i = 0; i < n; i++)
		tasks[i] = *b[i].task;
	rc = mm_of_tasks(k, tasks, n, f.mms, err);
	if (!rc)
		rc = vma_lists_read(k, f.mms, n, f.vmas, err);
	for (i = 0; i < n && !rc; i++) {
		f.maps[i].mm = &f.mms[i];
		f.maps[i].vmas = &f.vmas[i];
		if (pagemap_plan(&f.mms[i], &b[i], &f.maps[i]))
			rc = err_nomem(err);
	}
	if (!rc)
		rc = pagemaps_read(k, f.maps, n, err);
	for (i = 0; i < n && !rc; i++)
		pagemap_take(&f.maps[i], &b[i]);
	return rc;
}

const struct proc_file proc_pid_pagemap = {
	.name = "pagemap",
	.scope = PROC_TASK,
	.kind = PROC_BYTES,
	.bytes = pagemap_bytes,
};
