/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that is no Linux: a boot sector that halts in 64-bit mode. */
#include "long_mode.S"
	hlt
	jmp	long_mode

	.org	510
	.word	0xaa55
