/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells the encodings of rules for unwinding apart, and decodes them. */
#include "kernel/code/x86_64_orc_format.h"

#include <string.h>

#include "base/cursor.h"

#define NONSENSE 0xff
#define REGISTER 0xfu /* bits 0-3 for the CFA, 4-7 for rbp */
#define KIND_AT	 8    /* and up */

/* Registers by their number, up to 7.0 and since. */
static const uint8_t bases_first[REGISTER + 1] = {
	ORC_UNDEFINED,	 ORC_PREV_SP,	  ORC_DX,   ORC_DI,
	ORC_BP,		 ORC_SP,	  ORC_R10,  ORC_R13,
	ORC_BP_INDIRECT, ORC_SP_INDIRECT, ORC_AX,   NONSENSE,
	NONSENSE,	 NONSENSE,	  NONSENSE, NONSENSE};
static const uint8_t bases_later[REGISTER + 1] = {
	ORC_UNDEFINED, ORC_AX,		ORC_DX,		 ORC_SP,
	ORC_BP,	       ORC_DI,		ORC_R10,	 ORC_R13,
	ORC_PREV_SP,   ORC_SP_INDIRECT, ORC_BP_INDIRECT, NONSENSE,
	NONSENSE,      NONSENSE,	NONSENSE,	 NONSENSE};

/* Kinds by their number; first, a rule without a base was none, or the end. */
static const uint8_t kinds_first[] = {ORC_CALL, ORC_REGS, ORC_REGS_PARTIAL,
				      NONSENSE};
static const uint8_t kinds_later[] = {ORC_NONE, ORC_END,	  ORC_CALL,
				      ORC_REGS, ORC_REGS_PARTIAL, NONSENSE,
				      NONSENSE, NONSENSE};

struct encoding {
	const uint8_t *bases, *kinds;
	uint16_t kind_mask, signal, end; /* bits; 0: it has none of these */
	uint16_t usual;			 /* the commonest bits */
	const char *header;		 /* of kernels since 6.3.10 */
};

static const struct encoding encodings[] = {
	[ORC_FORMAT_1] = {.bases = bases_first,
			  .kinds = kinds_first,
			  .kind_mask = 3,
			  .end = 1u << 10,
			  .usual = 0x0005},
	[ORC_FORMAT_2] = {.bases = bases_first,
			  .kinds = kinds_first,
			  .kind_mask = 3,
			  .signal = 1u << 10,
			  .end = 1u << 11,
			  .usual = 0x0005,
			  .header = "\xdb\x84\xae\xd4\x10\x3b\x31\xdd\x51\xe0"
				    "\x17\xf8\xf7\x97\x83\xca\x98\x5c\x2c\x51"},
	[ORC_FORMAT_3] = {.bases = bases_first,
			  .kinds = kinds_later,
			  .kind_mask = 7,
			  .signal = 1u << 11,
			  .usual = 0x0205,
			  .header = "\xfe\x5d\x32\xbf\x58\x1b\xd6\x3b\x2c\xa9"
				    "\xa5\xc6\x5b\xa5\xa6\x25\xea\xb3\xfe\x24"},
	[ORC_FORMAT_4] = {.bases = bases_later,
			  .kinds = kinds_later,
			  .kind_mask = 7,
			  .signal = 1u << 11,
			  .usual = 0x0203,
			  .header = "\x13\x7c\x36\xad\x76\x27\xc4\xdd\x55\x93"
				    "\x21\x76\xbb\x0e\xcd\xbd\x50\x41\xfc\x82"},
};

#define ENCODINGS (sizeof(encodings) / sizeof(encodings[0]))

enum orc_format orc_format_of_header(const uint8_t header[ORC_HEADER_BYTES])
{
	size_t i;

	for (i = ORC_FORMAT_1; i < ENCODINGS; i++)
		if (encodings[i].header &&
		    !memcmp(encodings[i].header, header, ORC_HEADER_BYTES))
			return (enum orc_format)i;
	return ORC_FORMAT_NONE;
}

static uint16_t orc_bits(const uint8_t *entry)
{
	return le16(entry + 4);
}

/* Entries that have no base, and these other bits. */
static size_t count_ends(const uint8_t *entries, size_t n, uint16_t end)
{
	size_t i, count = 0;

	for (i = 0; i < n; i++)
		count += orc_bits(entries + i * ORC_ENTRY_BYTES) == end;
	return count;
}

/*
 * The usual bits of the first two are the same: the ends of stacks, of which
 * each kernel has some, are not.  One in eight is less than all kernels have of
 * what is usual, and more than any has of all else.
 */
enum orc_format orc_format_of_entries(const uint8_t *entries, size_t n)
{
	size_t count[ENCODINGS] = {0}, i, j, ends[2];

	for (i = 0; i < n; i++)
		for (j = ORC_FORMAT_1; j < ENCODINGS; j++)
			count[j] += orc_bits(entries + i * ORC_ENTRY_BYTES) ==
				    encodings[j].usual;
	for (j = ORC_FORMAT_3; j < ENCODINGS; j++)
		if (count[j] > n / 8)
			return (enum orc_format)j;
	if (count[ORC_FORMAT_1] <= n / 8)
		return ORC_FORMAT_NONE;
	for (j = 0; j < 2; j++)
		ends[j] =
			count_ends(entries, n, encodings[ORC_FORMAT_1 + j].end);
	if (ends[0] == ends[1])
		return ORC_FORMAT_NONE;
	return ends[0] > ends[1] ? ORC_FORMAT_1 : ORC_FORMAT_2;
}

static bool orc_makes_sense(const struct orc_rule *rule)
{
	return rule->kind != NONSENSE && rule->sp_base != NONSENSE &&
	       rule->sp_base != ORC_UNDEFINED && rule->sp_base != ORC_PREV_SP &&
	       (rule->bp_base == ORC_UNDEFINED ||
		rule->bp_base == ORC_PREV_SP || rule->bp_base == ORC_BP);
}

bool orc_decode(enum orc_format format, const uint8_t entry[ORC_ENTRY_BYTES],
		struct orc_rule *rule)
{
	const struct encoding *e = &encodings[format];
	uint16_t bits = orc_bits(entry);
	struct orc_rule r = {
		.va = rule->va,
		.sp_offset = (int16_t)le16(entry),
		.bp_offset = (int16_t)le16(entry + 2),
		.sp_base = e->bases[bits & REGISTER],
		.bp_base = e->bases[bits >> 4 & REGISTER],
		.kind = e->kinds[bits >> KIND_AT & e->kind_mask],
	};
	bool sound = !(bits >> KIND_AT & ~e->kind_mask &
		       ~((e->signal | e->end) >> KIND_AT));

	if (e->end && r.sp_base == ORC_UNDEFINED)
		r.kind = bits & e->end ? ORC_END : ORC_NONE;
	/* Before there was a bit for it, all that has registers was one. */
	r.signal = e->signal ? (bits & e->signal) != 0 : r.kind != ORC_CALL;
	*rule = (struct orc_rule){.va = rule->va, .kind = ORC_NONE};
	if (sound && (r.kind == ORC_NONE || r.kind == ORC_END))
		rule->kind = r.kind;
	else if (sound && orc_makes_sense(&r))
		*rule = r;
	else
		return false;
	return true;
}
