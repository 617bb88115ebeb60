/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of symbols: all that have a name, or are as a pattern has it. */
#ifndef KERNEL_SYMBOLS_LIST_H
#define KERNEL_SYMBOLS_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/code/symbols.h"

/* How names go with the one that is looked for. */
enum symbols_how {
	SYMBOLS_EXACT,
	SYMBOLS_SUFFIXED, /* "name.suffix", as compilers make them */
	SYMBOLS_GLOB	  /* symbols/glob.h */
};

/* Symbols that are looked for. */
struct symbols_wanted {
	const char *name;
	enum symbols_how how;
	const char *module; /* a pattern, too; NULL: the image and all others */
	bool image;	    /* ...or the image alone */
};

/* A symbol, and its letter as /proc/kallsyms has it; '?': not known. */
struct symbols_listed {
	struct symbol symbol; /* offset 0 */
	char letter;
};

/*
 * Read what is not known yet of the modules that n of these may be in: lists,
 * tables and letters, each for all of them in one go.  The image costs nothing.
 */
int symbols_list_read(struct symbols *s, const struct symbols_wanted *wanted,
		      size_t n, struct err *err);

typedef void symbols_list_take(void *ctx, const struct symbols_listed *l);

/*
 * All symbols of what was read that are as `wanted` has them, to take(): those
 * of the image by their addresses, of each module so, and of generated code.
 * Nothing is read: the guest may run.
 */
void symbols_list(const struct symbols *s, const struct symbols_wanted *wanted,
		  symbols_list_take *take, void *ctx);

#endif
