/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel whose profile and memory a test writes down itself. */
#ifndef TESTS_FAKE_KERNEL_H
#define TESTS_FAKE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel.h"
#include "kernel/readers.h"
#include "profile/listing.h"
#include "unit/array_machine.h"

/* Where the direct map begins: kernel VA of physical address 0. */
#define DIRECT 0xffff888000000000ULL

/*
 * 1 MiB of memory, all of it mapped at DIRECT, and a kernel that has no
 * symbol, member or constant yet.  One at a time: the profile is the program's
 * (these tests link this instead of profile/profile.c).
 */
struct fake_kernel {
	struct array_machine memory;
	struct kernel kernel;
};

void fake_kernel_init(struct fake_kernel *f);
void fake_kernel_deinit(struct fake_kernel *f);

/*
 * What the profile answers from now on, whichever readers ask for it; names as
 * in wants_kit.h.
 */
void fake_field(const char *name, uint32_t offset, uint32_t size);
void fake_bits(const char *name, uint32_t offset, uint8_t bit, uint8_t size);
void fake_no_field(const char *name);

/* Several members. */
struct fake_member {
	const char *name;
	uint32_t offset, size;
};
void fake_fields(const struct fake_member *list, size_t n);

/* struct page as 6.18 has it, with 64 bytes, and the types of pages. */
void fake_page_fields(void);
void fake_sizeof(const char *name, uint32_t size);
void fake_constant(const char *name, int64_t value);

/* Those that a list of tasks is read by, but for links in a struct pid. */
void fake_task_fields(void);

/* No reader lacks anything that it REQUIRES, but for those that do from now on.
 */
void fake_lose(enum reader reader);
void fake_symbol(const char *name, uint64_t va);

/*
 * What the image's symbols are, in order, which is kept; and its types, or the
 * code of an error.
 */
void fake_listing(const struct profile_listed *v, size_t n);
void fake_btf(const void *btf, size_t len, int code);

/* Store values at kernel addresses. */
void fake_put64(struct fake_kernel *f, uint64_t va, uint64_t value);
void fake_put32(struct fake_kernel *f, uint64_t va, uint32_t value);
void fake_puts(struct fake_kernel *f, uint64_t va, const char *text);

/* A ring of struct list_head: n links from its head on. */
void fake_ring(struct fake_kernel *f, uint64_t head, const uint64_t *links,
	       size_t n);

/* Store a member of the structure at va: 4 or 8 bytes by its size. */
void fake_put_field(struct fake_kernel *f, uint64_t va, const char *name,
		    uint64_t value);

#endif
