/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that the tree has beside those of /proc: memory of the guest. */
#include "mount/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/mm/mm_bytes.h"

/* Pages, each by itself: zeros where there is no RAM. */
static int phys_read(struct kernel *k, struct proc_bytes *b, struct err *err)
{
	uint64_t end = ram_end(k->machine->ram.v, k->machine->ram.n);
	size_t i, n = 0, pages;
	_cleanup_free_ struct mem_read *reads = NULL;
	int rc;

	if (b->offset >= end)
		return 0;
	b->got = b->len < end - b->offset ? b->len : (size_t)(end - b->offset);
	pages = b->got / PAGE_SIZE_4K;
	reads = calloc(pages + 1, sizeof(*reads));
	if (!reads)
		return err_nomem(err);
	memset(b->dst, 0, b->got);
	memset(b->pages, 1, pages);
	for (i = 0; i < pages; i++)
		if (machine_is_ram(k->machine, b->offset + i * PAGE_SIZE_4K, 1))
			reads[n++] = (struct mem_read){
				.pa = b->offset + i * PAGE_SIZE_4K,
				.dst = (uint8_t *)b->dst + i * PAGE_SIZE_4K,
				.len = PAGE_SIZE_4K};
	rc = n ? machine_read_past(k->machine, reads, n, err) : 0;
	for (i = 0; i < n && !rc; i++)
		if (reads[i].status != MEM_OK)
			b->pages[(reads[i].pa - b->offset) / PAGE_SIZE_4K] = 0;
	return rc;
}

static int phys_bytes(struct kernel *k, struct proc_bytes *b, size_t n,
		      struct err *err)
{
	return proc_bytes_each(k, b, n, phys_read, err);
}

static int kernel_half_read(struct kernel *k, struct proc_bytes *b,
			    struct err *err)
{
	_cleanup_(mm_bytes_deinit) struct mm_bytes m = {
		.root = &k->root,
		.at = b->offset | MEMORY_KERNEL_HALF,
		.dst = b->dst,
		.len = b->len,
		.pages = b->pages};
	int rc;

	if (!b->len)
		return 0;
	if (m.at + (b->len - 1) < m.at)
		return err_set(err, ERR_USAGE, "no addresses are there");
	rc = mm_bytes_read(k, &m, err);
	if (!rc)
		b->got = b->len;
	return rc;
}

static int kernel_half_bytes(struct kernel *k, struct proc_bytes *b, size_t n,
			     struct err *err)
{
	return proc_bytes_each(k, b, n, kernel_half_read, err);
}

const struct proc_file memory_phys = {
	.name = "mem/phys",
	.scope = PROC_SYSTEM,
	.kind = PROC_BYTES,
	.bytes = phys_bytes,
	.memory = true,
};

const struct proc_file memory_kernel = {
	.name = "mem/kernel",
	.scope = PROC_SYSTEM,
	.kind = PROC_BYTES,
	.bytes = kernel_half_bytes,
	.memory = true,
};

#define MOUNT_ENTRY(name) &proc_##name,
const struct proc_file *const mount_files[] = {
	PROC_FILES(MOUNT_ENTRY) & memory_kernel, &memory_phys, NULL};
#undef MOUNT_ENTRY
