/* SPDX-License-Identifier: BSD-2-Clause */
/* What tells one boot of Linux on x86-64 from the next: its top page table. */
#include "profile/x86_64_boot.h"

#include "arch/x86_64.h"
#include "base/cursor.h"

/* Top entries that the direct map may begin in; behind them lies the image. */
#define DIRECT_FIRST 273u /* 0xffff8880..., 0xff11...: page_64_types.h */
#define DIRECT_END   508u /* the CPU entry area */

void sum_number(struct sha256_ctx *sha, uint64_t v)
{
	uint8_t bytes[8];

	le_store(bytes, v, sizeof(bytes));
	sha256_update(sha, sizeof(bytes), bytes);
}

int x86_64_upper_read(const struct profile_image *img,
		      struct x86_64_upper *upper, struct err *err)
{
	struct mem_read read = {.pa = img->root->pgd + sizeof(upper->bytes),
				.dst = upper->bytes,
				.len = sizeof(upper->bytes)};
	int rc = machine_read(img->machine, &read, 1, err);

	upper->there = !rc && read.status == MEM_OK;
	return rc;
}

void x86_64_upper_add(const struct x86_64_upper *upper, struct sha256_ctx *sha)
{
	uint64_t entry;
	size_t i;

	for (i = 0; i < sizeof(upper->bytes); i += 8) {
		entry = le64(upper->bytes + i);
		/* The rest of it is written to by the CPU. */
		sum_number(sha, entry & PTE_P ? entry & PTE_ADDR_4K : 0);
	}
}

static size_t first_present(const uint8_t *table, size_t from, size_t end)
{
	while (from < end && !(le64(table + 8 * from) & PTE_P))
		from++;
	return from;
}

int x86_64_direct_map_add(const struct profile_image *img,
			  const struct x86_64_upper *upper,
			  struct sha256_ctx *sha, bool *drawn, struct err *err)
{
	uint8_t table[PAGE_SIZE_4K];
	struct mem_read read = {.dst = table, .len = sizeof(table)};
	size_t i = 256 + first_present(upper->bytes, DIRECT_FIRST - 256,
				       DIRECT_END - 256);
	uint64_t entry =
		i < DIRECT_END ? le64(upper->bytes + 8 * (i - 256)) : 0;
	unsigned int level;
	int rc;

	*drawn = false;
	sum_number(sha, i);
	for (level = img->root->paging->levels; level > 3 && entry; level--) {
		read.pa = entry & PTE_ADDR_4K;
		rc = machine_read(img->machine, &read, 1, err);
		if (rc || read.status != MEM_OK)
			return rc;
		i = first_present(table, 0, 512);
		entry = i < 512 ? le64(table + 8 * i) : 0;
		*drawn |= i > 0 && i < 512;
		sum_number(sha, i);
	}
	return 0;
}

uint64_t x86_64_root_stored(const struct walk_root *root)
{
	return root->pgd | (root->paging == &paging_5level);
}

struct walk_root x86_64_root_restored(uint64_t stored)
{
	return (struct walk_root){.pgd = stored & PTE_ADDR_4K,
				  .paging = stored & 1 ? &paging_5level
						       : &paging_4level};
}
