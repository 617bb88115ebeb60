/* SPDX-License-Identifier: BSD-2-Clause */
/* The control groups that pages are charged to. */
#ifndef KERNEL_PAGE_GROUP_H
#define KERNEL_PAGE_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/vec.h"
#include "kernel/page/page.h"

struct page_group {
	uint64_t inode; /* of its directory, as /proc/kpagecgroup; 0: none */
	char *path;	/* below the mount of its hierarchy: "/a/b"; or NULL */
};

struct page_groups {
	struct map at; /* page_info.memcg to index */
	VEC(struct page_group) list;
};

/*
 * The groups that n pages are charged to, each once: that which is still
 * online, where the one it was charged to is not (page_cgroup_ino(),
 * mm/memcontrol.c).  What leads to no memory cgroup has inode 0.  The caller
 * frees with page_groups_deinit(), also after an error.
 */
int page_groups_read(struct kernel *k, const struct page_info *pages, size_t n,
		     struct page_groups *out, struct err *err);
void page_groups_deinit(struct page_groups *g);

/* Whether kpagecgroup tells of a tail what its head is charged to, as from 6.5
 * on; before that, tails are charged to none. */
bool page_group_of_head(const struct kernel *k);

/* The group of a page, or NULL where it is charged to none. */
const struct page_group *page_group_of(const struct page_groups *g,
				       const struct page_info *page);

#endif
