/* SPDX-License-Identifier: BSD-2-Clause */
/* Bits of x86 page-table entries and control registers. */
#ifndef WALK_BITS_H
#define WALK_BITS_H

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
#define PTE_A	     (1ULL << 5)
#define PTE_D	     (1ULL << 6)
#define PTE_PS	     (1ULL << 7) /* in a PDPTE or PDE; a PTE has PAT here */
#define PTE_G	     (1ULL << 8)
#define PTE_SPECIAL  (1ULL << 9)
#define PTE_SAVED_D  (1ULL << 58) /* Linux >= 6.6 */
#define PTE_NX	     (1ULL << 63)
#define PTE_ADDR_4K  0x000ffffffffff000ULL
#define PTE_ADDR_2M  0x000fffffffe00000ULL
#define PTE_ADDR_1G  0x000fffffc0000000ULL
#define CR3_ADDR     PTE_ADDR_4K
#define CR0_PE	     (1ULL << 0)
#define CR0_PG	     (1ULL << 31)
#define CR4_PSE	     (1ULL << 4)
#define CR4_PAE	     (1ULL << 5)
#define CR4_LA57     (1ULL << 12)
#define EFER_LMA     (1ULL << 10)
#define PTI_USER_PGD (1ULL << 12) /* Linux PTI_PGTABLE_SWITCH_BIT */

#endif
