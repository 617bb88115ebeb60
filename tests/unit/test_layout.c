/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what areas of a process are, of gaps, and of random distances. */
#include "layout/segments.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW 0x7ffffffff000ULL
#define TOP    0x7ffe00000000ULL /* where the stack ends */
#define BASE   0x7ffb00000000ULL
#define AREAS  24

static struct map_entry areas[AREAS];
static struct mm_layout mm;
static struct mm_settings set;
static struct task threads[2];
static uint64_t sps[2];
static struct layout_space space = {
	.areas = areas, .mm = &mm, .set = &set, .threads = threads, .sps = sps};
static struct layout_segments out;
static struct x86_64_edges edges;

static void area(uint64_t start, uint64_t end, const char *perms, uint64_t ino,
		 const char *name)
{
	struct map_entry *e = &areas[space.n++];

	*e = (struct map_entry){
		.start = start, .end = end, .ino = ino, .name = name};
	strcpy(e->perms, perms);
}

/* A program at its own address, a library, a thread. */
static void setup(void)
{
	space.n = 0;
	space.n_threads = 2;
	out = (struct layout_segments){{0}};
	area(0x400000, 0x401000, "r--p", 9, "/init");
	area(0x401000, 0x402000, "r-xp", 9, "/init");
	area(0x402000, 0x403000, "r--p", 9, "/init");
	area(0x403000, 0x404000, "rw-p", 9, "/init");
	area(0x404000, 0x410000, "rw-p", 0, NULL);
	area(0x500000, 0x521000, "rw-p", 0, "[heap]");
	area(0x7f0000000000, 0x7f0000001000, "---p", 0, NULL);
	area(0x7f0000001000, 0x7f0000801000, "rw-p", 0, NULL);
	area(0x7f0000900000, 0x7f0000a00000, "---p", 0, NULL);
	area(0x7f0000a00000, 0x7f0000b00000, "r-xp", 12, "/lib/libc.so");
	area(TOP - 0x21000, TOP, "rw-p", 0, "[stack]");
	area(TOP + 0x10000, TOP + 0x14000, "r--p", 0, "[vvar]");
	area(TOP + 0x14000, TOP + 0x16000, "r-xp", 0, "[vdso]");
	area(0xffffffffff600000, 0xffffffffff601000, "--xp", 0, "[vsyscall]");
	mm = (struct mm_layout){.start_code = 0x401000,
				.end_code = 0x401f00,
				.start_data = 0x403100,
				.end_data = 0x403f00,
				.start_brk = 0x500000,
				.brk = 0x520800,
				.task_size = WINDOW,
				.mmap_base = BASE,
				.mmap_legacy_base = 0x2aaaaaaab000 + 0x5000,
				.has_stack_limit = true,
				.stack_limit = 8 << 20,
				.randomized = true};
	set = (struct mm_settings){.randomize_va_space = 2,
				   .min_addr = 4096,
				   .min_addr_in_use = 65536,
				   .stack_guard_gap = 1 << 20,
				   .rnd_bits = 28,
				   .rnd_compat_bits = 8};
	threads[0] = (struct task){.pid = 8, .tgid = 7};
	threads[1] = (struct task){.pid = 9, .tgid = 7};
	sps[0] = 0;
	sps[1] = 0x7f0000800ff0;
}

static void teardown(void)
{
	vec_deinit(&out.list);
}

/* All addresses up to task_size, each once. */
static void take(void)
{
	uint64_t next = 0;
	size_t i;

	ck_assert_int_eq(layout_segments(&space, &out, &edges), 0);
	for (i = 0; i < out.list.n && next < mm.task_size; i++) {
		ck_assert_uint_eq(out.list.v[i].start, next);
		ck_assert_uint_gt(out.list.v[i].end, next);
		next = out.list.v[i].end;
	}
	ck_assert_uint_eq(next, mm.task_size);
}

static const struct layout_segment *at(uint64_t va)
{
	size_t i;

	for (i = 0; i < out.list.n; i++)
		if (va >= out.list.v[i].start && va < out.list.v[i].end)
			return &out.list.v[i];
	ck_abort_msg("nothing at 0x%llx", (unsigned long long)va);
}

static void check_kind(uint64_t va, const char *kind, const char *words)
{
	ck_assert_str_eq(layout_kind_name(at(va)->kind), kind);
	if (words)
		ck_assert_ptr_nonnull(strstr(at(va)->words, words));
}

START_TEST(areas_of_a_process)
{
	take();
	check_kind(0x400000, "read-only data", NULL);
	check_kind(0x401000, "text", NULL);
	check_kind(0x402000, "read-only data", NULL);
	check_kind(0x403000, "data", NULL);
	check_kind(0x40ffff, "bss", NULL);
	check_kind(0x500000, "heap", "brk is 0x520800");
	check_kind(0x7f0000000000, "guard", NULL);
	ck_assert_uint_eq(at(0x7f0000000000)->tid, 9);
	check_kind(0x7f0000001000, "thread stack", NULL);
	ck_assert_uint_eq(at(0x7f0000001000)->tid, 9);
	check_kind(0x7f0000900000, "no access", NULL);
	check_kind(0x7f0000a00000, "mmap", NULL);
	check_kind(TOP - 1, "stack", "down to 0x7ffdff800000");
	check_kind(TOP + 0x10000, "vvar", NULL);
	check_kind(TOP + 0x14000, "vdso", NULL);
	check_kind(0xffffffffff600000, "vsyscall", NULL);
	ck_assert_uint_eq(edges.program_start, 0x400000);
	ck_assert_uint_eq(edges.program_end, 0x410000);
	ck_assert_uint_eq(edges.stack_end, TOP);
}
END_TEST

START_TEST(gaps)
{
	uint64_t stack = TOP - 0x21000;

	take();
	check_kind(0, "NULL page", "mmap_min_addr");
	ck_assert_uint_eq(at(0)->end, 65536);
	check_kind(65536, "gap", "");
	check_kind(0x410000, "gap", "was moved");
	check_kind(0x521000, "gap", "heap grows");
	check_kind(BASE - 1, "gap", "downwards");
	ck_assert_uint_eq(at(BASE - 1)->end, BASE);
	check_kind(BASE, "gap", "kept for the stack");
	check_kind(stack - 1, "stack guard gap", "");
	ck_assert_uint_eq(at(stack - 1)->start, stack - (1 << 20));
	check_kind(WINDOW - 1, "gap", "above the stack");
}
END_TEST

/* A gap that is smaller than what borders take, and one beyond 47 bits. */
START_TEST(narrow_gaps)
{
	areas[0].start = 0x8000;
	space.n = 5;
	mm.task_size = 0xfffffffffff000;
	take();
	ck_assert_uint_eq(at(0)->end, 0x8000);
	check_kind(WINDOW, "gap", "ask for such addresses");
	ck_assert_uint_eq(at(WINDOW)->start, WINDOW);
	vec_deinit(&out.list);
	out = (struct layout_segments){{0}};
	space.n = 14;
	areas[9].end = TOP - 0x21000 - 0x1000;
	take();
	check_kind(TOP - 0x21001, "stack guard gap", "");
	ck_assert_uint_eq(at(TOP - 0x21001)->start, TOP - 0x22000);
}
END_TEST

/* A heap that was not moved has the bss in its area. */
START_TEST(heap_behind_the_program)
{
	struct x86_64_distance d[X86_64_MOVED];

	areas[4] = areas[5];
	areas[4].start = 0x404000;
	memmove(&areas[5], &areas[6], 8 * sizeof(areas[0]));
	space.n = 13;
	mm.start_brk = 0x410000;
	take();
	check_kind(0x404000, "heap", NULL);
	ck_assert_uint_eq(edges.program_end, 0x410000);
	x86_64_distances(&mm, &set, &edges, d);
	ck_assert(d[X86_64_HEAP].known);
	ck_assert_uint_eq(d[X86_64_HEAP].by, 0);
}
END_TEST

/* Whatever is not known is left out, and nothing is read beyond the areas. */
START_TEST(nothing_known)
{
	mm = (struct mm_layout){.task_size = WINDOW};
	set = (struct mm_settings){UINT64_MAX, UINT64_MAX, UINT64_MAX,
				   UINT64_MAX, UINT64_MAX, UINT64_MAX};
	space.n_threads = 0;
	take();
	check_kind(0, "gap", NULL);
	check_kind(0x401000, "mmap", NULL);
	check_kind(0x7f0000000000, "no access", NULL);
	ck_assert_uint_eq(edges.program_start, 0);
	vec_deinit(&out.list);
	out = (struct layout_segments){{0}};
	space.n = 0;
	take();
	ck_assert_uint_eq(out.list.n, 1);
}
END_TEST

START_TEST(distances)
{
	struct x86_64_distance d[X86_64_MOVED];

	take();
	x86_64_distances(&mm, &set, &edges, d);
	ck_assert(d[X86_64_MMAP].known && d[X86_64_STACK].known &&
		  d[X86_64_HEAP].known);
	ck_assert_uint_eq(d[X86_64_MMAP].by, 0x5000);
	ck_assert_uint_eq(d[X86_64_MMAP].most, 1ULL << 40);
	ck_assert_uint_eq(d[X86_64_STACK].by, WINDOW - TOP);
	ck_assert_uint_eq(d[X86_64_HEAP].by, 0x500000 - 0x410000);
	ck_assert_uint_eq(d[X86_64_HEAP].most, 1 << 30);
	ck_assert(!d[X86_64_PROGRAM].known); /* it is where it was linked */
	edges.program_start = 0x555555554000 + 0x3000;
	mm.mmap_legacy_base = 0x2aaaaaaab000 - 0x1000;
	edges.stack_end = 0;
	mm.start_brk = 0x400000;
	x86_64_distances(&mm, &set, &edges, d);
	ck_assert(d[X86_64_PROGRAM].known);
	ck_assert_uint_eq(d[X86_64_PROGRAM].by, 0x3000);
	ck_assert(!d[X86_64_MMAP].known && !d[X86_64_STACK].known &&
		  !d[X86_64_HEAP].known);
}
END_TEST

/* A program of 32 bits has a space, and distances, of its own. */
START_TEST(distances_of_32_bits)
{
	struct x86_64_distance d[X86_64_MOVED];

	mm.compat = true;
	mm.mmap_legacy_base = 0x55555000 + 0x7000;
	edges = (struct x86_64_edges){0x8048000, 0x8050000, 0xffe00000};
	mm.start_brk = 0x8050000;
	x86_64_distances(&mm, &set, &edges, d);
	ck_assert_uint_eq(x86_64_window(&mm), 0xffffe000);
	ck_assert(d[X86_64_MMAP].known && d[X86_64_STACK].known &&
		  d[X86_64_HEAP].known);
	ck_assert_uint_eq(d[X86_64_MMAP].by, 0x7000);
	ck_assert_uint_eq(d[X86_64_MMAP].most, 1 << 20);
	ck_assert_uint_eq(d[X86_64_STACK].by, 0x1fe000);
	ck_assert_uint_eq(d[X86_64_HEAP].by, 0);
	mm.personality = MM_ADDR_LIMIT_3GB;
	ck_assert_uint_eq(x86_64_window(&mm), 0xc0000000);
	x86_64_distances(&mm, &set, &edges, d);
	ck_assert(!d[X86_64_STACK].known);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("layout of processes");
	TCase *t = tcase_create("layout of processes");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, areas_of_a_process);
	tcase_add_test(t, gaps);
	tcase_add_test(t, narrow_gaps);
	tcase_add_test(t, heap_behind_the_program);
	tcase_add_test(t, nothing_known);
	tcase_add_test(t, distances);
	tcase_add_test(t, distances_of_32_bits);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
