/* SPDX-License-Identifier: BSD-2-Clause */
/* How a process's half of the addresses is laid out, and what is random. */
#include "kernel/mm/mm_layout.h"

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_MM_START_CODE = WANTS_OF(READER_MM_LAYOUT),
	FIELD_MM_END_CODE,
	FIELD_MM_START_DATA,
	FIELD_MM_END_DATA,
	FIELD_MM_START_BRK,
	FIELD_MM_BRK,
	FIELD_MM_START_STACK,
	FIELD_MM_ARG_START,
	FIELD_MM_ARG_END,
	FIELD_MM_ENV_START,
	FIELD_MM_ENV_END,
	FIELD_MM_TASK_SIZE,
	FIELD_MM_BASE,
	FIELD_MM_LEGACY_BASE,
	FIELD_MM_COMPAT_BASE,
	FIELD_MM_COMPAT_LEGACY_BASE,
	FIELD_MM_TOTAL_VM,
	FIELD_MM_UNTAG_MASK,
	FIELD_TASK_PERSONALITY,
	FIELD_TASK_FLAGS,
	FIELD_TASK_SIGNAL,
	FIELD_SIGNAL_RLIM,
	FIELD_RLIMIT_CUR,
	STRUCT_RLIMIT
};

static const struct want want_table[] = {
	FIELD(MM_START_CODE, "mm_struct", OPTIONAL, "start_code"),
	FIELD(MM_END_CODE, "mm_struct", OPTIONAL, "end_code"),
	FIELD(MM_START_DATA, "mm_struct", OPTIONAL, "start_data"),
	FIELD(MM_END_DATA, "mm_struct", OPTIONAL, "end_data"),
	FIELD(MM_START_BRK, "mm_struct", OPTIONAL, "start_brk"),
	FIELD(MM_BRK, "mm_struct", OPTIONAL, "brk"),
	FIELD(MM_START_STACK, "mm_struct", OPTIONAL, "start_stack"),
	FIELD(MM_ARG_START, "mm_struct", OPTIONAL, "arg_start"),
	FIELD(MM_ARG_END, "mm_struct", OPTIONAL, "arg_end"),
	FIELD(MM_ENV_START, "mm_struct", OPTIONAL, "env_start"),
	FIELD(MM_ENV_END, "mm_struct", OPTIONAL, "env_end"),
	FIELD(MM_TASK_SIZE, "mm_struct", OPTIONAL, "task_size"),
	FIELD(MM_BASE, "mm_struct", OPTIONAL, "mmap_base"),
	FIELD(MM_LEGACY_BASE, "mm_struct", OPTIONAL, "mmap_legacy_base"),
	FIELD(MM_COMPAT_BASE, "mm_struct", OPTIONAL,
	      "mmap_compat_base"), /* 4.12 */
	FIELD(MM_COMPAT_LEGACY_BASE, "mm_struct", OPTIONAL,
	      "mmap_compat_legacy_base"),
	FIELD(MM_TOTAL_VM, "mm_struct", OPTIONAL, "total_vm"),
	FIELD(MM_UNTAG_MASK, "mm_struct", OPTIONAL,
	      "context.untag_mask"), /* 6.4 */
	FIELD(TASK_PERSONALITY, "task_struct", OPTIONAL, "personality"),
	FIELD(TASK_FLAGS, "task_struct", OPTIONAL, "flags"),
	FIELD(TASK_SIGNAL, "task_struct", OPTIONAL, "signal"),
	FIELD(SIGNAL_RLIM, "signal_struct", OPTIONAL, "rlim"),
	FIELD(RLIMIT_CUR, "rlimit", OPTIONAL, "rlim_cur"),
	STRUCT(RLIMIT, "rlimit", OPTIONAL),
};

const struct wants mm_layout_wants = {.reader = "layouts of processes",
				      .v = want_table,
				      .n = WANTS_N(want_table)};

static const uint32_t mm_fields[] = {
	FIELD_MM_START_CODE,  FIELD_MM_END_CODE,
	FIELD_MM_START_DATA,  FIELD_MM_END_DATA,
	FIELD_MM_START_BRK,   FIELD_MM_BRK,
	FIELD_MM_START_STACK, FIELD_MM_ARG_START,
	FIELD_MM_ARG_END,     FIELD_MM_ENV_START,
	FIELD_MM_ENV_END,     FIELD_MM_TASK_SIZE,
	FIELD_MM_BASE,	      FIELD_MM_LEGACY_BASE,
	FIELD_MM_COMPAT_BASE, FIELD_MM_COMPAT_LEGACY_BASE,
	FIELD_MM_TOTAL_VM,    FIELD_MM_UNTAG_MASK,
};

static const uint32_t task_fields[] = {
	FIELD_TASK_PERSONALITY,
	FIELD_TASK_FLAGS,
	FIELD_TASK_SIGNAL,
};

static const uint32_t signal_fields[] = {FIELD_SIGNAL_RLIM};

#define PF_RANDOMIZE 0x00400000u /* include/linux/sched.h */
#define RLIMIT_STACK 3		 /* asm-generic/resource.h */

static void layout_fill_mm(const struct records *r, struct mm_layout *l)
{
	l->start_code = records_u64(r, 0, FIELD_MM_START_CODE);
	l->end_code = records_u64(r, 0, FIELD_MM_END_CODE);
	l->start_data = records_u64(r, 0, FIELD_MM_START_DATA);
	l->end_data = records_u64(r, 0, FIELD_MM_END_DATA);
	l->start_brk = records_u64(r, 0, FIELD_MM_START_BRK);
	l->brk = records_u64(r, 0, FIELD_MM_BRK);
	l->start_stack = records_u64(r, 0, FIELD_MM_START_STACK);
	l->arg_start = records_u64(r, 0, FIELD_MM_ARG_START);
	l->arg_end = records_u64(r, 0, FIELD_MM_ARG_END);
	l->env_start = records_u64(r, 0, FIELD_MM_ENV_START);
	l->env_end = records_u64(r, 0, FIELD_MM_ENV_END);
	l->task_size = records_u64(r, 0, FIELD_MM_TASK_SIZE);
	l->total_pages = records_u64(r, 0, FIELD_MM_TOTAL_VM);
	l->has_tags = r->ok[0] && records_have(r, FIELD_MM_UNTAG_MASK);
	if (l->has_tags)
		l->tags = ~records_u64(r, 0, FIELD_MM_UNTAG_MASK);
	l->compat = l->task_size && l->task_size >> 32 == 0;
	if (l->compat && records_have(r, FIELD_MM_COMPAT_BASE)) {
		l->mmap_base = records_u64(r, 0, FIELD_MM_COMPAT_BASE);
		l->mmap_legacy_base =
			records_u64(r, 0, FIELD_MM_COMPAT_LEGACY_BASE);
	} else {
		l->mmap_base = records_u64(r, 0, FIELD_MM_BASE);
		l->mmap_legacy_base = records_u64(r, 0, FIELD_MM_LEGACY_BASE);
	}
}

/* rlim[] has a struct rlimit for each resource. */
static void layout_fill_limit(const struct kernel *k, const struct records *r,
			      struct mm_layout *l)
{
	const struct profile_field *cur =
		profile_field(k->profile, FIELD_RLIMIT_CUR);
	uint64_t at = (uint64_t)RLIMIT_STACK *
			      profile_sizeof(k->profile, STRUCT_RLIMIT) +
		      cur->offset;
	const uint8_t *rlim = records_bytes(r, 0, FIELD_SIGNAL_RLIM);

	l->has_stack_limit = r->ok[0] && rlim && cur->present &&
			     cur->size == 8 &&
			     at + 8 <= records_size(r, FIELD_SIGNAL_RLIM);
	if (l->has_stack_limit)
		l->stack_limit = le64(rlim + at);
}

static int layout_read_task(struct kernel *k, const struct task *t,
			    struct mm_layout *l, struct err *err)
{
	_cleanup_(records_deinit) struct records task = {0};
	_cleanup_(records_deinit) struct records signal = {0};
	uint64_t at;
	int rc = records_read(k, &t->addr, 1, task_fields, WANTS_N(task_fields),
			      &task, err);

	if (rc)
		return rc;
	l->has_personality =
		task.ok[0] && records_have(&task, FIELD_TASK_PERSONALITY);
	l->personality =
		(uint32_t)records_u64(&task, 0, FIELD_TASK_PERSONALITY);
	l->randomized = records_u64(&task, 0, FIELD_TASK_FLAGS) & PF_RANDOMIZE;
	at = records_u64(&task, 0, FIELD_TASK_SIGNAL);
	rc = records_read(k, &at, 1, signal_fields, 1, &signal, err);
	if (!rc)
		layout_fill_limit(k, &signal, l);
	return rc;
}

int mm_layout_read(struct kernel *k, const struct task *t,
		   struct mm_layout *out, struct err *err)
{
	_cleanup_(records_deinit) struct records mm = {0};
	int rc = records_read(k, &t->mm, 1, mm_fields, WANTS_N(mm_fields), &mm,
			      err);

	*out = (struct mm_layout){0};
	if (rc)
		return rc;
	layout_fill_mm(&mm, out);
	return layout_read_task(k, t, out, err);
}

int mm_settings_read(struct kernel *k, struct mm_settings *out, struct err *err)
{
	const struct {
		const char *name;
		size_t size;
		uint64_t *value;
	} settings[] = {
		{"randomize_va_space", 4, &out->randomize_va_space},
		{"dac_mmap_min_addr", 8, &out->min_addr},
		{"mmap_min_addr", 8, &out->min_addr_in_use},
		{"stack_guard_gap", 8, &out->stack_guard_gap},
		{"mmap_rnd_bits", 4, &out->rnd_bits},
		{"mmap_rnd_compat_bits", 4, &out->rnd_compat_bits},
	};
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]) && !rc; i++) {
		*settings[i].value = UINT64_MAX;
		rc = kernel_read_symbol(k, settings[i].name, settings[i].size,
					settings[i].value, err);
		if (rc == ERR_NOT_FOUND)
			rc = 0;
	}
	return rc;
}
