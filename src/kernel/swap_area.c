/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what is known of a swap area. */
#include "kernel/swap_area.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/file.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_SWAP_INFO_FILE = WANTS_OF(READER_SWAP_AREA),
	FIELD_SWAP_INFO_PAGES
};

static const struct want want_table[] = {
	FIELD(SWAP_INFO_FILE, "swap_info_struct", OPTIONAL, "swap_file"),
	FIELD(SWAP_INFO_PAGES, "swap_info_struct", OPTIONAL, "pages"),
};

const struct wants swap_area_wants = {
	.reader = "swap areas", .v = want_table, .n = WANTS_N(want_table)};

#define POINTER 8

int swap_areas_find(struct kernel *k, const unsigned int *types, size_t n,
		    uint64_t *at, struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	uint64_t table;
	size_t i;
	int rc;

	memset(at, 0, n * sizeof(*at));
	if (!reads)
		return err_nomem(err);
	if (!profile_symbol(k->profile, "swap_info", &table))
		return 0;
	for (i = 0; i < n; i++)
		reads[i] = (struct space_read){
			.root = &k->root,
			.va = table + types[i] * (uint64_t)POINTER,
			.dst = &at[i],
			.len = POINTER};
	rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < n; i++)
		if (reads[i].got != POINTER || !kernel_pointer(k, at[i]))
			at[i] = 0;
	return rc;
}

static int swap_area_name(struct kernel *k, uint64_t file, char **path,
			  struct err *err)
{
	_cleanup_(file_infos_deinit) struct file_infos infos = {0};
	const struct file_info *f;
	int rc = file_infos_add(&infos, file) ? err_nomem(err)
					      : file_infos_read(k, &infos, err);

	f = file_infos_get(&infos, file);
	if (rc || !f || !f->path)
		return rc;
	*path = strdup(f->path);
	return *path ? 0 : err_nomem(err);
}

int swap_area_read(struct kernel *k, unsigned int type, struct swap_area *out,
		   struct err *err)
{
	static const uint32_t fields[] = {FIELD_SWAP_INFO_FILE,
					  FIELD_SWAP_INFO_PAGES};
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t at, file;
	int rc = swap_areas_find(k, &type, 1, &at, err);

	*out = (struct swap_area){0};
	if (rc || !at)
		return rc;
	rc = records_read(k, &at, 1, fields, 2, &r, err);
	if (rc || !r.ok[0])
		return rc;
	file = records_u64(&r, 0, FIELD_SWAP_INFO_FILE);
	out->known = kernel_pointer(k, file);
	if (!out->known)
		return 0;
	out->pages = records_u64(&r, 0, FIELD_SWAP_INFO_PAGES);
	return swap_area_name(k, file, &out->path, err);
}

void swap_area_deinit(struct swap_area *area)
{
	free(area->path);
	*area = (struct swap_area){0};
}
