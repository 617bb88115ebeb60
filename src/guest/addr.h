/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses on the command line: [SPACE:]EXPR, parsed before any guest. */
#ifndef GUEST_ADDR_H
#define GUEST_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"
#include "base/err.h"

/*
 *   address = [space ":"] expr
 *   space   = PID | "k" | "p" | "pfn" | ROOT "=" HEX    k where there is none
 *   root    = "cr3", or what other CPUs have: "ttbr0", "ttbr1"
 *   expr    = term { ("+" | "-") term }         blanks around + and - are fine
 *   term    = decimal | "0x" hex | symbol
 *
 * and a module's name in brackets, as /proc/kallsyms and qvmi itself print it,
 * belongs to the symbol before it: "f[m]", "f [m]", "f+0x10 [m]".  "pfn:N" is
 * physical, too: the first byte of that frame.
 */
enum addr_space {
	ADDR_KERNEL,
	ADDR_PID,
	ADDR_PHYS,
	ADDR_ROOT
};

#define ADDR_MAX_TERMS	    16
#define ADDR_MAX_PID_DIGITS 7
#define ADDR_MAX_PID	    4194304u /* PID_MAX_LIMIT, include/linux/threads.h */

struct addr_term {
	bool minus;
	const char *symbol; /* in the text that was parsed; NULL: a number */
	size_t len;	    /* of the symbol */
	const char *module; /* in that text, or NULL */
	size_t module_len;
	uint64_t number;
};

/* The root of page tables that a user names, as its register has it. */
struct addr_root {
	const struct arch *arch;
	unsigned int number; /* of arch->roots */
	uint64_t value;
};

/* "cr3" */
const char *addr_root_name(const struct addr_root *root);

/* Borrows the text it was parsed from. */
struct addr {
	const char *text;
	enum addr_space space;
	bool has_space; /* the user named it */
	bool in_frames; /* the terms count frames, not bytes: "pfn" */
	uint32_t pid;
	struct addr_root root;
	size_t n;
	struct addr_term term[ADDR_MAX_TERMS];
};

/*
 * Take an address apart.  ERR_USAGE names the place: malformed, a number that
 * does not fit 64 bits, a sum of numbers that does not, or a symbol in
 * physical space (symbols are virtual).
 */
int addr_parse(const char *text, struct addr *a, struct err *err);

/* True where a symbol occurs. */
bool addr_has_symbol(const struct addr *a);

/* True where the address makes no sense without a known kernel. */
bool addr_needs_kernel(const struct addr *a);

/* Answers where a symbol is, of that module unless it is NULL; or an error. */
typedef int addr_lookup(void *ctx, const char *name, const char *module,
			uint64_t *va, struct err *err);

/*
 * The value.  What the lookup says of a symbol, ERR_USAGE when the sum leaves
 * 64 bits.  lookup may be NULL where there is no symbol.
 */
int addr_value(const struct addr *a, addr_lookup *lookup, void *ctx,
	       uint64_t *value, struct err *err);

#endif
