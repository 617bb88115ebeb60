/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads numbers of mm_structs, by one table. */
#include "kernel/mm/mm_numbers.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types: by number, and what is longer. */
enum {
	FIELD_FIRST = WANTS_OF(READER_MM_NUMBERS),
	FIELD_MM_AUXV = FIELD_FIRST + MM_NUMBERS,
	STRUCT_KSM_ITEM
};

#define NUMBER(id, members) \
	[MM_##id] = {WANT_FIELD, OPTIONAL, "mm_struct", members}

static const struct want want_table[] = {
	NUMBER(TOTAL_VM, "total_vm"),
	NUMBER(HIWATER_VM, "hiwater_vm"),
	NUMBER(HIWATER_RSS, "hiwater_rss"),
	NUMBER(LOCKED_VM, "locked_vm"),
	NUMBER(PINNED_VM, "pinned_vm"),
	NUMBER(DATA_VM, "data_vm"),
	NUMBER(STACK_VM, "stack_vm"),
	NUMBER(EXEC_VM, "exec_vm"),
	NUMBER(HUGETLB_USAGE, "hugetlb_usage"),
	NUMBER(PGTABLES_BYTES, "pgtables_bytes"),
	NUMBER(START_CODE, "start_code"),
	NUMBER(END_CODE, "end_code"),
	NUMBER(START_DATA, "start_data"),
	NUMBER(END_DATA, "end_data"),
	NUMBER(START_BRK, "start_brk"),
	NUMBER(START_STACK, "start_stack"),
	NUMBER(ARG_START, "arg_start"),
	NUMBER(ARG_END, "arg_end"),
	NUMBER(ENV_START, "env_start"),
	NUMBER(ENV_END, "env_end"),
	NUMBER(FLAGS, "flags"),			  /* a bitmap: 6.18 */
	NUMBER(CORE_STATE, "core_state"),	  /* up to 5.15 */
	NUMBER(UNTAG_MASK, "context.untag_mask"), /* 6.4 */
	NUMBER(LOCK_SEQ, "mm_lock_seq"),	  /* 6.4 */
	NUMBER(KSM_MERGING, "ksm_merging_pages"),
	NUMBER(KSM_ITEMS, "ksm_rmap_items"),
	NUMBER(KSM_ZERO, "ksm_zero_pages"),
	FIELD(MM_AUXV, "mm_struct", OPTIONAL, "saved_auxv"),
	STRUCT(KSM_ITEM, "ksm_rmap_item|rmap_item", OPTIONAL), /* 6.1 */
};

const struct wants mm_numbers_wants = {.reader = "numbers of address spaces",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

uint64_t mm_text_pages(const struct mm_numbers *mm)
{
	uint64_t start = mm->v[MM_START_CODE] / PAGE_SIZE_4K;

	return (mm->v[MM_END_CODE] + PAGE_SIZE_4K - 1) / PAGE_SIZE_4K - start;
}

uint32_t mm_ksm_item_size(const struct kernel *k)
{
	return profile_sizeof(k->profile, STRUCT_KSM_ITEM);
}

static void mm_numbers_take(const struct records *r, size_t i,
			    struct mm_numbers *out)
{
	const uint8_t *auxv = records_bytes(r, i, FIELD_MM_AUXV);
	size_t number;

	out->torn = !r->ok[i];
	for (number = 0; number < MM_NUMBERS; number++) {
		uint32_t id = FIELD_FIRST + (uint32_t)number;

		out->known[number] = r->ok[i] && records_have(r, id);
		out->v[number] = records_u64(r, i, id);
	}
	out->n_auxv = records_size(r, FIELD_MM_AUXV) / 8;
	if (out->n_auxv > MM_AUXV_MAX)
		out->n_auxv = MM_AUXV_MAX;
	if (!out->known[MM_TOTAL_VM] || !auxv)
		out->n_auxv = 0;
	for (number = 0; number < out->n_auxv; number++)
		out->auxv[number] = le64(auxv + 8 * number);
}

int mm_numbers_read(struct kernel *k, const struct task *tasks, size_t n,
		    struct mm_numbers *out, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	uint32_t ids[MM_NUMBERS + 1];
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i <= MM_NUMBERS; i++)
		ids[i] = FIELD_FIRST + (uint32_t)i;
	for (i = 0; i < n; i++)
		addrs[i] = task_has_memory(&tasks[i]) ? tasks[i].mm : 0;
	rc = records_read(k, addrs, n, ids, MM_NUMBERS + 1, &r, err);
	for (i = 0; i < n && !rc; i++) {
		out[i] = (struct mm_numbers){.none = !addrs[i]};
		if (addrs[i])
			mm_numbers_take(&r, i, &out[i]);
	}
	return rc;
}
