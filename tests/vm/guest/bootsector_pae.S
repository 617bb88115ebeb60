/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest in protected mode with PAE: a boot sector that maps the first 2 MiB
 * one to one, once more at 3 GiB, and pages of 4 KiB at the end, and halts.
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

	/* four PDPTEs at 0x1020, a page directory at 0x2000, a table at 0x3000 */
	mov	$0x1000, %di
	mov	$0x1800, %cx
	rep	stosw
	movw	$0x2001, 0x1020
	movw	$0x2001, 0x1020 + 3 * 8
	movw	$0x00e7, 0x2000			/* a 2 MiB page */
	movw	$0x3007, 0x2000 + 511 * 8
	movw	$0x7025, 0x3000 + 511 * 8	/* 0xfffff000: this sector */
	movw	$0x5007, 0x3000 + 509 * 8
	movw	$0x8000, 0x3000 + 509 * 8 + 6	/* NX */

	mov	$0xc0000080, %ecx		/* EFER */
	rdmsr
	or	$0x800, %eax			/* NXE */
	wrmsr
	mov	%cr4, %eax
	or	$0x20, %eax			/* PAE */
	mov	%eax, %cr4
	mov	$0x1020, %eax
	mov	%eax, %cr3
	lgdt	gdt_pointer
	mov	%cr0, %eax
	or	$0x80000001, %eax		/* PG, PE */
	mov	%eax, %cr0
	ljmp	$8, $protected

	.code32
protected:
	hlt
	jmp	protected

	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9a000000ffff
gdt_pointer:
	.word	15
	.long	gdt

	.org	510
	.word	0xaa55
