/* SPDX-License-Identifier: BSD-2-Clause */
/* Linked lists of the kernel, followed from both ends. */
#ifndef KERNEL_LIST_H
#define KERNEL_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"

/*
 * A ring of struct list_head {next, prev} (include/linux/types.h):
 *
 *     head <-> link <-> link <-> head
 *
 * Set `head` (0: there is no such list), `most`, and `packed` where links
 * mostly lie in one page with others: with each the rest of its page is then
 * read, so that those take no batches.  Afterwards `links` are the addresses of
 * its links in order.  Where it is damaged in one place they are those before
 * it and those behind it, which the other end led to.
 */
struct list {
	uint64_t head;
	size_t most; /* links; a longer list is cut there */
	bool packed;

	VEC(uint64_t) links;
	bool cut;
	bool torn;
	uint64_t torn_at; /* a link that is not as its neighbour says */
};

/*
 * Follow n lists, all in step: a batch for every two links of the longest, or
 * for every two pages of them.  All together have at most LIST_LINKS_MAX_ALL
 * links (kernel/limits.h): where there are more, those that go on are cut.
 */
int lists_read(struct kernel *k, struct list *lists, size_t n, struct err *err);

/* The same, with so many links of all together. */
int lists_read_within(struct kernel *k, struct list *lists, size_t n,
		      size_t most, struct err *err);

/*
 * Read n links that lists will have, as one batch: lists_read() then finds them
 * in the machine's cache.  One that is on no list does no harm.
 */
int lists_fetch(struct kernel *k, const uint64_t *links, size_t n,
		struct err *err);

/*
 * The objects in n lists that were read, one list after the other, whose links
 * are at `offset` in them: their addresses, which the caller frees, and in
 * *count how many there are.  NULL: there is no memory.
 */
uint64_t *lists_objects(const struct list *lists, size_t n, uint32_t offset,
			size_t *count);
void list_deinit(struct list *list);

#endif
