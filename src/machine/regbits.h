/* SPDX-License-Identifier: BSD-2-Clause */
/* Bits of control registers and of RFLAGS, by name. */
#ifndef MACHINE_REGBITS_H
#define MACHINE_REGBITS_H

#include <stddef.h>
#include <stdint.h>

/* One flag, or a field of more bits that is named with its value ("IOPL=3"). */
struct regbit {
	const char *name;
	unsigned int bit, width;
};

/* Ascending; a NULL name behind the last. */
extern const struct regbit regbits_rflags[]; /* SDM vol. 1, 3.4.3 */
extern const struct regbit regbits_cr0[];    /* SDM vol. 3A, 2.5 */
extern const struct regbit regbits_cr4[];    /* SDM vol. 3A, 2.5 */
extern const struct regbit regbits_efer[];   /* SDM vol. 3A, 2.2.1; APM 3.1.7 */

#define RFLAGS_FIXED (1ULL << 1) /* always 1 */
#define RFLAGS_VM    (1ULL << 17)
#define CR4_PCIDE    (1ULL << 17)
#define CR3_PCID     0xfffULL /* where CR4.PCIDE is set */

/*
 * The names of what is set, with blanks between, cut to size; set bits without
 * a name as one number at the end ("PE PG 0x40").
 */
void regbits_text(const struct regbit *bits, uint64_t value, char *text,
		  size_t size);

/* All bits that have a name. */
uint64_t regbits_known(const struct regbit *bits);

#endif
