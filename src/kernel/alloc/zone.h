/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory nodes and their zones. */
#ifndef KERNEL_ZONE_H
#define KERNEL_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/ahead.h"
#include "kernel/kernel.h"

/* Orders of free blocks: 11 on x86-64, in all versions. */
#define ZONE_ORDERS_MAX 16
/* min, low, high, and promo from 5.18 on (enum zone_watermarks). */
#define ZONE_MARKS_MAX 4

/* A struct pglist_data; pages are of 4 KiB. */
struct node {
	uint64_t addr;
	uint32_t id;
	uint64_t start_pfn, spanned, present;
};

/* A struct zone, also one without pages: then `present` is 0. */
struct zone {
	uint64_t addr;
	size_t node;	/* in zones.nodes */
	uint32_t index; /* in its node: enum zone_type */
	char name[16];	/* "" where it cannot be read */
	uint64_t start_pfn, spanned, present, managed, cma;
	uint64_t mark[ZONE_MARKS_MAX], boost;
	uint64_t nr_free[ZONE_ORDERS_MAX]; /* blocks of each order */
};

struct zones {
	VEC(struct node) nodes; /* that are online, by number */
	VEC(struct zone) list;	/* of each node in turn */
	size_t n_orders, n_marks;
	bool promo; /* mark[3] is the one that this kernel has for that */
};

/*
 * Read all nodes that are online, and their zones: three batches
 * (include/linux/mmzone.h; docs/facts/kernel.md, "Nodes and zones").
 * ERR_NO_LINUX where the kernel keeps them in no way that is known;
 * ERR_UNREADABLE.  The caller frees with zones_deinit(), also after an error.
 */
int zones_read(struct kernel *k, struct zones *out, struct err *err);
/* The same but for names, which take the last one. */
int zones_read_unnamed(struct kernel *k, struct zones *out, struct err *err);
void zones_deinit(struct zones *z);

/* Note what zones_read() will ask for, but for names. */
int zones_ahead(struct kernel *k, struct ahead *ahead, struct err *err);

/* How many nodes this kernel was built for (MAX_NUMNODES); 0: not known. */
uint32_t nodes_most(const struct kernel *k);

#endif
