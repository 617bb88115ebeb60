/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes rules for unwinding, as asm/orc_types.h of each version has them. */
#include "unit/orc_kit.h"

#include "base/cursor.h"

const uint8_t kit_orc_headers[KIT_ORC_FORMATS + 1][20] = {
	{0x12, 0x34, 0x56, 0x78},
	{0x12, 0x34, 0x56, 0x79},
	{0xdb, 0x84, 0xae, 0xd4, 0x10, 0x3b, 0x31, 0xdd, 0x51, 0xe0,
	 0x17, 0xf8, 0xf7, 0x97, 0x83, 0xca, 0x98, 0x5c, 0x2c, 0x51},
	{0xfe, 0x5d, 0x32, 0xbf, 0x58, 0x1b, 0xd6, 0x3b, 0x2c, 0xa9,
	 0xa5, 0xc6, 0x5b, 0xa5, 0xa6, 0x25, 0xea, 0xb3, 0xfe, 0x24},
	{0x13, 0x7c, 0x36, 0xad, 0x76, 0x27, 0xc4, 0xdd, 0x55, 0x93,
	 0x21, 0x76, 0xbb, 0x0e, 0xcd, 0xbd, 0x50, 0x41, 0xfc, 0x82},
};

static unsigned int reg(int format, uint8_t base)
{
	switch (base) {
	case ORC_PREV_SP:
		return format == 4 ? 8 : 1;
	case ORC_AX:
		return format == 4 ? 1 : 10;
	case ORC_DX:
		return 2;
	case ORC_DI:
		return format == 4 ? 5 : 3;
	case ORC_BP:
		return 4;
	case ORC_SP:
		return format == 4 ? 3 : 5;
	case ORC_R10:
		return 6;
	case ORC_R13:
		return 7;
	case ORC_BP_INDIRECT:
		return format == 4 ? 10 : 8;
	case ORC_SP_INDIRECT:
		return 9;
	default:
		return 0;
	}
}

/* What is from bit 8 on. */
static unsigned int kind(int format, const struct orc_rule *r)
{
	unsigned int later = r->kind; /* UNDEFINED, END_OF_STACK, CALL... */
	unsigned int first = r->kind < ORC_CALL ? 0 : r->kind - ORC_CALL;
	unsigned int end = r->kind == ORC_END;

	if (format == 1)
		return first | end << 2;
	if (format == 2)
		return first | (unsigned int)r->signal << 2 | end << 3;
	return later | (unsigned int)r->signal << 3;
}

void kit_orc_entry(int format, const struct orc_rule *rule, uint8_t entry[6])
{
	le_store(entry, (uint16_t)rule->sp_offset, 2);
	le_store(entry + 2, (uint16_t)rule->bp_offset, 2);
	le_store(entry + 4,
		 reg(format, rule->sp_base) | reg(format, rule->bp_base) << 4 |
			 kind(format, rule) << 8,
		 2);
}
