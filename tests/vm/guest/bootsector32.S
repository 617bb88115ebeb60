/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 32-bit guest: a boot sector that turns on paging with 4-byte entries (the
 * first 4 MiB, one to one, once more at 3 GiB, and pages of 4 KiB at the end)
 * and halts in protected mode.
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

	/* page directory at 0x1000, a table at 0x2000 */
	mov	$0x1000, %di
	mov	$0x1000, %cx
	rep	stosw
	movw	$0x0083, 0x1000			/* a 4 MiB page */
	movw	$0x0083, 0x1000 + 768 * 4	/* 0xc0000000: the same */
	movw	$0x2007, 0x1000 + 1023 * 4
	movw	$0x7025, 0x2000 + 1023 * 4	/* 0xfffff000: this sector */
	movw	$0x5007, 0x2000 + 1021 * 4

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
