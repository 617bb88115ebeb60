/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of lists of symbols, and of patterns, on memory written by hand. */
#include "kernel/code/symbols_list.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "profile/listing.h"
#include "symbols/glob.h"
#include "unit/module_kit.h"

static struct fake_kernel f;
static struct symbols symbols;
static char text[1024];

static const struct profile_listed image[] = {
	{"in_image", CODE + 0x100, 'T', false},
	{"vmalloc", CODE + 0x200, 'T', false},
	{"vmalloc_node.cold", CODE + 0x240, 't', false},
	{"vmalloc_node.part.0", CODE + 0x280, 't', false},
};

static void setup(void)
{
	size_t i;

	kit_modules_init(&f);
	for (i = 1; i < 4; i++)
		fake_symbol(image[i].name, image[i].va);
	fake_listing(image, 4);
	kit_put_letters(&f, 0, "?tttd",
			(const struct kit_export[]){{TEXT(0) + 0x20, "went"}},
			1);
	symbols_init(&symbols, &f.kernel);
}

static void teardown(void)
{
	symbols_deinit(&symbols);
	fake_kernel_deinit(&f);
}

static void take(void *ctx, const struct symbols_listed *l)
{
	size_t used = strlen(text);

	(void)ctx;
	ck_assert_uint_eq(l->symbol.offset, 0);
	snprintf(text + used, sizeof(text) - used, "%c %s%s%s %llx;", l->letter,
		 l->symbol.name, l->symbol.module ? "@" : "",
		 l->symbol.module ? l->symbol.module : "",
		 (unsigned long long)l->symbol.size);
}

/* All that is found, in one line. */
static const char *found(struct symbols_wanted w)
{
	*text = '\0';
	ck_assert_int_eq(symbols_list_read(&symbols, &w, 1, NULL), 0);
	symbols_list(&symbols, &w, take, NULL);
	return text;
}

START_TEST(patterns)
{
	static const struct {
		const char *pattern, *name;
		bool fits;
	} t[] = {
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "vmalloc", true},
		{"**", "v", true},
		{"?", "", false},
		{"?", "v", true},
		{"vmalloc*", "vmalloc", true},
		{"vmalloc*", "vmallo", false},
		{"*alloc", "vmalloc", true},
		{"*alloc", "vmalloc_", false},
		{"v*c*e", "vmalloc_node", true},
		{"*a*b*", "xaxxbx", true},
		{"*a*b", "xaxbx", false},
		{"v?a*", "vmalloc", true},
		{"a.b", "axb", false},
		{"[a]", "a", false},
		{"\\*", "*", false},
		{"*ab", "aab", true},
		{"*aab", "aaaab", true},
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++)
		ck_assert_msg(glob_match(t[i].pattern, t[i].name) == t[i].fits,
			      "'%s' '%s'", t[i].pattern, t[i].name);
	ck_assert(glob_is_pattern("a*") && glob_is_pattern("?"));
	ck_assert(!glob_is_pattern("") && !glob_is_pattern("a[b]\\"));
}
END_TEST

/* What takes 2^n steps where each '*' is tried anew. */
START_TEST(a_pattern_that_is_meant_to_take_long)
{
	char name[512], pattern[512];
	size_t i;

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (i = 0; i + 3 < sizeof(pattern); i += 2)
		memcpy(pattern + i, "*a", 2);
	strcpy(pattern + i, "b");
	ck_assert(!glob_match(pattern, name));
}
END_TEST

START_TEST(by_name)
{
	ck_assert_str_eq(found((struct symbols_wanted){.name = "both"}),
			 "d both@first 1ff0;? both@second 80;");
	ck_assert_str_eq(found((struct symbols_wanted){.name = "both",
						       .module = "second"}),
			 "? both@second 80;");
	ck_assert_str_eq(found((struct symbols_wanted){.name = "vmalloc"}),
			 "T vmalloc 40;");
	ck_assert_str_eq(
		found((struct symbols_wanted){.name = "vmalloc_node",
					      .how = SYMBOLS_SUFFIXED}),
		"t vmalloc_node.cold 40;t vmalloc_node.part.0 0;");
	ck_assert_str_eq(found((struct symbols_wanted){.name = "vmalloc_node"}),
			 "");
	ck_assert_str_eq(found((struct symbols_wanted){
				 .name = "part", .how = SYMBOLS_SUFFIXED}),
			 "? part.cold.0@third 2000;");
	ck_assert_str_eq(found((struct symbols_wanted){.name = "bpf_prog_1_x"}),
			 "t bpf_prog_1_x@bpf 40;t bpf_prog_1_x@bpf 40;");
}
END_TEST

START_TEST(by_pattern)
{
	ck_assert_str_eq(found((struct symbols_wanted){.name = "in*",
						       .how = SYMBOLS_GLOB}),
			 "T in_image 100;? in_image@second 1f80;");
	ck_assert_str_eq(found((struct symbols_wanted){.name = "*",
						       .how = SYMBOLS_GLOB,
						       .module = "f*t"}),
			 "t __pfx_go@first 10;t go@first 1fe0;"
			 "T went@first 1fe0;d both@first 1ff0;");
	ck_assert_str_eq(found((struct symbols_wanted){.name = "kprobe*",
						       .how = SYMBOLS_GLOB}),
			 "t kprobe_insn_page@__builtin__kprobes 1000;");
}
END_TEST

/* The image costs no read, and a pattern no more batches than a name. */
START_TEST(what_it_costs)
{
	size_t calls = f.memory.calls, name;

	found((struct symbols_wanted){
		.name = "vm*", .how = SYMBOLS_GLOB, .image = true});
	ck_assert_uint_eq(f.memory.calls, calls);
	found((struct symbols_wanted){.name = "both"});
	name = f.memory.calls - calls;
	symbols_deinit(&symbols);
	symbols_init(&symbols, &f.kernel);
	calls = f.memory.calls;
	found((struct symbols_wanted){.name = "*", .how = SYMBOLS_GLOB});
	ck_assert_uint_gt(name, 0);
	ck_assert_uint_le(f.memory.calls - calls, name);
	/* and again: nothing but the letters */
	calls = f.memory.calls;
	found((struct symbols_wanted){.name = "?oth", .how = SYMBOLS_GLOB});
	ck_assert_uint_lt(f.memory.calls - calls, name);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/symbols_list");
	TCase *t = tcase_create("symbols_list");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, patterns);
	tcase_add_test(t, a_pattern_that_is_meant_to_take_long);
	tcase_add_test(t, by_name);
	tcase_add_test(t, by_pattern);
	tcase_add_test(t, what_it_costs);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
