/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes names of levels of the kernel's log. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "proc/kmsg_follow.h"

/* An input: the text. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct err err = {0};
	uint8_t levels = 0;
	int rc = kmsg_levels_parse(text, &levels, &err);

	fuzz_require(rc == 0 || (rc == ERR_USAGE && *err.text));
	fuzz_require(!rc == (levels != 0));
	free(text);
	return 0;
}
