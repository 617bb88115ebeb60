/* SPDX-License-Identifier: BSD-2-Clause */
/* What every fuzzer has: its entry, its input, and what must hold. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * One input to one parser (libFuzzer's contract): deterministic, frees all it
 * takes, returns 0.  A crash, a leak, more than FUZZ_SECONDS or more than
 * FUZZ_MEGABYTES are findings.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_SECONDS   5
#define FUZZ_MEGABYTES 512

/* What the parser promises: a finding where it does not hold. */
#define fuzz_require(what)                                            \
	do {                                                          \
		if (!(what)) {                                        \
			fprintf(stderr, "%s:%d: does not hold: %s\n", \
				__FILE__, __LINE__, #what);           \
			abort();                                      \
		}                                                     \
	} while (0)

/* Memory for a test, which never runs out. */
static inline void *fuzz_copy(const void *bytes, size_t n)
{
	uint8_t *p = malloc(n + 1);
	size_t i;

	if (!p)
		abort();
	for (i = 0; i < n; i++)
		p[i] = ((const uint8_t *)bytes)[i];
	p[n] = '\0';
	return p;
}

#endif
