/* SPDX-License-Identifier: BSD-2-Clause */
/* How much work a file that a user names may make. */
#ifndef PROFILE_LIMITS_H
#define PROFILE_LIMITS_H

/*
 * What is beyond these is refused before the work begins, as a limit of qvmi's
 * and not as damage.  Beside each: what Debian's kernels 5.10 to 7.2 take.
 *
 *	LIMIT_SYSTEMMAP		a System.map		4 to 10 MB
 *	LIMIT_PACKED		a vmlinuz		7 to 14 MB
 *	LIMIT_UNPACKED		the kernel in it	47 to 66 MB; x86-64 has
 *				no room for more (KERNEL_IMAGE_SIZE)
 *	LIMIT_SAVED		a saved profile		8 to 15 MB
 *	LIMIT_ELF		what is read of a vmlinux, whose debug info
 *				may have any size	47 to 66 MB, and symbols
 *	LIMIT_ELF_PARTS		... in how many parts	8
 *	LIMIT_COMPRESSIONS	packings around it	1
 *
 * All but a saved profile is read by a process of its own (base/apart.h):
 *
 *	LIMIT_SECONDS		of its CPU time		1 to 3
 *	LIMIT_MEMORY		its bytes		100 to 300 MB
 */
#define LIMIT_SYSTEMMAP	   (64u << 20)
#define LIMIT_PACKED	   (256u << 20)
#define LIMIT_UNPACKED	   (1024u << 20)
#define LIMIT_SAVED	   (256u << 20)
#define LIMIT_ELF	   (1024u << 20)
#define LIMIT_ELF_PARTS	   256u
#define LIMIT_COMPRESSIONS 1
#define LIMIT_SECONDS	   120u
#define LIMIT_MEMORY	   (3ULL << 30)

#endif
