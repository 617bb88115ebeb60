/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel's readers want, by name. */
#ifndef TESTS_WANTS_KIT_H
#define TESTS_WANTS_KIT_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/readers.h"
#include "profile/resolve.h"

/*
 * Names are those in the readers' tables, of alternatives the first:
 * "vm_area_struct.vm_mm", "page", "pageflags.PG_lru", "MM_FILEPAGES".
 */
bool kit_is_want(const struct want *w, enum want_kind kind, const char *name);

/* The id by which the first reader that wants it knows it; aborts: none. */
uint32_t kit_want(enum want_kind kind, const char *name);

/* The same value in what was resolved. */
struct wanted_value *kit_value(const struct wanted_values *v,
			       enum want_kind kind, const char *name);

#endif
