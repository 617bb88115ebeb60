/* SPDX-License-Identifier: BSD-2-Clause */
/* On which nodes the pages of areas of vmalloc are. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/alloc/vmalloc.h"
#include "kernel/alloc/zone.h"

/* What is wanted of the types. */
enum {
	FIELD_PAGE_FLAGS = WANTS_OF(READER_VMALLOC_NODES)
};

static const struct want want_table[] = {
	FIELD(PAGE_FLAGS, "page", OPTIONAL, "flags.f|flags"), /* 6.18 */
};

const struct wants vmalloc_nodes_wants = {
	.reader = "nodes of pages", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t page_fields[] = {FIELD_PAGE_FLAGS};

/*
 * A node is in the top bits of a page's flags, as many as MAX_NUMNODES takes
 * (include/linux/page-flags-layout.h; with vmemmap no section is there).
 */
static unsigned int nodes_bits(uint32_t most)
{
	unsigned int bits = 0;

	while (1u << bits < most)
		bits++;
	return bits;
}

/* Areas whose pages are looked up, and how many there are of these. */
static size_t nodes_plan(struct vmalloc *v, bool *wanted,
			 struct remarks *remarks)
{
	size_t i, n = 0;

	for (i = 0; i < v->areas.n; i++) {
		const struct vmalloc_area *a = &v->areas.v[i];

		if (!a->n_pages || !a->pages ||
		    a->flags & VMALLOC_UNINITIALIZED)
			continue;
		if (a->n_pages > VMALLOC_PAGES_MAX - n) {
			remarks_add(remarks,
				    "vmalloc has more than %u pages: on which "
				    "nodes those of 0x%" PRIx64
				    " are was not looked at",
				    VMALLOC_PAGES_MAX, a->start);
			continue;
		}
		wanted[i] = true;
		n += a->n_pages;
	}
	return n;
}

/* The arrays of pointers, of all areas in one batch. */
static int nodes_read_pages(struct kernel *k, struct vmalloc *v, bool *wanted,
			    uint64_t *pages, struct err *err)
{
	_cleanup_free_ struct space_read *reads =
		calloc(v->areas.n + 1, sizeof(*reads));
	size_t i, n = 0, at = 0;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < v->areas.n; i++) {
		if (!wanted[i])
			continue;
		reads[n++] = (struct space_read){.root = &k->root,
						 .va = v->areas.v[i].pages,
						 .dst = pages + at,
						 .len = v->areas.v[i].n_pages *
							sizeof(*pages)};
		at += v->areas.v[i].n_pages;
	}
	rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < at && !rc; i++)
		pages[i] = le64(&pages[i]);
	return rc;
}

/* One page more on a node; shares ascend by node. */
static int nodes_add_page(struct vmalloc_area *a, uint32_t node)
{
	size_t i = a->shares.n;

	while (i > 0 && a->shares.v[i - 1].node > node)
		i--;
	if (i > 0 && a->shares.v[i - 1].node == node) {
		a->shares.v[i - 1].pages++;
		return 0;
	}
	if (vec_push(&a->shares, {0}))
		return ERR_NOMEM;
	memmove(a->shares.v + i + 1, a->shares.v + i,
		(a->shares.n - 1 - i) * sizeof(*a->shares.v));
	a->shares.v[i] = (struct vmalloc_share){node, 1};
	return 0;
}

/* Count an area's pages, whose flags are from `first` on. */
static int nodes_count(const struct kernel *k, struct vmalloc_area *a,
		       const struct records *flags, size_t first,
		       struct remarks *remarks)
{
	unsigned int bits = nodes_bits(nodes_most(k));
	size_t i;

	for (i = first; i < first + a->n_pages; i++) {
		uint64_t word = records_u64(flags, i, FIELD_PAGE_FLAGS);

		if (!flags->ok[i]) {
			remarks_add(remarks,
				    "pages of the area at 0x%" PRIx64
				    " cannot be read",
				    a->start);
			vec_deinit(&a->shares);
			return 0;
		}
		if (nodes_add_page(a,
				   bits ? (uint32_t)(word >> (64 - bits)) : 0))
			return ERR_NOMEM;
	}
	return 0;
}

int vmalloc_read_nodes(struct kernel *k, struct vmalloc *v,
		       struct remarks *remarks, struct err *err)
{
	_cleanup_(records_deinit) struct records flags = {0};
	_cleanup_free_ bool *wanted = calloc(v->areas.n + 1, sizeof(*wanted));
	_cleanup_free_ uint64_t *pages = NULL;
	uint64_t one;
	size_t i, n;
	int rc;

	if (!wanted)
		return err_nomem(err);
	/* without CONFIG_NUMA nothing is shown of it */
	if (!nodes_most(k) ||
	    profile_symbol(k->profile, "contig_page_data", &one))
		return 0;
	n = nodes_plan(v, wanted, remarks);
	pages = calloc(n + 1, sizeof(*pages));
	if (!pages)
		return err_nomem(err);
	rc = nodes_read_pages(k, v, wanted, pages, err);
	if (!rc)
		rc = records_read(k, pages, n, page_fields, 1, &flags, err);
	if (rc)
		return rc;
	for (i = n = 0; i < v->areas.n; i++) {
		if (!wanted[i])
			continue;
		if (nodes_count(k, &v->areas.v[i], &flags, n, remarks))
			return err_nomem(err);
		n += v->areas.v[i].n_pages;
	}
	return 0;
}
