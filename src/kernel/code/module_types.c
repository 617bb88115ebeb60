/* SPDX-License-Identifier: BSD-2-Clause */
/* Resolves what readers want in the types of modules. */
#include "kernel/code/module_types.h"

#include "base/cleanup.h"
#include "kernel/code/btf_modules.h"
#include "kernel/list.h"
#include "kernel/remarks.h"
#include "profile/listing.h"
#include "types/btf.h"

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

/* 0 also where the blob is damaged. */
static int module_types_resolve(struct kernel *k, const struct btf *base,
				const struct btf_module *blob,
				struct module_types *t, struct err *err)
{
	const struct wants *const wants[] = {kernel_readers.v[t->reader]};
	const struct readers one = {wants, 1};
	_cleanup_(btf_deinit) struct btf split = {0};
	int rc;

	if (btf_check_base(base, blob->start_id, blob->start_string, NULL))
		return 0;
	rc = btf_init_split(&split, base, blob->blob, blob->len, NULL);
	if (rc)
		return rc == ERR_NOMEM ? err_nomem(err) : 0;
	rc = wanted_resolve(&split, &one, &t->values, err);
	if (!rc)
		module_types_fill(k, t);
	return rc;
}

/* All of them, once their blobs are there. */
static int module_types_take(struct kernel *k, const struct modules *some,
			     const struct btf_modules *blobs,
			     struct module_types *v, struct err *err)
{
	_cleanup_(btf_deinit) struct btf base = {0};
	const uint8_t *btf;
	size_t len, i;
	int rc;

	if (!blobs->list.n || profile_btf(k->profile, &btf, &len, NULL))
		return 0;
	rc = btf_init(&base, btf, len, NULL);
	if (rc)
		return rc == ERR_NOMEM ? err_nomem(err) : 0;
	for (i = 0; i < blobs->list.n && !rc; i++)
		if (blobs->list.v[i].module < some->list.n)
			rc = module_types_resolve(k, &base, &blobs->list.v[i],
						  &v[blobs->list.v[i].module],
						  err);
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
