/* SPDX-License-Identifier: BSD-2-Clause */
/* What a kernel knows of itself: taken in one pause, written out afterwards. */
#ifndef EXPORT_PORTRAIT_H
#define EXPORT_PORTRAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/code/x86_64_orc.h"
#include "kernel/remarks.h"

/* Whose something is: the kernel's image, or that of modules.v[i] for i + 1. */
#define PORTRAIT_IMAGE 0u

/*
 * A symbol as /proc/kallsyms lists it.  `va` is what stands there: up to 6.14
 * that of a per-CPU variable is an offset from 0 (`absolute`).
 */
struct portrait_symbol {
	uint64_t va;
	size_t name;	/* offset into names */
	uint32_t owner; /* PORTRAIT_IMAGE, a module, or generated code */
	char type;	/* the letter: 't', 'D', 'A' ... */
	bool absolute;
};

/*
 * A module, or who else stands in brackets there: "bpf".  The name could be
 * that of a file.
 */
struct portrait_owner {
	char name[64];
	uint64_t text, text_size; /* its code; 0 where it has none of its own */
};

/* Types: BTF as it lies in memory, a module's split from the kernel's. */
struct portrait_types {
	uint32_t owner;
	uint8_t *btf;
	size_t len;
	uint32_t n; /* types in it */
};

/* What is wanted of it: reading nothing else saves the guest's time. */
#define PORTRAIT_SYMBOLS 1u
#define PORTRAIT_TYPES	 2u
#define PORTRAIT_UNWIND	 4u
#define PORTRAIT_TEXT	 8u

/* A stretch of an image's code, with its bytes where they were wanted. */
struct portrait_text {
	uint32_t owner;
	uint64_t va;
	size_t len;
	uint8_t *bytes; /* or NULL */
};

/*
 * Plain values; nothing of the guest is needed any more.  Symbols are in the
 * order of /proc/kallsyms: the image's, which ascend, then each module's, in
 * that of its own table.  Names are of printable ASCII without blanks.
 */
struct portrait {
	char release[65], banner[512];
	uint64_t start, end;	       /* of the image: _text, _end */
	uint64_t slide;		       /* less that, they are as linked */
	uint64_t per_cpu, per_cpu_end; /* __per_cpu_start, as symbols have it */
	uint8_t build_id[20];
	size_t build_id_len; /* 0: it has none */
	struct buf names;    /* each ends in a NUL */
	VEC(struct portrait_symbol) symbols;
	VEC(struct portrait_owner) owners; /* modules first... */
	uint32_t n_modules;		   /* ...so many */
	VEC(struct portrait_types) types;  /* the kernel's first, if it has */
	struct orc_tables unwind;	   /* of the image, and of modules */
	VEC(struct portrait_text) text;
	struct remarks remarks; /* what could not be had, and why */

	struct portrait_raw *raw; /* what was read, before it is settled */
};

/*
 * Read what `wants` names, of a kernel that is open and stands still, into a
 * portrait that is zeroed.  What a kernel does not have is left out, with a
 * remark.  The caller deinits, also after an error.
 */
int portrait_take(struct kernel *k, unsigned int wants, struct portrait *p,
		  struct err *err);

/*
 * Once the guest may go on: make the values of what was read, and of what the
 * profile has.  The kernel must still be open.  Only now is it a portrait.
 */
int portrait_settle(struct portrait *p, struct err *err);
void portrait_deinit(struct portrait *p);

const char *portrait_name(const struct portrait *p,
			  const struct portrait_symbol *s);

#endif
