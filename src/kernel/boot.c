/* SPDX-License-Identifier: BSD-2-Clause */
/* What tells one boot of a kernel from another boot of the same. */
#include "kernel/boot.h"

#include <string.h>

#include "base/cursor.h"
#include "base/files.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_TASKS = WANTS_OF(READER_BOOT),
	FIELD_TASK_CANARY,
	FIELD_TASK_START_TIME
};

static const struct want want_table[] = {
	FIELD(TASK_TASKS, "task_struct", OPTIONAL, "tasks"),
	FIELD(TASK_CANARY, "task_struct", OPTIONAL, "stack_canary"),
	FIELD(TASK_START_TIME, "task_struct", OPTIONAL, "start_time"),
};

const struct wants boot_wants = {
	.reader = "the word of a boot",
	.v = want_table,
	.n = WANTS_N(want_table),
};

/* A member of 64 bits, and its address; 0 where this kernel has none. */
static int read_member(struct kernel *k, uint64_t task, uint32_t id,
		       uint64_t *at, uint64_t *value, struct err *err)
{
	const struct profile_field *f = profile_field(k->profile, id);
	uint8_t bytes[8];
	int rc;

	*value = 0;
	if (!f->present || f->size < 8)
		return 0;
	*at = task + f->offset;
	rc = kernel_read(k, *at, bytes, 8, err);
	if (!rc)
		*value = le64(bytes);
	return rc;
}

/* The nanosecond in which PID 1, the first in the list, was made; 0: never. */
static int read_first_start(struct kernel *k, uint64_t init_task,
			    struct kernel_drawn *out, struct err *err)
{
	const struct profile_field *tasks =
		profile_field(k->profile, FIELD_TASK_TASKS);
	uint64_t next, task, at;
	int rc = read_member(k, init_task, FIELD_TASK_TASKS, &at, &next, err);

	task = next - tasks->offset;
	if (rc || !kernel_pointer(k, next) || task == init_task)
		return rc;
	return read_member(k, task, FIELD_TASK_START_TIME, &out->start_at,
			   &out->start, err);
}

int kernel_read_drawn(struct kernel *k, struct kernel_drawn *out,
		      struct err *err)
{
	uint64_t init_task;
	int rc;

	*out = (struct kernel_drawn){0};
	if (!profile_symbol(k->profile, "init_task", &init_task))
		return 0;
	rc = read_member(k, init_task, FIELD_TASK_CANARY, &out->canary_at,
			 &out->canary, err);
	if (!rc && !out->canary)
		rc = read_first_start(k, init_task, out, err);
	return rc ? err_wrap(err, rc, "init_task") : 0;
}

int kernel_boot_id(struct kernel *k, uint64_t *id, bool *known, struct err *err)
{
	struct kernel_drawn drawn;
	uint64_t word;
	int rc = kernel_read_drawn(k, &drawn, err);

	*known = false;
	if (rc)
		return rc;
	word = drawn.canary ? drawn.canary : drawn.start;
	const uint64_t parts[] = {k->text,	   k->phys_text,
				  k->page_offset,  k->vmalloc_base,
				  k->vmemmap_base, word};

	*id = files_checksum(parts, sizeof(parts));
	*known = word != 0;
	return 0;
}
