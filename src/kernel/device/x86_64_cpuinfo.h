/* SPDX-License-Identifier: BSD-2-Clause */
/* What kind of CPUs the kernel found, as it describes them. */
#ifndef KERNEL_X86_64_CPUINFO_H
#define KERNEL_X86_64_CPUINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/cpus.h"
#include "kernel/kernel.h"

#define CPUINFO_WORDS 48 /* of 32 bits each, in all */
#define CPUINFO_NAME  40

/* A struct cpuinfo_x86 (arch/x86/include/asm/processor.h). */
struct cpuinfo {
	uint32_t index, family, model, stepping, microcode, cache_kib;
	uint32_t package, siblings, core, cores, apicid, first_apicid;
	int32_t cpuid_level, tlb_pages, cache_alignment;
	uint32_t flush, physical_bits, virtual_bits, power;
	uint64_t loops; /* in a tick */
	uint32_t capability[CPUINFO_WORDS], vmx[CPUINFO_WORDS];
	char vendor[17], model_name[65];
};

/* What bits are called; "" is one without a name. */
struct cpuinfo_names {
	char (*name)[CPUINFO_NAME];
	size_t words; /* of 32 bits; 0: not known */
};

struct cpuinfos {
	struct cpuinfo *v; /* of each CPU that is online, by number */
	size_t n;
	struct cpuinfo_names capability, bug, vmx, power;
	bool power_named[32]; /* else its bit has no name at all */
	uint32_t khz;	      /* of all, as measured */
	bool khz_known;	      /* nothing makes it another one */
	uint32_t hz;	      /* ticks in a second; 0: not known */
};

/*
 * Read them: some batches (docs/facts/kernel.md, "CPUs").  ERR_NO_LINUX: kept
 * in no way that is known; ERR_UNREADABLE.  The caller frees with
 * cpuinfos_deinit(), also after an error.
 */
int cpuinfos_read(struct kernel *k, struct cpuinfos *out, struct err *err);
void cpuinfos_deinit(struct cpuinfos *s);

#endif
