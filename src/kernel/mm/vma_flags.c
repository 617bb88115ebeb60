/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of VM_* flags, by what this kernel is. */
#include "kernel/mm/vma_flags.h"

#include <string.h>

#include "kernel/readers.h"
#include "kernel/x86_64_pte.h"

/* What is wanted of the types. */
enum {
	FIELD_AOPS_MIGRATE_FOLIO = WANTS_OF(READER_VMA_FLAGS),
	FIELD_INODE_CTIME,
	FIELD_INODE_ATIME,
	CONSTANT_MAYBE_GUARD,
	CONSTANT_UFFD_MINOR,
	CONSTANT_SEALED
};

/* What came with the same version as something that no type tells of. */
static const struct want want_table[] = {
	FIELD(AOPS_MIGRATE_FOLIO, "address_space_operations", OPTIONAL,
	      "migrate_folio"), /* 6.0 */
	FIELD(INODE_CTIME, "inode", OPTIONAL,
	      "__i_ctime|i_ctime_sec"), /* 6.6 */
	FIELD(INODE_ATIME, "inode", OPTIONAL,
	      "__i_atime|i_atime_sec"), /* 6.7 */
	CONSTANT(MAYBE_GUARD, "", "VMA_MAYBE_GUARD_BIT"),
	CONSTANT(UFFD_MINOR, "", "VMA_UFFD_MINOR_BIT"),
	CONSTANT(SEALED, "", "VMA_SEALED_BIT"),
};

const struct wants vma_flags_wants = {
	.reader = "flags of VMAs", .v = want_table, .n = WANTS_N(want_table)};

/* Those that are the same in all versions; protection keys are told apart. */
static const struct {
	uint8_t bit;
	char name[3];
} names[] = {
	{0, "rd"},  {1, "wr"},	{2, "ex"},  {3, "sh"},	{4, "mr"},  {5, "mw"},
	{6, "me"},  {7, "ms"},	{8, "gd"},  {9, "um"},	{10, "pf"}, {11, "dw"},
	{12, "uw"}, {13, "lo"}, {14, "io"}, {15, "sr"}, {16, "rr"}, {17, "dc"},
	{18, "de"}, {20, "ac"}, {21, "nr"}, {22, "ht"}, {23, "sf"}, {24, "ar"},
	{25, "wf"}, {26, "dd"}, {27, "sd"}, {28, "mm"}, {29, "hg"}, {30, "nh"},
	{31, "mg"}, {32, ""},	{33, ""},   {34, ""},	{35, ""},   {37, "ui"},
	{40, "dp"}, {63, "sl"},
};

/* Those whose bits types tell, from 6.17 on. */
static const struct {
	uint32_t bit;
	char name[3];
} told[] = {
	{CONSTANT_MAYBE_GUARD, "gu"},
	{CONSTANT_UFFD_MINOR, "ui"},
	{CONSTANT_SEALED, "sl"},
};

#define PKEY_SHIFT 32
#define PKEY_MASK  0xfu

static void name_bit(struct vma_flags *f, unsigned int bit, const char *name)
{
	memcpy(f->name[bit], name, sizeof(f->name[bit]));
}

static bool flags_have(const struct kernel *k, uint32_t field)
{
	return profile_field(k->profile, field)->present;
}

void vma_flags_init(const struct kernel *k, struct vma_flags *out)
{
	uint64_t va;
	int64_t bit;
	size_t i;

	*out = (struct vma_flags){
		.pss_dirty = flags_have(k, FIELD_AOPS_MIGRATE_FOLIO),
		.ksm = flags_have(k, FIELD_INODE_ATIME),
		.wide = profile_symbol(k->profile, "huge_anon_orders_always",
				       &va),
		.pkeys = x86_64_pkeys(k->machine),
	};
	for (i = 0; i < VMA_FLAGS_BITS; i++)
		name_bit(out, (unsigned int)i, "??");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		name_bit(out, names[i].bit, names[i].name);
	if (flags_have(k, FIELD_INODE_CTIME)) {
		name_bit(out, 37, "ss");
		name_bit(out, 38, "ui");
	}
	if (out->ksm)
		name_bit(out, 19, "lf");
	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (profile_constant(k->profile, told[i].bit, &bit) &&
		    bit >= 0 && bit < VMA_FLAGS_BITS)
			name_bit(out, (unsigned int)bit, told[i].name);
}

unsigned int vma_flags_pkey(uint64_t flags)
{
	return flags >> PKEY_SHIFT & PKEY_MASK;
}
