/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of rules for code that was made after the build: BPF, trampolines. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/code/x86_64_bpf.h"
#include "kernel/code/x86_64_trampoline.h"

#define VA 0xffffffffc0000000ULL

static struct orc_table made;

static void teardown(void)
{
	vec_deinit(&made.rules);
}

/* Rule i: "OFFSET BASE+N", with "*" where rbp is the caller's no more. */
static const char *rule(size_t i)
{
	static const char *const bases[ORC_BASES] = {
		[ORC_SP] = "sp", [ORC_BP] = "bp"};
	static char text[64];
	const struct orc_rule *r = &made.rules.v[i];

	if (i >= made.rules.n)
		return NULL;
	if (r->kind != ORC_CALL) {
		snprintf(text, sizeof(text), "%d %s", (int)(r->va - VA),
			 r->kind == ORC_END ? "end" : "none");
		return text;
	}
	ck_assert(r->bp_base == ORC_UNDEFINED ||
		  (r->bp_base == ORC_PREV_SP && r->bp_offset == -16));
	snprintf(text, sizeof(text), "%d %s+%d%s", (int)(r->va - VA),
		 bases[r->sp_base], r->sp_offset, r->bp_base ? "*" : "");
	return text;
}

/* Programs, as kernels have made them, and what is not quite one. */
static const struct {
	const char *code;
	size_t len;
	const char *rules[9];
} programs[] = {
	/* 5.10 */
	{"\x66\x66\x66\x66\x90\x66\x90\x55\x48\x89\xe5\x31\xc0\xc9\xc3\xcc",
	 16,
	 {"0 sp+8", "8 sp+16*", "11 bp+16*", "14 sp+8", "15 bp+16*",
	  "16 none"}},
	/* 6.1 */
	{"\x0f\x1f\x44\x00\x00\x66\x90\x55\x48\x89\xe5\x31\xc0\xc9\xc3",
	 15,
	 {"0 sp+8", "8 sp+16*", "11 bp+16*", "14 sp+8", "15 none"}},
	/* 6.12, 7.2; returns by a thunk */
	{"\xf3\x0f\x1e\xfa\x0f\x1f\x44\x00\x00\x0f\x1f\x00\x55\x48\x89\xe5"
	 "\xf3\x0f\x1e\xfa\x31\xc0\xc9\xe9\x01\x02\x03\x04",
	 28,
	 {"0 sp+8", "13 sp+16*", "16 bp+16*", "23 sp+8", "28 none"}},
	/* It is traced, may make tail calls, and goes on behind its end. */
	{"\xe8\x01\x02\x03\x04\x31\xc0\x55\x48\x89\xe5\xc9\xc3\x90",
	 14,
	 {"0 sp+8", "8 sp+16*", "11 bp+16*", "12 sp+8", "13 bp+16*",
	  "14 none"}},
	/* A trampoline that skips who was traced. */
	{"\x48\x31\xc0\x55\x48\x89\xe5\xc9\x48\x83\xc4\x08\xc3",
	 13,
	 {"0 sp+8", "4 sp+16*", "7 bp+16*", "8 sp+8", "13 none"}},
	/* The last byte of a call's distance, and where it returns to. */
	{"\x55\x48\x89\xe5\xe8\x01\x02\x03\xc9\xc3\xc9\xc3",
	 12,
	 {"0 sp+8", "1 sp+16*", "4 bp+16*", "9 end", "10 bp+16*", "11 sp+8",
	  "12 none"}},
	/* `leave` at the very end, and what is cut off. */
	{"\x55\x48\x89\xe5\xc9",
	 5,
	 {"0 sp+8", "1 sp+16*", "4 bp+16*", "5 none"}},
	{"\x55\x48\x89\xe5\xc9\xe9\x01\x02\x03",
	 9,
	 {"0 sp+8", "1 sp+16*", "4 bp+16*", "9 none"}},
	/* Nothing that is known. */
	{"\x55\x48\x89", 3, {"0 end", "3 none"}},
	{"\x90\x55\x48\x89\xe5", 5, {"0 end", "5 none"}},
	{"\xe8\x01", 2, {"0 end", "2 none"}},
	{"", 0, {"0 end", "0 none"}},
};

START_TEST(programs_of_bpf)
{
	uint8_t *code = malloc(programs[_i].len); /* no byte more */
	size_t i;

	if (programs[_i].len)
		memcpy(code, programs[_i].code, programs[_i].len);
	ck_assert(!x86_64_bpf_rules(VA, code, programs[_i].len, &made));
	free(code);
	for (i = 0; programs[_i].rules[i]; i++)
		ck_assert_pstr_eq(rule(i), programs[_i].rules[i]);
	ck_assert_uint_eq(made.rules.n, i);
}
END_TEST

#define ORIGINAL 0xffffffff81000000ULL

static struct trampoline_original originals[TRAMPOLINE_ORIGINALS] = {
	{ORIGINAL + 0x10, ORIGINAL + 0x90, "first of all ..."},
	{ORIGINAL + 0x100, ORIGINAL + 0x200, "second to none ."},
};

static struct orc_table image(void)
{
	static const struct {
		uint64_t at;
		int16_t offset;
	} rules[] = {{0, 1},	{0x10, 8},  {0x20, 176}, {0x80, 8},
		     {0x90, 2}, {0xf0, 24}, {0x180, 32}, {0x200, 3}};
	struct orc_table t = {0};
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		ck_assert(!vec_push(&t.rules, {.va = ORIGINAL + rules[i].at,
					       .kind = ORC_CALL,
					       .sp_base = ORC_SP,
					       .sp_offset = rules[i].offset}));
	return t;
}

static const struct {
	const char *bytes;
	size_t len;
	const char *rules[6];
} trampolines[] = {
	{"first of all ...",
	 0x98,
	 {"0 sp+8", "16 sp+176", "112 sp+8", "128 end", "152 none"}},
	{"second to none .",
	 0x110,
	 {"0 sp+24", "128 sp+32", "256 end", "272 none"}},
	/* Too short to be all of it; and of something else. */
	{"first of all ...", 0x80, {"0 end", "128 none"}},
	{"third time lucky", 0x98, {"0 end", "152 none"}},
};

START_TEST(trampolines_of_ftrace)
{
	struct orc_table t = image();
	size_t i;

	ck_assert(!x86_64_trampoline_rules(
		originals, &t, VA, trampolines[_i].len,
		(const uint8_t *)trampolines[_i].bytes, &made));
	vec_deinit(&t.rules);
	for (i = 0; trampolines[_i].rules[i]; i++)
		ck_assert_pstr_eq(rule(i), trampolines[_i].rules[i]);
	ck_assert_uint_eq(made.rules.n, i);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/made_rules");
	TCase *t = tcase_create("made_rules");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_loop_test(t, programs_of_bpf, 0,
			    sizeof(programs) / sizeof(*programs));
	tcase_add_loop_test(t, trampolines_of_ftrace, 0,
			    sizeof(trampolines) / sizeof(*trampolines));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
