/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the list of modules' types, and each blob. */
#include "kernel/code/btf_modules.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/stored.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types: docs/facts/kernel.md, "Types of modules". */
enum {
	FIELD_BTF_MODULE_LIST = WANTS_OF(READER_BTF_MODULES),
	FIELD_BTF_MODULE_MODULE,
	FIELD_BTF_MODULE_BTF,
	FIELD_BTF_DATA,
	FIELD_BTF_DATA_SIZE,
	FIELD_BTF_START_ID,
	FIELD_BTF_START_STRING
};

static const struct want want_table[] = {
	FIELD(BTF_MODULE_LIST, "btf_module", OPTIONAL, "list"), /* 5.11 */
	FIELD(BTF_MODULE_MODULE, "btf_module", OPTIONAL, "module"),
	FIELD(BTF_MODULE_BTF, "btf_module", OPTIONAL, "btf"),
	FIELD(BTF_DATA, "btf", OPTIONAL, "data"),
	FIELD(BTF_DATA_SIZE, "btf", OPTIONAL, "data_size"),
	FIELD(BTF_START_ID, "btf", OPTIONAL, "start_id"),
	FIELD(BTF_START_STRING, "btf", OPTIONAL, "start_str_off"),
};

const struct wants btf_modules_wants = {.reader = "types of modules",
					.v = want_table,
					.n = WANTS_N(want_table)};

static const uint32_t module_fields[] = {FIELD_BTF_MODULE_MODULE,
					 FIELD_BTF_MODULE_BTF};
static const uint32_t btf_fields[] = {FIELD_BTF_DATA, FIELD_BTF_DATA_SIZE,
				      FIELD_BTF_START_ID,
				      FIELD_BTF_START_STRING};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

bool btf_modules_list(struct kernel *k, struct list *list)
{
	*list = (struct list){.most = MODULES_MAX};
	if (!profile_symbol(k->profile, "btf_modules", &list->head))
		return true;
	if (records_known(k, FIELD_BTF_MODULE_LIST, FIELD_BTF_START_STRING))
		return true;
	list->head = 0;
	return false;
}

struct btf_modules_reader {
	struct kernel *k;
	const struct modules *modules;
	struct btf_modules *out;
	struct remarks *remarks;
	struct records links, btfs; /* struct btf_module, struct btf */
	uint64_t room;
};

static void btf_modules_reader_deinit(struct btf_modules_reader *r)
{
	records_deinit(&r->links);
	records_deinit(&r->btfs);
}

static void btf_modules_remark_list(const struct list *list,
				    struct remarks *remarks)
{
	if (list->torn)
		remarks_add(remarks,
			    "the list of modules' types is damaged at "
			    "0x%" PRIx64,
			    list->torn_at);
	if (list->cut)
		remarks_add(remarks,
			    "more than %zu modules have types: the others were "
			    "not looked at",
			    list->most);
}

/* The number of the module at an address; how many there are: none. */
static size_t btf_modules_find(const struct btf_modules_reader *r,
			       uint64_t addr)
{
	size_t i;

	for (i = 0; i < r->modules->list.n; i++)
		if (r->modules->list.v[i].addr == addr)
			break;
	return i;
}

static bool has_one(const struct btf_modules *b, size_t module)
{
	size_t i;

	for (i = 0; i < b->list.n; i++)
		if (b->list.v[i].module == module)
			return true;
	return false;
}

/* A blob to be read: 0 also where there is none, with a remark. */
static int btf_modules_plan(struct btf_modules_reader *r, size_t i,
			    struct space_read *reads)
{
	uint64_t addr = records_u64(&r->links, i, FIELD_BTF_MODULE_MODULE);
	uint64_t data = records_u64(&r->btfs, i, FIELD_BTF_DATA);
	uint64_t len = records_u64(&r->btfs, i, FIELD_BTF_DATA_SIZE);
	struct btf_module b = {.module = btf_modules_find(r, addr)};

	/* One that is on its way in has types before it is in the list. */
	if (r->links.ok[i] && b.module == r->modules->list.n)
		return 0;
	if (!r->links.ok[i] || !r->btfs.ok[i] || has_one(r->out, b.module) ||
	    !kernel_pointer(r->k, data) || !len || len > r->room) {
		remarks_add(r->remarks,
			    "the types of a module, whose struct is at "
			    "0x%" PRIx64 ", are damaged",
			    addr);
		return 0;
	}
	r->room -= len;
	b.start_id = (uint32_t)records_u64(&r->btfs, i, FIELD_BTF_START_ID);
	b.start_string =
		(uint32_t)records_u64(&r->btfs, i, FIELD_BTF_START_STRING);
	b.len = len;
	b.blob = malloc(len);
	if (!b.blob || vec_push(&r->out->list, b)) {
		free(b.blob);
		return ERR_NOMEM;
	}
	reads[r->out->list.n - 1] = (struct space_read){
		.root = &r->k->root, .va = data, .dst = b.blob, .len = len};
	return 0;
}

/* Those that did not come are left out. */
static void btf_modules_keep(struct btf_modules_reader *r,
			     const struct space_read *reads)
{
	struct btf_module *v = r->out->list.v;
	size_t i, kept = 0;

	for (i = 0; i < r->out->list.n; i++) {
		if (reads[i].got == reads[i].len) {
			v[kept++] = v[i];
			continue;
		}
		remarks_add(r->remarks,
			    "the types of module %s cannot be read at "
			    "0x%" PRIx64,
			    r->modules->list.v[v[i].module].name,
			    reads[i].va + reads[i].got);
		free(v[i].blob);
	}
	r->out->list.n = kept;
}

static int btf_modules_read_blobs(struct btf_modules_reader *r, size_t n,
				  struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	size_t i;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (btf_modules_plan(r, i, reads))
			return err_nomem(err);
	rc = space_read(r->k->machine, reads, r->out->list.n, err);
	if (!rc)
		btf_modules_keep(r, reads);
	return rc;
}

int btf_modules_read(struct kernel *k, const struct list *list,
		     const struct modules *modules, struct btf_modules *out,
		     struct remarks *remarks, struct err *err)
{
	_cleanup_(btf_modules_reader_deinit) struct btf_modules_reader r = {
		.k = k,
		.modules = modules,
		.out = out,
		.remarks = remarks,
		.room = BTF_MODULES_ROOM};
	uint32_t offset =
		profile_field(k->profile, FIELD_BTF_MODULE_LIST)->offset;
	size_t n, i;
	_cleanup_free_ uint64_t *addrs = lists_objects(list, 1, offset, &n);
	int rc;

	btf_modules_remark_list(list, remarks);
	if (!n)
		return 0;
	if (!addrs)
		return err_nomem(err);
	rc = records_read(k, addrs, n, module_fields, COUNT(module_fields),
			  &r.links, err);
	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(&r.links, i, FIELD_BTF_MODULE_BTF);
	if (!rc)
		rc = records_read(k, addrs, n, btf_fields, COUNT(btf_fields),
				  &r.btfs, err);
	return rc ? rc : btf_modules_read_blobs(&r, n, err);
}

void btf_modules_deinit(struct btf_modules *b)
{
	size_t i;

	for (i = 0; i < b->list.n; i++)
		free(b->list.v[i].blob);
	vec_deinit(&b->list);
}
