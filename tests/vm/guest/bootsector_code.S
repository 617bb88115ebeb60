/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that is all one loop: a boot sector that calls a function for ever in
 * 64-bit mode.  At 0x600 lies what it returned, at 0x608 rcx, which counts the
 * calls.
 */
#include "long_mode.S"
	xor	%ecx, %ecx
again:
	call	function
	mov	%eax, 0x600
	inc	%rcx
	mov	%rcx, 0x608
	jmp	again
function:
	mov	$0x11223344, %eax
	ret

	.org	510
	.word	0xaa55
