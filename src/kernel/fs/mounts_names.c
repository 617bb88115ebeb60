/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what mounts are of: types of file systems, and sources. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/fs/mounts_work.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TYPE_NAME = WANTS_OF(READER_MOUNTS_NAMES)
};

static const struct want want_table[] = {
	FIELD(TYPE_NAME, "file_system_type", REQUIRED, "name"),
};

const struct wants mounts_names_wants = {.reader = "names of what is mounted",
					 .v = want_table,
					 .n = WANTS_N(want_table)};

/* Strings at n addresses, each cut at max - 1 bytes, in memory of its own. */
static int mounts_strings(struct kernel *k, const uint64_t *addrs, size_t n,
			  size_t max, char **out, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++) {
		out[i] = calloc(1, max);
		if (!out[i])
			return err_nomem(err);
	}
	return records_strings(k, addrs, n, max, out, NULL, err);
}

static void strings_deinit(char **v, size_t n)
{
	size_t i;

	for (i = 0; v && i < n; i++)
		free(v[i]);
	free(v);
}

/* "fuse.sshfs": the name of the type, and the subtype behind it. */
int mounts_read_types(struct mounts_work *w, uint64_t *types,
		      const uint64_t *subtypes, struct err *err)
{
	static const uint32_t name = FIELD_TYPE_NAME;
	char **v = calloc(2 * w->n + 1, sizeof(*v));
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = v ? records_read(w->k, types, w->n, &name, 1, &r, err)
		   : err_nomem(err);

	for (i = 0; i < w->n && !rc; i++)
		types[i] = records_u64(&r, i, name);
	if (!rc)
		rc = mounts_strings(w->k, types, w->n, MOUNT_TYPE_MAX / 2, v,
				    err);
	if (!rc)
		rc = mounts_strings(w->k, subtypes, w->n, MOUNT_TYPE_MAX / 2,
				    v + w->n, err);
	for (i = 0; i < w->n && !rc; i++)
		snprintf(w->v[i]->type, sizeof(w->v[i]->type), "%s%s%s", v[i],
			 *v[w->n + i] ? "." : "", v[w->n + i]);
	strings_deinit(v, 2 * w->n);
	return rc;
}

/* So many sources are one batch: more of them would only take memory. */
#define SOURCES 1024u

static int mounts_some_sources(struct mounts_work *w, size_t first, size_t n,
			       struct err *err)
{
	char **v = calloc(n + 1, sizeof(*v));
	size_t i;
	int rc = v ? mounts_strings(w->k, w->source + first, n,
				    MOUNT_SOURCE_MAX, v, err)
		   : err_nomem(err);

	for (i = 0; i < n && !rc; i++) {
		struct mount_info *m = w->v[first + i];

		if (!w->source[first + i])
			continue;
		m->source = strdup(v[i]);
		if (!m->source)
			rc = err_nomem(err);
	}
	strings_deinit(v, n);
	return rc;
}

int mounts_read_sources(struct mounts_work *w, struct err *err)
{
	size_t i, some;
	int rc = 0;

	for (i = 0; i < w->n && !rc; i += some) {
		some = w->n - i < SOURCES ? w->n - i : SOURCES;
		rc = mounts_some_sources(w, i, some, err);
	}
	return rc;
}
