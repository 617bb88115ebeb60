/* SPDX-License-Identifier: BSD-2-Clause */
/* The kinds of entries (DIEs) that are written, and their abbreviations. */
#ifndef EXPORT_DWARF_ABBREV_H
#define EXPORT_DWARF_ABBREV_H

#include <stdbool.h>
#include <stdint.h>

#include "export/emit.h"

/*
 * What an entry is, and so which attributes follow its name and its type, in
 * this order; both of these may be missing (DWARF 5, section 7.5.3).  The
 * commonest come first: their codes take one byte.
 */
enum dwarf_die {
	DIE_MEMBER, /* data_member_location udata */
	DIE_PARAM,
	DIE_POINTER,		 /* byte_size data1 */
	DIE_ENUMERATOR,		 /* const_value sdata */
	DIE_ENUMERATOR_UNSIGNED, /* const_value udata */
	DIE_STRUCT,		 /* byte_size udata; has children */
	DIE_UNION,		 /* the same */
	DIE_FUNCTION,		 /* external flag, prototyped, low_pc addr,
				    high_pc udata: its length; has children */
	DIE_PROTO,		 /* prototyped; has children */
	DIE_TYPEDEF,
	DIE_CONST,
	DIE_VOLATILE,
	DIE_RESTRICT,
	DIE_ARRAY,	 /* has children: one DIE_RANGE or DIE_COUNT */
	DIE_COUNT,	 /* count udata */
	DIE_RANGE,	 /* of unknown length */
	DIE_BITFIELD,	 /* bit_size udata, data_bit_offset udata */
	DIE_ENUM,	 /* byte_size data1; has children */
	DIE_STRUCT_DECL, /* declaration */
	DIE_UNION_DECL,	 /* declaration */
	DIE_VARIABLE,	 /* external flag, location exprloc */
	DIE_VARARGS,
	DIE_BASE, /* encoding data1, byte_size udata */
	DIE_UNIT, /* producer strp, language data1, ranges sec_offset; has
		     children */
	DIE_KINDS
};

/* With this bit an entry has no children, though its kind has. */
#define DIE_CHILDLESS 0x80u

/* The code of an entry of that kind. */
unsigned int dw_code(unsigned int die, bool named, bool typed);

/*
 * The table of all of them.  `far`: types are referred to by their place in
 * the section (DW_FORM_ref_addr), not in the unit (DW_FORM_ref4).  Both take 4
 * bytes.
 */
void dw_abbrevs(struct emit *s, bool far);

/* DW_ATE_*, section 7.8 */
#define DWARF_ATE_BOOLEAN	0x02
#define DWARF_ATE_FLOAT		0x04
#define DWARF_ATE_SIGNED	0x05
#define DWARF_ATE_SIGNED_CHAR	0x06
#define DWARF_ATE_UNSIGNED	0x07
#define DWARF_ATE_UNSIGNED_CHAR 0x08

#define DWARF_LANG_C11		0x1d /* section 7.12 */
#define DWARF_UT_COMPILE	0x01 /* section 7.5.1 */
#define DWARF_OP_ADDR		0x03 /* section 7.7.1 */

/* DW_RLE_*, section 7.25 */
#define DWARF_RLE_END	       0x00
#define DWARF_RLE_START_LENGTH 0x07

#endif
