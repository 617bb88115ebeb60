/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes DWARF and ELF files made of BTF: libdw reads all of it back. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

#include "export/elf.h"
#include "export/portrait.h"
#include "fuzz/fuzz.h"
#include "types/btf.h"

/*
 * An input is a kernel's blob, and behind it, where there is more, a module's.
 * Functions of both get symbols of their names.
 */

#define TEXT	    0xffffffff81000000ULL
#define MODULE	    0xffffffffc0000000ULL
#define ROOM	    0x100000ULL
#define STEP	    0x40ULL
#define MAX_SYMBOLS 1000u
#define MAX_CHAIN   400 /* types that lead to one another, without a struct */

static void add_symbol(struct portrait *p, const char *name, uint32_t owner,
		       uint64_t va)
{
	struct portrait_symbol s = {
		.va = va,
		.name = p->names.len,
		.owner = owner,
		.type = owner ? 't' : 'T',
	};

	buf_add(&p->names, name, strlen(name) + 1);
	if (p->names.oom || vec_push(&p->symbols, s))
		abort();
}

static void add_symbols(struct portrait *p, const struct btf *b, uint32_t owner,
			uint64_t va)
{
	uint32_t id, n = 0;
	struct btf_type t;

	for (id = b->first_id; id < btf_end(b) && n < MAX_SYMBOLS; id++)
		if (btf_type(b, id, &t) && t.kind == BTF_FUNC)
			add_symbol(p, t.name, owner, va + STEP * n++);
}

static void add_types(struct portrait *p, uint32_t owner, const uint8_t *bytes,
		      size_t n)
{
	struct portrait_types types = {.owner = owner, .len = n};

	types.btf = fuzz_copy(bytes, n);
	if (vec_push(&p->types, types))
		abort();
}

static void make_portrait(struct portrait *p, const uint8_t *data, size_t size)
{
	struct portrait_owner module = {
		.name = "module", .text = MODULE, .text_size = ROOM};
	size_t first = btf_blob_size(data, size);
	struct btf base, split;

	if (!first || first > size)
		first = size;
	*p = (struct portrait){.start = TEXT, .end = TEXT + 2 * ROOM};
	p->per_cpu_end = 0x1000;
	add_symbol(p, "_stext", 0, TEXT);
	add_symbol(p, "_etext", 0, TEXT + ROOM);
	add_symbol(p, "init_task", 0, TEXT + ROOM);
	add_types(p, 0, data, first);
	if (vec_push(&p->owners, module))
		abort();
	if (first < size)
		add_types(p, 1, data + first, size - first);
	if (btf_init(&base, p->types.v[0].btf, first, NULL))
		return;
	add_symbols(p, &base, 0, TEXT);
	if (first < size && !btf_init_split(&split, &base, p->types.v[1].btf,
					    size - first, NULL)) {
		add_symbols(p, &split, 1, MODULE);
		btf_deinit(&split);
	}
	btf_deinit(&base);
}

static void drop_portrait(struct portrait *p)
{
	size_t i;

	for (i = 0; i < p->types.n; i++)
		free(p->types.v[i].btf);
	vec_deinit(&p->types);
	vec_deinit(&p->symbols);
	vec_deinit(&p->owners);
	buf_deinit(&p->names);
}

/* Whoever prints a type gets to an end of it. */
static void check_chain(Dwarf_Die die)
{
	Dwarf_Attribute attr;
	int left = MAX_CHAIN;

	while (dwarf_attr(&die, DW_AT_type, &attr)) {
		fuzz_require(left--);
		fuzz_require(dwarf_formref_die(&attr, &die));
		fuzz_require(dwarf_tag(&die) != DW_TAG_invalid);
	}
}

static void check_die(Dwarf_Die *die, int depth)
{
	Dwarf_Die child;

	fuzz_require(depth < 3); /* a unit, a type, what is in it */
	check_chain(*die);
	dwarf_diename(die);
	if (dwarf_child(die, &child))
		return;
	do
		check_die(&child, depth + 1);
	while (!dwarf_siblingof(&child, &child));
}

static void check_file(char *bytes, size_t len)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die die;
	Dwarf *dwarf;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_memory(bytes, len);
	fuzz_require(elf);
	dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	fuzz_require(dwarf);
	while (!dwarf_get_units(dwarf, cu, &cu, NULL, NULL, &die, NULL))
		check_die(&die, 0);
	dwarf_end(dwarf);
	elf_end(elf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct portrait p;
	char *bytes = NULL;
	size_t len = 0;
	FILE *f;
	int rc;

	make_portrait(&p, data, size);
	f = open_memstream(&bytes, &len);
	if (!f)
		abort();
	rc = export_elf(&p, f, &err);
	if (fclose(f))
		abort();
	fuzz_require(rc ? *err.text && !len : len > 0);
	if (!rc)
		check_file(bytes, len);
	free(bytes);
	drop_portrait(&p);
	return 0;
}
