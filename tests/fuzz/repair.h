/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes changed profiles whole again, so that what is in them is looked at. */
#ifndef TESTS_FUZZ_REPAIR_H
#define TESTS_FUZZ_REPAIR_H

#include <stddef.h>
#include <stdint.h>

/* Set the lengths and checksums of a file (profile/store.c) of `len` bytes. */
void repair_profile(uint8_t *file, size_t len);

#endif
