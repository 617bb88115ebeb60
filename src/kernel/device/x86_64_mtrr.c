/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the memory type ranges. */
#include "kernel/device/x86_64_mtrr.h"

#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_MTRR_RANGES = WANTS_OF(READER_X86_64_MTRR)
};

static const struct want want_table[] = {
	FIELD(MTRR_RANGES, "mtrr_state_type", OPTIONAL, "var_ranges"),
};

const struct wants x86_64_mtrr_wants = {.reader = "memory type ranges",
					.v = want_table,
					.n = WANTS_N(want_table)};

/*
 * A struct mtrr_var_range, as IA32_MTRR_PHYSBASEn and PHYSMASKn are (SDM,
 * volume 3, "Memory Type Range Registers"): base and type, mask and bit 11,
 * which says that it is in use.
 */
#define RANGE_BYTES 16
#define RANGE_TYPE  0xffu
#define RANGE_VALID (1u << 11)
#define PAGE_SHIFT  12
#define PAGE_MASK   (~0xfffULL)

static const char *mtrr_kind(uint64_t type)
{
	static const char *const kinds[] = {
		"uncachable",	 "write-combining", "?",	 "?",
		"write-through", "write-protect",   "write-back"};

	return type < WANTS_N(kinds) ? kinds[type] : "?";
}

/* The bits above the highest one of a mask are taken for set; 0: there is none.
 */
static uint64_t mtrr_size(uint64_t mask)
{
	uint64_t top = mask;
	unsigned int i;

	for (i = 1; i < 64; i *= 2)
		top |= top >> i; /* all bits up to the highest one */
	return mask ? -(mask | ~(top >> 1)) >> PAGE_SHIFT : 0;
}

static void mtrr_take(const uint8_t *range, uint32_t number, uint32_t users,
		      struct mtrr_ranges *out)
{
	uint64_t base = le64(range), mask = le64(range + 8);
	uint64_t size = mtrr_size(mask & PAGE_MASK);

	if (mask & RANGE_VALID && size)
		out->v[out->n++] = (struct mtrr_range){
			.number = number,
			.users = users,
			.base = base >> PAGE_SHIFT,
			.size = size,
			.kind = mtrr_kind(base & RANGE_TYPE)};
}

int mtrr_ranges_read(struct kernel *k, struct mtrr_ranges *out, struct err *err)
{
	const struct profile_field *ranges =
		profile_field(k->profile, FIELD_MTRR_RANGES);
	uint8_t bytes[MTRR_RANGES_MAX * RANGE_BYTES] = {0};
	uint8_t users[MTRR_RANGES_MAX * 4] = {0};
	struct variable v[] = {
		{.name = "num_var_ranges", .size = 4},
		{.name = "mtrr_state",
		 .size = ranges->size < sizeof(bytes) ? ranges->size
						      : sizeof(bytes),
		 .offset = ranges->offset,
		 .to = bytes},
		{.name = "mtrr_usage_table",
		 .size = sizeof(users),
		 .to = users},
	};
	uint32_t i;
	int rc = variables_read(k, v, 3, err);

	out->n = 0;
	if (!rc &&
	    (!ranges->present || !v[0].known || !v[1].known || !v[2].known))
		rc = profile_unknown(k->profile,
				     "memory type ranges are kept in no way "
				     "that is known",
				     err);
	for (i = 0; i < v[0].value && i < v[1].size / RANGE_BYTES && !rc; i++)
		mtrr_take(bytes + i * RANGE_BYTES, i, le32(users + i * 4), out);
	return rc;
}
