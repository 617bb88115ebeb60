/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes page walks: by one, by many, by range, on tables of any making; and
 * what is said and drawn of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "fuzz/fuzz.h"
#include "unit/array_machine.h"
#include "arch/x86_64.h"
#include "cli/walk_draw.h"
#include "cli/walk_page.h"
#include "walk/range.h"
#include "kernel/x86_64_swap.h"
#include "walk/ptdump.h"
#include "walk/space.h"
#include "walk/walk.h"

/*
 * An input, little-endian: u8 flags; u8 swap format; u8 number of addresses
 * (at most ADDRESSES); u64 PGD; the addresses, u64 each; and then entries,
 * each {u8 page, u16 index, u64 value}, which are put into memory.
 */
enum {
	FIVE_LEVELS = 1,
	PTI_KERNEL = 2,
	SWAP_KNOWN = 4,
	SWAP_INVERTED = 8,
	HIGH_HALF = 16, /* is what the range walk covers */
	NARROW = 96	/* bits 5, 6: a mode of protected mode, or none */
};

#define ADDRESSES 16
#define PAGES	  32u /* of memory; the last fails to be read */
#define READ	  (PAGE_SIZE_4K + 100) /* bytes: two pages and a bit */
#define TABLES	  24u		       /* that a range walk may take */

/* One machine for all inputs: to clear it is cheaper than to make it. */
static struct array_machine memory;

struct input {
	struct x86_64_swap swap;
	struct walk_root root;
	uint64_t va[ADDRESSES];
	size_t n;
	bool high;
};

static const struct paging *load_mode(uint8_t flags)
{
	static const struct paging *const narrow[] = {
		NULL, &paging_pae, &paging_32bit, &paging_32bit_4k};

	if (flags & NARROW)
		return narrow[flags >> 5 & 3];
	return flags & FIVE_LEVELS ? &paging_5level : &paging_4level;
}

static void load_entries(struct cursor *c)
{
	while (cursor_left(c) >= 11) {
		uint64_t page = cursor_u8(c) % PAGES;
		uint64_t index = cursor_u16(c) % 512;

		array_put64(&memory, page * PAGE_SIZE_4K + index * 8,
			    cursor_u64(c));
	}
}

static void load(struct input *in, const uint8_t *data, size_t size)
{
	uint8_t flags, swap;
	struct cursor c;
	size_t i;

	if (!memory.bytes)
		array_machine_init(&memory, PAGES * PAGE_SIZE_4K);
	memory.fail_from = (PAGES - 1) * PAGE_SIZE_4K;
	memory.fail_to = PAGES * PAGE_SIZE_4K;
	cursor_init(&c, data, size);
	flags = cursor_u8(&c);
	swap = cursor_u8(&c);
	in->n = cursor_u8(&c) % (ADDRESSES + 1);
	in->high = flags & HIGH_HALF;
	in->swap = (struct x86_64_swap){
		.os = {.absent = x86_64_absent, .parts = x86_64_absent_parts},
		.known = flags & SWAP_KNOWN,
		.inverted = flags & SWAP_INVERTED,
		.hwpoison = swap & 31,
		.migration = (swap & 31) + 1,
		.device = (swap & 31) + 3,
		.marker = (swap & 31) + 5,
		.swapin_error = (swap & 31) + 6,
		.pfn_bits = swap & 128 ? 34 : 40,
	};
	in->root = (struct walk_root){
		.pgd = cursor_u64(&c),
		.paging = load_mode(flags),
		.poison = flags & PTI_KERNEL ? PTE_NX : 0,
		.os = &in->swap.os,
	};
	for (i = 0; i < in->n; i++)
		in->va[i] = cursor_u64(&c);
	load_entries(&c);
}

/* A walk says one thing, and can be put into words. */
static void check_walk(const struct walk *w)
{
	char text[200];
	unsigned int i;

	fuzz_require(w->done && w->n <= w->root->paging->levels);
	fuzz_require(w->result < WALK_RESULTS);
	fuzz_require(w->n || w->result == WALK_NON_CANONICAL);
	if (w->result == WALK_MAPPED)
		fuzz_require(w->page_size >= PAGE_SIZE_4K &&
			     w->pa % w->page_size == w->va % w->page_size &&
			     w->pa >> 52 == 0);
	walk_describe(w, text, sizeof(text));
	fuzz_require(*text);
	for (i = 0; i < w->n; i++) {
		const struct walk_level *l = &w->level[i];

		fuzz_require(l->level == w->root->paging->levels - i);
		fuzz_require(*paging_level_name(w->root->paging, l->level));
		paging_entry_bits(w->root->paging, l->level, l->entry, text,
				  sizeof(text));
	}
}

/* The parts of each entry are all of it, each bit once. */
static void check_parts(const struct walk *w)
{
	struct paging_part parts[PAGING_MAX_PARTS];
	uint64_t all;
	unsigned int i, left;
	size_t n, j;

	for (i = 0; i < w->n; i++) {
		n = walk_level_parts(w, i, parts);
		left = w->root->paging->family->entry_bytes * 8u;
		for (all = 0, j = 0; j < n; j++) {
			left -= parts[j].width;
			fuzz_require(parts[j].bit == left);
			all |= parts[j].is_address ? parts[j].value
						   : parts[j].value << left;
		}
		fuzz_require(!left && all == w->level[i].entry);
	}
}

static void check_file(int (*write)(const void *, FILE *, struct err *),
		       const struct walk_shown *shown)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	fuzz_require(out && !write(shown, out, NULL) && !fclose(out) && len);
	free(text);
}

/* All that is said of a walk, in all forms. */
static void check_lesson(const struct walk *w)
{
	struct place place = {.space = ADDR_KERNEL};
	struct lesson lesson = {.place = &place, .walk = w};
	const struct walk_shown shown = {
		.place = &place, .walk = w, .lesson = &lesson};
	struct out out;

	fuzz_require(!lesson_tell(&lesson, NULL) && lesson.says.n);
	fuzz_require((lesson.n_accesses != 0) == (w->result == WALK_MAPPED));
	check_file(walk_html, &shown);
	check_file(walk_svg, &shown);
	out_init(&out, "walk", false, false);
	out_begin(&out, OUT_LINES, NULL, 0);
	walk_draw(&out, &shown, true);
	fuzz_require(!out.oom && out.lines.len);
	out_deinit(&out);
	lesson_deinit(&lesson);
}

/* Every page of a range is in one run, which goes where its walk goes. */
static void check_range(struct input *in, uint64_t va)
{
	struct walk_runs runs = {0};
	uint64_t len = ~va < 1 << 22 ? ~va + 1 : 1 << 22, at = va;
	struct walk w;
	size_t i;

	fuzz_require(
		!walk_range(&memory.machine, &in->root, va, len, &runs, NULL));
	for (i = 0; i < runs.list.n; i++) {
		const struct walk_run *r = &runs.list.v[i];

		fuzz_require(r->walk.va == at && r->len);
		at += r->len;
		fuzz_require(!walk_one(&memory.machine, &in->root, at - 1, &w,
				       NULL));
		fuzz_require(w.result == r->walk.result &&
			     (!walk_has_frame(w.result) ||
			      w.pa == r->walk.pa + (r->len - 1)));
	}
	fuzz_require(at - va == len);
	walk_runs_deinit(&runs);
}

/* One at a time and all at once end in the same. */
static void check_walks(struct input *in)
{
	struct machine *m = &memory.machine;
	struct walk all[ADDRESSES], one;
	size_t i;

	for (i = 0; i < in->n; i++)
		walk_launch(&all[i], &in->root, in->va[i]);
	fuzz_require(!walk_run(m, all, in->n, NULL));
	for (i = 0; i < in->n; i++) {
		check_walk(&all[i]);
		check_parts(&all[i]);
		machine_drop_cache(m);
		fuzz_require(!walk_one(m, &in->root, in->va[i], &one, NULL));
		fuzz_require(one.result == all[i].result &&
			     one.pa == all[i].pa && one.n == all[i].n);
	}
}

/* What was read is what lies where the walks lead. */
static void check_reads(struct input *in)
{
	static uint8_t bytes[ADDRESSES][READ];
	struct space_read reads[ADDRESSES];
	struct walk w;
	size_t i, at;

	for (i = 0; i < in->n; i++)
		reads[i] = (struct space_read){.root = &in->root,
					       .va = in->va[i],
					       .dst = bytes[i],
					       .len = READ};
	fuzz_require(!space_read(&memory.machine, reads, in->n, NULL));
	for (i = 0; i < in->n; i++) {
		fuzz_require(reads[i].got <= READ);
		for (at = 0; at < reads[i].got; at += 1021) {
			fuzz_require(!walk_one(&memory.machine, &in->root,
					       in->va[i] + at, &w, NULL));
			fuzz_require(walk_has_frame(w.result) &&
				     w.pa < memory.size &&
				     memory.bytes[w.pa] == bytes[i][at]);
		}
		space_read_all(&memory.machine, &in->root, in->va[i], bytes[i],
			       16, NULL);
	}
}

static const struct space_run *run_of(const struct space_run *runs, size_t n,
				      uint64_t va)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (va - runs[i].va < runs[i].len)
			return &runs[i];
	return NULL;
}

/* A range walk agrees with single walks about what is mapped, and how. */
static void check_runs(struct input *in, uint64_t start, uint64_t end)
{
	struct space_tables tables = {.left = TABLES};
	struct space_run *runs;
	size_t i, n;
	struct walk w;
	int rc;

	rc = space_runs(&memory.machine, &in->root, start, end, &tables, &runs,
			&n, NULL);
	fuzz_require(!rc || rc == ERR_CORRUPT);
	if (rc)
		return;
	for (i = 0; i < n; i++) {
		uint64_t last = runs[i].va + (runs[i].len - 1);

		fuzz_require(runs[i].len && runs[i].va >= start &&
			     last >= runs[i].va && last <= end - 1);
		fuzz_require(!i || runs[i - 1].va + (runs[i - 1].len - 1) <
					   runs[i].va);
	}
	for (i = 0; i < in->n; i++) {
		const struct space_run *r = run_of(runs, n, in->va[i]);

		fuzz_require(!walk_one(&memory.machine, &in->root, in->va[i],
				       &w, NULL));
		if (in->va[i] - start > end - 1 - start)
			continue;
		fuzz_require(!r == (w.result != WALK_MAPPED));
		fuzz_require(!r || (r->write == w.write && r->user == w.user &&
				    r->nx == w.nx));
	}
	free(runs);
}

/* A dump of all agrees with single walks, as far as it reaches. */
static void check_dump(struct input *in)
{
	struct ptdump d = {.steps = 5000};
	size_t i, j;

	fuzz_require(!ptdump_read(&memory.machine, &in->root, PTDUMP_BOTH, &d,
				  NULL));
	for (i = 1; i < d.runs.n; i++)
		fuzz_require(ptdump_last(&d.runs.v[i - 1]) < d.runs.v[i].va);
	for (i = 0; i < in->n; i++) {
		const struct ptdump_run *r = NULL;
		struct walk w;

		for (j = 0; j < d.runs.n && !r; j++)
			if (in->va[i] - d.runs.v[j].va < d.runs.v[j].len)
				r = &d.runs.v[j];
		fuzz_require(!walk_one(&memory.machine, &in->root, in->va[i],
				       &w, NULL));
		fuzz_require(r ? w.result == WALK_MAPPED
			       : w.result != WALK_MAPPED || d.cut);
		fuzz_require(!r || (r->write == w.write && r->user == w.user &&
				    r->nx == w.nx &&
				    ptdump_page_size(in->root.paging, r) ==
					    w.page_size));
	}
	ptdump_deinit(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in;
	uint64_t half;

	load(&in, data, size);
	check_walks(&in);
	check_reads(&in);
	check_dump(&in);
	if (in.n) {
		struct walk w;

		fuzz_require(!walk_one(&memory.machine, &in.root, in.va[0], &w,
				       NULL));
		check_lesson(&w);
		check_range(&in, in.va[0]);
	}
	half = 1ULL << (in.root.paging->va_bits - in.root.paging->half ==
			PAGING_BOTH);
	in.high &= in.root.paging->half == PAGING_BOTH;
	if (in.n > 1 && in.va[0] < in.va[1])
		check_runs(&in, in.va[0], in.va[1]);
	else
		check_runs(&in, in.high ? -half : 0, in.high ? 0 : half);
	machine_drop_cache(&memory.machine);
	memset(memory.bytes, 0, memory.size);
	return 0;
}
