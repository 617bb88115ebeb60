/* SPDX-License-Identifier: BSD-2-Clause */
/* Portraits made by hand, and ELF files of them read back by libdw. */
#include "unit/export_kit.h"

#include <check.h>
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "export/elf.h"
#include "unit/portrait_kit.h"

void kit_portrait_symbol(struct portrait *p, const char *name, char type,
			 uint32_t owner, uint64_t va)
{
	kit_symbol(p, va, type, name, owner);
	p->symbols.v[p->symbols.n - 1].absolute = !(va >> 63);
}

void kit_portrait(struct portrait *p)
{
	*p = (struct portrait){
		.start = KIT_TEXT,
		.end = KIT_TEXT + KIT_IMAGE,
	};
	kit_portrait_symbol(p, "_text", 'T', PORTRAIT_IMAGE, KIT_TEXT);
	kit_portrait_symbol(p, "_stext", 'T', PORTRAIT_IMAGE, KIT_TEXT);
	kit_portrait_symbol(p, "_etext", 'T', PORTRAIT_IMAGE,
			    KIT_TEXT + KIT_CODE);
	kit_portrait_symbol(p, "_end", 'B', PORTRAIT_IMAGE,
			    KIT_TEXT + KIT_IMAGE);
}

void kit_portrait_owner(struct portrait *p, const char *name, uint64_t text,
			uint64_t size)
{
	struct portrait_owner owner = {.text = text, .text_size = size};

	strncpy(owner.name, name, sizeof(owner.name) - 1);
	ck_assert_int_eq(vec_push(&p->owners, owner), 0);
}

int kit_elf_open(struct kit_elf *e, const struct portrait *p, struct err *err)
{
	FILE *f;
	int rc;

	*e = (struct kit_elf){0};
	f = open_memstream(&e->bytes, &e->len);
	ck_assert_ptr_nonnull(f);
	rc = export_elf(p, f, err);
	ck_assert_int_eq(fclose(f), 0);
	if (rc) {
		free(e->bytes);
		return rc;
	}
	elf_version(EV_CURRENT);
	e->elf = elf_memory(e->bytes, e->len);
	ck_assert_ptr_nonnull(e->elf);
	e->dwarf = dwarf_begin_elf(e->elf, DWARF_C_READ, NULL);
	return 0;
}

void kit_elf_close(struct kit_elf *e)
{
	dwarf_end(e->dwarf);
	elf_end(e->elf);
	free(e->bytes);
}

bool kit_elf_section(struct kit_elf *e, const char *name, GElf_Shdr *h,
		     size_t *number)
{
	Elf_Scn *scn = NULL;
	size_t names;

	ck_assert_int_eq(elf_getshdrstrndx(e->elf, &names), 0);
	while ((scn = elf_nextscn(e->elf, scn))) {
		ck_assert_ptr_nonnull(gelf_getshdr(scn, h));
		*number = elf_ndxscn(scn);
		if (!strcmp(elf_strptr(e->elf, names, h->sh_name), name))
			return true;
	}
	return false;
}

bool kit_elf_symbol(struct kit_elf *e, const char *name, unsigned int n,
		    GElf_Sym *sym)
{
	GElf_Shdr h;
	Elf_Data *data;
	size_t number;
	int i;

	if (!kit_elf_section(e, ".symtab", &h, &number))
		return false;
	data = elf_getdata(elf_getscn(e->elf, number), NULL);
	for (i = 0; gelf_getsym(data, i, sym); i++)
		if (!strcmp(elf_strptr(e->elf, h.sh_link, sym->st_name),
			    name) &&
		    !n--)
			return true;
	return false;
}

static const char *tag_name(int tag)
{
	static const struct {
		int tag;
		const char *name;
	} names[] = {
		{DW_TAG_compile_unit, "unit"},
		{DW_TAG_base_type, "base"},
		{DW_TAG_pointer_type, "pointer"},
		{DW_TAG_array_type, "array"},
		{DW_TAG_subrange_type, "range"},
		{DW_TAG_structure_type, "struct"},
		{DW_TAG_union_type, "union"},
		{DW_TAG_member, "member"},
		{DW_TAG_enumeration_type, "enum"},
		{DW_TAG_enumerator, "enumerator"},
		{DW_TAG_typedef, "typedef"},
		{DW_TAG_const_type, "const"},
		{DW_TAG_volatile_type, "volatile"},
		{DW_TAG_restrict_type, "restrict"},
		{DW_TAG_subroutine_type, "proto"},
		{DW_TAG_formal_parameter, "param"},
		{DW_TAG_unspecified_parameters, "..."},
		{DW_TAG_subprogram, "function"},
		{DW_TAG_variable, "variable"},
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].tag == tag)
			return names[i].name;
	return "?";
}

/* What an attribute is called where it is shown, as a number. */
static const struct {
	unsigned int at;
	const char *name;
	bool has_sign;
} shown[] = {
	{DW_AT_encoding, "encoding", false},
	{DW_AT_byte_size, "size", false},
	{DW_AT_data_member_location, "at", false},
	{DW_AT_bit_size, "bits", false},
	{DW_AT_data_bit_offset, "bit", false},
	{DW_AT_count, "count", false},
	{DW_AT_const_value, "value", true},
	{DW_AT_low_pc, "pc", false},
	{DW_AT_high_pc, "length", false},
	{DW_AT_external, "external", false},
	{DW_AT_declaration, "declared", false},
};

static void unit_number(Dwarf_Attribute *attr, const char *name, bool has_sign,
			struct buf *out)
{
	Dwarf_Word value = 0;
	Dwarf_Sword with_sign = 0;
	Dwarf_Addr addr = 0;
	bool flag = false;

	switch (dwarf_whatform(attr)) {
	case DW_FORM_flag:
	case DW_FORM_flag_present:
		ck_assert_int_eq(dwarf_formflag(attr, &flag), 0);
		if (flag)
			buf_printf(out, " %s", name);
		return;
	case DW_FORM_addr:
		ck_assert_int_eq(dwarf_formaddr(attr, &addr), 0);
		buf_printf(out, " %s=%#llx", name, (unsigned long long)addr);
		return;
	case DW_FORM_sdata:
		ck_assert(has_sign);
		ck_assert_int_eq(dwarf_formsdata(attr, &with_sign), 0);
		buf_printf(out, " %s=%lld", name, (long long)with_sign);
		return;
	default:
		ck_assert_int_eq(dwarf_formudata(attr, &value), 0);
		buf_printf(out, " %s=%llu", name, (unsigned long long)value);
	}
}

static void unit_location(Dwarf_Attribute *attr, struct buf *out)
{
	Dwarf_Op *ops;
	size_t n;

	ck_assert_int_eq(dwarf_getlocation(attr, &ops, &n), 0);
	if (!n)
		buf_puts(out, " nowhere");
	else
		buf_printf(out, " %#llx", (unsigned long long)ops[0].number);
}

static void unit_type(Dwarf_Attribute *attr, struct buf *out)
{
	Dwarf_Die type;
	const char *name;

	ck_assert_ptr_nonnull(dwarf_formref_die(attr, &type));
	name = dwarf_diename(&type);
	buf_printf(out, " -> %s", name ? name : tag_name(dwarf_tag(&type)));
}

static void unit_die(Dwarf_Die *die, unsigned int level, struct buf *out)
{
	const char *name = dwarf_diename(die);
	Dwarf_Attribute attr;
	Dwarf_Die child;
	size_t i;

	for (i = 0; i < level; i++)
		buf_puts(out, "  ");
	buf_puts(out, tag_name(dwarf_tag(die)));
	if (name)
		buf_printf(out, " %s", name);
	for (i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		if (dwarf_attr(die, shown[i].at, &attr))
			unit_number(&attr, shown[i].name, shown[i].has_sign,
				    out);
	if (dwarf_attr(die, DW_AT_location, &attr))
		unit_location(&attr, out);
	if (dwarf_attr(die, DW_AT_type, &attr))
		unit_type(&attr, out);
	buf_puts(out, "\n");
	if (dwarf_child(die, &child))
		return;
	do
		unit_die(&child, level + 1, out);
	while (!dwarf_siblingof(&child, &child));
}

void kit_elf_unit(struct kit_elf *e, unsigned int n, struct buf *out)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Half version;
	uint8_t type;
	Dwarf_Die die;

	ck_assert_ptr_nonnull(e->dwarf);
	do
		ck_assert_int_eq(dwarf_get_units(e->dwarf, cu, &cu, &version,
						 &type, &die, NULL),
				 0);
	while (n--);
	ck_assert_uint_eq(version, 5);
	unit_die(&die, 0, out);
}
