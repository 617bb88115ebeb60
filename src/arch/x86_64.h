/* SPDX-License-Identifier: BSD-2-Clause */
/* x86-64: numbers of registers, bits of them and of page-table entries. */
#ifndef ARCH_X86_64_H
#define ARCH_X86_64_H

#include "arch/arch.h"

/* The registers that anything here needs, in the order they are shown. */
enum {
	X86_RAX,
	X86_RBX,
	X86_RCX,
	X86_RDX,
	X86_RSI,
	X86_RDI,
	X86_RBP,
	X86_RSP,
	X86_R8,
	X86_R9,
	X86_R10,
	X86_R11,
	X86_R12,
	X86_R13,
	X86_R14,
	X86_R15,
	X86_RIP,
	X86_EFLAGS,
	X86_CS,
	X86_SS,
	X86_DS,
	X86_ES,
	X86_FS,
	X86_GS,
	X86_FS_BASE,
	X86_GS_BASE,
	X86_K_GS_BASE,
	X86_CR0,
	X86_CR2,
	X86_CR3,
	X86_CR4,
	X86_CR8,
	X86_EFER,
	X86_REGS
};

#define RFLAGS_FIXED (1ULL << 1) /* always 1 */
#define RFLAGS_IF    (1ULL << 9)
#define RFLAGS_VM    (1ULL << 17)
#define CR0_PE	     (1ULL << 0)
#define CR0_PG	     (1ULL << 31)
#define CR3_PCID     0xfffULL /* where CR4.PCIDE is set */
#define CR3_ADDR     0x000ffffffffff000ULL
#define CR4_PSE	     (1ULL << 4)
#define CR4_PAE	     (1ULL << 5)
#define CR4_LA57     (1ULL << 12)
#define CR4_VMXE     (1ULL << 13)
#define CR4_PCIDE    (1ULL << 17)
#define EFER_LMA     (1ULL << 10)
#define EFER_SVME    (1ULL << 12)

/*
 * A page-table entry (Intel SDM vol. 3A, 4.5; Linux pgtable_types.h):
 *
 *   63 62..59 58      57..52  51 ...... 12   11..9   8 7  6 5 4   3   2 1 0
 *  +--+------+-------+-------+------------+---------+-+--+-+-+---+---+-+-+-+
 *  |NX| PKEY |saved D|  soft |  address   | software|G|PS|D|A|PCD|PWT|U|W|P|
 *  +--+------+-------+-------+------------+---------+-+--+-+-+---+---+-+-+-+
 *
 * Linux: bit 9 special, 10 userfaultfd write-protect, 11 soft dirty; see
 * docs/facts/kernel.md, "Page-table entries".
 */
#define PTE_P	     (1ULL << 0)
#define PTE_RW	     (1ULL << 1)
#define PTE_US	     (1ULL << 2)
#define PTE_PWT	     (1ULL << 3)
#define PTE_PCD	     (1ULL << 4)
#define PTE_A	     (1ULL << 5)
#define PTE_D	     (1ULL << 6)
#define PTE_PS	     (1ULL << 7) /* in a PDPTE or PDE; a PTE has PAT here */
#define PTE_G	     (1ULL << 8)
#define PTE_PAT_HUGE (1ULL << 12)
#define PTE_SAVED_D  (1ULL << 58) /* Linux >= 6.6 */
#define PTE_NX	     (1ULL << 63)
#define PTE_ADDR_4K  0x000ffffffffff000ULL
#define PTE_ADDR_2M  0x000fffffffe00000ULL
#define PTE_ADDR_1G  0x000fffffc0000000ULL

/* Long mode; SDM vol. 3A, 4.5. */
extern const struct paging paging_4level, paging_5level;
/* Protected mode: PAE; 4-byte entries, with large pages (PSE) or without. */
extern const struct paging paging_pae, paging_32bit, paging_32bit_4k;

/* In long mode. */
const struct paging *x86_64_paging_of_cr4(uint64_t cr4);

/* How a vCPU walks its tables, by its own registers; NULL: it has none. */
const struct paging *x86_64_paging(const struct vcpu *v);

#endif
