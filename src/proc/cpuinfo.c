/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/cpuinfo (arch/x86/kernel/cpu/proc.c, show_cpuinfo()). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/device/x86_64_cpuinfo.h"
#include "proc/proc.h"

/* Single bits of the first words. */
#define HAS_TSC(c) ((c)->capability[0] >> 4 & 1)
#define HAS_VMX(c) ((c)->capability[4] >> 5 & 1)

static int cpuinfo_read(struct kernel *k, struct proc_values *out,
			struct err *err)
{
	struct cpuinfos *all = calloc(1, sizeof(*all));
	int rc;

	out->own = all;
	if (!all)
		return err_nomem(err);
	rc = cpuinfos_read(k, all, err);
	out->parts->records = all->n;
	return rc;
}

/* What kernels of today print where the frequency cannot be told. */
static void cpuinfo_put_kind(const struct cpuinfos *all,
			     const struct cpuinfo *c, struct buf *out)
{
	buf_printf(out,
		   "processor\t: %" PRIu32 "\n"
		   "vendor_id\t: %s\n"
		   "cpu family\t: %" PRIu32 "\n"
		   "model\t\t: %" PRIu32 "\n"
		   "model name\t: %s\n",
		   c->index, *c->vendor ? c->vendor : "unknown", c->family,
		   c->model, *c->model_name ? c->model_name : "unknown");
	if (c->stepping || c->cpuid_level >= 0)
		buf_printf(out, "stepping\t: %" PRIu32 "\n", c->stepping);
	else
		buf_puts(out, "stepping\t: unknown\n");
	if (c->microcode)
		buf_printf(out, "microcode\t: 0x%" PRIx32 "\n", c->microcode);
	if (HAS_TSC(c) && all->khz_known)
		buf_printf(out, "cpu MHz\t\t: %" PRIu32 ".%03" PRIu32 "\n",
			   all->khz / 1000, all->khz % 1000);
	else if (HAS_TSC(c))
		buf_puts(out, "cpu MHz\t\t: Unknown\n");
	if (c->cache_kib)
		buf_printf(out, "cache size\t: %" PRIu32 " KB\n", c->cache_kib);
}

static void cpuinfo_put_place(const struct cpuinfo *c, struct buf *out)
{
	buf_printf(out,
		   "physical id\t: %" PRId32 "\n"
		   "siblings\t: %" PRIu32 "\n"
		   "core id\t\t: %" PRId32 "\n"
		   "cpu cores\t: %" PRIu32 "\n"
		   "apicid\t\t: %" PRId32 "\n"
		   "initial apicid\t: %" PRId32 "\n"
		   "fpu\t\t: yes\n"
		   "fpu_exception\t: yes\n"
		   "cpuid level\t: %" PRId32 "\n"
		   "wp\t\t: yes\n",
		   (int32_t)c->package, c->siblings, (int32_t)c->core, c->cores,
		   (int32_t)c->apicid, (int32_t)c->first_apicid,
		   c->cpuid_level);
}

/* The names of those bits that are set, from a word on. */
static void cpuinfo_put_bits(const struct cpuinfo_names *names,
			     const uint32_t *words, struct buf *out)
{
	size_t i;

	for (i = 0; i < names->words * 32; i++)
		if (words[i / 32] >> i % 32 & 1 && *names->name[i])
			buf_printf(out, " %s", names->name[i]);
}

static void cpuinfo_put_flags(const struct cpuinfos *all,
			      const struct cpuinfo *c, struct buf *out)
{
	struct cpuinfo_names bugs = all->bug;

	buf_puts(out, "flags\t\t:");
	cpuinfo_put_bits(&all->capability, c->capability, out);
	if (HAS_VMX(c) && c->vmx[0]) {
		buf_puts(out, "\nvmx flags\t:");
		cpuinfo_put_bits(&all->vmx, c->vmx, out);
	}
	buf_puts(out, "\nbugs\t\t:");
	if (bugs.words > CPUINFO_WORDS - all->capability.words)
		bugs.words = CPUINFO_WORDS - all->capability.words;
	cpuinfo_put_bits(&bugs, c->capability + all->capability.words, out);
	buf_puts(out, "\n");
}

static void cpuinfo_put_power(const struct cpuinfos *all, uint32_t power,
			      struct buf *out)
{
	unsigned int i;

	buf_puts(out, "power management:");
	for (i = 0; i < 32; i++) {
		if (!(power >> i & 1))
			continue;
		if (!all->power_named[i] || !all->power.words)
			buf_printf(out, " [%u]", i);
		else if (*all->power.name[i])
			buf_printf(out, " %s", all->power.name[i]);
	}
	buf_puts(out, "\n\n");
}

static void cpuinfo_text(const struct proc_values *v, size_t i, size_t record,
			 struct buf *out)
{
	const struct cpuinfos *all = v->own;
	const struct cpuinfo *c = &all->v[record];

	(void)i;
	cpuinfo_put_kind(all, c, out);
	cpuinfo_put_place(c, out);
	cpuinfo_put_flags(all, c, out);
	if (all->hz && all->hz <= 5000)
		buf_printf(out, "bogomips\t: %" PRIu64 ".%02" PRIu64 "\n",
			   c->loops / (500000 / all->hz),
			   c->loops / (5000 / all->hz) % 100);
	if (c->tlb_pages > 0)
		buf_printf(out, "TLB size\t: %" PRId32 " 4K pages\n",
			   c->tlb_pages);
	buf_printf(out,
		   "clflush size\t: %" PRIu32 "\n"
		   "cache_alignment\t: %" PRId32 "\n"
		   "address sizes\t: %" PRIu32 " bits physical, %" PRIu32
		   " bits virtual\n",
		   c->flush, c->cache_alignment, c->physical_bits,
		   c->virtual_bits);
	cpuinfo_put_power(all, c->power, out);
}

static void cpuinfo_deinit(struct proc_values *v)
{
	cpuinfos_deinit(v->own);
	free(v->own);
}

const struct proc_file proc_cpuinfo = {
	.name = "cpuinfo",
	.scope = PROC_SYSTEM,
	.read = cpuinfo_read,
	.text = cpuinfo_text,
	.deinit = cpuinfo_deinit,
};
