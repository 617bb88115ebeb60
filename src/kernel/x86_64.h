/* SPDX-License-Identifier: BSD-2-Clause */
/* What Linux makes of x86-64: its map, its registers, pairs of page tables. */
#ifndef KERNEL_X86_64_H
#define KERNEL_X86_64_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arch.h"
#include "base/err.h"
#include "machine/machine.h"
#include "walk/walk.h"

/* The image is in there: docs/facts/kernel.md, "Where the kernel is". */
#define KERNEL_MAP	0xffffffff80000000ULL /* __START_KERNEL_map */
#define KERNEL_MAP_SIZE (1ULL << 30)	      /* KERNEL_IMAGE_SIZE at most */

/* docs/facts/kernel.md, "Page-table isolation" */
#define X86_FEATURE_PTI (7 * 32 + 11)

/*
 * Where areas begin that no variable tells of: docs/facts/kernel.md, "Where
 * address spaces begin".
 */
struct x86_64_bases {
	uint64_t page_offset, vmalloc, vmemmap;
};

const struct x86_64_bases *x86_64_bases(const struct paging *p);

/*
 * Where the direct map begins in a kernel that has no variable for it: at the
 * place of today, or of up to 4.19, whichever maps the image, which lies at pa.
 * *base stays where neither does.
 */
int x86_64_direct_map(struct machine *m, const struct walk_root *root,
		      uint64_t pa, uint64_t *base, struct err *err);

/* MAX_PHYSMEM_BITS without the bits in a page; asm/sparsemem.h. */
unsigned int x86_64_pfn_bits(const struct paging *p);

/*
 * What a vCPU's control registers say, ordered by how near it is to running a
 * kernel (SDM vol. 3A 9.8, 4.1.1).
 */
enum location_mode {
	LOCATION_REAL,
	LOCATION_UNPAGED,
	LOCATION_PAGED_32,
	LOCATION_PAGED_64
};

enum location_mode location_mode(const struct vcpu *v);

/* Why such a vCPU shows no kernel, in words. */
const char *location_mode_words(enum location_mode mode);

/*
 * Whether a vCPU may be running a guest of its own: virtualisation is turned on
 * (AMD: EFER.SVME, Intel: CR4.VMXE), and so it is, seen from outside, while it
 * runs that guest.
 */
bool location_may_host(const struct vcpu *v);

/* Its root in long mode, as the register has it. */
struct walk_root x86_64_root(const struct vcpu *v);

/*
 * Under PTI a process has two top tables, side by side: the kernel's and, above
 * it, that of user mode (docs/facts/kernel.md, "Page-table isolation").
 */
uint64_t x86_64_kernel_half(uint64_t pgd);
uint64_t x86_64_user_half(uint64_t pgd);
bool x86_64_is_user_half(uint64_t pgd);

/* The NX bit that poisons the kernel's entries of user addresses there. */
uint64_t x86_64_pti_poison(void);

/* Whether those halves agree, as they do in a pair. */
int x86_64_is_pti_pair(struct machine *m, uint64_t kernel, uint64_t user,
		       bool *pair, struct err *err);

/* Where the entry lies that maps the image: the last one of a top table. */
uint64_t x86_64_image_entry(uint64_t pgd);

/* Whether two values of such an entry are the same, but for what CPUs set. */
bool x86_64_same_entry(uint64_t a, uint64_t b);

/* Whether Linux knows the page as written to, by the entry that maps it. */
bool x86_64_is_dirty(uint64_t entry);

/* What is looked at of a vCPU's code: some bytes on both sides of its RIP. */
#define X86_64_CODE_BEFORE 3
#define X86_64_CODE_LEN	   7

/* Such code is one that a CPU never leaves with interrupts off. */
bool x86_64_stands_still(const uint8_t code[X86_64_CODE_LEN]);
/* Such code waits, with interrupts off or on, and goes on (intel_idle()). */
bool x86_64_waits(const uint8_t code[X86_64_CODE_LEN]);
bool x86_64_interruptible(const struct vcpu *v);

/*
 * Whether it is the CPU with that per-CPU offset, which is the kernel's GS
 * base: in GS base while in the kernel, in KERNEL_GS_BASE while in user mode
 * (docs/facts/kernel.md, "Per-CPU variables").
 */
bool x86_64_has_percpu(const struct vcpu *v, uint64_t offset);

#endif
