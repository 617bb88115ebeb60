/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the descriptors of interrupts. */
#include "kernel/device/irqs.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/mm/mm.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"
#include "kernel/mm/vma_find.h"
#include "kernel/xarray.h"

/* What is wanted of the types. */
enum {
	FIELD_IRQ_NUMBER = WANTS_OF(READER_IRQS),
	FIELD_IRQ_COUNTS,
	FIELD_IRQ_HWIRQ,
	FIELD_IRQ_CHIP,
	FIELD_IRQ_DOMAIN,
	FIELD_IRQ_ACTION,
	FIELD_IRQ_STATUS,
	FIELD_IRQ_NAME,
	FIELD_ACTION_NEXT,
	FIELD_ACTION_NAME,
	FIELD_CHIP_NAME,
	FIELD_CHIP_PRINT,
	FIELD_XARRAY_HEAD,
	FIELD_MAPLE_ROOT
};

static const struct want want_table[] = {
	FIELD(IRQ_NUMBER, "irq_desc", REQUIRED, "irq_data.irq"),
	FIELD(IRQ_COUNTS, "irq_desc", REQUIRED, "kstat_irqs"),
	FIELD(IRQ_HWIRQ, "irq_desc", REQUIRED, "irq_data.hwirq"),
	FIELD(IRQ_CHIP, "irq_desc", REQUIRED, "irq_data.chip"),
	FIELD(IRQ_DOMAIN, "irq_desc", OPTIONAL, "irq_data.domain"),
	FIELD(IRQ_ACTION, "irq_desc", REQUIRED, "action"),
	FIELD(IRQ_STATUS, "irq_desc", REQUIRED, "status_use_accessors"),
	FIELD(IRQ_NAME, "irq_desc", OPTIONAL, "name"),
	FIELD(ACTION_NEXT, "irqaction", REQUIRED, "next"),
	FIELD(ACTION_NAME, "irqaction", REQUIRED, "name"),
	FIELD(CHIP_NAME, "irq_chip", OPTIONAL, "name"),
	FIELD(CHIP_PRINT, "irq_chip", OPTIONAL, "irq_print_chip"),
	FIELD(XARRAY_HEAD, "xarray", OPTIONAL, "xa_head"),
	FIELD(MAPLE_ROOT, "maple_tree", OPTIONAL, "ma_root"),
};

const struct wants irqs_wants = {
	.reader = "interrupts", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t irq_fields[] = {
	FIELD_IRQ_NUMBER, FIELD_IRQ_COUNTS, FIELD_IRQ_HWIRQ,  FIELD_IRQ_CHIP,
	FIELD_IRQ_DOMAIN, FIELD_IRQ_ACTION, FIELD_IRQ_STATUS,
};

static int irqs_add(struct irqs *s, uint64_t number, uint64_t addr,
		    struct err *err)
{
	return vec_push(&s->list, {.number = (uint32_t)number, .addr = addr})
		       ? err_nomem(err)
		       : 0;
}

/* irq_desc_tree, a radix tree, which is an xarray (up to 6.4). */
static int irqs_find_radix(struct kernel *k, uint64_t root, struct irqs *out,
			   struct remarks *remarks, struct err *err)
{
	static const struct xarray_range all = {0, UINT32_MAX};
	struct xarray tree = {.ranges = &all, .n = 1};
	struct xarray_entries entries = {0};
	uint8_t head[8];
	size_t i;
	int rc = kernel_read(
		k, root + profile_field(k->profile, FIELD_XARRAY_HEAD)->offset,
		head, sizeof(head), err);

	if (rc)
		return rc;
	tree.head = le64(head);
	rc = xarrays_read(k, &tree, 1, IRQS_MAX, &entries, err);
	for (i = 0; i < entries.list.n && !rc; i++)
		rc = irqs_add(out, entries.list.v[i].first,
			      entries.list.v[i].value, err);
	if (!rc && entries.torn)
		remarks_add(remarks,
			    "the tree of interrupts is torn at 0x%" PRIx64,
			    entries.torn_at);
	xarray_entries_deinit(&entries);
	return rc;
}

static void irqs_finds_deinit(struct vma_finds *f)
{
	vec_deinit(&f->list);
}

/*
 * sparse_irqs, a maple tree (6.5): found as those of areas are, of which this
 * is none.
 */
static int irqs_find_maple(struct kernel *k, uint64_t tree, struct irqs *out,
			   struct remarks *remarks, struct err *err)
{
	_cleanup_(irqs_finds_deinit) struct vma_finds finds = {0};
	struct vma_list list = {0};
	struct mm mm = {.readable = true, .map_count = IRQS_MAX};
	uint8_t root[8];
	size_t i;
	int rc = kernel_read(
		k, tree + profile_field(k->profile, FIELD_MAPLE_ROOT)->offset,
		root, sizeof(root), err);

	if (rc)
		return rc;
	mm.vma_head = le64(root);
	rc = maple_find(k, &mm, 1, &finds, &list, err);
	for (i = 0; i < finds.list.n && !rc; i++)
		rc = irqs_add(out, finds.list.v[i].start, finds.list.v[i].addr,
			      err);
	if (!rc && list.torn)
		remarks_add(remarks, "the tree of interrupts is torn");
	return rc;
}

static int irqs_find(struct kernel *k, struct irqs *out,
		     struct remarks *remarks, struct err *err)
{
	uint64_t va;

	if (profile_symbol(k->profile, "sparse_irqs", &va) &&
	    profile_field(k->profile, FIELD_MAPLE_ROOT)->present)
		return irqs_find_maple(k, va, out, remarks, err);
	if (profile_symbol(k->profile, "irq_desc_tree", &va) &&
	    profile_field(k->profile, FIELD_XARRAY_HEAD)->present &&
	    xarrays_known(k))
		return irqs_find_radix(k, va, out, remarks, err);
	return profile_unknown(k->profile,
			       "this kernel keeps interrupts in no way that is "
			       "known",
			       err);
}

/* What they say of themselves; one that says another number is left out. */
static int irqs_fill(struct kernel *k, struct irqs *s, struct remarks *remarks,
		     struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	size_t n = s->list.n, i, kept = 0;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = s->list.v[i].addr;
	rc = records_read(k, at, n, irq_fields, WANTS_N(irq_fields), &r, err);
	for (i = 0; i < n && !rc; i++) {
		struct irq irq = s->list.v[i];

		if (!r.ok[i] ||
		    records_u64(&r, i, FIELD_IRQ_NUMBER) != irq.number) {
			remarks_add(remarks,
				    "interrupt %" PRIu32 " at 0x%" PRIx64
				    " cannot be read, or is damaged",
				    irq.number, irq.addr);
			continue;
		}
		irq.counts = records_u64(&r, i, FIELD_IRQ_COUNTS);
		irq.hwirq = records_u64(&r, i, FIELD_IRQ_HWIRQ);
		irq.chip = records_u64(&r, i, FIELD_IRQ_CHIP);
		irq.domain = records_u64(&r, i, FIELD_IRQ_DOMAIN);
		irq.action = records_u64(&r, i, FIELD_IRQ_ACTION);
		irq.status = (uint32_t)records_u64(&r, i, FIELD_IRQ_STATUS);
		s->list.v[kept++] = irq;
	}
	s->list.n = rc ? 0 : kept;
	return rc;
}

static int irqs_read_counts(struct kernel *k, const struct cpus *cpus,
			    struct irqs *s, struct remarks *remarks,
			    struct err *err)
{
	size_t n = s->list.n, i, j;
	int rc;

	if (cpus->n && n > IRQ_COUNTS_MAX / cpus->n) {
		remarks_add(
			remarks,
			"more interrupts than qvmi counts for so many CPUs");
		n = IRQ_COUNTS_MAX / cpus->n;
		s->list.n = n;
	}
	s->counts = calloc(n + 1, sizeof(*s->counts));
	if (!s->counts)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		s->counts[i] = (struct cpu_variable){.va = s->list.v[i].counts,
						     .size = 4};
	rc = cpu_variables_read(k, cpus, s->counts, n, err);
	for (i = 0; i < n && !rc; i++) {
		uint32_t sum = 0;

		for (j = 0; j < cpus->n; j++)
			sum += irq_count(s, i, j);
		s->list.v[i].total = sum;
	}
	return rc;
}

int irqs_read(struct kernel *k, const struct cpus *cpus, struct irqs *out,
	      struct remarks *remarks, struct err *err)
{
	struct variable numbers = {.name = "nr_irqs|total_nr_irqs", .size = 4};
	int rc = profile_check_reader(k->profile, READER_IRQS, err);

	if (!rc)
		rc = variables_read(k, &numbers, 1, err);
	if (!rc)
		rc = irqs_find(k, out, remarks, err);
	if (!rc)
		rc = irqs_fill(k, out, remarks, err);
	out->numbers = numbers.value < IRQS_MAX ? numbers.value : IRQS_MAX;
	return rc ? rc : irqs_read_counts(k, cpus, out, remarks, err);
}

uint32_t irq_count(const struct irqs *s, size_t i, size_t cpu)
{
	return le32(cpu_variable_of(&s->counts[i], cpu));
}

/* Of n objects, the pointer that each has; then the strings these lead to. */
static int irqs_read_strings(struct kernel *k, const uint64_t *at, size_t n,
			     uint32_t field, char **out, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *names = calloc(n + 1, sizeof(*names));
	size_t i;
	int rc = names ? records_read(k, at, n, &field, 1, &r, err)
		       : err_nomem(err);

	for (i = 0; i < n && !rc; i++)
		names[i] = records_u64(&r, i, field);
	return rc ? rc : records_strings(k, names, n, IRQ_NAME, out, NULL, err);
}

/* Those who asked for each, in step. */
struct irq_askers {
	struct kernel *k;
	struct irqs *s;
	uint64_t *at; /* who is next, of each */
	char **to;    /* where its name goes */
	size_t n;     /* of all */
	bool more, cut;
};

/* Room for one more of each that has another. */
static int irq_askers_add(struct irq_askers *a)
{
	size_t i;

	a->more = false;
	for (i = 0; i < a->s->list.n; i++) {
		struct irq *irq = &a->s->list.v[i];

		a->to[i] = irq->name; /* read once more, at the end */
		if (a->at[i] && a->n == IRQ_USERS_MAX) {
			a->cut = true;
			a->at[i] = 0;
		}
		if (!a->at[i])
			continue;
		if (vec_push(&irq->users, {.name = ""}))
			return ERR_NOMEM;
		a->to[i] = irq->users.v[irq->users.n - 1].name;
		a->more = true;
		a->n++;
	}
	return 0;
}

/* Their names, and the next ones. */
static int irq_askers_read(struct irq_askers *a, struct err *err)
{
	static const uint32_t next[] = {FIELD_ACTION_NEXT};
	_cleanup_(records_deinit) struct records r = {0};
	size_t n = a->s->list.n, i;
	int rc;

	if (irq_askers_add(a))
		return err_nomem(err);
	if (!a->more)
		return 0;
	rc = irqs_read_strings(a->k, a->at, n, FIELD_ACTION_NAME, a->to, err);
	if (!rc)
		rc = records_read(a->k, a->at, n, next, 1, &r, err);
	for (i = 0; i < n && !rc; i++)
		a->at[i] = records_u64(&r, i, FIELD_ACTION_NEXT);
	return rc;
}

static int irqs_read_users(struct kernel *k, struct irqs *s, uint64_t *at,
			   char **to, struct remarks *remarks, struct err *err)
{
	struct irq_askers a = {
		.k = k, .s = s, .at = at, .to = to, .more = true};
	unsigned int round;
	size_t i;
	int rc = 0;

	for (i = 0; i < s->list.n; i++)
		at[i] = s->list.v[i].action;
	for (round = 0; round < IRQ_ACTIONS && a.more && !rc; round++)
		rc = irq_askers_read(&a, err);
	for (i = 0; i < s->list.n; i++)
		a.cut |= at[i] != 0;
	if (a.cut && !rc)
		remarks_add(remarks,
			    "more devices have interrupts than are read");
	return rc;
}

/* What chips are called; some say so themselves. */
static int irqs_read_chips(struct kernel *k, struct irqs *s, uint64_t *at,
			   char **to, struct err *err)
{
	static const uint32_t prints[] = {FIELD_CHIP_PRINT};
	_cleanup_(records_deinit) struct records r = {0};
	size_t n = s->list.n, i;
	int rc;

	for (i = 0; i < n; i++) {
		at[i] = s->list.v[i].chip;
		to[i] = s->list.v[i].chip_name;
	}
	rc = irqs_read_strings(k, at, n, FIELD_CHIP_NAME, to, err);
	if (!rc)
		rc = records_read(k, at, n, prints, 1, &r, err);
	for (i = 0; i < n && !rc; i++)
		s->list.v[i].chip_prints =
			records_u64(&r, i, FIELD_CHIP_PRINT) != 0;
	return rc;
}

int irqs_read_names(struct kernel *k, struct irqs *s, struct remarks *remarks,
		    struct err *err)
{
	size_t n = s->list.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_free_ char **to = calloc(n + 1, sizeof(*to));
	int rc = at && to ? irqs_read_users(k, s, at, to, remarks, err)
			  : err_nomem(err);

	if (!rc)
		rc = irqs_read_chips(k, s, at, to, err);
	if (rc)
		return rc;
	for (i = 0; i < n; i++) {
		at[i] = s->list.v[i].addr;
		to[i] = s->list.v[i].name;
	}
	return irqs_read_strings(k, at, n, FIELD_IRQ_NAME, to, err);
}

void irqs_deinit(struct irqs *s)
{
	size_t i;

	if (s->counts)
		cpu_variables_deinit(s->counts, s->list.n);
	free(s->counts);
	for (i = 0; i < s->list.n; i++)
		vec_deinit(&s->list.v[i].users);
	vec_deinit(&s->list);
}
