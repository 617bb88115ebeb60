/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes entries of the journal. */
#include <inttypes.h>
#include <string.h>

#include "base/files.h"
#include "fuzz/fuzz.h"
#include "journal/journal.h"

/* An input is a file; with a checksum made right it is looked at again. */
#define SUM_AT	 15u /* behind "qvmi-journal 1 " */
#define BODY_AT	 32u
#define SUM_SIZE 16u

static void decode(const uint8_t *data, size_t size)
{
	struct journal_entry e = {0};
	struct err err = {0};
	size_t i, total = 0;
	struct buf b = {0};
	int rc = journal_decode(data, size, &e, &err);

	fuzz_require(!rc || *err.text);
	for (i = 0; !rc && i < e.items.n; i++) {
		fuzz_require(e.items.v[i].written && e.items.v[i].address);
		total += e.items.v[i].len;
	}
	if (!rc) {
		fuzz_require(e.items.n && total == e.old.len &&
			     total == e.now.len && e.gdb && e.command);
		fuzz_require(!journal_encode(&e, &b, &err));
	}
	buf_deinit(&b);
	journal_entry_deinit(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char sum[SUM_SIZE + 1];
	uint8_t *copy;

	decode(data, size);
	if (size < BODY_AT)
		return 0;
	copy = fuzz_copy(data, size);
	snprintf(sum, sizeof(sum), "%016" PRIx64,
		 files_checksum(copy + BODY_AT, size - BODY_AT));
	memcpy(copy + SUM_AT, sum, SUM_SIZE);
	decode(copy, size);
	free(copy);
	return 0;
}
