/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of VMAs, in the order in which the kernel tries them. */
#include "kernel/mm/vma_name.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_VMA_START = WANTS_OF(READER_VMA_NAME),
	FIELD_VMA_END,
	FIELD_VMA_FLAGS,
	FIELD_VMA_OPS,
	FIELD_VM_OPS_NAME,
	FIELD_SPECIAL_MAPPING_NAME,
	FIELD_ANON_VMA_NAME_NAME,
	FIELD_INODE_CTIME
};

static const struct want want_table[] = {
	FIELD(VMA_START, "vm_area_struct", REQUIRED, "vm_start"),
	FIELD(VMA_END, "vm_area_struct", REQUIRED, "vm_end"),
	FIELD(VMA_FLAGS, "vm_area_struct", REQUIRED, "vm_flags"),
	FIELD(VMA_OPS, "vm_area_struct", REQUIRED, "vm_ops"),
	FIELD(VM_OPS_NAME, "vm_operations_struct", OPTIONAL, "name"),
	FIELD(SPECIAL_MAPPING_NAME, "vm_special_mapping", OPTIONAL, "name"),
	FIELD(ANON_VMA_NAME_NAME, "anon_vma_name", OPTIONAL, "name"),
	FIELD(INODE_CTIME, "inode", OPTIONAL,
	      "__i_ctime|i_ctime_sec"), /* 6.6, 11 */
};

const struct wants vma_name_wants = {
	.reader = "names of VMAs", .v = want_table, .n = WANTS_N(want_table)};

/* Of EMULATE, XONLY, NONE; docs/facts/kernel.md, "Files of /proc" */
#define VSYSCALL_NONE 2

/* Distinct keys whose strings are to be read. */
struct wanted {
	VEC(uint64_t) list;
};

static void wanted_deinit(struct wanted *w)
{
	vec_deinit(&w->list);
}

void vma_names_deinit(struct vma_names *names)
{
	size_t i;

	for (i = 0; i < names->strings.n; i++)
		free(names->strings.v[i]);
	vec_deinit(&names->strings);
	map_deinit(&names->anon);
	map_deinit(&names->special);
	map_deinit(&names->ops);
}

static int vma_name_add(struct map *m, struct wanted *w, uint64_t key)
{
	if (!key || map_get(m, key, NULL))
		return 0;
	if (map_put(m, key, 0) || vec_push(&w->list, key))
		return ERR_NOMEM;
	return 0;
}

/* Read the strings at addrs[i], and let `at` lead from w's keys to them. */
static int read_strings(struct kernel *k, struct vma_names *names,
			struct map *at, const struct wanted *w,
			const uint64_t *addrs, struct err *err)
{
	size_t first = names->strings.n, i;

	if (!w->list.n)
		return 0;
	for (i = 0; i < w->list.n; i++) {
		char *s = calloc(1, VMA_NAME_MAX);

		if (!s || vec_push(&names->strings, s)) {
			free(s);
			return err_nomem(err);
		}
		if (map_put(at, w->list.v[i], first + i))
			return err_nomem(err);
	}
	return records_strings(k, addrs, w->list.n, VMA_NAME_MAX,
			       names->strings.v + first, NULL, err);
}

/* The two forms of a name: of anonymous memory, then of shared one. */
static int add_forms(struct vma_names *names, const char *text)
{
	static const char *const kinds[] = {"[anon:", "[anon_shmem:"};
	char *name = NULL;
	size_t i;

	for (i = 0; i < 2; i++) {
		if (asprintf(&name, "%s%s%s", *text ? kinds[i] : "", text,
			     *text ? "]" : "") < 0)
			return ERR_NOMEM;
		if (vec_push(&names->strings, name)) {
			free(name);
			return ERR_NOMEM;
		}
	}
	return 0;
}

/* In place of the strings of w. */
static int form_anon(struct vma_names *names, const struct wanted *w,
		     struct err *err)
{
	size_t i, first = names->strings.n;
	uint64_t at = 0;

	for (i = 0; i < w->list.n; i++) {
		map_get(&names->anon, w->list.v[i], &at);
		if (add_forms(names, names->strings.v[at]) ||
		    map_put(&names->anon, w->list.v[i], first + 2 * i))
			return err_nomem(err);
	}
	return 0;
}

/* struct anon_vma_name { kref; char name[]; }, >= 5.17 */
static int read_anon(struct kernel *k, const struct vma_list *lists, size_t n,
		     struct vma_names *names, struct err *err)
{
	uint32_t offset =
		profile_field(k->profile, FIELD_ANON_VMA_NAME_NAME)->offset;
	_cleanup_(wanted_deinit) struct wanted w = {0};
	_cleanup_free_ uint64_t *addrs = NULL;
	size_t i, v;
	int rc;

	for (i = 0; i < n; i++)
		for (v = 0; v < lists[i].n; v++)
			if (vma_name_add(&names->anon, &w,
					 lists[i].v[v].anon_name))
				return err_nomem(err);
	addrs = calloc(w.list.n + 1, sizeof(*addrs));
	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < w.list.n; i++)
		addrs[i] = w.list.v[i] + offset;
	rc = read_strings(k, names, &names->anon, &w, addrs, err);
	return rc ? rc : form_anon(names, &w, err);
}

/* In place of a function: one that is not known. */
#define UNREADABLE 1

/* vm_operations_struct.name of every distinct vm_ops */
static int vma_name_read_ops(struct kernel *k, const struct vma_list *lists,
			     size_t n, struct vma_names *names, struct err *err)
{
	static const uint32_t fields[] = {FIELD_VM_OPS_NAME};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(wanted_deinit) struct wanted w = {0};
	size_t i, v;
	int rc;

	if (vma_name_add(&names->ops, &w, names->gate.ops))
		return err_nomem(err);
	for (i = 0; i < n; i++)
		for (v = 0; v < lists[i].n; v++)
			if (vma_name_add(&names->ops, &w, lists[i].v[v].ops))
				return err_nomem(err);
	rc = records_read(k, w.list.v, w.list.n, fields, 1, &r, err);
	for (i = 0; i < w.list.n && !rc; i++)
		if (map_put(&names->ops, w.list.v[i],
			    r.ok[i] ? records_u64(&r, i, FIELD_VM_OPS_NAME)
				    : UNREADABLE))
			rc = err_nomem(err);
	return rc;
}

static uint64_t name_function(const struct vma_names *names,
			      const struct vma *v)
{
	uint64_t function = 0;

	map_get(&names->ops, v->ops, &function);
	return v->ops ? function : 0;
}

/* vm_special_mapping.name, where vm_private_data is one */
static int read_special(struct kernel *k, const struct vma_list *lists,
			size_t n, struct vma_names *names, struct err *err)
{
	static const uint32_t fields[] = {FIELD_SPECIAL_MAPPING_NAME};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(wanted_deinit) struct wanted w = {0};
	_cleanup_free_ uint64_t *addrs = NULL;
	size_t i, v;
	int rc;

	for (i = 0; i < n && names->special_name; i++)
		for (v = 0; v < lists[i].n; v++) {
			const struct vma *vma = &lists[i].v[v];

			if (name_function(names, vma) == names->special_name &&
			    vma_name_add(&names->special, &w,
					 vma->private_data))
				return err_nomem(err);
		}
	rc = records_read(k, w.list.v, w.list.n, fields, 1, &r, err);
	if (rc)
		return rc;
	addrs = calloc(w.list.n + 1, sizeof(*addrs));
	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < w.list.n; i++)
		addrs[i] = records_u64(&r, i, FIELD_SPECIAL_MAPPING_NAME);
	return read_strings(k, names, &names->special, &w, addrs, err);
}

/* The vsyscall page, which is in no list: `gate_vma`, unless it is off. */
static int read_gate(struct kernel *k, struct vma_names *names, struct err *err)
{
	static const uint32_t fields[] = {FIELD_VMA_START, FIELD_VMA_END,
					  FIELD_VMA_FLAGS, FIELD_VMA_OPS};
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t addr, mode;
	int rc;

	if (!profile_symbol(k->profile, "gate_vma", &addr))
		return 0;
	rc = kernel_read_symbol(k, "vsyscall_mode", 4, &mode, err); /* enum */
	if (rc == ERR_NOT_FOUND)
		return 0;
	if (!rc)
		rc = records_read(k, &addr, 1, fields, 4, &r, err);
	if (rc || mode == VSYSCALL_NONE)
		return rc;
	names->gate = (struct vma){
		.addr = addr,
		.start = records_u64(&r, 0, FIELD_VMA_START),
		.end = records_u64(&r, 0, FIELD_VMA_END),
		.flags = records_u64(&r, 0, FIELD_VMA_FLAGS),
		.ops = records_u64(&r, 0, FIELD_VMA_OPS),
	};
	return 0;
}

int vma_names_read(struct kernel *k, const struct vma_list *lists, size_t n,
		   struct vma_names *out, struct err *err)
{
	int rc;

	*out = (struct vma_names){0};
	profile_symbol(k->profile, "special_mapping_name", &out->special_name);
	profile_symbol(k->profile, "gate_vma_name", &out->gate_ops_name);
	rc = read_gate(k, out, err);
	if (!rc)
		rc = read_anon(k, lists, n, out, err);
	if (!rc)
		rc = vma_name_read_ops(k, lists, n, out, err);
	if (!rc)
		rc = read_special(k, lists, n, out, err);
	return rc;
}

static const char *string_of(const struct vma_names *names,
			     const struct map *at, uint64_t key, size_t form)
{
	uint64_t i;

	if (!map_get(at, key, &i) || !names->strings.v[i + form][0])
		return NULL;
	return names->strings.v[i + form];
}

/*
 * Names that vm_ops->name() gives: the kernel has these two functions, and
 * modules may bring others.
 */
static int ops_name(const struct vma_names *names, const struct vma *v,
		    uint64_t function, const char **name, uint64_t *maker)
{
	if (function == names->gate_ops_name)
		*name = "[vsyscall]";
	else if (function == names->special_name)
		*name = string_of(names, &names->special, v->private_data, 0);
	else if (function != UNREADABLE)
		*maker = function;
	return *name ? 0 : ERR_NOT_FOUND;
}

/*
 * vma_is_initial_heap(): since 6.6 (whose inode hides its times) an area that
 * only touches the heap is not part of it.
 */
static bool is_heap(struct kernel *k, const struct mm *mm, const struct vma *v)
{
	if (profile_field(k->profile, FIELD_INODE_CTIME)->present)
		return v->start < mm->brk && v->end > mm->start_brk;
	return v->start <= mm->brk && v->end >= mm->start_brk;
}

int vma_name(struct kernel *k, const struct vma_names *names,
	     const struct vma_name_place *place, const struct vma *v,
	     const char **name, uint64_t *maker)
{
	const struct mm *mm = place->mm;
	const char *anon =
		string_of(names, &names->anon, v->anon_name, v->file != 0);
	uint64_t function = name_function(names, v);

	*name = NULL;
	*maker = 0;
	if (v->anon_name && !anon)
		return ERR_NOT_FOUND;
	if (v->file) {
		*name = anon ? anon : place->path;
		return *name ? 0 : ERR_NOT_FOUND;
	}
	if (function)
		return ops_name(names, v, function, name, maker);
	if (!v->mm)
		*name = "[vdso]";
	else if (is_heap(k, mm, v))
		*name = "[heap]";
	else if (v->start <= mm->start_stack && v->end >= mm->start_stack)
		*name = "[stack]";
	else
		*name = anon;
	return 0;
}
