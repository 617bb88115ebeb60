/* SPDX-License-Identifier: BSD-2-Clause */
/* A process's half of the addresses as rows. */
#include "layout/process.h"

#include "base/cleanup.h"

enum {
	PID,
	COMM,
	PERSONALITY,
	PERSONALITY_FLAGS,
	RANDOMIZE,
	RANDOMIZE_WORDS,
	RANDOMIZED,
	MIN_ADDR,
	STACK_LIMIT,
	STACK_GAP,
	TASK_SIZE,
	TAGS,
	MMAP_BASE,
	MMAP_DOWN,
	TOTAL,
	RANDOM,
	BOUNDS,
	SEGMENTS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[PID] = ROW_COLUMN("pid", "PID", ROW_COUNT),
	[COMM] = ROW_COLUMN("comm", "COMM", ROW_GUEST),
	[PERSONALITY] = ROW_COLUMN("personality", "Personality", ROW_HEX),
	[PERSONALITY_FLAGS] =
		ROW_COLUMN("personality_flags", "Flags", ROW_WORDS),
	[RANDOMIZE] = ROW_COLUMN("randomize_va_space", NULL, ROW_COUNT),
	[RANDOMIZE_WORDS] = ROW_COLUMN(NULL, "randomize_va_space", ROW_WORDS),
	[RANDOMIZED] = ROW_COLUMN("randomized", "Randomized", ROW_FLAG),
	[MIN_ADDR] = ROW_COLUMN("mmap_min_addr", "mmap_min_addr", ROW_HEX),
	[STACK_LIMIT] = ROW_COLUMN("stack_limit", "Stack limit", ROW_SIZE),
	[STACK_GAP] =
		ROW_COLUMN("stack_guard_gap", "Stack guard gap", ROW_SIZE),
	[TASK_SIZE] = ROW_COLUMN("task_size", "Addresses end", ROW_HEX),
	[TAGS] = ROW_COLUMN("tag_bits", "Tag bits", ROW_HEX),
	[MMAP_BASE] = ROW_COLUMN("mmap_base", "mmap_base", ROW_HEX),
	[MMAP_DOWN] = ROW_COLUMN("mmap_down", "Downwards", ROW_FLAG),
	[TOTAL] = ROW_COLUMN("total", "All areas", ROW_SIZE),
	[RANDOM] = ROW_COLUMN("random", "Random distances", ROW_TABLE),
	[BOUNDS] = ROW_COLUMN("bounds", "Bounds", ROW_TABLE),
	[SEGMENTS] = ROW_COLUMN("segments", "Segments", ROW_TABLE),
};

/* What of it the system's setting has moved, of programs started from now on.
 */
static const char *const randomize_words[] = {
	"0: nothing is moved",
	"1: mappings, stack and vdso are moved, the heap is not",
	"2: mappings, stack, vdso and heap are moved",
};

/* include/uapi/linux/personality.h */
static const struct {
	uint32_t flag;
	const char *name;
} personality_flags[] = {
	{0x0020000, "UNAME26"},
	{MM_ADDR_NO_RANDOMIZE, "ADDR_NO_RANDOMIZE"},
	{0x0080000, "FDPIC_FUNCPTRS"},
	{MM_MMAP_PAGE_ZERO, "MMAP_PAGE_ZERO"},
	{MM_ADDR_COMPAT_LAYOUT, "ADDR_COMPAT_LAYOUT"},
	{0x0400000, "READ_IMPLIES_EXEC"},
	{0x0800000, "ADDR_LIMIT_32BIT"},
	{0x1000000, "SHORT_INODE"},
	{0x2000000, "WHOLE_SECONDS"},
	{0x4000000, "STICKY_TIMEOUTS"},
	{MM_ADDR_LIMIT_3GB, "ADDR_LIMIT_3GB"},
};

static void process_put_personality(const struct mm_layout *mm,
				    struct row_table *t)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t i;

	if (!mm->has_personality)
		return;
	row_number(t, PERSONALITY, mm->personality);
	for (i = 0;
	     i < sizeof(personality_flags) / sizeof(personality_flags[0]); i++)
		if (mm->personality & personality_flags[i].flag)
			buf_printf(&b, "%s%s", b.len ? "," : "",
				   personality_flags[i].name);
	t->rows->oom |= b.oom;
	if (b.len)
		row_bytes(t, PERSONALITY_FLAGS, b.data, b.len);
}

static void process_put_settings(const struct layout_process *p,
				 struct row_table *t)
{
	const struct mm_settings *set = &p->set;

	if (set->randomize_va_space != UINT64_MAX) {
		row_number(t, RANDOMIZE, set->randomize_va_space);
		if (set->randomize_va_space < 3)
			row_string(t, RANDOMIZE_WORDS,
				   randomize_words[set->randomize_va_space]);
	}
	row_number(t, RANDOMIZED, p->mm.randomized);
	if (set->min_addr != UINT64_MAX)
		row_number(t, MIN_ADDR, set->min_addr);
	if (p->mm.has_stack_limit && p->mm.stack_limit != UINT64_MAX)
		row_number(t, STACK_LIMIT, p->mm.stack_limit);
	if (set->stack_guard_gap != UINT64_MAX)
		row_number(t, STACK_GAP, set->stack_guard_gap);
	if (p->mm.task_size)
		row_number(t, TASK_SIZE, p->mm.task_size);
	if (p->mm.has_tags)
		row_number(t, TAGS, p->mm.tags);
	if (p->mm.mmap_base) {
		row_number(t, MMAP_BASE, p->mm.mmap_base);
		row_number(t, MMAP_DOWN,
			   p->mm.mmap_base != p->mm.mmap_legacy_base);
	}
	if (p->mm.total_pages)
		row_number(t, TOTAL, p->mm.total_pages * PAGE_SIZE_4K);
}

static const struct row_column random_columns[] = {
	ROW_COLUMN("what", "WHAT", ROW_WORDS),
	ROW_COLUMN("by", "BY", ROW_HEX),
	ROW_COLUMN("most", "LESS THAN", ROW_SIZE),
	ROW_COLUMN("details", "DETAILS", ROW_WORDS),
};

static void process_put_distances(const struct layout_process *p,
				  struct row_table *t)
{
	static const struct {
		const char *what, *words;
	} moved[] = {
		[X86_64_MMAP] = {"mmap_base", "downwards"},
		[X86_64_STACK] = {"stack",
				  "its end, down from the last address"},
		[X86_64_HEAP] = {"heap",
				 "its start, up from the program's end"},
		[X86_64_PROGRAM] = {"program", "upwards from 2/3 of the space"},
	};
	size_t i;

	t = row_subtable(t, RANDOM, random_columns, 4);
	for (i = 0; i < X86_64_MOVED; i++) {
		if (!p->distance[i].known)
			continue;
		row_add(t);
		row_string(t, 0, moved[i].what);
		row_number(t, 1, p->distance[i].by);
		if (p->distance[i].most != UINT64_MAX)
			row_number(t, 2, p->distance[i].most);
		row_string(t, 3, moved[i].words);
	}
}

static const struct row_column bound_columns[] = {
	ROW_COLUMN("name", "NAME", ROW_WORDS),
	ROW_COLUMN("value", "VALUE", ROW_HEX),
};

static void process_put_bounds(const struct mm_layout *mm, struct row_table *t)
{
	const struct {
		const char *name;
		uint64_t value;
	} bounds[] = {
		{"start_code", mm->start_code},	  {"end_code", mm->end_code},
		{"start_data", mm->start_data},	  {"end_data", mm->end_data},
		{"start_brk", mm->start_brk},	  {"brk", mm->brk},
		{"start_stack", mm->start_stack}, {"arg_start", mm->arg_start},
		{"arg_end", mm->arg_end},	  {"env_start", mm->env_start},
		{"env_end", mm->env_end},
	};
	size_t i;

	t = row_subtable(t, BOUNDS, bound_columns, 2);
	for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		if (!bounds[i].value)
			continue;
		row_add(t);
		row_string(t, 0, bounds[i].name);
		row_number(t, 1, bounds[i].value);
	}
}

enum {
	SEG_KIND,
	SEG_START,
	SEG_END,
	SEG_SIZE,
	SEG_PERMS,
	SEG_TID,
	SEG_NAME,
	SEG_WORDS,
	N_SEGS
};

static const struct row_column segment_columns[] = {
	[SEG_KIND] = ROW_COLUMN("kind", "KIND", ROW_WORDS),
	[SEG_START] = ROW_COLUMN("start", "START", ROW_HEX),
	[SEG_END] = ROW_COLUMN("end", "END", ROW_HEX),
	[SEG_SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[SEG_PERMS] = ROW_COLUMN("perms", "PERMS", ROW_WORDS),
	[SEG_TID] = {.key = "tid",
		     .title = "TID",
		     .type = ROW_COUNT,
		     .sparse = true},
	[SEG_NAME] = ROW_COLUMN("name", "NAME", ROW_GUEST),
	[SEG_WORDS] = ROW_COLUMN("details", "DETAILS", ROW_WORDS),
};

static void process_put_segments(const struct layout_process *p,
				 struct row_table *t)
{
	size_t i;

	t = row_subtable(t, SEGMENTS, segment_columns, N_SEGS);
	for (i = 0; i < p->segments.list.n; i++) {
		const struct layout_segment *s = &p->segments.list.v[i];

		row_add(t);
		row_string(t, SEG_KIND, layout_kind_name(s->kind));
		row_number(t, SEG_START, s->start);
		row_number(t, SEG_END, s->end);
		row_number(t, SEG_SIZE, s->end - s->start);
		if (s->area)
			row_string(t, SEG_PERMS, s->area->perms);
		if (s->tid)
			row_number(t, SEG_TID, s->tid);
		if (s->area && s->area->name)
			row_string(t, SEG_NAME, s->area->name);
		if (*s->words)
			row_string(t, SEG_WORDS, s->words);
	}
}

void layout_process_rows(const struct layout_process *p, struct rows *rows)
{
	struct row_table *t = &rows->top;

	rows_begin(rows, columns, N_COLUMNS);
	row_add(t);
	row_number(t, PID, p->task.pid);
	row_string(t, COMM, p->task.comm);
	process_put_personality(&p->mm, t);
	process_put_settings(p, t);
	process_put_distances(p, t);
	process_put_bounds(&p->mm, t);
	process_put_segments(p, t);
}
