/* SPDX-License-Identifier: BSD-2-Clause */
/* The readers of what an x86-64 kernel alone has; a part of readers.h. */
#ifndef KERNEL_READERS_X86_64_H
#define KERNEL_READERS_X86_64_H

#define X86_64_READERS(R)                 \
	R(X86_64_BORDERS, x86_64_borders) \
	R(X86_64_CPUINFO, x86_64_cpuinfo) \
	R(X86_64_FIXMAP, x86_64_fixmap)   \
	R(X86_64_IRQS, x86_64_irqs)       \
	R(X86_64_LAYOUT, x86_64_layout)   \
	R(X86_64_MTRR, x86_64_mtrr)       \
	R(X86_64_ORC, x86_64_orc)         \
	R(X86_64_SLEEPER, x86_64_sleeper) \
	R(X86_64_SPEC, x86_64_spec)       \
	R(X86_64_SWAP, x86_64_swap)       \
	R(X86_64_SYSCALL, x86_64_syscall) \
	R(X86_64_TOPOLOGY, x86_64_topology)

#endif
