/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes rules for unwinding as kernels do. */
#ifndef TESTS_ORC_KIT_H
#define TESTS_ORC_KIT_H

#include <stdint.h>

#include "kernel/code/x86_64_orc.h"

/* Encodings by their number in docs/facts/trace.md, "Encodings of rules". */
#define KIT_ORC_FORMATS 4

void kit_orc_entry(int format, const struct orc_rule *rule, uint8_t entry[6]);

/* The 20 bytes of orc_header; that of format 1, which has none, is another. */
extern const uint8_t kit_orc_headers[KIT_ORC_FORMATS + 1][20];

#endif
