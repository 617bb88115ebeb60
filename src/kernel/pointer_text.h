/* SPDX-License-Identifier: BSD-2-Clause */
/* Pointers as the kernel's %p and %pK print them. */
#ifndef KERNEL_POINTER_TEXT_H
#define KERNEL_POINTER_TEXT_H

#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* How it hides them (lib/vsprintf.c; docs/facts/kernel.md, "Sockets"). */
struct pointer_text {
	enum {
		POINTER_EARLY, /* it has no key yet */
		POINTER_HASHED,
		POINTER_PLAIN,
		POINTER_ZERO
	} how;
	uint64_t key[2];
};

/* What %pK makes of a pointer that root reads; one batch. */
int pointer_text_read(struct kernel *k, struct pointer_text *out,
		      struct err *err);

/* What %p makes of any pointer, whoever reads it; one batch. */
int pointer_text_read_hashed(struct kernel *k, struct pointer_text *out,
			     struct err *err);

#define POINTER_TEXT_BYTES 17

/* 16 characters and a NUL. */
void pointer_text(const struct pointer_text *p, uint64_t pointer,
		  char text[POINTER_TEXT_BYTES]);

#endif
