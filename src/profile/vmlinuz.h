/* SPDX-License-Identifier: BSD-2-Clause */
/* A compressed kernel image (bzImage): its vmlinux, unpacked. */
#ifndef PROFILE_VMLINUZ_H
#define PROFILE_VMLINUZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Whether the bytes start like a bzImage (boot protocol 2.08 or later). */
bool vmlinuz_is(const void *bytes, size_t len);

/*
 * Load the library that unpacks, for as long as this process lives: what is
 * confined afterwards (base/apart.h) can use it.  ERR_SYS: there is none.
 */
int vmlinuz_load(struct err *err);

/*
 * Unpack the ELF file inside, of any compression the kernel build knows; the
 * caller frees *elf.  ERR_CORRUPT, ERR_NOMEM.
 */
int vmlinuz_unpack(const void *bytes, size_t len, void **elf, size_t *elf_len,
		   struct err *err);

#endif
