/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what is known of a swap area. */
#include "kernel/mm/swap_area.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/fs/file.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_SWAP_INFO_FILE = WANTS_OF(READER_SWAP_AREA),
	FIELD_SWAP_INFO_PAGES,
	FIELD_SWAP_INFO_USED,
	FIELD_SWAP_INFO_PRIO,
	FIELD_SWAP_INFO_FLAGS
};

static const struct want want_table[] = {
	FIELD(SWAP_INFO_FILE, "swap_info_struct", OPTIONAL, "swap_file"),
	FIELD(SWAP_INFO_PAGES, "swap_info_struct", OPTIONAL, "pages"),
	FIELD(SWAP_INFO_USED, "swap_info_struct", OPTIONAL, "inuse_pages"),
	FIELD(SWAP_INFO_PRIO, "swap_info_struct", OPTIONAL, "prio"),
	FIELD(SWAP_INFO_FLAGS, "swap_info_struct", OPTIONAL, "flags"),
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

static const uint32_t info_fields[] = {
	FIELD_SWAP_INFO_FILE, FIELD_SWAP_INFO_PAGES, FIELD_SWAP_INFO_USED,
	FIELD_SWAP_INFO_PRIO, FIELD_SWAP_INFO_FLAGS,
};

/* SWP_BLKDEV (include/linux/swap.h) */
#define SWAP_DEVICE (1u << 6)

/* A bit of the count says that no slot is to be had (6.12). */
#define SWAP_USED_MASK ((1ULL << 62) - 1)

/* What the structures say; file[] has the struct file of each that is known. */
static int swap_areas_take(struct kernel *k, const uint64_t *at, size_t n,
			   struct swap_area *out, uint64_t *file,
			   struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(k, at, n, info_fields, WANTS_N(info_fields), &r,
			      err);

	for (i = 0; i < n && !rc; i++) {
		file[i] = records_u64(&r, i, FIELD_SWAP_INFO_FILE);
		if (!at[i] || !kernel_pointer(k, file[i])) {
			file[i] = 0;
			continue;
		}
		out[i].known = true;
		out[i].pages = records_u64(&r, i, FIELD_SWAP_INFO_PAGES);
		out[i].used = records_u64(&r, i, FIELD_SWAP_INFO_USED) &
			      SWAP_USED_MASK;
		out[i].priority =
			(int16_t)records_u64(&r, i, FIELD_SWAP_INFO_PRIO);
		out[i].is_device =
			records_u64(&r, i, FIELD_SWAP_INFO_FLAGS) & SWAP_DEVICE;
	}
	return rc;
}

static int swap_areas_name(struct kernel *k, const uint64_t *file, size_t n,
			   struct swap_area *out, struct err *err)
{
	_cleanup_(file_infos_deinit) struct file_infos infos = {0};
	size_t i;
	int rc = 0;

	for (i = 0; i < n && !rc; i++)
		if (file_infos_add(&infos, file[i]))
			rc = err_nomem(err);
	if (!rc)
		rc = file_infos_read(k, &infos, err);
	for (i = 0; i < n && !rc; i++) {
		const struct file_info *f = file_infos_get(&infos, file[i]);

		if (!f || !f->path)
			continue;
		out[i].path = strdup(f->path);
		if (!out[i].path)
			rc = err_nomem(err);
	}
	return rc;
}

/* Of n types, at most SWAP_TYPES_MAX. */
static int swap_areas_of(struct kernel *k, const unsigned int *types, size_t n,
			 struct swap_area *out, struct err *err)
{
	uint64_t at[SWAP_TYPES_MAX] = {0}, file[SWAP_TYPES_MAX] = {0};
	size_t i;
	int rc = swap_areas_find(k, types, n, at, err);

	for (i = 0; i < n; i++)
		out[i] = (struct swap_area){0};
	if (!rc)
		rc = swap_areas_take(k, at, n, out, file, err);
	return rc ? rc : swap_areas_name(k, file, n, out, err);
}

int swap_area_read(struct kernel *k, unsigned int type, struct swap_area *out,
		   struct err *err)
{
	return swap_areas_of(k, &type, 1, out, err);
}

int swap_areas_read(struct kernel *k, struct swap_area *out, size_t *n,
		    struct err *err)
{
	struct variable used = {.name = "nr_swapfiles", .size = 4};
	unsigned int types[SWAP_TYPES_MAX], i;
	int rc = variables_read(k, &used, 1, err);

	for (i = 0; i < SWAP_TYPES_MAX; i++) {
		types[i] = i;
		out[i] = (struct swap_area){0};
	}
	*n = used.value < SWAP_TYPES_MAX ? (size_t)used.value : SWAP_TYPES_MAX;
	return rc ? rc : swap_areas_of(k, types, *n, out, err);
}

void swap_area_deinit(struct swap_area *area)
{
	free(area->path);
	*area = (struct swap_area){0};
}
