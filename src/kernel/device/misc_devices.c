/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the devices of the major number 10. */
#include "kernel/device/misc_devices.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_MISC_MINOR = WANTS_OF(READER_MISC_DEVICES),
	FIELD_MISC_NAME,
	FIELD_MISC_LIST
};

static const struct want want_table[] = {
	FIELD(MISC_MINOR, "miscdevice", REQUIRED, "minor"),
	FIELD(MISC_NAME, "miscdevice", REQUIRED, "name"),
	FIELD(MISC_LIST, "miscdevice", REQUIRED, "list"),
};

const struct wants misc_devices_wants = {
	.reader = "devices of misc", .v = want_table, .n = WANTS_N(want_table)};

static int misc_devices_take(struct kernel *k, uint64_t *at, size_t n,
			     struct misc_devices *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_MISC_MINOR, FIELD_MISC_NAME};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ char **to = calloc(n + 1, sizeof(*to));
	size_t i;
	int rc = to ? records_read(k, at, n, fields, 2, &r, err)
		    : err_nomem(err);

	for (i = 0; i < n && !rc; i++) {
		int32_t minor = (int32_t)records_u64(&r, i, FIELD_MISC_MINOR);

		if (vec_push(&out->v, {.minor = minor}))
			rc = err_nomem(err);
		at[i] = records_u64(&r, i, FIELD_MISC_NAME);
	}
	for (i = 0; i < out->v.n; i++)
		to[i] = out->v.v[i].name;
	return rc ? rc : records_strings(k, at, n, MISC_NAME, to, NULL, err);
}

int misc_devices_read(struct kernel *k, struct misc_devices *out,
		      struct remarks *remarks, struct err *err)
{
	struct list list = {.most = MISC_MAX};
	_cleanup_free_ uint64_t *at = NULL;
	size_t n = 0;
	int rc = profile_check_reader(k->profile, READER_MISC_DEVICES, err);

	if (!rc && !profile_symbol(k->profile, "misc_list", &list.head))
		rc = profile_unknown(k->profile,
				     "devices of misc are kept in no way that "
				     "is known",
				     err);
	if (!rc)
		rc = lists_read(k, &list, 1, err);
	if (!rc && (list.torn || list.cut))
		remarks_add(remarks, "the list of devices of misc is torn");
	if (!rc) {
		at = lists_objects(
			&list, 1,
			profile_field(k->profile, FIELD_MISC_LIST)->offset, &n);
		rc = at ? misc_devices_take(k, at, n, out, err)
			: err_nomem(err);
	}
	list_deinit(&list);
	return rc;
}

void misc_devices_deinit(struct misc_devices *d)
{
	vec_deinit(&d->v);
}
