/* SPDX-License-Identifier: BSD-2-Clause */
/* Libraries that only some runs need: loaded by those. */
#ifndef BASE_LATE_H
#define BASE_LATE_H

#include <stddef.h>

#include "base/err.h"

/*
 * For a list of functions, `#define LIST(F) F(f) F(g)`: the members of a
 * struct of pointers to them, and their names.
 */
#define LATE_MEMBER(f) __typeof__(f) *(f);
#define LATE_NAME(f)   #f,

/*
 * Load a library by its soname, and put the addresses of n functions, in their
 * order, to the pointers at `functions`.  The handle, for dlsym(3) and
 * dlclose(3), or NULL: ERR_SYS, with the loader's words, or that this one lacks
 * a function.
 */
void *late_load(const char *soname, const char *const *names, size_t n,
		void *functions, struct err *err);

#endif
