/* SPDX-License-Identifier: BSD-2-Clause */
/* What Linux makes of x86-64: its map, its registers, pairs of page tables. */
#include "kernel/x86_64.h"

#include <string.h>

#include "arch/x86_64.h"
#include "base/cursor.h"

#define PTI_USER_PGD (1ULL << 12) /* PTI_PGTABLE_SWITCH_BIT, asm/pgtable.h */

const struct x86_64_bases *x86_64_bases(const struct paging *p)
{
	static const struct x86_64_bases four = {
		0xffff888000000000, 0xffffc90000000000, 0xffffea0000000000};
	static const struct x86_64_bases five = {
		0xff11000000000000, 0xffa0000000000000, 0xffd4000000000000};

	return p == &paging_5level ? &five : &four;
}

int x86_64_direct_map(struct machine *m, const struct walk_root *root,
		      uint64_t pa, uint64_t *base, struct err *err)
{
	const uint64_t places[] = {x86_64_bases(root->paging)->page_offset,
				   root->paging == &paging_5level
					   ? 0xff10000000000000
					   : 0xffff880000000000};
	struct walk w[2];
	size_t i;
	int rc;

	for (i = 0; i < 2; i++)
		walk_launch(&w[i], root, places[i] + pa);
	rc = walk_run(m, w, 2, err);
	for (i = 0; i < 2 && !rc; i++)
		if (w[i].result == WALK_MAPPED && w[i].pa == pa) {
			*base = places[i];
			break;
		}
	return rc;
}

unsigned int x86_64_pfn_bits(const struct paging *p)
{
	return p == &paging_5level ? 40 : 34;
}

enum location_mode location_mode(const struct vcpu *v)
{
	if (!(v->reg[X86_CR0] & CR0_PE))
		return LOCATION_REAL;
	if (!(v->reg[X86_CR0] & CR0_PG))
		return LOCATION_UNPAGED;
	return v->reg[X86_EFER] & EFER_LMA ? LOCATION_PAGED_64
					   : LOCATION_PAGED_32;
}

bool location_may_host(const struct vcpu *v)
{
	return x86_64_paging(v) &&
	       (v->reg[X86_EFER] & EFER_SVME || v->reg[X86_CR4] & CR4_VMXE);
}

static const char *const mode_words[] = {
	[LOCATION_REAL] = "no kernel yet: the vCPU is in real mode (firmware "
			  "or boot loader); try again when Linux runs",
	[LOCATION_UNPAGED] =
		"no kernel yet: the vCPU runs without paging (firmware or "
		"boot loader); try again when Linux runs",
	[LOCATION_PAGED_32] = "32-bit paging: a 32-bit guest or boot code; "
			      "qvmi understands x86-64 kernels only",
	[LOCATION_PAGED_64] =
		"no Linux kernel in the vCPU's page tables: a boot "
		"loader, or another system",
};

const char *location_mode_words(enum location_mode mode)
{
	return mode_words[mode];
}

struct walk_root x86_64_root(const struct vcpu *v)
{
	return (struct walk_root){
		.pgd = v->reg[X86_CR3] & CR3_ADDR,
		.paging = x86_64_paging_of_cr4(v->reg[X86_CR4])};
}

uint64_t x86_64_kernel_half(uint64_t pgd)
{
	return pgd & ~PTI_USER_PGD;
}

uint64_t x86_64_user_half(uint64_t pgd)
{
	return pgd | PTI_USER_PGD;
}

bool x86_64_is_user_half(uint64_t pgd)
{
	return pgd & PTI_USER_PGD;
}

uint64_t x86_64_pti_poison(void)
{
	return PTE_NX;
}

bool x86_64_same_entry(uint64_t a, uint64_t b)
{
	return !((a ^ b) & ~PTE_A);
}

/* They agree but for the poison (arch/x86/mm/pti.c), and what CPUs set. */
int x86_64_is_pti_pair(struct machine *m, uint64_t kernel, uint64_t user,
		       bool *pair, struct err *err)
{
	uint8_t half[2][PAGE_SIZE_4K / 2];
	struct mem_read reads[2] = {
		{.pa = kernel, .dst = half[0], .len = sizeof(half[0])},
		{.pa = user, .dst = half[1], .len = sizeof(half[1])},
	};
	size_t i;
	int rc = machine_read(m, reads, 2, err);

	if (rc)
		return rc;
	*pair = reads[0].status == MEM_OK && reads[1].status == MEM_OK;
	for (i = 0; i < sizeof(half[0]) && *pair; i += 8)
		*pair = x86_64_same_entry(le64(half[0] + i) | PTE_NX,
					  le64(half[1] + i) | PTE_NX);
	return 0;
}

uint64_t x86_64_image_entry(uint64_t pgd)
{
	return pgd + PAGE_SIZE_4K - sizeof(uint64_t);
}

bool x86_64_is_dirty(uint64_t entry)
{
	return entry & (PTE_D | PTE_SAVED_D);
}

/*
 * Code that a CPU never leaves with interrupts off; RIP is `at` bytes into it.
 * docs/facts/kernel.md, "Kernels that have ended"
 */
static const struct still {
	uint8_t at, len, code[4];
} stills[] = {
	{1, 1, {0xf4}},			  /* hlt */
	{0, 4, {0xf3, 0x90, 0xeb, 0xfc}}, /* pause; jmp to it */
	{2, 4, {0xf3, 0x90, 0xeb, 0xfc}},
	{0, 2, {0xeb, 0xfe}}, /* jmp to itself */
};

/* code[X86_64_CODE_BEFORE] is the byte at RIP. */
bool x86_64_stands_still(const uint8_t code[X86_64_CODE_LEN])
{
	size_t i;

	for (i = 0; i < sizeof(stills) / sizeof(stills[0]); i++)
		if (memcmp(code + X86_64_CODE_BEFORE - stills[i].at,
			   stills[i].code, stills[i].len) == 0)
			return true;
	return false;
}

bool x86_64_waits(const uint8_t code[X86_64_CODE_LEN])
{
	static const uint8_t mwait[] = {0x0f, 0x01, 0xc9},
			     mwaitx[] = {0x0f, 0x01, 0xfb};
	const uint8_t *last = code + X86_64_CODE_BEFORE - sizeof(mwait);

	return !memcmp(last, mwait, sizeof(mwait)) ||
	       !memcmp(last, mwaitx, sizeof(mwaitx));
}

bool x86_64_interruptible(const struct vcpu *v)
{
	return v->reg[X86_EFLAGS] & RFLAGS_IF;
}

bool x86_64_has_percpu(const struct vcpu *v, uint64_t offset)
{
	return offset && (offset == v->reg[X86_GS_BASE] ||
			  offset == v->reg[X86_K_GS_BASE]);
}
