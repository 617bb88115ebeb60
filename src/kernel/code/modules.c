/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the list of modules, and what each says of itself. */
#include "kernel/code/modules.h"

#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_MODULE_LIST = WANTS_OF(READER_MODULES),
	FIELD_MODULE_STATE,
	FIELD_MODULE_NAME,
	FIELD_MODULE_MEM,
	FIELD_MODULE_CORE,
	FIELD_MODULE_CORE_SIZE,
	FIELD_MODULE_CORE_TEXT_SIZE,
	FIELD_MODULE_INIT,
	FIELD_MODULE_INIT_SIZE,
	FIELD_MODULE_KALLSYMS,
	FIELD_MODULE_SYMTAB,
	FIELD_MODULE_NUM_SYMTAB,
	FIELD_MODULE_STRTAB,
	FIELD_MODULE_SYMS,
	FIELD_MODULE_NUM_SYMS,
	FIELD_MODULE_MEMORY_BASE,
	FIELD_MODULE_MEMORY_SIZE,
	FIELD_KALLSYMS_SYMTAB,
	FIELD_KALLSYMS_NUM_SYMTAB,
	FIELD_KALLSYMS_STRTAB,
	FIELD_KALLSYMS_TYPETAB,
	STRUCT_MODULE_MEMORY,
	CONSTANT_MODULE_UNFORMED,
	CONSTANT_MOD_TEXT
};

static const struct want want_table[] = {
	FIELD(MODULE_LIST, "module", OPTIONAL, "list"),
	FIELD(MODULE_STATE, "module", OPTIONAL, "state"),
	FIELD(MODULE_NAME, "module", OPTIONAL, "name"),
	FIELD(MODULE_MEM, "module", OPTIONAL, "mem"), /* 6.4 */
	FIELD(MODULE_CORE, "module", OPTIONAL,
	      "core_layout.base|module_core"), /* 4.5 - 6.3, before */
	FIELD(MODULE_CORE_SIZE, "module", OPTIONAL,
	      "core_layout.size|core_size"),
	FIELD(MODULE_CORE_TEXT_SIZE, "module", OPTIONAL,
	      "core_layout.text_size|core_text_size"),
	FIELD(MODULE_INIT, "module", OPTIONAL, "init_layout.base|module_init"),
	FIELD(MODULE_INIT_SIZE, "module", OPTIONAL,
	      "init_layout.size|init_size"),
	FIELD(MODULE_KALLSYMS, "module", OPTIONAL, "kallsyms"), /* 4.5 */
	FIELD(MODULE_SYMTAB, "module", OPTIONAL, "symtab"),	/* up to 4.4 */
	FIELD(MODULE_NUM_SYMTAB, "module", OPTIONAL, "num_symtab"),
	FIELD(MODULE_STRTAB, "module", OPTIONAL, "strtab"),
	FIELD(MODULE_SYMS, "module", OPTIONAL, "syms"),
	FIELD(MODULE_NUM_SYMS, "module", OPTIONAL, "num_syms"),
	FIELD(MODULE_MEMORY_BASE, "module_memory", OPTIONAL, "base"),
	FIELD(MODULE_MEMORY_SIZE, "module_memory", OPTIONAL, "size"),
	FIELD(KALLSYMS_SYMTAB, "mod_kallsyms", OPTIONAL, "symtab"),
	FIELD(KALLSYMS_NUM_SYMTAB, "mod_kallsyms", OPTIONAL, "num_symtab"),
	FIELD(KALLSYMS_STRTAB, "mod_kallsyms", OPTIONAL, "strtab"),
	FIELD(KALLSYMS_TYPETAB, "mod_kallsyms", OPTIONAL, "typetab"), /* 5.2 */
	STRUCT(MODULE_MEMORY, "module_memory", OPTIONAL),
	CONSTANT(MODULE_UNFORMED, "module_state", "MODULE_STATE_UNFORMED"),
	CONSTANT(MOD_TEXT, "mod_mem_type", "MOD_TEXT"),
};

const struct wants modules_wants = {
	.reader = "modules", .v = want_table, .n = WANTS_N(want_table)};

/*
 * Where a module's memory is: mem[] of struct module_memory, or two layouts of
 * a base and a size each, for what stays and for what is freed when it is
 * initialised (docs/facts/kernel.md, "Modules").
 */
static const uint32_t module_fields[] = {
	FIELD_MODULE_STATE,	 FIELD_MODULE_NAME,
	FIELD_MODULE_MEM,	 FIELD_MODULE_CORE,
	FIELD_MODULE_CORE_SIZE,	 FIELD_MODULE_CORE_TEXT_SIZE,
	FIELD_MODULE_INIT,	 FIELD_MODULE_INIT_SIZE,
	FIELD_MODULE_KALLSYMS,	 FIELD_MODULE_SYMTAB,
	FIELD_MODULE_NUM_SYMTAB, FIELD_MODULE_STRTAB,
	FIELD_MODULE_SYMS,	 FIELD_MODULE_NUM_SYMS,
};

/*
 * Where its symbols are: behind a pointer (4.5), which leads to those of its
 * initialisation, too, while that runs; or in the module itself.
 */
static const uint32_t table_fields[] = {
	FIELD_KALLSYMS_SYMTAB,
	FIELD_KALLSYMS_NUM_SYMTAB,
	FIELD_KALLSYMS_STRTAB,
	FIELD_KALLSYMS_TYPETAB,
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool module_has(const struct kernel *k, uint32_t id)
{
	return profile_field(k->profile, id)->present;
}

bool modules_list(struct kernel *k, struct list *list)
{
	*list = (struct list){.most = MODULES_MAX};
	if (!profile_symbol(k->profile, "modules", &list->head))
		return true; /* CONFIG_MODULES=n */
	if (module_has(k, FIELD_MODULE_LIST) &&
	    module_has(k, FIELD_MODULE_NAME) &&
	    (module_has(k, FIELD_MODULE_MEM)
		     ? module_has(k, FIELD_MODULE_MEMORY_BASE) &&
			       module_has(k, FIELD_MODULE_MEMORY_SIZE)
		     : module_has(k, FIELD_MODULE_CORE) &&
			       module_has(k, FIELD_MODULE_CORE_SIZE)))
		return true;
	list->head = 0;
	return false;
}

int modules_list_read(struct kernel *k, struct list *list, struct err *err)
{
	*list = (struct list){0};
	if (!modules_list(k, list))
		return profile_unknown(k->profile,
				       "this kernel keeps its modules in no "
				       "way that is known",
				       err);
	list->packed = true; /* with what they say of themselves */
	return lists_read(k, list, 1, err);
}

/* Many modules being read. */
struct module_reader {
	struct kernel *k;
	struct modules *out;
	struct remarks *remarks;
	struct records modules, tables;
};

static void reader_deinit(struct module_reader *r)
{
	records_deinit(&r->modules);
	records_deinit(&r->tables);
}

static void modules_add_range(struct module_reader *r, struct module *m,
			      uint64_t start, uint64_t size)
{
	if (!size || m->n_ranges == MODULE_RANGES_MAX)
		return;
	if (!kernel_pointer(r->k, start) || start + (size - 1) < start ||
	    size / PAGE_SIZE_4K > kernel_room(r->k, PAGE_SIZE_4K)) {
		remarks_add(r->remarks,
			    "module %s is damaged: it cannot have 0x%" PRIx64
			    " bytes at 0x%" PRIx64,
			    m->name, size, start);
		return;
	}
	m->range[m->n_ranges++] = (struct module_range){start, size};
}

const struct module_range *module_range_of(const struct module *m, uint64_t va,
					   uint64_t len)
{
	size_t i;

	for (i = 0; i < m->n_ranges; i++)
		if (va - m->range[i].start < m->range[i].size &&
		    len <= m->range[i].size - (va - m->range[i].start))
			return &m->range[i];
	return NULL;
}

static void set_text(struct module *m, uint64_t start, uint64_t size)
{
	if (!size || !module_range_of(m, start, size))
		return;
	m->text = start;
	m->text_size = size;
}

static void add_memories(struct module_reader *r, struct module *m, size_t i)
{
	const struct profile *p = r->k->profile;
	const struct profile_field *base =
		profile_field(p, FIELD_MODULE_MEMORY_BASE);
	const struct profile_field *size =
		profile_field(p, FIELD_MODULE_MEMORY_SIZE);
	const uint8_t *mem = records_bytes(&r->modules, i, FIELD_MODULE_MEM);
	uint32_t all = records_size(&r->modules, FIELD_MODULE_MEM);
	uint32_t stride = profile_sizeof(p, STRUCT_MODULE_MEMORY), at;
	int64_t text;

	if (!stride || base->size != 8 || size->size > 8 ||
	    base->offset + 8 > stride || size->offset + size->size > stride)
		return;
	if (!profile_constant(p, CONSTANT_MOD_TEXT, &text))
		text = -1;
	for (at = 0; at + stride <= all; at += stride) {
		uint64_t start = le64(mem + at + base->offset);
		uint64_t len = le_any(mem + at + size->offset, size->size);

		modules_add_range(r, m, start, len);
		m->total += len;
		if (at / stride != text)
			continue;
		m->base = start;
		set_text(m, start, len);
	}
}

static void add_ranges(struct module_reader *r, struct module *m, size_t i)
{
	const struct records *from = &r->modules;
	uint64_t core = records_u64(from, i, FIELD_MODULE_CORE_SIZE);
	uint64_t init = records_u64(from, i, FIELD_MODULE_INIT_SIZE);

	if (records_bytes(from, i, FIELD_MODULE_MEM)) {
		add_memories(r, m, i);
		return;
	}
	m->base = records_u64(from, i, FIELD_MODULE_CORE);
	m->total = core + init;
	modules_add_range(r, m, m->base, core);
	set_text(m, m->base, records_u64(from, i, FIELD_MODULE_CORE_TEXT_SIZE));
	modules_add_range(r, m, records_u64(from, i, FIELD_MODULE_INIT), init);
}

/* For whoever wants to know more of its symbols. */
static void add_letters(struct module_reader *r, struct module *m, size_t i)
{
	m->typetab = records_u64(&r->tables, i, FIELD_KALLSYMS_TYPETAB);
	m->exports = records_u64(&r->modules, i, FIELD_MODULE_SYMS);
	m->n_exports =
		(uint32_t)records_u64(&r->modules, i, FIELD_MODULE_NUM_SYMS);
}

/* Its symbols, where they are in its own memory. */
static void add_table(struct module_reader *r, struct module *m, size_t i)
{
	bool apart = module_has(r->k, FIELD_MODULE_KALLSYMS);
	const struct records *from = apart ? &r->tables : &r->modules;
	const struct module_range *names;

	if (!apart && !module_has(r->k, FIELD_MODULE_SYMTAB))
		return; /* CONFIG_KALLSYMS=n */
	m->symtab = records_u64(
		from, i, apart ? FIELD_KALLSYMS_SYMTAB : FIELD_MODULE_SYMTAB);
	m->strtab = records_u64(
		from, i, apart ? FIELD_KALLSYMS_STRTAB : FIELD_MODULE_STRTAB);
	m->n_symbols = (uint32_t)records_u64(from, i,
					     apart ? FIELD_KALLSYMS_NUM_SYMTAB
						   : FIELD_MODULE_NUM_SYMTAB);
	names = module_range_of(m, m->strtab, 1);
	if (from->ok[i] && !m->n_symbols)
		return;
	if (from->ok[i] && names &&
	    module_range_of(m, m->symtab,
			    m->n_symbols * (uint64_t)sizeof(Elf64_Sym))) {
		m->strtab_room = names->size - (m->strtab - names->start);
		return;
	}
	remarks_add(r->remarks,
		    "module %s is damaged: its symbol table is not in its "
		    "memory",
		    m->name);
	m->n_symbols = 0;
}

static bool is_unformed(const struct module_reader *r, size_t i)
{
	int64_t unformed;

	return records_bytes(&r->modules, i, FIELD_MODULE_STATE) &&
	       profile_constant(r->k->profile, CONSTANT_MODULE_UNFORMED,
				&unformed) &&
	       (int64_t)records_u64(&r->modules, i, FIELD_MODULE_STATE) ==
		       unformed;
}

static int add_module(struct module_reader *r, size_t i, uint64_t addr)
{
	uint32_t len = records_size(&r->modules, FIELD_MODULE_NAME);
	struct module m = {.addr = addr};

	if (!r->modules.ok[i]) {
		remarks_add(r->remarks,
			    "the module at 0x%" PRIx64 " cannot be read", addr);
		return 0;
	}
	if (is_unformed(r, i))
		return 0;
	if (len > sizeof(m.name) - 1)
		len = sizeof(m.name) - 1;
	memcpy(m.name, records_bytes(&r->modules, i, FIELD_MODULE_NAME), len);
	add_ranges(r, &m, i);
	add_table(r, &m, i);
	add_letters(r, &m, i);
	return vec_push(&r->out->list, m) ? ERR_NOMEM : 0;
}

static void modules_remark_list(const struct list *list,
				struct remarks *remarks)
{
	if (list->torn)
		remarks_add(remarks,
			    "the list of modules is damaged at 0x%" PRIx64,
			    list->torn_at);
	if (list->cut)
		remarks_add(remarks,
			    "there are more than %zu modules: the others were "
			    "not looked at",
			    list->most);
}

int modules_read(struct kernel *k, const struct list *list, struct modules *out,
		 struct remarks *remarks, struct err *err)
{
	_cleanup_(reader_deinit) struct module_reader r = {
		.k = k, .out = out, .remarks = remarks};
	uint32_t offset = profile_field(k->profile, FIELD_MODULE_LIST)->offset;
	size_t n, i;
	_cleanup_free_ uint64_t *addrs = lists_objects(list, 1, offset, &n);
	_cleanup_free_ uint64_t *tables = calloc(n + 1, sizeof(*tables));
	int rc;

	if (!addrs || !tables)
		return err_nomem(err);
	modules_remark_list(list, remarks);
	rc = records_read(k, addrs, n, module_fields, COUNT(module_fields),
			  &r.modules, err);
	for (i = 0; i < n && !rc; i++)
		tables[i] = records_u64(&r.modules, i, FIELD_MODULE_KALLSYMS);
	if (!rc)
		rc = records_read(k, tables, n, table_fields,
				  COUNT(table_fields), &r.tables, err);
	for (i = 0; i < n && !rc; i++)
		if (add_module(&r, i, addrs[i]))
			rc = err_nomem(err);
	return rc;
}

void modules_deinit(struct modules *m)
{
	vec_deinit(&m->list);
}
