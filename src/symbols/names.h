/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of several names of one address to show. */
#ifndef SYMBOLS_NAMES_H
#define SYMBOLS_NAMES_H

#include "symbols/symtab.h"

/*
 * Of all symbols in the image with the value of entry i: the one that names
 * an object or a function, rather than a section's border, padding or an
 * alias made by a compiler or macro; with no such difference, the first.
 */
uint32_t names_best(const struct symtab *s, uint32_t i);

/* How well a name stands for its address: the lower, the better. */
unsigned int names_rank(const char *name);

/* The last entry at or before i of that name; i when there is none. */
uint32_t names_find(const struct symtab *s, uint32_t i, const char *name);

#endif
