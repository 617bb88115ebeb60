/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads which devices are of a class. */
#include "kernel/device/class_devices.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_CLASS_PRIVATE = WANTS_OF(READER_CLASS_DEVICES),
	FIELD_SUBSYS_DEVICES,
	FIELD_SUBSYS_ENTRY,
	FIELD_SUBSYS_CLASS,
	FIELD_KSET_LIST,
	FIELD_PRIVATE_NODE,
	FIELD_PRIVATE_DEVICE
};

static const struct want want_table[] = {
	FIELD(CLASS_PRIVATE, "class", OPTIONAL, "p"), /* up to 6.3 */
	FIELD(SUBSYS_DEVICES, "subsys_private", REQUIRED,
	      "klist_devices.k_list"),
	FIELD(SUBSYS_ENTRY, "subsys_private", REQUIRED, "subsys.kobj.entry"),
	FIELD(SUBSYS_CLASS, "subsys_private", REQUIRED, "class"),
	FIELD(KSET_LIST, "kset", REQUIRED, "list"),
	FIELD(PRIVATE_NODE, "device_private", REQUIRED, "knode_class.n_node"),
	FIELD(PRIVATE_DEVICE, "device_private", REQUIRED, "device"),
};

const struct wants class_devices_wants = {.reader = "devices of classes",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

static int class_unknown(const struct kernel *k, struct err *err)
{
	return profile_unknown(k->profile,
			       "devices of a class are kept in no way that is "
			       "known",
			       err);
}

/* The objects of a ring. */
static int class_read_ring(struct kernel *k, uint64_t head, uint32_t field,
			   uint64_t **at, size_t *n, struct remarks *remarks,
			   struct err *err)
{
	struct list list = {
		.head = head, .most = CLASS_DEVICES_MAX, .packed = true};
	int rc = lists_read(k, &list, 1, err);

	*at = rc ? NULL
		 : lists_objects(&list, 1,
				 profile_field(k->profile, field)->offset, n);
	if (!rc && !*at)
		rc = err_nomem(err);
	if (!rc && (list.torn || list.cut))
		remarks_add(remarks, "a list of devices is torn");
	list_deinit(&list);
	return rc;
}

/* One of n objects whose member has that value; 0: none. */
static int class_search(struct kernel *k, const uint64_t *at, size_t n,
			uint64_t class, uint64_t *found, struct err *err)
{
	static const uint32_t fields[] = {FIELD_SUBSYS_CLASS};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(k, at, n, fields, 1, &r, err);

	*found = 0;
	for (i = 0; i < n && !rc; i++)
		if (records_u64(&r, i, FIELD_SUBSYS_CLASS) == class)
			*found = at[i];
	return rc;
}

/* Its struct subsys_private: at hand, or one of all classes'. */
static int class_find(struct kernel *k, uint64_t class, uint64_t *subsys,
		      struct remarks *remarks, struct err *err)
{
	const struct profile_field *p =
		profile_field(k->profile, FIELD_CLASS_PRIVATE);
	_cleanup_free_ uint64_t *at = NULL;
	uint8_t pointer[8];
	uint64_t kset;
	size_t n;
	int rc;

	if (p->present) {
		rc = kernel_read(k, class + p->offset, pointer, 8, err);
		*subsys = rc ? 0 : le64(pointer);
		return rc;
	}
	rc = kernel_read_symbol(k, "class_kset", 8, &kset, err);
	if (rc == ERR_NOT_FOUND)
		return class_unknown(k, err);
	if (!rc)
		rc = class_read_ring(
			k,
			kset + profile_field(k->profile, FIELD_KSET_LIST)
					->offset,
			FIELD_SUBSYS_ENTRY, &at, &n, remarks, err);
	return rc ? rc : class_search(k, at, n, class, subsys, err);
}

int class_devices_read(struct kernel *k, const char *symbol,
		       struct class_devices *out, struct remarks *remarks,
		       struct err *err)
{
	static const uint32_t fields[] = {FIELD_PRIVATE_DEVICE};
	const struct profile_field *devices =
		profile_field(k->profile, FIELD_SUBSYS_DEVICES);
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *at = NULL;
	uint64_t class, subsys = 0;
	size_t n = 0, i;
	int rc = profile_check_reader(k->profile, READER_CLASS_DEVICES, err);

	if (rc)
		return rc;
	if (!profile_symbol(k->profile, symbol, &class))
		return class_unknown(k, err);
	rc = class_find(k, class, &subsys, remarks, err);
	if (!rc && !subsys)
		return class_unknown(k, err);
	if (!rc)
		rc = class_read_ring(k, subsys + devices->offset,
				     FIELD_PRIVATE_NODE, &at, &n, remarks, err);
	if (!rc)
		rc = records_read(k, at, n, fields, 1, &r, err);
	for (i = 0; i < n && !rc; i++)
		if (r.ok[i] &&
		    vec_push(&out->at,
			     records_u64(&r, i, FIELD_PRIVATE_DEVICE)))
			rc = err_nomem(err);
	return rc;
}

void class_devices_deinit(struct class_devices *d)
{
	vec_deinit(&d->at);
}
