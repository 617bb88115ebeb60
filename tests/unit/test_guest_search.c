/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of patterns, and of searching in windows beside a plain search. */
#include "guest/search.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64.h"
#include "kernel/x86_64_swap.h"
#include "unit/array_machine.h"

#define MIB (1u << 20)

static struct pattern pattern;
static struct err err;

static int take(const char *text)
{
	int rc;

	pattern_deinit(&pattern);
	pattern = (struct pattern){0};
	rc = pattern_add(&pattern, text, 1, &err);
	return rc ? rc : pattern_end(&pattern, &err);
}

static size_t find(const char *bytes, size_t n, size_t from)
{
	return pattern_find(&pattern, (const uint8_t *)bytes, n, from);
}

START_TEST(patterns)
{
	ck_assert(!take("hex:61??63"));
	ck_assert_uint_eq(find("xabcabc", 7, 0), 1);
	ck_assert_uint_eq(find("xabcabc", 7, 2), 4);
	ck_assert_uint_eq(find("xabcab", 6, 2), 6);
	ck_assert_uint_eq(find("ab", 2, 0), 2);
	ck_assert(!take("hex: 6? ?2 "));
	ck_assert_uint_eq(find("xybbab", 6, 0), 2);
	ck_assert_uint_eq(pattern.fixed, 0);
	ck_assert(!take("str:aa"));
	ck_assert_uint_eq(find("aaaa", 4, 1), 1);
	ck_assert_uint_eq(find("aaaa", 4, 2), 2);
	ck_assert_uint_eq(find("aaaa", 4, 3), 4);
	/* The longest run of whole bytes is what is looked for. */
	ck_assert(!take("hex:61??6263??64"));
	ck_assert_uint_eq(pattern.anchor, 2);
	ck_assert_uint_eq(pattern.fixed, 2);
	ck_assert_uint_eq(find("bca_bc_d", 8, 0), 2);
	ck_assert_uint_eq(find("bca_bc_", 7, 0), 7);
}
END_TEST

static const struct {
	const char *text, *why;
} bad_patterns[] = {
	{"hex:", "empty"},	     {"str:", "empty"},
	{"hex:1", "no pair"},	     {"hex:1 23", "no pair"},
	{"hex:0x12", "no pair"},     {"hex:??", "fits anything"},
	{"hex:?? ????", "anything"}, {"256", "too large"},
	{"abc", "no number"},
};

START_TEST(bad_pattern)
{
	ck_assert_int_eq(take(bad_patterns[_i].text), ERR_USAGE);
	ck_assert_msg(strstr(err.text, bad_patterns[_i].why) != NULL, "%s: %s",
		      bad_patterns[_i].text, err.text);
}
END_TEST

/* The search over some of an array of bytes; the same without windows. */
static void compare(struct array_machine *a, uint64_t start, uint64_t last,
		    uint64_t align)
{
	struct search s = {.m = &a->machine,
			   .pattern = &pattern,
			   .align = align,
			   .max = SIZE_MAX};
	size_t at = start, n = 0, end = last + 1;

	ck_assert(!search_range(&s, start, last, &err));
	ck_assert(!search_end(&s, &err));
	while ((at = pattern_find(&pattern, a->bytes, end, at)) < end) {
		if (at % align == 0) {
			ck_assert_uint_lt(n, s.hits.n);
			ck_assert_uint_eq(s.hits.v[n].at, at);
			ck_assert_uint_eq(s.hits.v[n].pa, at);
			ck_assert_mem_eq(s.bytes.data + s.hits.v[n].bytes +
						 s.hits.v[n].before,
					 a->bytes + at, s.hits.v[n].shown);
			n++;
		}
		at++;
	}
	ck_assert_uint_eq(s.hits.n, n);
	ck_assert_uint_eq(s.searched, last - start + 1);
	search_deinit(&s);
}

/* Matches across, at and around the borders of windows and pieces. */
START_TEST(windows)
{
	static const int at[] = {-9, -8, -5, -1, 0, 1, 7};
	struct array_machine a;
	size_t border, i;

	array_machine_init(&a, 40 * MIB);
	for (border = MIB; border <= 33 * MIB; border += MIB)
		for (i = 0; i < sizeof(at) / sizeof(*at); i++)
			memcpy(a.bytes + border + at[i] + i * 0x1000,
			       "\x01\x02pattern", 9);
	for (i = 0; i < sizeof(at) / sizeof(*at); i++)
		memcpy(a.bytes + 16 * MIB + at[i], "\x01\x02pattern", 9);
	ck_assert(!take("hex:0102??6174"));
	compare(&a, 0, 40 * MIB - 1, 1);
	compare(&a, 3, 33 * MIB + 2, 1);
	compare(&a, 16 * MIB - 8, 16 * MIB + 1, 1);
	compare(&a, 0, 40 * MIB - 1, 4);
	ck_assert(!take("hex:01"));
	compare(&a, 5, 40 * MIB - 1, 1);
	array_machine_deinit(&a);
}
END_TEST

START_TEST(long_patterns)
{
	struct array_machine a;
	char text[5 + 2 * PATTERN_MAX];
	size_t i;

	array_machine_init(&a, 20 * MIB);
	for (i = 0; i < PATTERN_MAX; i++) {
		a.bytes[16 * MIB - 2000 + i] = (uint8_t)(i * 7 + i / 256);
		snprintf(text + 4 + 2 * i, 3, "%02x",
			 a.bytes[16 * MIB - 2000 + i]);
	}
	memcpy(text, "hex:", 4);
	ck_assert(!take(text));
	compare(&a, 0, 20 * MIB - 1, 1);
	compare(&a, 16 * MIB - 2000, 16 * MIB - 2001 + PATTERN_MAX, 1);
	memset(a.bytes, 0, a.size);
	memset(text + 4, '0', 2 * PATTERN_MAX);
	ck_assert(!take(text));
	compare(&a, 16 * MIB - 5000, 16 * MIB + 5000, 1);
	array_machine_deinit(&a);
}
END_TEST

START_TEST(batches_and_memory_are_bounded)
{
	struct search s = {.pattern = &pattern, .align = 1, .max = 10};
	struct array_machine a;

	array_machine_init(&a, 64 * MIB);
	ck_assert(!take("str:nowhere"));
	s.m = &a.machine;
	ck_assert(!search_range(&s, 0, UINT64_MAX, &err));
	ck_assert(!search_end(&s, &err));
	ck_assert_uint_eq(s.hits.n, 0);
	ck_assert_uint_eq(a.calls, 4);
	ck_assert_uint_eq(a.read_bytes, 64 * MIB);
	ck_assert_uint_eq(a.machine.cache.n, 0);
	search_deinit(&s);
	array_machine_deinit(&a);
}
END_TEST

/* One bad page: what is before and behind it is searched, it is no bridge. */
START_TEST(bad_pages)
{
	struct search s = {.pattern = &pattern, .align = 1, .max = 10};
	struct array_machine a;

	array_machine_init(&a, 4 * MIB);
	a.fail_from = 2 * MIB + 0x5000;
	a.fail_to = 2 * MIB + 0x6000;
	memcpy(a.bytes + 2 * MIB + 0x5000 - 4, "lost", 4);
	memcpy(a.bytes + 2 * MIB + 0x5ffe, "lost", 4);
	memcpy(a.bytes + 2 * MIB + 0x6000, "lost", 4);
	ck_assert(!take("str:lost"));
	s.m = &a.machine;
	ck_assert(!search_range(&s, 0, UINT64_MAX, &err));
	ck_assert(!search_end(&s, &err));
	ck_assert_uint_eq(s.hits.n, 2);
	ck_assert_uint_eq(s.hits.v[0].at, 2 * MIB + 0x5000 - 4);
	ck_assert_uint_eq(s.hits.v[1].at, 2 * MIB + 0x6000);
	ck_assert_uint_eq(s.searched, 4 * MIB - 0x1000);
	ck_assert_uint_eq(s.unread, 0x1000);
	search_deinit(&s);
	array_machine_deinit(&a);
}
END_TEST

START_TEST(cut_after_the_last_wanted)
{
	struct search s = {.pattern = &pattern, .align = 1, .max = 3};
	struct array_machine a;

	array_machine_init(&a, 40 * MIB);
	memcpy(a.bytes + 100, "xxx", 3);
	ck_assert(!take("str:x"));
	s.m = &a.machine;
	ck_assert(!search_range(&s, 0, UINT64_MAX, &err));
	ck_assert(!search_end(&s, &err));
	ck_assert(s.hits.n == 3 && !s.cut);
	search_deinit(&s);
	a.bytes[200] = 'x';
	s = (struct search){
		.m = &a.machine, .pattern = &pattern, .align = 1, .max = 3};
	a.calls = 0;
	ck_assert(!search_range(&s, 0, UINT64_MAX, &err));
	ck_assert(!search_end(&s, &err));
	ck_assert(s.hits.n == 3 && s.cut);
	ck_assert_uint_eq(a.calls, 1);
	search_deinit(&s);
	array_machine_deinit(&a);
}
END_TEST

enum {
	PGD = 0x1000,
	PUD = 0x2000,
	PMD = 0x3000,
	PTE = 0x4000
};

/* Pages that adjoin in the address space and lie apart, in no order. */
START_TEST(address_spaces)
{
	struct walk_root root = {.pgd = PGD,
				 .paging = &paging_4level,
				 .os = kernel_absent(&arch_x86_64)};
	struct search s = {
		.root = &root, .pattern = &pattern, .align = 1, .max = 10};
	struct array_machine a;

	array_machine_init(&a, MIB);
	array_put64(&a, PGD, PUD | 0x67);
	array_put64(&a, PUD, PMD | 0x67);
	array_put64(&a, PMD, PTE | 0x67);
	array_put64(&a, PTE + 3 * 8, 0x20000 | 0x67);
	array_put64(&a, PTE + 4 * 8, 0x10000 | 0x67);
	/* global and not present: without access, the frame is kept */
	array_put64(&a, PTE + 5 * 8, 0x30000 | PTE_G);
	array_put64(&a, PTE + 7 * 8, 0x40000 | 0x67);
	array_put64(&a, PTE + 8 * 8, 0xfee00000 | 0x67); /* no RAM */
	memcpy(a.bytes + 0x20ffe, "ab", 2);
	memcpy(a.bytes + 0x10000, "cd", 2);
	memcpy(a.bytes + 0x10ffe, "ab", 2);
	memcpy(a.bytes + 0x30000, "cd", 2);
	memcpy(a.bytes + 0x30ffe, "ab", 2);
	memcpy(a.bytes + 0x40000, "cd", 2);
	ck_assert(!take("str:abcd"));
	s.m = &a.machine;
	ck_assert(!search_range(&s, 0, (1ULL << 47) - 1, &err));
	ck_assert(!search_end(&s, &err));
	ck_assert_uint_eq(s.hits.n, 2);
	ck_assert_uint_eq(s.hits.v[0].at, 0x3ffe);
	ck_assert_uint_eq(s.hits.v[0].pa, 0x20ffe);
	ck_assert_uint_eq(s.hits.v[1].at, 0x4ffe);
	ck_assert_uint_eq(s.hits.v[1].pa, 0x10ffe);
	ck_assert_uint_eq(s.searched, 4 * 0x1000);
	ck_assert_uint_le(a.calls, 5);
	search_deinit(&s);
	array_machine_deinit(&a);
}
END_TEST

/* Each table that cannot be read is told of once, at whatever level. */
START_TEST(unreadable_tables)
{
	struct walk_root root = {.pgd = PGD,
				 .paging = &paging_4level,
				 .os = kernel_absent(&arch_x86_64)};
	struct search s = {
		.root = &root, .pattern = &pattern, .align = 1, .max = 10};
	struct array_machine a;

	array_machine_init(&a, MIB);
	array_put64(&a, PGD, PUD | 0x67);
	array_put64(&a, PGD + 8, 0x2000000000 | 0x67);
	array_put64(&a, PGD + 16, PUD | 0x67);
	array_put64(&a, PUD, PMD | 0x67);
	array_put64(&a, PUD + 8, 0x2000001000 | 0x67);
	array_put64(&a, PMD, PTE | 0x67);
	array_put64(&a, PTE, 0x20000 | 0x67);
	memcpy(a.bytes + 0x20ffe, "ab", 2);
	ck_assert(!take("str:ab"));
	s.m = &a.machine;
	ck_assert(!search_range(&s, 0, (1ULL << 47) - 1, &err));
	ck_assert(!search_end(&s, &err));
	ck_assert_uint_eq(s.hits.n, 2);
	ck_assert_uint_eq(s.top.unreadable, 1);
	ck_assert_uint_eq(s.top.pa, 0x2000000000);
	ck_assert_uint_eq(s.top.va, 1ULL << 39);
	ck_assert_uint_eq(s.bottom.unreadable, 2); /* seen through two PUDs */
	ck_assert_uint_eq(s.bottom.pa, 0x2000001000);
	ck_assert_uint_eq(s.bottom.va, 1ULL << 30);
	search_deinit(&s);
	array_machine_deinit(&a);
}
END_TEST

/* Tables that map themselves, and a space that is all one page of RAM. */
START_TEST(hostile_tables)
{
	struct walk_root root = {.pgd = PGD,
				 .paging = &paging_4level,
				 .os = kernel_absent(&arch_x86_64)};
	struct search s = {
		.root = &root, .pattern = &pattern, .align = 1, .max = 10};
	struct array_machine a;
	unsigned int i;

	array_machine_init(&a, MIB);
	for (i = 0; i < 512; i++)
		array_put64(&a, PGD + i * 8, PGD | 0x67);
	ck_assert(!take("str:nowhere"));
	s.m = &a.machine;
	ck_assert_int_eq(search_range(&s, 0, (1ULL << 47) - 1, &err),
			 ERR_CORRUPT);
	search_deinit(&s);
	for (i = 0; i < 512; i++) {
		array_put64(&a, PGD + i * 8, PUD | 0x67);
		array_put64(&a, PUD + i * 8, PMD | 0x67);
		array_put64(&a, PMD + i * 8, PTE | 0x67);
		array_put64(&a, PTE + i * 8, 0x5000 | 0x67);
	}
	s = (struct search){.m = &a.machine,
			    .root = &root,
			    .pattern = &pattern,
			    .align = 1,
			    .max = 10,
			    .most = 64 * MIB};
	ck_assert_int_lt(search_range(&s, 0, (1ULL << 47) - 1, &err), 0);
	ck_assert_uint_le(s.searched, 64 * MIB + SEARCH_WINDOW);
	search_deinit(&s);
	array_machine_deinit(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli/search");
	TCase *c = tcase_create("search");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, patterns);
	tcase_add_loop_test(c, bad_pattern, 0,
			    sizeof(bad_patterns) / sizeof(*bad_patterns));
	tcase_add_test(c, windows);
	tcase_add_test(c, long_patterns);
	tcase_add_test(c, batches_and_memory_are_bounded);
	tcase_add_test(c, bad_pages);
	tcase_add_test(c, cut_after_the_last_wanted);
	tcase_add_test(c, address_spaces);
	tcase_add_test(c, unreadable_tables);
	tcase_add_test(c, hostile_tables);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
