/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells what each area of a process is, and what the gaps between them are. */
#include "layout/segments.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *layout_kind_name(enum layout_kind kind)
{
	static const char *const names[] = {
		[LAYOUT_TEXT] = "text",
		[LAYOUT_RODATA] = "read-only data",
		[LAYOUT_DATA] = "data",
		[LAYOUT_BSS] = "bss",
		[LAYOUT_HEAP] = "heap",
		[LAYOUT_MMAP] = "mmap",
		[LAYOUT_STACK] = "stack",
		[LAYOUT_THREAD_STACK] = "thread stack",
		[LAYOUT_GUARD] = "guard",
		[LAYOUT_NO_ACCESS] = "no access",
		[LAYOUT_VVAR] = "vvar",
		[LAYOUT_VDSO] = "vdso",
		[LAYOUT_VSYSCALL] = "vsyscall",
		[LAYOUT_NULL] = "NULL page",
		[LAYOUT_STACK_GAP] = "stack guard gap",
		[LAYOUT_GAP] = "gap",
	};

	return names[kind];
}

/* Names that the kernel gives: docs/facts/kernel.md, "Files of /proc". */
static const struct {
	const char *name;
	bool begins; /* others begin so */
	enum layout_kind kind;
} named[] = {
	{"[heap]", false, LAYOUT_HEAP},
	{"[stack]", false, LAYOUT_STACK},
	{"[vdso]", false, LAYOUT_VDSO},
	{"[vvar", true, LAYOUT_VVAR},
	{"[vsyscall]", false, LAYOUT_VSYSCALL},
};

struct segmenter {
	const struct layout_space *s;
	struct layout_segments *out;
	const struct map_entry *text; /* the program's code; NULL: none */
	uint64_t program_end;
};

/* Of the same file, and within what the program's headers say. */
static bool is_program(const struct segmenter *g, const struct map_entry *e)
{
	uint64_t end = g->s->mm->end_data > g->s->mm->end_code
			       ? g->s->mm->end_data
			       : g->s->mm->end_code;

	return g->text && e->ino == g->text->ino &&
	       e->major == g->text->major && e->minor == g->text->minor &&
	       e->start < end;
}

static void segments_find_text(struct segmenter *g)
{
	size_t i;

	for (i = 0; i < g->s->n; i++) {
		const struct map_entry *e = &g->s->areas[i];

		if (e->ino && g->s->mm->start_code >= e->start &&
		    g->s->mm->start_code < e->end)
			g->text = e;
	}
}

/* The thread whose stack it is, by where it was in it; or NULL. */
static const struct task *thread_of(const struct segmenter *g,
				    const struct map_entry *e)
{
	size_t i;

	for (i = 0; i < g->s->n_threads; i++)
		if (g->s->sps[i] && g->s->sps[i] >= e->start &&
		    g->s->sps[i] < e->end && e->perms[1] == 'w' && !e->ino)
			return &g->s->threads[i];
	return NULL;
}

static bool is_closed(const struct map_entry *e)
{
	return !memcmp(e->perms, "---", 3);
}

/* Right before a stack, so that it cannot grow into anything. */
static bool guards_stack(const struct segmenter *g, size_t i)
{
	const struct map_entry *e = &g->s->areas[i];

	return is_closed(e) && i + 1 < g->s->n && e[1].start == e->end &&
	       thread_of(g, &e[1]);
}

static bool name_tells(const struct map_entry *e, enum layout_kind *kind)
{
	size_t i;

	for (i = 0; e->name && !e->ino && i < sizeof(named) / sizeof(named[0]);
	     i++)
		if (named[i].begins ? !strncmp(e->name, named[i].name,
					       strlen(named[i].name))
				    : !strcmp(e->name, named[i].name)) {
			*kind = named[i].kind;
			return true;
		}
	return false;
}

static enum layout_kind program_kind(const struct map_entry *e)
{
	return e->perms[2] == 'x'   ? LAYOUT_TEXT
	       : e->perms[1] == 'w' ? LAYOUT_DATA
				    : LAYOUT_RODATA;
}

static enum layout_kind segment_kind(const struct segmenter *g, size_t i,
				     const struct task **thread)
{
	const struct map_entry *e = &g->s->areas[i];
	enum layout_kind kind;

	*thread = NULL;
	if (name_tells(e, &kind))
		return kind;
	if (is_program(g, e))
		return program_kind(e);
	/* What the file does not fill, right behind what it does. */
	if (g->program_end && e->start == g->program_end && !e->ino &&
	    e->perms[1] == 'w' && e->start < g->s->mm->start_brk)
		return LAYOUT_BSS;
	*thread = thread_of(g, e);
	if (*thread)
		return LAYOUT_THREAD_STACK;
	if (guards_stack(g, i))
		return LAYOUT_GUARD;
	return is_closed(e) ? LAYOUT_NO_ACCESS : LAYOUT_MMAP;
}

static int segments_put(struct segmenter *g, enum layout_kind kind,
			uint64_t start, uint64_t end, const char *words)
{
	struct layout_segment seg = {.kind = kind, .start = start, .end = end};

	if (start >= end)
		return 0;
	snprintf(seg.words, sizeof(seg.words), "%s", words);
	return vec_push(&g->out->list, seg);
}

/*
 * A gap that reaches over one of these borders is more than one: where
 * mappings begin or end, and where only those that ask for it are.
 */
static int segments_put_gap(struct segmenter *g, uint64_t from, uint64_t to,
			    const char *words)
{
	const struct mm_layout *mm = g->s->mm;
	bool down = mm->mmap_base != mm->mmap_legacy_base;
	const struct {
		uint64_t at;
		const char *below, *above;
	} borders[] = {
		{mm->mmap_base,
		 down ? "mappings come here, from its end downwards" : "",
		 down ? "kept for the stack, from mmap_base upwards"
		      : "mappings come here, from mmap_base upwards"},
		{x86_64_window(mm), "up to where the stack may end",
		 "only mappings that ask for such addresses"},
	};
	uint64_t start = from;
	size_t i;
	int rc = 0;

	for (i = 0; i < 2 && !rc; i++) {
		if (!borders[i].at || borders[i].at < start ||
		    borders[i].at >= to)
			continue;
		rc = segments_put(g, LAYOUT_GAP, start, borders[i].at,
				  *words ? words : borders[i].below);
		start = borders[i].at;
		words = borders[i].above;
	}
	return rc ? rc : segments_put(g, LAYOUT_GAP, start, to, words);
}

/* The kind of the segment before, and of that behind the gap, name it. */
static const char *gap_words(const struct mm_layout *mm,
			     enum layout_kind before, enum layout_kind next)
{
	bool program = before <= LAYOUT_BSS;
	bool down = mm->mmap_base != mm->mmap_legacy_base;

	if (before == LAYOUT_HEAP)
		return down ? "the heap grows into it, mappings come down from "
			      "its end"
			    : "the heap grows into it";
	if (program && next == LAYOUT_HEAP)
		return "before the heap, which was moved";
	if (before == LAYOUT_STACK || before == LAYOUT_VDSO ||
	    before == LAYOUT_VVAR)
		return next == LAYOUT_VDSO || next == LAYOUT_VVAR
			       ? ""
			       : "above the stack, whose end was moved";
	return "";
}

/* [from, to), before a segment of the kind `next`. */
static int segments_add_gap(struct segmenter *g, uint64_t from, uint64_t to,
			    enum layout_kind next)
{
	size_t n = g->out->list.n;
	enum layout_kind before = n ? g->out->list.v[n - 1].kind : LAYOUT_NULL;
	uint64_t least = g->s->set->min_addr_in_use;
	uint64_t guard = g->s->set->stack_guard_gap;
	int rc = 0;

	if (!from && least != UINT64_MAX) {
		least = least < to ? least : to;
		rc = segments_put(g, LAYOUT_NULL, 0, least,
				  "vm.mmap_min_addr: nothing is mapped so low");
		from = least;
	}
	if (next != LAYOUT_STACK || guard == UINT64_MAX)
		return rc ? rc
			  : segments_put_gap(g, from, to,
					     gap_words(g->s->mm, before, next));
	guard = guard < to - from ? guard : to - from;
	if (!rc)
		rc = segments_put_gap(g, from, to - guard,
				      gap_words(g->s->mm, before, next));
	return rc ? rc
		  : segments_put(
			    g, LAYOUT_STACK_GAP, to - guard, to,
			    "stack_guard_gap: nothing else is mapped so near");
}

/* How far it may grow. */
static void stack_words(const struct segmenter *g, struct layout_segment *seg)
{
	const struct mm_layout *mm = g->s->mm;

	if (!mm->has_stack_limit)
		return;
	if (mm->stack_limit >= seg->end)
		snprintf(seg->words, sizeof(seg->words),
			 "may grow down: RLIMIT_STACK sets no limit");
	else
		snprintf(seg->words, sizeof(seg->words),
			 "may grow down to 0x%" PRIx64 " (RLIMIT_STACK)",
			 seg->end - mm->stack_limit);
}

static int segments_add_area(struct segmenter *g, size_t i)
{
	const struct map_entry *e = &g->s->areas[i];
	const struct task *thread;
	struct layout_segment seg = {
		.start = e->start, .end = e->end, .area = e};

	seg.kind = segment_kind(g, i, &thread);
	if (thread)
		seg.tid = thread->pid;
	if (seg.kind == LAYOUT_GUARD)
		seg.tid = thread_of(g, &e[1])->pid;
	if (seg.kind <= LAYOUT_BSS)
		g->program_end = e->end;
	if (seg.kind == LAYOUT_STACK)
		stack_words(g, &seg);
	if (seg.kind == LAYOUT_HEAP)
		snprintf(seg.words, sizeof(seg.words), "brk is 0x%" PRIx64,
			 g->s->mm->brk);
	return vec_push(&g->out->list, seg);
}

/* Where the heap was not moved it is one area with the bss before it. */
static bool heap_has_bss(const struct segmenter *g,
			 const struct layout_segment *seg)
{
	return seg->kind == LAYOUT_HEAP && seg->start == g->program_end &&
	       seg->start < g->s->mm->start_brk;
}

static void segments_edges(const struct segmenter *g, struct x86_64_edges *e)
{
	size_t i;

	*e = (struct x86_64_edges){.program_end = g->program_end};
	for (i = 0; i < g->out->list.n; i++) {
		const struct layout_segment *seg = &g->out->list.v[i];

		if (seg->kind <= LAYOUT_BSS && !e->program_start)
			e->program_start = seg->start;
		if (seg->kind == LAYOUT_STACK)
			e->stack_end = seg->end;
		if (heap_has_bss(g, seg))
			e->program_end = g->s->mm->start_brk;
	}
}

int layout_segments(const struct layout_space *s, struct layout_segments *out,
		    struct x86_64_edges *e)
{
	struct segmenter g = {.s = s, .out = out};
	uint64_t at = 0, size = s->mm->task_size, start;
	const struct task *thread;
	size_t i;
	int rc = 0;

	segments_find_text(&g);
	for (i = 0; i < s->n && !rc; i++) {
		start = s->areas[i].start;
		if (start > size)
			start = at < size ? size : at; /* the gate's */
		if (start > at)
			rc = segments_add_gap(&g, at, start,
					      segment_kind(&g, i, &thread));
		if (!rc)
			rc = segments_add_area(&g, i);
		at = s->areas[i].end;
	}
	if (!rc && at < size)
		rc = segments_add_gap(&g, at, size, LAYOUT_KINDS_OF_SEGMENTS);
	segments_edges(&g, e);
	return rc ? ERR_NOMEM : 0;
}
