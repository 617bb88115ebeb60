/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What boot sectors of 64-bit code begin with: it turns on 4-level paging (the
 * first 2 MiB, one to one), and goes on behind long_mode.
 */
	.code16
	.globl	_start
_start:
	cli
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x7c00, %sp

	/* pml4 at 0x1000, pdpt at 0x2000, pd at 0x3000 */
	mov	$0x1000, %di
	mov	$0x1800, %cx
	rep	stosw
	movw	$0x2003, 0x1000
	movw	$0x3003, 0x2000
	movw	$0x0083, 0x3000

	mov	%cr4, %eax
	or	$0x20, %eax		/* PAE */
	mov	%eax, %cr4
	mov	$0x1000, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx	/* EFER.LME */
	rdmsr
	or	$0x100, %eax
	wrmsr
	lgdt	gdt_pointer
	mov	%cr0, %eax
	or	$0x80000001, %eax	/* PG, PE */
	mov	%eax, %cr0
	ljmp	$8, $long_mode

	.balign	8
gdt:
	.quad	0
	.quad	0x00209a0000000000
gdt_pointer:
	.word	15
	.long	gdt

	.code64
long_mode:
