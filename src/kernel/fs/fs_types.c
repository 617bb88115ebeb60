/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the types of file systems. */
#include "kernel/fs/fs_types.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/chain.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_TYPE_NAME = WANTS_OF(READER_FS_TYPES),
	FIELD_TYPE_FLAGS,
	FIELD_TYPE_NEXT,
	FIELD_TYPE_LIST
};

static const struct want want_table[] = {
	FIELD(TYPE_NAME, "file_system_type", REQUIRED, "name"),
	FIELD(TYPE_FLAGS, "file_system_type", REQUIRED, "fs_flags"),
	FIELD(TYPE_NEXT, "file_system_type", OPTIONAL, "next"),
	FIELD(TYPE_LIST, "file_system_type", OPTIONAL, "list.next"), /* 7.x */
};

const struct wants fs_types_wants = {.reader = "types of file systems",
				     .v = want_table,
				     .n = WANTS_N(want_table)};

/* FS_REQUIRES_DEV (include/linux/fs.h) */
#define NEEDS_DEVICE 1u

static int fs_types_take(struct kernel *k, const struct chains *chains,
			 struct fs_types *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_TYPE_NAME, FIELD_TYPE_FLAGS};
	_cleanup_(records_deinit) struct records r = {0};
	size_t n = chains->links.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_free_ char **to = calloc(n + 1, sizeof(*to));
	int rc;

	if (!at || !to)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = chains->links.v[i].at;
	rc = records_read(k, at, n, fields, 2, &r, err);
	for (i = 0; i < n && !rc; i++) {
		bool needs =
			records_u64(&r, i, FIELD_TYPE_FLAGS) & NEEDS_DEVICE;

		if (vec_push(&out->v, {.needs_device = needs}))
			rc = err_nomem(err);
		at[i] = records_u64(&r, i, FIELD_TYPE_NAME);
	}
	for (i = 0; i < out->v.n; i++)
		to[i] = out->v.v[i].name;
	return rc ? rc : records_strings(k, at, n, FS_TYPE_NAME, to, NULL, err);
}

int fs_types_read(struct kernel *k, struct fs_types *out,
		  struct remarks *remarks, struct err *err)
{
	const struct profile_field *next =
		profile_field(k->profile, FIELD_TYPE_NEXT);
	const struct profile_field *inside =
		profile_field(k->profile, FIELD_TYPE_LIST);
	const struct chain_kind kind = {.next = next->present ? next->offset
							      : inside->offset,
					.inside = !next->present,
					.most = FS_TYPES_MAX};
	struct variable first = {.name = "file_systems", .size = 8};
	_cleanup_(chains_deinit) struct chains chains = {0};
	int rc = profile_check_reader(k->profile, READER_FS_TYPES, err);

	if (!rc)
		rc = variables_read(k, &first, 1, err);
	if (!rc && (!first.known || (!next->present && !inside->present)))
		rc = profile_unknown(k->profile,
				     "types of file systems are kept in no way "
				     "that is known",
				     err);
	if (!rc)
		rc = chains_read(k, &first.value, 1, &kind, &chains, err);
	chains_remark(&chains, "types of file systems", remarks);
	return rc ? rc : fs_types_take(k, &chains, out, err);
}

void fs_types_deinit(struct fs_types *t)
{
	vec_deinit(&t->v);
}
