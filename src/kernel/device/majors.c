/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads who has major numbers of devices. */
#include "kernel/device/majors.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/chain.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_CHAR_NEXT = WANTS_OF(READER_MAJORS),
	FIELD_CHAR_MAJOR,
	FIELD_CHAR_NAME,
	FIELD_BLOCK_NEXT,
	FIELD_BLOCK_MAJOR,
	FIELD_BLOCK_NAME
};

static const struct want want_table[] = {
	FIELD(CHAR_NEXT, "char_device_struct", OPTIONAL, "next"),
	FIELD(CHAR_MAJOR, "char_device_struct", OPTIONAL, "major"),
	FIELD(CHAR_NAME, "char_device_struct", OPTIONAL, "name"),
	FIELD(BLOCK_NEXT, "blk_major_name", OPTIONAL, "next"),
	FIELD(BLOCK_MAJOR, "blk_major_name", OPTIONAL, "major"),
	FIELD(BLOCK_NAME, "blk_major_name", OPTIONAL, "name"),
};

const struct wants majors_wants = {
	.reader = "major numbers", .v = want_table, .n = WANTS_N(want_table)};

/* CHRDEV_MAJOR_HASH_SIZE, BLKDEV_MAJOR_HASH_SIZE (include/linux/fs.h) */
#define MAJORS_HASH 255

static const struct {
	const char *table;
	uint32_t next, major, name;
} majors_of[2] = {
	{"chrdevs", FIELD_CHAR_NEXT, FIELD_CHAR_MAJOR, FIELD_CHAR_NAME},
	{"major_names", FIELD_BLOCK_NEXT, FIELD_BLOCK_MAJOR, FIELD_BLOCK_NAME},
};

/* Stable: what the kernel has first stays so. */
static void majors_sort(struct majors *m)
{
	size_t i, j;

	for (i = 1; i < m->v.n; i++) {
		struct major moved = m->v.v[i];

		for (j = i; j > 0 && m->v.v[j - 1].major > moved.major; j--)
			m->v.v[j] = m->v.v[j - 1];
		m->v.v[j] = moved;
	}
}

static int majors_take(struct kernel *k, bool block,
		       const struct chains *chains, struct majors *out,
		       struct err *err)
{
	const uint32_t fields[] = {majors_of[block].major,
				   majors_of[block].name};
	_cleanup_(records_deinit) struct records r = {0};
	size_t n = chains->links.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = chains->links.v[i].at;
	rc = records_read(k, at, n, fields, 2, &r, err);
	for (i = 0; i < n && !rc; i++) {
		const uint8_t *name = records_bytes(&r, i, fields[1]);
		struct major m = {
			.major = (uint32_t)records_u64(&r, i, fields[0])};
		size_t size = records_size(&r, fields[1]);

		if (size >= MAJOR_NAME)
			size = MAJOR_NAME - 1;
		if (name)
			memcpy(m.name, name, size);
		if (vec_push(&out->v, m))
			rc = err_nomem(err);
	}
	return rc;
}

int majors_read(struct kernel *k, bool block, struct majors *out,
		struct remarks *remarks, struct err *err)
{
	const struct profile_field *next =
		profile_field(k->profile, majors_of[block].next);
	const struct chain_kind kind = {.next = next->offset,
					.most = MAJORS_MAX};
	_cleanup_(chains_deinit) struct chains chains = {0};
	uint64_t firsts[MAJORS_HASH] = {0};
	struct variable table = {.name = majors_of[block].table,
				 .size = sizeof(firsts),
				 .to = firsts};
	size_t i;
	int rc = variables_read(k, &table, 1, err);

	if (!rc && (!next->present || !table.known))
		rc = profile_unknown(k->profile,
				     "major numbers of devices are kept in no "
				     "way that is known",
				     err);
	for (i = 0; i < MAJORS_HASH && !rc; i++)
		firsts[i] = le64(&firsts[i]);
	if (!rc)
		rc = chains_read(k, firsts, MAJORS_HASH, &kind, &chains, err);
	chains_remark(&chains, "major numbers", remarks);
	if (!rc)
		rc = majors_take(k, block, &chains, out, err);
	if (!rc)
		majors_sort(out);
	return rc;
}

void majors_deinit(struct majors *m)
{
	vec_deinit(&m->v);
}
