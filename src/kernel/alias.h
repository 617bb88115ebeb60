/* SPDX-License-Identifier: BSD-2-Clause */
/* The addresses by which the kernel itself reaches physical memory. */
#ifndef KERNEL_ALIAS_H
#define KERNEL_ALIAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

enum alias_state {
	ALIAS_NONE,	  /* no address comes out of the rule */
	ALIAS_NOT_MAPPED, /* one does, but nothing is mapped there... */
	ALIAS_OTHER,	  /* ...or another frame */
	ALIAS_THERE	  /* the kernel's page tables lead there */
};

struct alias {
	enum alias_state state;
	uint64_t at; /* unless ALIAS_NONE */
};

/*
 * What the kernel has for the byte at a physical address (docs/facts/kernel.md,
 * "Where address spaces begin", "Where the kernel is" and "Pages").
 */
struct aliases {
	struct alias direct; /* page_offset + pa */
	struct alias image;  /* text + (pa - phys_text), below _end */
	struct alias page;   /* its struct page; never ALIAS_OTHER */
};

/*
 * For n addresses at once: by the rules, and then by walks of the kernel's own
 * tables, one batch for each level of these.
 */
int aliases_find(struct kernel *k, const uint64_t *pas, size_t n,
		 struct aliases *out, struct err *err);

/* Bytes of a struct page; 0: the kernel's types do not tell. */
uint32_t alias_page_size(const struct kernel *k);

/* True for an address at which the direct map has RAM: *pfn is its frame. */
bool alias_is_direct(const struct kernel *k, uint64_t va, uint64_t *pfn);

/*
 * True for an address in the space of struct pages: *pfn is whose that is, if
 * it is mapped, and *in how far into it.
 */
bool alias_is_page(const struct kernel *k, uint64_t va, uint64_t *pfn,
		   uint32_t *in);

#endif
