/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what kind of CPUs there are. */
#include "kernel/device/x86_64_cpuinfo.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/clock.h"
#include "kernel/cpu_masks.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_INDEX = WANTS_OF(READER_X86_64_CPUINFO),
	FIELD_FAMILY,
	FIELD_MODEL,
	FIELD_STEPPING,
	FIELD_MICROCODE,
	FIELD_CACHE,
	FIELD_PACKAGE,
	FIELD_CORE,
	FIELD_CORES,
	FIELD_APICID,
	FIELD_FIRST_APICID,
	FIELD_LEVEL,
	FIELD_TLB,
	FIELD_ALIGNMENT,
	FIELD_FLUSH,
	FIELD_PHYSICAL,
	FIELD_VIRTUAL,
	FIELD_POWER,
	FIELD_LOOPS,
	FIELD_CAPABILITY,
	FIELD_VMX,
	FIELD_VENDOR,
	FIELD_MODEL_NAME
};

#define CPU(id, need, members) FIELD(id, "cpuinfo_x86", need, members)

static const struct want want_table[] = {
	CPU(INDEX, REQUIRED, "cpu_index"),
	CPU(FAMILY, REQUIRED, "x86"),
	CPU(MODEL, REQUIRED, "x86_model"),
	CPU(STEPPING, REQUIRED, "x86_stepping|x86_mask"), /* 4.16 */
	CPU(MICROCODE, OPTIONAL, "microcode"),
	CPU(CACHE, OPTIONAL, "x86_cache_size"),
	CPU(PACKAGE, REQUIRED, "topo.pkg_id|phys_proc_id"), /* 6.7 */
	CPU(CORE, REQUIRED, "topo.core_id|cpu_core_id"),
	CPU(CORES, REQUIRED, "booted_cores"),
	CPU(APICID, REQUIRED, "topo.apicid|apicid"),
	CPU(FIRST_APICID, REQUIRED, "topo.initial_apicid|initial_apicid"),
	CPU(LEVEL, REQUIRED, "cpuid_level"),
	CPU(TLB, OPTIONAL, "x86_tlbsize"),
	CPU(ALIGNMENT, REQUIRED, "x86_cache_alignment"),
	CPU(FLUSH, REQUIRED, "x86_clflush_size"),
	CPU(PHYSICAL, REQUIRED, "x86_phys_bits"),
	CPU(VIRTUAL, REQUIRED, "x86_virt_bits"),
	CPU(POWER, REQUIRED, "x86_power"),
	CPU(LOOPS, REQUIRED, "loops_per_jiffy"),
	CPU(CAPABILITY, REQUIRED, "x86_capability"),
	CPU(VMX, OPTIONAL, "vmx_capability"),
	CPU(VENDOR, REQUIRED, "x86_vendor_id"),
	CPU(MODEL_NAME, REQUIRED, "x86_model_id"),
};

const struct wants x86_64_cpuinfo_wants = {
	.reader = "kinds of CPUs", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t cpu_fields[] = {
	FIELD_INDEX,	 FIELD_FAMILY,	  FIELD_MODEL,	      FIELD_STEPPING,
	FIELD_MICROCODE, FIELD_CACHE,	  FIELD_PACKAGE,      FIELD_CORE,
	FIELD_CORES,	 FIELD_APICID,	  FIELD_FIRST_APICID, FIELD_LEVEL,
	FIELD_TLB,	 FIELD_ALIGNMENT, FIELD_FLUSH,	      FIELD_PHYSICAL,
	FIELD_VIRTUAL,	 FIELD_POWER,	  FIELD_LOOPS,	      FIELD_CAPABILITY,
	FIELD_VMX,	 FIELD_VENDOR,	  FIELD_MODEL_NAME,
};

/* Where single bits are: a word of x86_capability[], and the bit in it. */
#define APERFMPERF_WORD 3
#define APERFMPERF	(1u << 28)

static void cpuinfo_words(const struct records *r, size_t i, uint32_t field,
			  uint32_t *out)
{
	const uint8_t *bytes = records_bytes(r, i, field);
	size_t n = records_size(r, field) / 4, j;

	for (j = 0; bytes && j < n && j < CPUINFO_WORDS; j++)
		out[j] = le32(bytes + j * 4);
}

static void cpuinfo_text(const struct records *r, size_t i, uint32_t field,
			 char *out, size_t size)
{
	const uint8_t *bytes = records_bytes(r, i, field);
	size_t n = records_size(r, field);

	memcpy(out, bytes, n < size ? n : size - 1);
}

static void cpuinfo_take(const struct records *r, size_t i, struct cpuinfo *c)
{
	const struct {
		uint32_t field;
		void *to;
	} words[] = {
		{FIELD_INDEX, &c->index},
		{FIELD_FAMILY, &c->family},
		{FIELD_MODEL, &c->model},
		{FIELD_STEPPING, &c->stepping},
		{FIELD_MICROCODE, &c->microcode},
		{FIELD_CACHE, &c->cache_kib},
		{FIELD_PACKAGE, &c->package},
		{FIELD_CORE, &c->core},
		{FIELD_CORES, &c->cores},
		{FIELD_APICID, &c->apicid},
		{FIELD_FIRST_APICID, &c->first_apicid},
		{FIELD_LEVEL, &c->cpuid_level},
		{FIELD_TLB, &c->tlb_pages},
		{FIELD_ALIGNMENT, &c->cache_alignment},
		{FIELD_FLUSH, &c->flush},
		{FIELD_PHYSICAL, &c->physical_bits},
		{FIELD_VIRTUAL, &c->virtual_bits},
		{FIELD_POWER, &c->power},
	};
	size_t j;

	for (j = 0; j < WANTS_N(words); j++) {
		uint32_t value = (uint32_t)records_u64(r, i, words[j].field);

		memcpy(words[j].to, &value, sizeof(value));
	}
	c->loops = records_u64(r, i, FIELD_LOOPS);
	cpuinfo_words(r, i, FIELD_CAPABILITY, c->capability);
	cpuinfo_words(r, i, FIELD_VMX, c->vmx);
	cpuinfo_text(r, i, FIELD_VENDOR, c->vendor, sizeof(c->vendor));
	cpuinfo_text(r, i, FIELD_MODEL_NAME, c->model_name,
		     sizeof(c->model_name));
}

/* Ones in a mask of nr_cpu_ids bits. */
static uint32_t cpuinfo_weigh(const uint64_t *mask, size_t n)
{
	uint32_t ones = 0;
	size_t i;

	for (i = 0; i < n; i++)
		ones += mask[i / 64] >> i % 64 & 1;
	return ones;
}

/* CPUs of the same package: cpu_core_map of each CPU. */
static int cpuinfos_read_siblings(struct kernel *k, const struct cpus *cpus,
				  struct cpuinfos *out, struct err *err)
{
	_cleanup_(cpu_masks_deinit) struct cpu_masks masks = {0};
	_cleanup_free_ uint64_t *at = calloc(out->n + 1, sizeof(*at));
	uint64_t map;
	size_t i, n = 0;
	int rc;

	if (!at)
		return err_nomem(err);
	if (profile_symbol(k->profile, "cpu_core_map", &map))
		for (i = 0; i < cpus->n; i++)
			if (cpus_is_online(cpus, i))
				at[n++] = map + cpus->offsets[i];
	rc = cpu_masks_read(k, cpus, at, out->n, &masks, err);
	for (i = 0; i < out->n && !rc; i++)
		out->v[i].siblings =
			cpuinfo_weigh(cpu_mask(&masks, i), cpus->n);
	return rc;
}

static int cpuinfos_read_cpus(struct kernel *k, struct cpuinfos *out,
			      struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(cpus_deinit) struct cpus cpus = {0};
	_cleanup_free_ uint64_t *at = NULL;
	uint64_t va;
	size_t i;
	int rc = cpus_read(k, &cpus, err);

	if (rc)
		return rc;
	if (!profile_symbol(k->profile, "cpu_info", &va))
		return profile_unknown(k->profile,
				       "kinds of CPUs are kept in no way that "
				       "is known",
				       err);
	at = calloc(cpus.n_online + 1, sizeof(*at));
	out->v = calloc(cpus.n_online + 1, sizeof(*out->v));
	if (!at || !out->v)
		return err_nomem(err);
	for (i = 0; i < cpus.n; i++)
		if (cpus_is_online(&cpus, i))
			at[out->n++] = va + cpus.offsets[i];
	rc = records_read(k, at, out->n, cpu_fields, WANTS_N(cpu_fields), &r,
			  err);
	for (i = 0; i < out->n && !rc; i++) {
		if (!r.ok[i])
			rc = err_set(err, ERR_UNREADABLE,
				     "what kind of CPU one is cannot be read");
		else
			cpuinfo_take(&r, i, &out->v[i]);
	}
	return rc ? rc : cpuinfos_read_siblings(k, &cpus, out, err);
}

/* An array of names, as long as it is up to the next symbol. */
static int cpuinfo_names_read(struct kernel *k, const char *symbol,
			      struct cpuinfo_names *out, struct err *err)
{
	uint64_t va, next;

	if (!profile_symbol(k->profile, symbol, &va) ||
	    !profile_next_symbol(k->profile, va, &next))
		return 0;
	out->words = (size_t)((next - va) / (32 * 8));
	if (out->words > CPUINFO_WORDS)
		out->words = CPUINFO_WORDS;
	out->name = calloc(out->words * 32 + 1, sizeof(*out->name));
	if (!out->name)
		return err_nomem(err);
	return records_string_array(k, symbol, out->words * 32, CPUINFO_NAME,
				    (char *)out->name, err);
}

static int cpuinfos_read_words(struct kernel *k, struct cpuinfos *out,
			       struct err *err)
{
	uint64_t power[32] = {0};
	struct variable v[] = {
		{.name = "cpu_khz", .size = 4},
		{.name = "cpufreq_driver", .size = 8},
		{.name = "x86_power_flags", .size = sizeof(power), .to = power},
	};
	size_t i;
	int rc = variables_read(k, v, WANTS_N(v), err);

	if (!rc)
		rc = kernel_hz(k, &out->hz, err);
	if (rc)
		return rc;
	out->khz = (uint32_t)v[0].value;
	out->khz_known = v[0].known && !v[1].value &&
			 !(out->v[0].capability[APERFMPERF_WORD] & APERFMPERF);
	for (i = 0; i < 32; i++)
		out->power_named[i] = power[i] != 0;
	return 0;
}

int cpuinfos_read(struct kernel *k, struct cpuinfos *out, struct err *err)
{
	int rc = profile_check_reader(k->profile, READER_X86_64_CPUINFO, err);

	if (!rc)
		rc = cpuinfos_read_cpus(k, out, err);
	if (!rc)
		rc = cpuinfos_read_words(k, out, err);
	if (!rc)
		rc = cpuinfo_names_read(k, "x86_cap_flags", &out->capability,
					err);
	if (!rc)
		rc = cpuinfo_names_read(k, "x86_bug_flags", &out->bug, err);
	if (!rc)
		rc = cpuinfo_names_read(k, "x86_vmx_flags", &out->vmx, err);
	return rc ? rc
		  : cpuinfo_names_read(k, "x86_power_flags", &out->power, err);
}

void cpuinfos_deinit(struct cpuinfos *s)
{
	free(s->v);
	free(s->capability.name);
	free(s->bug.name);
	free(s->vmx.name);
	free(s->power.name);
	*s = (struct cpuinfos){0};
}
