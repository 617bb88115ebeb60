/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/interrupts (kernel/irq/proc.c, arch/x86/kernel/irq.c). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "kernel/cpus.h"
#include "kernel/device/irqs.h"
#include "kernel/variables.h"
#include "kernel/device/x86_64_irqs.h"
#include "proc/proc.h"

struct values {
	struct cpus cpus;
	struct irqs irqs;
	struct cpu_irqs cpu_irqs;
	uint64_t chained; /* the action of interrupts that lead to others */
	int width;	  /* of numbers */
	int chip_width;
};

/* IRQ_HIDDEN; and from 7.x on what the kernel has made of it. */
#define IRQ_HIDDEN	 (1u << 20)
#define IRQ_PROC_VALID	 (1u << 22)
#define CHIP_WIDTH_LEAST 8

/* As many digits as the largest number has, and at least so many. */
static int interrupts_width(uint64_t numbers, int least)
{
	uint64_t next = 1;
	int width, i;

	for (i = 0; i < least; i++)
		next *= 10;
	for (width = least; width < 10 && next <= numbers; width++)
		next *= 10;
	return width;
}

/* From 7.x on widths grow with what was registered, and stay. */
static void interrupts_set_widths(struct values *v)
{
	size_t i;

	v->width = interrupts_width(v->irqs.numbers,
				    v->cpu_irqs.from_table ? 4 : 3);
	v->chip_width = CHIP_WIDTH_LEAST;
	for (i = 0; i < v->irqs.list.n && v->cpu_irqs.from_table; i++) {
		int len = (int)strlen(v->irqs.list.v[i].chip_name);

		if (len > v->chip_width)
			v->chip_width = len;
	}
}

static int interrupts_read_values(struct kernel *k, struct values *v,
				  struct remarks *remarks, struct err *err)
{
	struct {
		uint32_t unused, width, chip_width;
	} widths = {0};
	struct variable kept = {.name = "irq_proc_constraints",
				.size = sizeof(widths),
				.to = &widths};
	int rc = cpus_read(k, &v->cpus, err);

	profile_symbol(k->profile, "chained_action", &v->chained);
	if (!rc)
		rc = irqs_read(k, &v->cpus, &v->irqs, remarks, err);
	if (!rc)
		rc = irqs_read_names(k, &v->irqs, remarks, err);
	if (!rc)
		rc = cpu_irqs_read(k, &v->cpus, &v->cpu_irqs, err);
	if (!rc)
		rc = variables_read(k, &kept, 1, err);
	if (rc)
		return rc;
	interrupts_set_widths(v);
	if (kept.known && le32(&widths.width) <= 10 &&
	    le32(&widths.chip_width) < IRQ_NAME) {
		v->width = (int)le32(&widths.width);
		v->chip_width = (int)le32(&widths.chip_width);
	}
	return 0;
}

/* Whether it has a line: somebody asked for it, or it came none the less. */
static bool interrupts_shows(const struct values *v, size_t i)
{
	const struct irq *irq = &v->irqs.list.v[i];
	bool asked = irq->action && irq->action != v->chained, came = false;
	size_t j;

	if (v->cpu_irqs.from_table)
		return irq->status & IRQ_PROC_VALID;
	for (j = 0; j < v->cpus.n; j++)
		came |= cpus_is_online(&v->cpus, j) &&
			irq_count(&v->irqs, i, j);
	return !(irq->status & IRQ_HIDDEN) && (asked || came);
}

/* Those whose chip has words of its own (irq_print_chip) are left out. */
static void interrupts_leave_out(const struct values *v,
				 struct remarks *remarks)
{
	size_t i;

	for (i = 0; i < v->irqs.list.n; i++) {
		const struct irq *irq = &v->irqs.list.v[i];

		if (irq->chip_prints && interrupts_shows(v, i))
			remarks_add(remarks,
				    "interrupt %" PRIu32
				    " is left out: how its chip is called "
				    "cannot be told",
				    irq->number);
	}
}

static int interrupts_read(struct kernel *k, struct proc_values *out,
			   struct err *err)
{
	struct remarks remarks = {0};
	struct values *v = calloc(1, sizeof(*v));
	int rc;

	out->own = v;
	if (!v)
		return err_nomem(err);
	rc = interrupts_read_values(k, v, &remarks, err);
	if (!rc)
		interrupts_leave_out(v, &remarks);
	proc_part_remarks(out->parts, &remarks);
	remarks_deinit(&remarks);
	out->parts->records = 1 + v->irqs.list.n + v->cpu_irqs.list.n;
	return rc;
}

static void interrupts_put_heading(const struct values *v, struct buf *out)
{
	size_t i;

	buf_printf(out, "%*s", v->width + 8, "");
	for (i = 0; i < v->cpus.n; i++)
		if (cpus_is_online(&v->cpus, i))
			buf_printf(out, "CPU%-8zu", i);
	buf_puts(out, "\n");
}

/* Blanks are behind counts, and from 7.x on before them. */
static void interrupts_put_counts(const struct values *v,
				  const struct cpu_variable *counts,
				  struct buf *out)
{
	size_t i;

	if (!v->cpu_irqs.from_table)
		buf_puts(out, " ");
	for (i = 0; i < v->cpus.n; i++)
		if (cpus_is_online(&v->cpus, i))
			buf_printf(out,
				   v->cpu_irqs.from_table ? " %10" PRIu32
							  : "%10" PRIu32 " ",
				   le32(cpu_variable_of(counts, i)));
}

static void interrupts_put_chip(const struct values *v, const struct irq *irq,
				struct buf *out)
{
	const char *name = irq->chip_name;

	if (!irq->chip)
		name = "None";
	else if (!*name)
		name = "-";
	if (v->cpu_irqs.from_table)
		buf_printf(out, "  %-*s", v->chip_width, name);
	else
		buf_printf(out, " %8s", name);
	if (irq->domain)
		buf_printf(out, " %*" PRIu64, v->width, irq->hwirq);
	else if (v->cpu_irqs.from_table)
		buf_printf(out, "  %*s", v->width, "");
	else
		buf_printf(out, " %*s", v->width, "");
}

static void interrupts_put_irq(const struct values *v, size_t i,
			       struct buf *out)
{
	const struct irq *irq = &v->irqs.list.v[i];
	size_t j;

	if (irq->chip_prints || !interrupts_shows(v, i))
		return;
	buf_printf(out, "%*" PRIu32 ":", v->width, irq->number);
	interrupts_put_counts(v, &v->irqs.counts[i], out);
	interrupts_put_chip(v, irq, out);
	if (*irq->name)
		buf_printf(out, "-%-8s", irq->name);
	for (j = 0; j < irq->users.n; j++)
		buf_printf(out, "%s%s", j ? ", " : "  ", irq->users.v[j].name);
	buf_puts(out, "\n");
}

static void interrupts_put_cpu_irq(const struct values *v,
				   const struct cpu_irq *irq, struct buf *out)
{
	if (!irq->shown)
		return;
	buf_printf(out, "%*s:", v->width, irq->symbol);
	if (irq->of_all) {
		buf_printf(out, " %10" PRIu64 "\n", irq->total);
		return;
	}
	interrupts_put_counts(v, &irq->counts, out);
	buf_printf(out, "  %s\n", irq->text);
}

static void interrupts_text(const struct proc_values *values, size_t part,
			    size_t record, struct buf *out)
{
	const struct values *v = values->own;

	(void)part;
	if (!record)
		interrupts_put_heading(v, out);
	else if (record - 1 < v->irqs.list.n)
		interrupts_put_irq(v, record - 1, out);
	else
		interrupts_put_cpu_irq(
			v, &v->cpu_irqs.list.v[record - 1 - v->irqs.list.n],
			out);
}

static void interrupts_deinit(struct proc_values *values)
{
	struct values *v = values->own;

	irqs_deinit(&v->irqs);
	cpu_irqs_deinit(&v->cpu_irqs);
	cpus_deinit(&v->cpus);
	free(v);
}

const struct proc_file proc_interrupts = {
	.name = "interrupts",
	.scope = PROC_SYSTEM,
	.read = interrupts_read,
	.text = interrupts_text,
	.deinit = interrupts_deinit,
};
