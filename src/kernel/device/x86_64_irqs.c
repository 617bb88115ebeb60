/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads how often CPUs were interrupted by one another, and by themselves. */
#include "kernel/device/x86_64_irqs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_NMI = WANTS_OF(READER_X86_64_IRQS),
	FIELD_TIMER,
	FIELD_SPURIOUS,
	FIELD_PERF,
	FIELD_WORK,
	FIELD_RETRY,
	FIELD_PLATFORM,
	FIELD_RESCHED,
	FIELD_CALL,
	FIELD_TLB,
	FIELD_THERMAL,
	FIELD_THRESHOLD,
	FIELD_DEFERRED,
	FIELD_CALLBACK,
	FIELD_REENLIGHTENMENT,
	FIELD_STIMER,
	FIELD_POSTED,
	FIELD_NESTED,
	FIELD_WAKEUP,
	FIELD_POSTED_MSI,
	FIELD_COUNTS,
	FIELD_INFO_SYMBOL,
	FIELD_INFO_TEXT,
	STRUCT_INFO
};

static const struct want want_table[] = {
	FIELD(NMI, "irq_cpustat_t", OPTIONAL, "__nmi_count"),
	FIELD(TIMER, "irq_cpustat_t", OPTIONAL, "apic_timer_irqs"),
	FIELD(SPURIOUS, "irq_cpustat_t", OPTIONAL, "irq_spurious_count"),
	FIELD(PERF, "irq_cpustat_t", OPTIONAL, "apic_perf_irqs"),
	FIELD(WORK, "irq_cpustat_t", OPTIONAL, "apic_irq_work_irqs"),
	FIELD(RETRY, "irq_cpustat_t", OPTIONAL, "icr_read_retry_count"),
	FIELD(PLATFORM, "irq_cpustat_t", OPTIONAL, "x86_platform_ipis"),
	FIELD(RESCHED, "irq_cpustat_t", OPTIONAL, "irq_resched_count"),
	FIELD(CALL, "irq_cpustat_t", OPTIONAL, "irq_call_count"),
	FIELD(TLB, "irq_cpustat_t", OPTIONAL, "irq_tlb_count"),
	FIELD(THERMAL, "irq_cpustat_t", OPTIONAL, "irq_thermal_count"),
	FIELD(THRESHOLD, "irq_cpustat_t", OPTIONAL, "irq_threshold_count"),
	FIELD(DEFERRED, "irq_cpustat_t", OPTIONAL, "irq_deferred_error_count"),
	FIELD(CALLBACK, "irq_cpustat_t", OPTIONAL, "irq_hv_callback_count"),
	FIELD(REENLIGHTENMENT, "irq_cpustat_t", OPTIONAL,
	      "irq_hv_reenlightenment_count"),
	FIELD(STIMER, "irq_cpustat_t", OPTIONAL, "hyperv_stimer0_count"),
	FIELD(POSTED, "irq_cpustat_t", OPTIONAL, "kvm_posted_intr_ipis"),
	FIELD(NESTED, "irq_cpustat_t", OPTIONAL, "kvm_posted_intr_nested_ipis"),
	FIELD(WAKEUP, "irq_cpustat_t", OPTIONAL, "kvm_posted_intr_wakeup_ipis"),
	FIELD(POSTED_MSI, "irq_cpustat_t", OPTIONAL,
	      "posted_msi_notification_count"),
	FIELD(COUNTS, "irq_cpustat_t", OPTIONAL, "counts"), /* 7.x */
	FIELD(INFO_SYMBOL, "irq_stat_info", OPTIONAL, "symbol"),
	FIELD(INFO_TEXT, "irq_stat_info", OPTIONAL, "text"),
	STRUCT(INFO, "irq_stat_info", OPTIONAL),
};

const struct wants x86_64_irqs_wants = {.reader = "interrupts of CPUs",
					.v = want_table,
					.n = WANTS_N(want_table)};

/*
 * Their lines, in order (arch/x86/kernel/irq.c).  Where a count is no member it
 * is a variable: of each CPU, or, without a text, one for all.  A vector: only
 * where system_vectors[] has it.
 */
static const struct {
	const char *symbol, *text;
	uint32_t field;
	const char *variable;
	bool summed;
	uint8_t vector;
} lines[] = {
	{"NMI", "Non-maskable interrupts", FIELD_NMI, NULL, true, 0},
	{"LOC", "Local timer interrupts", FIELD_TIMER, NULL, true, 0},
	{"SPU", "Spurious interrupts", FIELD_SPURIOUS, NULL, true, 0},
	{"PMI", "Performance monitoring interrupts", FIELD_PERF, NULL, true, 0},
	{"IWI", "IRQ work interrupts", FIELD_WORK, NULL, true, 0},
	{"RTR", "APIC ICR read retries", FIELD_RETRY, NULL, true, 0},
	{"PLT", "Platform interrupts", FIELD_PLATFORM, NULL, true, 0},
	{"RES", "Rescheduling interrupts", FIELD_RESCHED, NULL, true, 0},
	{"CAL", "Function call interrupts", FIELD_CALL, NULL, true, 0},
	{"TLB", "TLB shootdowns", FIELD_TLB, NULL, false, 0},
	{"TRM", "Thermal event interrupts", FIELD_THERMAL, NULL, true, 0},
	{"THR", "Threshold APIC interrupts", FIELD_THRESHOLD, NULL, true, 0},
	{"DFR", "Deferred Error APIC interrupts", FIELD_DEFERRED, NULL, false,
	 0},
	{"MCE", "Machine check exceptions", WANTS_NONE, "mce_exception_count",
	 true, 0},
	{"MCP", "Machine check polls", WANTS_NONE, "mce_poll_count", true, 0},
	{"HYP", "Hypervisor callback interrupts", FIELD_CALLBACK, NULL, false,
	 0xf3},
	{"HRE", "Hyper-V reenlightenment interrupts", FIELD_REENLIGHTENMENT,
	 NULL, false, 0xee},
	{"HVS", "Hyper-V stimer0 interrupts", FIELD_STIMER, NULL, false, 0xed},
	{"ERR", NULL, WANTS_NONE, "irq_err_count", true, 0},
	{"MIS", NULL, WANTS_NONE, "irq_mis_count", false, 0},
	{"PIN", "Posted-interrupt notification event", FIELD_POSTED, NULL,
	 false, 0},
	{"NPI", "Nested posted-interrupt event", FIELD_NESTED, NULL, false, 0},
	{"PIW", "Posted-interrupt wakeup event", FIELD_WAKEUP, NULL, false, 0},
	{"PMN", "Posted MSI notification event", FIELD_POSTED_MSI, NULL, false,
	 0},
};

/* Kinds in the kernel's own table: 24 in 7.2. */
#define KINDS_MAX    128u

#define VECTOR_BYTES 32 /* of system_vectors[], a bit each */

static int cpu_irqs_add(struct cpu_irqs *s, const struct cpu_irq *irq,
			struct err *err)
{
	return vec_push(&s->list, *irq) ? err_nomem(err) : 0;
}

/* Where line i of our own table is counted; false: this kernel does not. */
static bool cpu_irqs_place(const struct kernel *k, size_t i, uint64_t *va)
{
	const struct profile_field *f;

	if (lines[i].variable)
		return profile_symbol(k->profile, lines[i].variable, va);
	f = profile_field(k->profile, lines[i].field);
	if (!f->present || !profile_symbol(k->profile, "irq_stat", va))
		return false;
	*va += f->offset;
	return true;
}

/* Part of the sum of all: those of hypervisors (which have a vector) since 6.5,
 * as are descriptors in a maple tree (arch_irq_stat_cpu()). */
static bool cpu_irqs_sums(const struct kernel *k, size_t i)
{
	uint64_t va;

	return lines[i].summed ||
	       (lines[i].vector &&
		profile_symbol(k->profile, "sparse_irqs", &va));
}

/* Up to 7.1: what this kernel counts of those lines. */
static int cpu_irqs_choose(struct kernel *k, struct cpu_irqs *out,
			   struct err *err)
{
	uint8_t vectors[VECTOR_BYTES] = {0};
	struct variable v[] = {
		{.name = "system_vectors", .size = VECTOR_BYTES, .to = vectors},
		{.name = "x86_platform_ipi_callback", .size = 8}};
	size_t i;
	int rc = variables_read(k, v, 2, err);

	for (i = 0; i < WANTS_N(lines) && !rc; i++) {
		uint8_t vector = lines[i].vector;
		struct cpu_irq irq = {.summed = cpu_irqs_sums(k, i),
				      .of_all = !lines[i].text,
				      .counts = {.size = 4}};
		uint64_t va;

		if (!cpu_irqs_place(k, i, &va))
			continue;
		irq.shown = !vector || vectors[vector / 8] >> vector % 8 & 1;
		if (lines[i].field == FIELD_PLATFORM && !v[1].value)
			irq.shown = irq.summed = false;
		if (irq.of_all)
			rc = kernel_read_symbol(k, lines[i].variable, 4,
						&irq.total, err);
		else
			irq.counts.va = va;
		snprintf(irq.symbol, sizeof(irq.symbol), "%s", lines[i].symbol);
		snprintf(irq.text, sizeof(irq.text), "%s",
			 lines[i].text ? lines[i].text : "");
		if (!rc)
			rc = cpu_irqs_add(out, &irq, err);
	}
	return rc;
}

/* A text has blanks before it, and a newline behind. */
static void cpu_irqs_trim(char *text)
{
	size_t blanks = strspn(text, " ");

	memmove(text, text + blanks, strlen(text + blanks) + 1);
	text[strcspn(text, "\n")] = '\0';
}

/* What the kernel's own table has: 7.x. */
static int cpu_irqs_read_table(struct kernel *k, uint64_t table, size_t n,
			       const uint8_t *shown, struct cpu_irqs *out,
			       struct err *err)
{
	static const uint32_t fields[] = {FIELD_INFO_SYMBOL, FIELD_INFO_TEXT};
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t at[KINDS_MAX] = {0}, names[2 * KINDS_MAX] = {0}, stat = 0;
	char text[KINDS_MAX][CPU_IRQ_TEXT] = {{0}};
	char symbol[KINDS_MAX][CPU_IRQ_TEXT] = {{0}};
	char *to[2 * KINDS_MAX] = {0};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		at[i] = table + i * profile_sizeof(k->profile, STRUCT_INFO);
	rc = records_read(k, at, n, fields, 2, &r, err);
	for (i = 0; i < n && !rc; i++) {
		names[i] = records_u64(&r, i, FIELD_INFO_SYMBOL);
		names[n + i] = records_u64(&r, i, FIELD_INFO_TEXT);
		to[i] = symbol[i];
		to[n + i] = text[i];
	}
	if (!rc)
		rc = records_strings(k, names, 2 * n, CPU_IRQ_TEXT, to, NULL,
				     err);
	profile_symbol(k->profile, "irq_stat", &stat);
	for (i = 0; i < n && !rc; i++) {
		struct cpu_irq irq = {.summed = true,
				      .shown = shown[i / 8] >> i % 8 & 1,
				      .counts = {.size = 4}};

		irq.counts.va =
			stat + profile_field(k->profile, FIELD_COUNTS)->offset +
			i * 4;
		cpu_irqs_trim(text[i]);
		snprintf(irq.symbol, sizeof(irq.symbol), "%.7s", symbol[i]);
		snprintf(irq.text, sizeof(irq.text), "%s", text[i]);
		rc = cpu_irqs_add(out, &irq, err);
	}
	return rc;
}

int cpu_irqs_read(struct kernel *k, const struct cpus *cpus,
		  struct cpu_irqs *out, struct err *err)
{
	const struct profile_field *counts =
		profile_field(k->profile, FIELD_COUNTS);
	uint8_t shown[KINDS_MAX / 8] = {0};
	_cleanup_free_ struct cpu_variable *v = NULL;
	size_t n = counts->size / 4, i;
	/* unsigned long[], a bit for each */
	struct variable show = {.name = "irq_stat_count_show",
				.size = (n + 63) / 64 * 8,
				.to = shown};
	uint64_t table;
	int rc;

	if (counts->present && n <= KINDS_MAX &&
	    profile_sizeof(k->profile, STRUCT_INFO) &&
	    profile_symbol(k->profile, "irq_stat_info", &table)) {
		out->from_table = true;
		rc = variables_read(k, &show, 1, err);
		if (!rc && !show.known)
			rc = profile_unknown(k->profile,
					     "which interrupts of CPUs are "
					     "shown is kept in no way that is "
					     "known",
					     err);
		if (!rc)
			rc = cpu_irqs_read_table(k, table, n, shown, out, err);
	} else {
		rc = cpu_irqs_choose(k, out, err);
	}
	v = calloc(out->list.n + 1, sizeof(*v));
	if (rc || !v)
		return rc ? rc : err_nomem(err);
	for (i = 0; i < out->list.n; i++)
		v[i] = out->list.v[i].counts;
	rc = cpu_variables_read(k, cpus, v, out->list.n, err);
	for (i = 0; i < out->list.n; i++)
		out->list.v[i].counts = v[i];
	return rc;
}

void cpu_irqs_deinit(struct cpu_irqs *s)
{
	size_t i;

	for (i = 0; i < s->list.n; i++)
		cpu_variables_deinit(&s->list.v[i].counts, 1);
	vec_deinit(&s->list);
}
