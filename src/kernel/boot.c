/* SPDX-License-Identifier: BSD-2-Clause */
/* What tells one boot of a kernel from another boot of the same. */
#include "kernel/boot.h"

#include <string.h>

#include "base/cursor.h"
#include "base/files.h"

/* A member of 64 bits; 0 where this kernel has none. */
static int read_member(struct kernel *k, uint64_t task, enum field_id id,
		       uint64_t *value, struct err *err)
{
	const struct profile_field *f = profile_field(k->profile, id);
	uint8_t bytes[8];
	int rc;

	*value = 0;
	if (!f->present || f->size < 8)
		return 0;
	rc = kernel_read(k, task + f->offset, bytes, 8, err);
	if (!rc)
		*value = le64(bytes);
	return rc;
}

/* The nanosecond in which PID 1, the first in the list, was made; 0: never. */
static int read_first_start(struct kernel *k, uint64_t init_task,
			    uint64_t *start, struct err *err)
{
	const struct profile_field *tasks =
		profile_field(k->profile, FIELD_TASK_TASKS);
	uint64_t next, task;
	int rc = read_member(k, init_task, FIELD_TASK_TASKS, &next, err);

	*start = 0;
	task = next - tasks->offset;
	if (rc || !kernel_pointer(k, next) || task == init_task)
		return rc;
	return read_member(k, task, FIELD_TASK_START_TIME, start, err);
}

int kernel_boot_id(struct kernel *k, uint64_t *id, bool *known, struct err *err)
{
	uint64_t init_task, drawn = 0;
	int rc;

	*known = false;
	if (!profile_symbol(k->profile, "init_task", &init_task))
		return 0;
	rc = read_member(k, init_task, FIELD_TASK_CANARY, &drawn, err);
	if (!rc && !drawn)
		rc = read_first_start(k, init_task, &drawn, err);
	if (rc)
		return err_wrap(err, rc, "init_task");
	const uint64_t parts[] = {k->text,	   k->phys_text,
				  k->page_offset,  k->vmalloc_base,
				  k->vmemmap_base, drawn};

	*id = files_checksum(parts, sizeof(parts));
	*known = drawn != 0;
	return 0;
}
