/* SPDX-License-Identifier: BSD-2-Clause */
/* Resolves what readers want in the types of modules. */
#include "kernel/code/module_types.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/code/btf_modules.h"
#include "kernel/list.h"
#include "kernel/remarks.h"
#include "profile/listing.h"
#include "profile/split.h"

/* What the module has not is the kernel's. */
static void module_types_fill(struct kernel *k, struct module_types *t)
{
	struct wanted_value *v = t->values.v;
	uint32_t id = WANTS_OF(t->reader);
	size_t i;

	for (i = 0; i < t->values.n; i++, id++) {
		if (v[i].field.present)
			continue;
		v[i].field = *profile_field(k->profile, id);
		profile_constant(k->profile, id, &v[i].constant);
	}
}

/* All of them, once their blobs are there. */
static int module_types_take(struct kernel *k, const struct modules *some,
			     const struct btf_modules *blobs,
			     struct module_types *v, struct err *err)
{
	size_t n = blobs->list.n, i, have = 0;
	_cleanup_free_ struct split *splits = calloc(n + 1, sizeof(*splits));
	const uint8_t *btf;
	size_t len;
	int rc;

	if (!splits)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		const struct btf_module *b = &blobs->list.v[i];

		if (b->module == some->list.n)
			continue;
		splits[have++] = (struct split){
			.bytes = b->blob,
			.len = b->len,
			.start_id = b->start_id,
			.start_string = b->start_string,
			.readers = {&kernel_readers.v[v[b->module].reader], 1},
			.out = &v[b->module].values};
	}
	if (!have || profile_btf(k->profile, &btf, &len, NULL))
		return 0;
	rc = splits_resolve(btf, len, splits, have, err);
	for (i = 0; i < some->list.n && !rc; i++)
		module_types_fill(k, &v[i]);
	return rc;
}

int module_types_read(struct kernel *k, const struct modules *modules,
		      struct module_types *v, size_t n, struct err *err)
{
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct btf_modules blobs = {0};
	struct modules some = {0};
	struct list list;
	size_t i;
	int rc = 0;

	for (i = 0; i < n; i++)
		v[i].values = (struct wanted_values){0};
	if (!n || !btf_modules_list(k, &list) || !list.head)
		return 0;
	for (i = 0; i < n && !rc; i++)
		if (vec_push(&some.list, modules->list.v[v[i].module]))
			rc = err_nomem(err);
	if (!rc)
		rc = lists_read(k, &list, 1, err);
	if (!rc)
		rc = btf_modules_read(k, &list, &some, &blobs, &remarks, err);
	if (!rc)
		rc = module_types_take(k, &some, &blobs, v, err);
	list_deinit(&list);
	btf_modules_deinit(&blobs);
	vec_deinit(&some.list);
	return rc;
}

void module_types_deinit(struct module_types *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		wanted_deinit(&v[i].values);
}
