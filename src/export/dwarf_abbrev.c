/* SPDX-License-Identifier: BSD-2-Clause */
/* The abbreviations of all entries that are written, as one table. */
#include "export/dwarf_abbrev.h"

/* DWARF 5, tables 7.3, 7.5 and 7.6. */
enum {
	TAG_ARRAY = 0x01,
	TAG_ENUMERATION = 0x04,
	TAG_PARAMETER = 0x05,
	TAG_MEMBER = 0x0d,
	TAG_POINTER = 0x0f,
	TAG_UNIT = 0x11,
	TAG_STRUCTURE = 0x13,
	TAG_SUBROUTINE = 0x15,
	TAG_TYPEDEF = 0x16,
	TAG_UNION = 0x17,
	TAG_VARARGS = 0x18,
	TAG_SUBRANGE = 0x21,
	TAG_BASE = 0x24,
	TAG_CONST = 0x26,
	TAG_ENUMERATOR = 0x28,
	TAG_SUBPROGRAM = 0x2e,
	TAG_VARIABLE = 0x34,
	TAG_VOLATILE = 0x35,
	TAG_RESTRICT = 0x37
};

enum {
	AT_LOCATION = 0x02,
	AT_NAME = 0x03,
	AT_BYTE_SIZE = 0x0b,
	AT_BIT_SIZE = 0x0d,
	AT_LOW_PC = 0x11,
	AT_HIGH_PC = 0x12,
	AT_LANGUAGE = 0x13,
	AT_CONST_VALUE = 0x1c,
	AT_PRODUCER = 0x25,
	AT_PROTOTYPED = 0x27,
	AT_COUNT = 0x37,
	AT_MEMBER_LOCATION = 0x38,
	AT_DECLARATION = 0x3c,
	AT_ENCODING = 0x3e,
	AT_EXTERNAL = 0x3f,
	AT_TYPE = 0x49,
	AT_RANGES = 0x55,
	AT_BIT_OFFSET = 0x6b /* DW_AT_data_bit_offset */
};

enum {
	FORM_ADDR = 0x01,
	FORM_DATA1 = 0x0b,
	FORM_FLAG = 0x0c,
	FORM_SDATA = 0x0d,
	FORM_STRP = 0x0e,
	FORM_UDATA = 0x0f,
	FORM_REF_ADDR = 0x10,
	FORM_REF4 = 0x13,
	FORM_SEC_OFFSET = 0x17,
	FORM_EXPRLOC = 0x18,
	FORM_PRESENT = 0x19 /* DW_FORM_flag_present: takes no byte */
};

struct attribute {
	uint8_t at, form;
};

#define ATTRIBUTES 4

static const struct shape {
	uint8_t tag;
	bool children;
	struct attribute attributes[ATTRIBUTES];
} shapes[DIE_KINDS] = {
	[DIE_UNIT] = {TAG_UNIT,
		      true,
		      {{AT_PRODUCER, FORM_STRP},
		       {AT_LANGUAGE, FORM_DATA1},
		       {AT_RANGES, FORM_SEC_OFFSET}}},
	[DIE_BASE] = {TAG_BASE,
		      false,
		      {{AT_ENCODING, FORM_DATA1}, {AT_BYTE_SIZE, FORM_UDATA}}},
	[DIE_POINTER] = {TAG_POINTER, false, {{AT_BYTE_SIZE, FORM_DATA1}}},
	[DIE_ARRAY] = {TAG_ARRAY, true, {{0}}},
	[DIE_RANGE] = {TAG_SUBRANGE, false, {{0}}},
	[DIE_COUNT] = {TAG_SUBRANGE, false, {{AT_COUNT, FORM_UDATA}}},
	[DIE_STRUCT] = {TAG_STRUCTURE, true, {{AT_BYTE_SIZE, FORM_UDATA}}},
	[DIE_UNION] = {TAG_UNION, true, {{AT_BYTE_SIZE, FORM_UDATA}}},
	[DIE_STRUCT_DECL] = {TAG_STRUCTURE,
			     false,
			     {{AT_DECLARATION, FORM_PRESENT}}},
	[DIE_UNION_DECL] = {TAG_UNION, false, {{AT_DECLARATION, FORM_PRESENT}}},
	[DIE_MEMBER] = {TAG_MEMBER, false, {{AT_MEMBER_LOCATION, FORM_UDATA}}},
	[DIE_BITFIELD] = {TAG_MEMBER,
			  false,
			  {{AT_BIT_SIZE, FORM_UDATA},
			   {AT_BIT_OFFSET, FORM_UDATA}}},
	[DIE_ENUM] = {TAG_ENUMERATION, true, {{AT_BYTE_SIZE, FORM_DATA1}}},
	[DIE_ENUMERATOR] = {TAG_ENUMERATOR,
			    false,
			    {{AT_CONST_VALUE, FORM_SDATA}}},
	[DIE_ENUMERATOR_UNSIGNED] = {TAG_ENUMERATOR,
				     false,
				     {{AT_CONST_VALUE, FORM_UDATA}}},
	[DIE_TYPEDEF] = {TAG_TYPEDEF, false, {{0}}},
	[DIE_VOLATILE] = {TAG_VOLATILE, false, {{0}}},
	[DIE_CONST] = {TAG_CONST, false, {{0}}},
	[DIE_RESTRICT] = {TAG_RESTRICT, false, {{0}}},
	[DIE_PROTO] = {TAG_SUBROUTINE, true, {{AT_PROTOTYPED, FORM_PRESENT}}},
	[DIE_PARAM] = {TAG_PARAMETER, false, {{0}}},
	[DIE_VARARGS] = {TAG_VARARGS, false, {{0}}},
	[DIE_FUNCTION] = {TAG_SUBPROGRAM,
			  true,
			  {{AT_EXTERNAL, FORM_FLAG},
			   {AT_PROTOTYPED, FORM_PRESENT},
			   {AT_LOW_PC, FORM_ADDR},
			   {AT_HIGH_PC, FORM_UDATA}}},
	[DIE_VARIABLE] = {TAG_VARIABLE,
			  false,
			  {{AT_EXTERNAL, FORM_FLAG},
			   {AT_LOCATION, FORM_EXPRLOC}}},
};

unsigned int dw_code(unsigned int die, bool named, bool typed)
{
	bool childless = die & DIE_CHILDLESS;

	return 1 + 8 * (die & ~DIE_CHILDLESS) + 4 * childless + 2 * named +
	       typed;
}

static void put_attribute(struct emit *s, unsigned int at, unsigned int form)
{
	emit_number(s, at, 1);
	emit_number(s, form, 1);
}

static void put_abbrev(struct emit *s, unsigned int die, bool named,
		       unsigned int type_form)
{
	const struct shape *shape = &shapes[die & ~DIE_CHILDLESS];
	size_t i;

	emit_uleb(s, dw_code(die, named, type_form != 0));
	emit_number(s, shape->tag, 1);
	emit_number(s, shape->children && !(die & DIE_CHILDLESS), 1);
	if (named)
		put_attribute(s, AT_NAME, FORM_STRP);
	if (type_form)
		put_attribute(s, AT_TYPE, type_form);
	for (i = 0; i < ATTRIBUTES && shape->attributes[i].at; i++)
		put_attribute(s, shape->attributes[i].at,
			      shape->attributes[i].form);
	put_attribute(s, 0, 0);
}

/* With a name and a type, with one of them, without either. */
static void put_abbrevs_of(struct emit *s, unsigned int die, unsigned int form)
{
	put_abbrev(s, die, false, 0);
	put_abbrev(s, die, false, form);
	put_abbrev(s, die, true, 0);
	put_abbrev(s, die, true, form);
}

/* Codes have no gaps, though nobody needs all of them: drgn 0.0.22 wants that
 * (docs/facts/debuggers.md, "drgn"). */
void dw_abbrevs(struct emit *s, bool far)
{
	unsigned int form = far ? FORM_REF_ADDR : FORM_REF4;
	unsigned int die;

	for (die = 0; die < DIE_KINDS; die++) {
		put_abbrevs_of(s, die, form);
		put_abbrevs_of(s, die | DIE_CHILDLESS, form);
	}
	emit_number(s, 0, 1);
}
