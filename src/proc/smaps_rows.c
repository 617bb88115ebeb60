/* SPDX-License-Identifier: BSD-2-Clause */
/* What mappings use, as rows. */
#include "base/cleanup.h"
#include "proc/smaps.h"

#define USE_COLUMN(number, key_, title_, member, shift) \
	[SMAPS_USE + SMAPS_##number] = ROW_COLUMN(key_, title_, ROW_KIB),
#define ROLLUP_COLUMN(number, key_, title_, member, shift) \
	[SMAPS_ROLLUP_USE + SMAPS_##number] = ROW_COLUMN(key_, title_, ROW_KIB),
#define USE_PLACE(number, key_, title_, member, shift_) \
	[SMAPS_##number] = {offsetof(struct vma_use, member), shift_},

const struct row_column smaps_columns[SMAPS_COLUMNS] = {
	PROC_ROW_COLUMNS,
	[SMAPS_START] = ROW_COLUMN("start", "START", ROW_HEX),
	[SMAPS_END] = ROW_COLUMN("end", "END", ROW_HEX),
	[SMAPS_PERMS] = ROW_COLUMN("perms", "PERMS", ROW_WORDS),
	[SMAPS_SIZE] = ROW_COLUMN("size", "SIZE", ROW_KIB),
	[SMAPS_PAGE_SIZE] = ROW_COLUMN("page_size", NULL, ROW_COUNT),
	SMAPS_USES(USE_COLUMN)[SMAPS_THP_ELIGIBLE] =
		ROW_COLUMN("thp_eligible", NULL, ROW_FLAG),
	[SMAPS_PROTECTION_KEY] = ROW_COLUMN("protection_key", NULL, ROW_COUNT),
	[SMAPS_VM_FLAGS] = ROW_COLUMN("vm_flags", NULL, ROW_WORDS),
	[SMAPS_OFFSET] = ROW_COLUMN("offset", NULL, ROW_COUNT),
	[SMAPS_MAJOR] = ROW_COLUMN("major", NULL, ROW_COUNT),
	[SMAPS_MINOR] = ROW_COLUMN("minor", NULL, ROW_COUNT),
	[SMAPS_INODE] = ROW_COLUMN("inode", NULL, ROW_COUNT),
	[SMAPS_PATH] = ROW_COLUMN("path", "PATH", ROW_GUEST),
};

const struct row_column smaps_rollup_columns[SMAPS_ROLLUP_COLUMNS] = {
	[PROC_ROW_PID] = ROW_COLUMN("pid", "PID", ROW_COUNT),
	[PROC_ROW_COMM] = ROW_COLUMN("comm", "COMM", ROW_GUEST),
	SMAPS_USES(ROLLUP_COLUMN)};

static const struct {
	size_t at;
	unsigned int shift;
} use_places[SMAPS_USE_COLUMNS] = {SMAPS_USES(USE_PLACE)};

static void smaps_row_uses(const struct vma_use *u, size_t first,
			   struct row_table *out)
{
	size_t i;

	for (i = 0; i < SMAPS_USE_COLUMNS; i++) {
		const uint64_t *value =
			(const uint64_t *)((const char *)u + use_places[i].at);

		row_number(out, first + i, *value >> use_places[i].shift);
	}
}

static void smaps_row_flags(const struct smaps *s, uint64_t flags,
			    struct row_table *out)
{
	_cleanup_(buf_deinit) struct buf b = {0};

	smaps_put_flags(s, flags, &b);
	out->rows->oom |= b.oom;
	if (b.len)
		row_bytes(out, SMAPS_VM_FLAGS, b.data, b.len - 1);
}

void smaps_rows(const struct proc_values *v, size_t i, size_t record,
		struct row_table *out)
{
	const struct smaps *s = v->own;
	const struct map_entry *e = &s->maps.v[i][record];
	const struct vma *vma = smaps_vma(s, i, record);
	enum thp_answer thp = smaps_eligible(s, i, vma);

	proc_row_add(v, i, out);
	row_number(out, SMAPS_START, e->start);
	row_number(out, SMAPS_END, e->end);
	row_string(out, SMAPS_PERMS, e->perms);
	row_number(out, SMAPS_SIZE, e->end - e->start);
	row_number(out, SMAPS_PAGE_SIZE, proc_maps_page_size(&s->maps, vma));
	smaps_row_uses(smaps_use(s, i, record), SMAPS_USE, out);
	if (thp != THP_UNKNOWN)
		row_number(out, SMAPS_THP_ELIGIBLE, thp == THP_YES);
	if (s->form.pkeys)
		row_number(out, SMAPS_PROTECTION_KEY,
			   vma_flags_pkey(vma->flags));
	smaps_row_flags(s, vma->flags, out);
	row_number(out, SMAPS_OFFSET, e->offset);
	row_number(out, SMAPS_MAJOR, e->major);
	row_number(out, SMAPS_MINOR, e->minor);
	row_number(out, SMAPS_INODE, e->ino);
	if (e->name)
		row_string(out, SMAPS_PATH, e->name);
}

void smaps_rollup_rows(const struct proc_values *v, size_t i, size_t record,
		       struct row_table *out)
{
	const struct vma_use sum = smaps_sum(v->own, i);

	(void)record;
	proc_row_add(v, i, out);
	smaps_row_uses(&sum, SMAPS_ROLLUP_USE, out);
}
