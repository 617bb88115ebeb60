/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the rules of writing: every kind of page, however it is reached. */
#include <check.h>
#include <string.h>

#include "edit/guard.h"

#define S     GUARD_SHARED
#define R     GUARD_READONLY
#define P     GUARD_PHYSICAL
#define NEVER 8u

static struct vma vma;
static struct guard_page page;
static struct guard_verdict verdict;

/* A private page of a process, which may write it and has done so. */
static void setup(void)
{
	vma = (struct vma){.flags = VM_READ | VM_WRITE};
	page = (struct guard_page){
		.access = GUARD_BY_PROCESS,
		.entry_writes = true,
		.entry_dirty = true,
		.vma = &vma,
		.info = {.kind = PAGE_ANON,
			 .nr = 1,
			 .mapcount = 1,
			 .refcount = 1},
	};
}

static unsigned int judge(unsigned int allow)
{
	guard_judge(&page, allow, &verdict);
	return verdict.never ? NEVER : verdict.need;
}

static void says(const char *words)
{
	ck_assert_msg(strstr(verdict.why, words) != NULL, "'%s' lacks '%s'",
		      verdict.why, words);
}

START_TEST(what_is_ones_own_is_free)
{
	ck_assert_uint_eq(judge(0), 0);
	ck_assert_str_eq(verdict.why, "");
}
END_TEST

/* Wants of {process, kernel, frame} for each kind; docs/pages.md. */
static const struct {
	enum page_kind kind;
	unsigned int want[3];
} table[] = {
	{PAGE_UNKNOWN, {P, P, P}},
	{PAGE_NOT_RAM, {NEVER, NEVER, NEVER}},
	{PAGE_FREE, {NEVER, NEVER, NEVER}},
	{PAGE_UNREFERENCED, {NEVER, NEVER, NEVER}},
	{PAGE_ZERO, {NEVER, NEVER, NEVER}},
	{PAGE_HUGE_ZERO, {NEVER, NEVER, NEVER}},
	{PAGE_ANON, {0, S, S}},
	{PAGE_ANON_SHARED, {S, S, S}},
	{PAGE_KSM, {S, S, S}},
	{PAGE_SWAP_CACHE, {S, S, S}},
	{PAGE_FILE, {S, S, S}},
	{PAGE_SHMEM, {S, S, S}},
	{PAGE_DAX, {S, S, S}},
	{PAGE_TEXT, {S | R, R, R | P}},
	{PAGE_RODATA, {S | R, R, R | P}},
	{PAGE_DATA, {S, 0, P}},
	{PAGE_PERCPU, {S, 0, P}},
	{PAGE_TABLE, {S | P, 0, P}},
	{PAGE_SLAB, {S | P, 0, P}},
	{PAGE_KERNEL, {S, 0, P}},
	{PAGE_RESERVED, {S, 0, P}},
	{PAGE_DEVICE, {S | P, P, P}},
	{PAGE_OFFLINE, {P, P, P}},
	{PAGE_POISONED, {P, P, P}},
};

START_TEST(each_kind_takes_what_the_table_says)
{
	enum guard_access access;
	unsigned int want;

	ck_assert_int_eq(sizeof(table) / sizeof(table[0]), PAGE_KINDS);
	page.info.kind = table[_i].kind;
	if (!page_is_anon(page.info.kind) && !page_is_file(page.info.kind))
		page.info.mapcount = 0;
	for (access = 0; access <= GUARD_BY_FRAME; access++) {
		page.access = access;
		want = table[_i].want[access];
		ck_assert_uint_eq(judge(0), want);
		ck_assert_int_eq(*verdict.why == '\0', !want);
		/* what is allowed is no reason any more */
		judge(GUARD_ALL);
		ck_assert_int_eq(*verdict.why == '\0', want != NEVER);
	}
}
END_TEST

/* The kernel's memory that processes map: a driver's buffer, the vDSO. */
START_TEST(kernel_memory_that_processes_map)
{
	static const enum page_kind kinds[] = {PAGE_KERNEL, PAGE_RODATA,
					       PAGE_DATA, PAGE_RESERVED};
	size_t i;
	unsigned int r;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		r = kinds[i] == PAGE_RODATA ? R : 0;
		page.info = (struct page_info){.kind = kinds[i]};
		page.access = GUARD_BY_KERNEL;
		ck_assert_uint_eq(judge(0), r);
		page.info.mapcount = 60;
		ck_assert_uint_eq(judge(0), r | S);
		says("processes have it mapped 60 times");
		page.access = GUARD_BY_FRAME;
		ck_assert_uint_eq(judge(0), r | P | S);
	}
}
END_TEST

START_TEST(vmas)
{
	page.vma = NULL;
	ck_assert_uint_eq(judge(GUARD_ALL), NEVER);
	says("no memory there");
	page.vma = &vma;
	vma.flags = VM_READ;
	ck_assert_uint_eq(judge(0), R);
	says("may not write there");
	page.entry_writes = false; /* of course */
	ck_assert_uint_eq(judge(0), R);
	vma.flags = VM_READ | VM_WRITE | VM_SHARED;
	page.entry_writes = true;
	ck_assert_uint_eq(judge(0), S);
	says("a shared mapping");
	vma.flags = VM_READ | VM_WRITE | VM_PFNMAP | VM_SHARED;
	ck_assert_uint_eq(judge(0), S);
	says("device");
}
END_TEST

START_TEST(entries)
{
	page.entry_writes = false; /* userfaultfd, or alone after a fork */
	ck_assert_uint_eq(judge(0), R);
	says("mapped read-only");
	page.info.kind = PAGE_ANON_SHARED; /* then that is the reason */
	page.info.mapcount = 3;
	ck_assert_uint_eq(judge(0), S);
	says("3 mappings see it");
	page.access = GUARD_BY_KERNEL;
	page.info = (struct page_info){.kind = PAGE_SLAB};
	ck_assert_uint_eq(judge(0), R);
	says("the kernel maps it read-only");
}
END_TEST

START_TEST(others_that_hold_a_page)
{
	page.info.extra_refs = 1;
	ck_assert_uint_eq(judge(0), S);
	says("1 reference beyond its mapping");
	page.info.extra_refs = 0;
	page.info.mapcount = 0; /* says one that maps it */
	ck_assert_uint_eq(judge(0), S);
}
END_TEST

START_TEST(clean_pages_that_may_be_dropped)
{
	page.info.swap_cache = true;
	ck_assert_uint_eq(judge(0), 0);
	page.entry_dirty = false;
	ck_assert_uint_eq(judge(0), S);
	says("a copy in swap");
	page.info.dirty = true;
	ck_assert_uint_eq(judge(0), 0);
	page.info = (struct page_info){
		.kind = PAGE_ANON, .mapcount = 1, .lazy_free = true};
	ck_assert_uint_eq(judge(0), S);
	says("MADV_FREE");
	page.entry_dirty = true;
	ck_assert_uint_eq(judge(0), 0);
}
END_TEST

START_TEST(files_by_name_or_number)
{
	struct page_file file = {
		.known = true, .ino = 12, .dev = 8 << 20 | 1, .fs = "ext4"};
	char path[] = "/tmp/a\nb";

	page.info.kind = PAGE_FILE;
	page.file = &file;
	ck_assert_uint_eq(judge(0), S);
	says("page cache of inode 12 of device 8:1 (ext4)");
	file.path = path;
	judge(0);
	says("/tmp/a\\x0ab (ext4)"); /* in one line */
	page.file = NULL;
	judge(0);
	says("a file without a name");
}
END_TEST

START_TEST(without_a_kernel)
{
	page = (struct guard_page){.access = GUARD_BY_FRAME, .blind = true};
	ck_assert_uint_eq(judge(0), P);
	says("no kernel was found");
	ck_assert_uint_eq(judge(P), P);
	ck_assert_str_eq(verdict.why, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli_guard");
	TCase *rules = tcase_create("rules");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(rules, setup, NULL);
	tcase_add_test(rules, what_is_ones_own_is_free);
	tcase_add_loop_test(rules, each_kind_takes_what_the_table_says, 0,
			    PAGE_KINDS);
	tcase_add_test(rules, kernel_memory_that_processes_map);
	tcase_add_test(rules, vmas);
	tcase_add_test(rules, entries);
	tcase_add_test(rules, others_that_hold_a_page);
	tcase_add_test(rules, clean_pages_that_may_be_dropped);
	tcase_add_test(rules, files_by_name_or_number);
	tcase_add_test(rules, without_a_kernel);
	suite_add_tcase(suite, rules);
	sr = srunner_create(suite);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
