/* SPDX-License-Identifier: BSD-2-Clause */
/* Bits of registers, by name. */
#ifndef ARCH_REGBITS_H
#define ARCH_REGBITS_H

#include <stddef.h>
#include <stdint.h>

/* One flag, or a field of more bits that is named with its value ("IOPL=3"). */
struct regbit {
	const char *name;
	unsigned int bit, width;
};

/*
 * The names of what is set, with blanks between, cut to size; set bits without
 * a name as one number at the end ("PE PG 0x40").  The names ascend, with a
 * NULL name behind the last.
 */
void regbits_text(const struct regbit *bits, uint64_t value, char *text,
		  size_t size);

/* All bits that have a name. */
uint64_t regbits_known(const struct regbit *bits);

#endif
