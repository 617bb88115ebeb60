/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of addresses and addresses of names, of all that /proc/kallsyms has. */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "kernel/code/generated.h"
#include "kernel/kernel.h"
#include "kernel/code/module_letters.h"
#include "kernel/code/module_symbols.h"
#include "kernel/code/modules.h"
#include "kernel/remarks.h"

/*
 * A symbol of the kernel's image, of a module, or code that the kernel made
 * while it runs.  Strings live as long as the struct symbols and the profile.
 */
struct symbol {
	const char *name;   /* NULL: there is none */
	const char *module; /* in brackets in /proc/kallsyms; NULL: the image */
	uint64_t va;
	uint64_t offset; /* of the address that was asked for */
	uint64_t size;	 /* up to the next symbol, or the end; 0: not known */
};

/*
 * What is known of symbols outside the image, read when it is first needed in
 * this pause.  `remarks` says what was damaged.
 */
struct symbols {
	struct kernel *k;
	bool read;
	bool known[1 + GENERATORS]; /* that of modules is the last */
	struct modules modules;
	struct generated_code generated;
	struct module_symbols *tables;	/* one per module */
	struct module_letters *letters; /* one per module; NULL: not read */
	VEC(struct symbol_area) areas;	/* ascending, see symbols_load.h */
	uint64_t room;			/* for tables */
	struct remarks remarks;
};

/* Reads nothing; k may be NULL where nothing is asked. */
void symbols_init(struct symbols *s, struct kernel *k);
void symbols_deinit(struct symbols *s);

/*
 * The symbols that n addresses lie in, all of them in one go.  Addresses where
 * only data can be cost nothing.
 */
int symbols_at(struct symbols *s, const uint64_t *vas, size_t n,
	       struct symbol *out, struct err *err);

/* More symbols of one name than these are only counted. */
#define SYMBOLS_ALIKE 8

struct symbols_named {
	struct symbol v[SYMBOLS_ALIKE]; /* of different addresses */
	size_t n;
};

/*
 * The symbols of that name: of the image; where it has none, of modules and
 * generated code; or with `module` only of that one.  Each time those that are
 * called so, or where there are none those called "name.suffix", as compilers
 * do (see profile_symbol()).
 */
int symbols_named(struct symbols *s, const char *name, const char *module,
		  struct symbols_named *out, struct err *err);

/* Whether anything outside the image goes by that name, once it is read. */
bool symbols_has_module(const struct symbols *s, const char *module);

/* The number of the module that a symbol names, in the list of modules; their
 * number where it is none: generated code has a name of that kind, too. */
size_t symbols_module(const struct symbols *s, const char *module);

/* Append where was looked so far: "the kernel, 4 modules, 1 kprobe page". */
void symbols_looked(const struct symbols *s, struct buf *b);

/* "name+0x10 [module]", or "" without a name. */
void symbol_text(const struct symbol *symbol, char *text, size_t size);

/* Room for that. */
#define SYMBOL_TEXT 640

#endif
