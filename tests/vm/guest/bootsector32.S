/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 32-bit guest: a boot sector that turns on 32-bit paging (the first 4 MiB,
 * one to one) and halts in protected mode.
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

	/* page directory at 0x1000, its first entry a 4 MiB page */
	mov	$0x1000, %di
	mov	$0x800, %cx
	rep	stosw
	movw	$0x0083, 0x1000

	mov	%cr4, %eax
	or	$0x10, %eax		/* PSE */
	mov	%eax, %cr4
	mov	$0x1000, %eax
	mov	%eax, %cr3
	lgdt	gdt_pointer
	mov	%cr0, %eax
	or	$0x80000001, %eax	/* PG, PE */
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
