/* SPDX-License-Identifier: BSD-2-Clause */
/* Bits of control registers and of RFLAGS, by name. */
#include "machine/regbits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct regbit regbits_rflags[] = {
	{"CF", 0, 1},  {"PF", 2, 1},	{"AF", 4, 1},	{"ZF", 6, 1},
	{"SF", 7, 1},  {"TF", 8, 1},	{"IF", 9, 1},	{"DF", 10, 1},
	{"OF", 11, 1}, {"IOPL", 12, 2}, {"NT", 14, 1},	{"RF", 16, 1},
	{"VM", 17, 1}, {"AC", 18, 1},	{"VIF", 19, 1}, {"VIP", 20, 1},
	{"ID", 21, 1}, {NULL, 0, 0},
};

const struct regbit regbits_cr0[] = {
	{"PE", 0, 1},  {"MP", 1, 1},  {"EM", 2, 1},  {"TS", 3, 1},
	{"ET", 4, 1},  {"NE", 5, 1},  {"WP", 16, 1}, {"AM", 18, 1},
	{"NW", 29, 1}, {"CD", 30, 1}, {"PG", 31, 1}, {NULL, 0, 0},
};

const struct regbit regbits_cr4[] = {
	{"VME", 0, 1},	     {"PVI", 1, 1},	    {"TSD", 2, 1},
	{"DE", 3, 1},	     {"PSE", 4, 1},	    {"PAE", 5, 1},
	{"MCE", 6, 1},	     {"PGE", 7, 1},	    {"PCE", 8, 1},
	{"OSFXSR", 9, 1},    {"OSXMMEXCPT", 10, 1}, {"UMIP", 11, 1},
	{"LA57", 12, 1},     {"VMXE", 13, 1},	    {"SMXE", 14, 1},
	{"FSGSBASE", 16, 1}, {"PCIDE", 17, 1},	    {"OSXSAVE", 18, 1},
	{"KL", 19, 1},	     {"SMEP", 20, 1},	    {"SMAP", 21, 1},
	{"PKE", 22, 1},	     {"CET", 23, 1},	    {"PKS", 24, 1},
	{"UINTR", 25, 1},    {"LASS", 27, 1},	    {"LAM_SUP", 28, 1},
	{"FRED", 32, 1},     {NULL, 0, 0},
};

/* The first four are Intel's too, the others AMD's (APM vol. 2, 3.1.7). */
const struct regbit regbits_efer[] = {
	{"SCE", 0, 1},	  {"LME", 8, 1},   {"LMA", 10, 1},
	{"NXE", 11, 1},	  {"SVME", 12, 1}, {"LMSLE", 13, 1},
	{"FFXSR", 14, 1}, {"TCE", 15, 1},  {"MCOMMIT", 17, 1},
	{"INTWB", 18, 1}, {"UAIE", 20, 1}, {"AIBRSE", 21, 1},
	{NULL, 0, 0},
};

static uint64_t mask(const struct regbit *b)
{
	return ((1ULL << b->width) - 1) << b->bit;
}

uint64_t regbits_known(const struct regbit *bits)
{
	uint64_t all = 0;

	for (; bits->name; bits++)
		all |= mask(bits);
	return all;
}

void regbits_text(const struct regbit *bits, uint64_t value, char *text,
		  size_t size)
{
	uint64_t rest = value & ~regbits_known(bits);
	size_t n = 0;

	*text = '\0';
	for (; bits->name; bits++) {
		uint64_t field = (value & mask(bits)) >> bits->bit;

		if (!field || n >= size)
			continue;
		n += (size_t)snprintf(text + n, size - n, "%s%s", n ? " " : "",
				      bits->name);
		if (bits->width > 1 && n < size)
			n += (size_t)snprintf(text + n, size - n, "=%" PRIu64,
					      field);
	}
	if (rest && n < size)
		snprintf(text + n, size - n, "%s0x%" PRIx64, n ? " " : "",
			 rest);
}
