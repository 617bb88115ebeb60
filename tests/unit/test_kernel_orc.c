/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of rules for unwinding, on memory written by hand. */
#include "kernel/code/x86_64_orc.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/cursor.h"

#include "kernel/limits.h"
#include "kernel/code/x86_64_orc_table.h"
#include "unit/fake_kernel.h"
#include "unit/orc_kit.h"

/* The top of the address space shows the same memory: where code may be. */
#define CODE	0xffffffff80000000ULL
#define AT(va)	((va)-CODE + DIRECT)
#define PLACES	(CODE + 0x10000)
#define ENTRIES (CODE + 0x20000)
#define HEADER	(CODE + 0x2f000)
#define TEXT	(CODE + 0x40000)
#define ETEXT	(TEXT + 0x1000)
#define INIT	(CODE + 0x50000)
#define EINIT	(INIT + 0x100)
#define MODULE	(DIRECT + 0x60000) /* its struct module */
#define MEMORY	(CODE + 0x70000)   /* its text, then its rules */

#define NONE(at)           \
	{                  \
		.va = (at) \
	}
#define END(at)                             \
	{                                   \
		.va = (at), .kind = ORC_END \
	}
#define CALL(at, b, off)                                          \
	{                                                         \
		.va = (at), .kind = ORC_CALL, .sp_base = ORC_##b, \
		.sp_offset = (off)                                \
	}
#define CALL_BP(at, b, off, bp, bpoff)                                        \
	{                                                                     \
		.va = (at), .kind = ORC_CALL, .sp_base = ORC_##b,             \
		.sp_offset = (off), .bp_base = ORC_##bp, .bp_offset = (bpoff) \
	}
#define REGS(at, k)                                                         \
	{                                                                   \
		.va = (at), .kind = ORC_##k, .sp_base = ORC_SP, .signal = 1 \
	}

/* One of each kind, and by each register; most rules are usual ones. */
static const struct orc_rule all[] = {
	CALL(TEXT, SP, 8),
	CALL_BP(TEXT + 1, SP, 16, PREV_SP, -16),
	CALL_BP(TEXT + 4, BP, 16, PREV_SP, -16),
	NONE(TEXT + 0x10),
	CALL(TEXT + 0x20, SP, 8),
	CALL(TEXT + 0x22, SP, 0x7ff8),
	END(TEXT + 0x30),
	REGS(TEXT + 0x40, REGS),
	REGS(TEXT + 0x44, REGS_PARTIAL),
	CALL(TEXT + 0x50, SP, 8),
	CALL_BP(TEXT + 0x54, R10, 0, BP, 0),
	CALL(TEXT + 0x58, R13, 0),
	CALL(TEXT + 0x5c, DI, 8),
	CALL(TEXT + 0x60, DX, 8),
	CALL(TEXT + 0x64, AX, 8),
	CALL_BP(TEXT + 0x68, BP_INDIRECT, -8, PREV_SP, -24),
	CALL(TEXT + 0x6c, SP_INDIRECT, 8),
	CALL(TEXT + 0x70, SP, 8),
	CALL(TEXT + 0x80, SP, 24),
	CALL(TEXT + 0x90, SP, 32),
	CALL(TEXT + 0xa0, SP, 24),
	CALL(INIT, SP, 8),
	CALL(INIT + 2, SP, 16),
};
#define ALL (sizeof(all) / sizeof(all[0]))

static struct fake_kernel f;
static struct modules modules;
static struct orc_tables tables;
static struct remarks remarks;
static struct err err;

static void setup(void)
{
	fake_kernel_init(&f);
	array_put64(&f.memory, 0xff000 + 511 * 8, 0xfd000 | 0x63);
	array_put64(&f.memory, 0xfd000 + 510 * 8, 0xe3);
	fake_symbol("_stext", TEXT);
	fake_symbol("_etext", ETEXT);
	fake_symbol("_sinittext", INIT);
	fake_symbol("_einittext", EINIT);
}

static void teardown(void)
{
	orc_tables_deinit(&tables);
	vec_deinit(&modules.list);
	remarks_deinit(&remarks);
	fake_kernel_deinit(&f);
}

/* Rule i of a table. */
static void put(int format, uint64_t places, uint64_t entries, size_t i,
		const struct orc_rule *rule)
{
	uint64_t place = places + 4 * i;

	fake_put32(&f, AT(place), (uint32_t)(rule->va - place));
	kit_orc_entry(format, rule, f.memory.bytes + (entries + 6 * i - CODE));
}

static void put_all(int format, const struct orc_rule *rules, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		put(format, PLACES, ENTRIES, i, &rules[i]);
}

/* What the kernel says of them; n_entries is n, unless it lies. */
static void say(size_t n, size_t n_entries)
{
	fake_symbol("__start_orc_unwind_ip", PLACES);
	fake_symbol("__stop_orc_unwind_ip", PLACES + 4 * n);
	fake_symbol("__start_orc_unwind", ENTRIES);
	fake_symbol("__stop_orc_unwind", ENTRIES + 6 * n_entries);
}

static void say_header(int format)
{
	memcpy(f.memory.bytes + (HEADER - CODE), kit_orc_headers[format], 20);
	fake_symbol("__start_orc_header", HEADER);
}

static void read_tables(void)
{
	ck_assert_int_eq(orc_read(&f.kernel, &modules, &tables, &remarks, &err),
			 0);
}

static bool remarked(const char *words)
{
	const char *remark = NULL;

	while ((remark = remarks_next(&remarks, remark)))
		if (strstr(remark, words))
			return true;
	return false;
}

static void check_rule(const struct orc_rule *is, const struct orc_rule *wanted)
{
	ck_assert_uint_eq(is->va, wanted->va);
	ck_assert_uint_eq(is->kind, wanted->kind);
	ck_assert_uint_eq(is->sp_base, wanted->sp_base);
	ck_assert_int_eq(is->sp_offset, wanted->sp_offset);
	ck_assert_uint_eq(is->bp_base, wanted->bp_base);
	ck_assert_int_eq(is->bp_offset, wanted->bp_offset);
	ck_assert_uint_eq(is->signal, wanted->signal);
}

/* Those of all[] before INIT, an end, the others, an end. */
static void check_all(void)
{
	static const struct orc_rule ends[] = {NONE(ETEXT), NONE(EINIT)};
	const struct orc_table *t = &tables.v[0];
	size_t i, at = 0;

	ck_assert_uint_eq(tables.n, 1);
	ck_assert_uint_eq(t->owner, 0);
	ck_assert_uint_eq(t->rules.n, ALL + 2);
	for (i = 0; i < ALL; i++) {
		if (all[i].va == INIT)
			check_rule(&t->rules.v[at++], &ends[0]);
		check_rule(&t->rules.v[at++], &all[i]);
	}
	check_rule(&t->rules.v[at], &ends[1]);
}

/* By the kernel's word, or, without or with one that is not known, by count. */
START_TEST(formats)
{
	int format = _i % KIT_ORC_FORMATS + 1, how = _i / KIT_ORC_FORMATS;

	put_all(format, all, ALL);
	say(ALL, ALL);
	if (how)
		say_header(how == 1 ? format : 0);
	read_tables();
	check_all();
	ck_assert(!tables.v[0].sp_indirect_before);
	ck_assert_uint_eq(remarks.n, 0);
}
END_TEST

/* From 6.3 on the signal bit is apart from the kind. */
START_TEST(signals)
{
	struct orc_rule rules[ALL];
	int format = _i + 2;

	memcpy(rules, all, sizeof(all));
	rules[8].signal = 0; /* REGS_PARTIAL */
	rules[9].signal = 1; /* CALL */
	put_all(format, rules, ALL);
	say(ALL, ALL);
	read_tables();
	ck_assert_uint_eq(tables.n, 1);
	check_rule(&tables.v[0].rules.v[8], &rules[8]);
	check_rule(&tables.v[0].rules.v[9], &rules[9]);
}
END_TEST

/* Up to 5.11 only registers were found by what lies at rsp. */
START_TEST(indirect_before)
{
	struct orc_rule rules[ALL];

	memcpy(rules, all, sizeof(all));
	rules[7].sp_base = ORC_SP_INDIRECT;
	rules[16].sp_base = ORC_SP;
	put_all(1, rules, ALL);
	say(ALL, ALL);
	read_tables();
	ck_assert_uint_eq(tables.n, 1);
	ck_assert(tables.v[0].sp_indirect_before);
}
END_TEST

/* Lookups: the last rule at or before, and nothing behind the code. */
START_TEST(find)
{
	static const struct {
		uint64_t va;
		uint64_t rule; /* 0: none */
	} wanted[] = {
		{TEXT - 1, 0},
		{TEXT, TEXT},
		{TEXT + 3, TEXT + 1},
		{TEXT + 0x10, TEXT + 0x10},
		{ETEXT - 1, TEXT + 0xa0},
		{ETEXT, ETEXT},
		{INIT - 1, ETEXT},
		{EINIT - 1, INIT + 2},
		{EINIT, 0},
		{UINT64_MAX, 0},
		{0, 0},
	};
	const struct orc_table *table;
	const struct orc_rule *rule;
	size_t i;

	put_all(3, all, ALL);
	say(ALL, ALL);
	read_tables();
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		rule = orc_find(&tables, wanted[i].va, &table);
		ck_assert_uint_eq(rule ? rule->va : 0, wanted[i].rule);
		ck_assert(!rule || table == &tables.v[0]);
	}
}
END_TEST

/* Tables that lie. */

START_TEST(not_in_order)
{
	struct orc_rule rules[ALL];
	size_t i;

	for (i = 0; i < ALL; i++)
		rules[i] = all[i * 7 % ALL];
	put_all(3, rules, ALL);
	say(ALL, ALL);
	read_tables();
	check_all();
	ck_assert(remarked("of the kernel are not in order"));
}
END_TEST

/* Of several at one address the last holds; that which is none never does,
 * where they are sorted. */
START_TEST(several_at_one_address)
{
	struct orc_rule rules[ALL + 3];
	const struct orc_table *t;

	memcpy(rules, all, sizeof(all));
	rules[ALL] = (struct orc_rule)CALL(TEXT + 0x80, SP, 64);
	rules[ALL + 1] = (struct orc_rule)CALL(TEXT + 0x80, SP, 72);
	rules[ALL + 2] = (struct orc_rule)NONE(TEXT + 0x80);
	put_all(4, rules, ALL + 3);
	say(ALL + 3, ALL + 3);
	read_tables();
	ck_assert_uint_eq(tables.n, 1);
	ck_assert_uint_eq(tables.v[0].rules.n, ALL + 2);
	check_rule(orc_find(&tables, TEXT + 0x80, &t), &rules[ALL + 1]);
	/* in order as it is, the last one counts, whatever it is */
	orc_tables_deinit(&tables);
	machine_drop_cache(&f.memory.machine);
	memcpy(rules, all, sizeof(all));
	rules[19] = (struct orc_rule)NONE(TEXT + 0x80);
	put_all(4, rules, ALL + 3);
	put(4, PLACES, ENTRIES, ALL, &(struct orc_rule)NONE(EINIT));
	put(4, PLACES, ENTRIES, ALL + 1, &(struct orc_rule)NONE(EINIT));
	put(4, PLACES, ENTRIES, ALL + 2, &(struct orc_rule)NONE(EINIT));
	read_tables();
	check_rule(orc_find(&tables, TEXT + 0x80, &t), &rules[19]);
}
END_TEST

/* Rules that are about no code are not there. */
START_TEST(not_about_code)
{
	struct orc_rule rules[ALL + 4];

	rules[0] = (struct orc_rule)CALL(TEXT - 0x10, SP, 64);
	memcpy(rules + 1, all, 21 * sizeof(all[0]));
	rules[22] = (struct orc_rule)CALL(ETEXT, SP, 64);
	rules[23] = (struct orc_rule)CALL(INIT - 1, SP, 64);
	memcpy(rules + 24, all + 21, 2 * sizeof(all[0]));
	rules[26] = (struct orc_rule)CALL(EINIT + 8, SP, 64);
	put_all(3, rules, ALL + 4);
	say(ALL + 4, ALL + 4);
	read_tables();
	check_all();
	ck_assert_uint_eq(remarks.n, 0);
}
END_TEST

START_TEST(none_is_about_code)
{
	struct orc_rule rules[ALL];
	size_t i;

	for (i = 0; i < ALL; i++) {
		rules[i] = all[i];
		rules[i].va += 0x20000;
	}
	put_all(3, rules, ALL);
	say(ALL, ALL);
	read_tables();
	ck_assert_uint_eq(tables.n, 0);
	ck_assert(remarked("no rule for unwinding of the kernel is about"));
}
END_TEST

START_TEST(no_format)
{
	static const struct {
		int format, header;
	} lies[] = {{3, 4}, {4, 3}, {4, 2}, {1, 3}, {2, 3}};

	put_all(lies[_i].format, all, ALL);
	say(ALL, ALL);
	say_header(lies[_i].header);
	read_tables();
	ck_assert_uint_eq(tables.n, 0);
	ck_assert(remarked("in no format that is known"));
}
END_TEST

/* Bits that no format has: one rule is lost, or all of them. */
START_TEST(nonsense)
{
	static const uint16_t bits[] = {0x0705, 0x020f, 0x0001 | 0x0200, 0x0200,
					0x0265, 0x1205, 0x8205};
	const struct orc_table *t;
	size_t i;

	put_all(3, all, ALL);
	say(ALL, ALL);
	le_store(f.memory.bytes + (ENTRIES - CODE) + 6 * 18 + 4, bits[_i], 2);
	read_tables();
	ck_assert(remarked("1 of 23 rules"));
	ck_assert_uint_eq(tables.n, 1);
	check_rule(orc_find(&tables, TEXT + 0x80, &t),
		   &(struct orc_rule)NONE(TEXT + 0x80));
	orc_tables_deinit(&tables);
	for (i = 9; i < 12; i++)
		le_store(f.memory.bytes + (ENTRIES - CODE) + 6 * i + 4,
			 bits[_i], 2);
	machine_drop_cache(&f.memory.machine);
	read_tables();
	ck_assert(remarked("4 of 23 rules"));
	ck_assert_uint_eq(tables.n, 0);
}
END_TEST

START_TEST(counts_that_lie)
{
	static const struct {
		size_t n, n_entries;
		const char *words;
	} lies[] = {
		{0, 0, "no rules for unwinding"},
		{ALL, ALL - 1, "make no sense: 0x84 bytes"},
		{ALL, ALL + 1, "make no sense"},
		{ORC_RULES_MAX + 1, ORC_RULES_MAX + 1, "make no sense"},
		{(size_t)1 << 60, (size_t)1 << 60, "no rules for unwinding"},
		{ORC_RULES_MAX, ORC_RULES_MAX, "cannot be read"},
	};

	put_all(3, all, ALL);
	say(lies[_i].n, lies[_i].n_entries);
	read_tables();
	ck_assert_uint_eq(tables.n, 0);
	ck_assert_msg(remarked(lies[_i].words), "%s",
		      remarks_next(&remarks, NULL));
}
END_TEST

START_TEST(no_code)
{
	fake_kernel_deinit(&f);
	fake_kernel_init(&f);
	say(ALL, ALL);
	read_tables();
	ck_assert_uint_eq(tables.n, 0);
	ck_assert(remarked("no rules for unwinding"));
}
END_TEST

/* Modules. */

static void add_module(const char *name, uint32_t n, uint64_t places,
		       uint64_t entries)
{
	struct module m = {
		.addr = MODULE + modules.list.n * 0x100,
		.range = {{MEMORY, 0x1000}, {MEMORY + 0x2000, 0x1000}},
		.n_ranges = 2,
		.text = MEMORY,
		.text_size = 0x1000};

	strcpy(m.name, name);
	fake_put32(&f, m.addr, n);
	fake_put64(&f, m.addr + 8, places);
	fake_put64(&f, m.addr + 16, entries);
	ck_assert_int_eq(vec_push(&modules.list, m), 0);
}

static void with_modules(void)
{
	put_all(3, all, ALL);
	say(ALL, ALL);
	fake_field("module.arch.num_orcs", 0, 4);
	fake_field("module.arch.orc_unwind_ip", 8, 8);
	fake_field("module.arch.orc_unwind", 16, 8);
}

START_TEST(of_a_module)
{
	static const struct orc_rule rules[] = {
		CALL(MEMORY, SP, 8), CALL(MEMORY + 0x800, SP, 16),
		CALL(MEMORY + 0x1000, SP, 32), /* of its start, which is over */
		CALL(MEMORY + 0x2000, SP, 32)};
	size_t i;

	with_modules();
	for (i = 0; i < 4; i++)
		put(3, MEMORY + 0x2000, MEMORY + 0x2800, i, &rules[i]);
	add_module("none", 0, 0, 0);
	add_module("some", 4, MEMORY + 0x2000, MEMORY + 0x2800);
	read_tables();
	ck_assert_uint_eq(remarks.n, 0);
	ck_assert_uint_eq(tables.n, 2);
	ck_assert_uint_eq(tables.v[1].owner, 2);
	ck_assert_uint_eq(tables.v[1].rules.n, 3);
	check_rule(&tables.v[1].rules.v[1], &rules[1]);
	check_rule(&tables.v[1].rules.v[2],
		   &(struct orc_rule)NONE(MEMORY + 0x1000));
}
END_TEST

START_TEST(of_a_module_that_lies)
{
	static const struct {
		uint32_t n;
		uint64_t places, entries;
		const char *words;
	} lies[] = {
		{UINT32_MAX, MEMORY + 0x2000, MEMORY + 0x2800, "not in its"},
		{0x400, MEMORY + 0x2004, MEMORY, "not in its"},
		{0x10, PLACES, ENTRIES, "not in its"},
		{0x10, MEMORY + 0x2000, UINT64_MAX - 4, "not in its"},
		{0x10, 0, 0, "not in its"},
		/* all zeros: none is about its code */
		{0x10, MEMORY + 0x2000, MEMORY + 0x2800, NULL},
	};

	with_modules();
	add_module("lies", lies[_i].n, lies[_i].places, lies[_i].entries);
	read_tables();
	ck_assert_uint_eq(tables.n, 1);
	ck_assert(!lies[_i].words || remarked(lies[_i].words));
}
END_TEST

/* Each has what is allowed, and all together have more. */
START_TEST(too_many_of_modules)
{
	size_t i;

	with_modules();
	for (i = 0; i < 3; i++) {
		add_module("large", ORC_RULES_MAX / 2, MEMORY, MEMORY);
		modules.list.v[i].range[0].size = ORC_RULES_MAX * 6ULL;
	}
	read_tables();
	ck_assert(remarked("more than 1048576 rules"));
	ck_assert_uint_eq(tables.n, 1);
}
END_TEST

/* Code that is not as its rules have it. */

static void put_code(uint64_t va, const char *hex)
{
	uint8_t *to = f.memory.bytes + (va - CODE);
	unsigned int byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		*to++ = (uint8_t)byte;
}

struct row {
	unsigned int at;
	int sp_offset; /* 0: none */
};

static void check_rows(uint64_t va, const struct row *rows, size_t n)
{
	const struct orc_table *t;
	const struct orc_rule *rule;
	size_t i;

	for (i = 0; i < n; i++) {
		rule = orc_find(&tables, va + rows[i].at, &t);
		ck_assert_ptr_nonnull(rule);
		ck_assert_uint_eq(rule->kind,
				  rows[i].sp_offset ? ORC_CALL : ORC_NONE);
		ck_assert_int_eq(rule->sp_offset, rows[i].sp_offset);
	}
}

/* Rules as kernels have them: none, and from `mov` on those of its end. */
START_TEST(retpolines)
{
	static const struct {
		const char *code;
		unsigned int told; /* where the kernel's rule begins */
		struct row rows[6];
	} thunks[] = {
		/* 5.10, 6.1 */
		{"e807000000f3900faee8ebf948890424c3cccccccc",
		 16,
		 {{0, 8}, {4, 8}, {5, 16}, {12, 16}, {16, 16}, {21, 0}}},
		/* 6.12 */
		{"e801000000cc4c893c24c3cccccccc",
		 10,
		 {{0, 8}, {4, 8}, {5, 16}, {6, 16}, {10, 16}, {21, 0}}},
		/* with a return thunk; behind a counted call */
		{"6548c13c250000000005e801000000cc48890c24e900000000",
		 19,
		 {{0, 8}, {9, 8}, {14, 8}, {15, 16}, {20, 16}, {25, 0}}},
		{"ffe0cccccccc", 32, {{0, 8}, {1, 8}, {2, 0}, {3, 0}}},
		{"41ffe3cccccc", 32, {{0, 8}, {2, 8}, {3, 0}, {4, 0}}},
		{"0faee8ffe1cc", 32, {{0, 8}, {4, 8}, {5, 0}, {6, 0}}},
		/* nothing that is known */
		{"e801000000cc90909090c3", 10, {{0, 0}, {5, 0}, {9, 0}}},
		{"0f0b", 32, {{0, 0}, {5, 0}}},
		{"e807000000", 32, {{0, 0}, {5, 0}}},
	};
	struct orc_rule rules[ALL + 3];
	uint64_t va = TEXT + 0x100;
	size_t n = 6;

	memcpy(rules, all, 21 * sizeof(all[0]));
	rules[21] = (struct orc_rule)NONE(va);
	rules[22] = (struct orc_rule)CALL(va + thunks[_i].told, SP, 8);
	rules[23] = (struct orc_rule)NONE(va + 21);
	if (thunks[_i].told > 21)
		rules[22] = rules[23];
	memcpy(rules + 24, all + 21, 2 * sizeof(all[0]));
	put_all(3, rules, ALL + 3);
	say(ALL + 3, ALL + 3);
	put_code(va, thunks[_i].code);
	fake_symbol("__x86_indirect_thunk_r11", va);
	read_tables();
	while (!thunks[_i].rows[n - 1].at)
		n--;
	check_rows(va, thunks[_i].rows, n);
	check_rows(va, (struct row[]){{31, 0}}, 1);
}
END_TEST

/* In some kernels the rules are those of another form of this. */
START_TEST(switch_of_tasks)
{
	static const char *const codes[] = {
		"49c7c410000000e801000000cce801000000cc4883c41049ffcc75eb0faee"
		"8",
		"49c7c410000000e807000000f3900faee8ebf9e807000000f3900faee8ebf9"
		"4883c41049ffcc75eb"};
	static const struct row rows[][9] = {{{0, 8},
					      {1, 56},
					      {47, 56},
					      {51, 56},
					      {52, 64},
					      {57, 64},
					      {58, 72},
					      {63, 56},
					      {80, 48}},
					     {{0, 8},
					      {1, 56},
					      {47, 56},
					      {51, 56},
					      {52, 64},
					      {63, 64},
					      {64, 72},
					      {75, 56},
					      {80, 48}}};
	struct orc_rule rules[ALL + 5];
	uint64_t va = TEXT + 0x100;

	memcpy(rules, all, 21 * sizeof(all[0]));
	rules[21] = (struct orc_rule)CALL(va, SP, 8);
	rules[22] = (struct orc_rule)CALL_BP(va + 1, SP, 56, PREV_SP, -16);
	rules[23] = (struct orc_rule)CALL_BP(va + 46, SP, 64, PREV_SP, -16);
	rules[24] = (struct orc_rule)CALL_BP(va + 50, SP, 56, PREV_SP, -16);
	rules[25] = (struct orc_rule)CALL_BP(va + 79, SP, 48, PREV_SP, -16);
	memcpy(rules + 26, all + 21, 2 * sizeof(all[0]));
	put_all(3, rules, ALL + 5);
	say(ALL + 5, ALL + 5);
	put_code(va + 40, codes[_i]);
	fake_symbol("__switch_to_asm", va);
	read_tables();
	check_rows(va, rows[_i], 9);
}
END_TEST

/* Two thunks that lie over each other. */
START_TEST(thunks_that_overlap)
{
	put_all(3, all, ALL);
	say(ALL, ALL);
	put_code(TEXT + 0x84, "0faee8ffe1");
	fake_symbol("__x86_indirect_thunk_rax", TEXT + 0x84);
	fake_symbol("__x86_indirect_thunk_rcx", TEXT + 0x87);
	fake_symbol("__x86_indirect_thunk_rdx", ETEXT + 0x100000);
	fake_symbol("__x86_indirect_thunk_rbx", UINT64_MAX);
	fake_symbol("__x86_indirect_thunk_rsi", 16);
	read_tables();
	check_rows(TEXT + 0x80,
		   (struct row[]){{0, 24}, {4, 8}, {8, 8}, {9, 24}}, 4);
	ck_assert_uint_eq(tables.v[0].rules.n, ALL + 5);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/x86_64_orc");
	TCase *t = tcase_create("orc");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, formats, 0, 3 * KIT_ORC_FORMATS);
	tcase_add_loop_test(t, signals, 0, 3);
	tcase_add_test(t, indirect_before);
	tcase_add_test(t, find);
	tcase_add_test(t, not_in_order);
	tcase_add_test(t, several_at_one_address);
	tcase_add_test(t, not_about_code);
	tcase_add_test(t, none_is_about_code);
	tcase_add_loop_test(t, no_format, 0, 5);
	tcase_add_loop_test(t, nonsense, 0, 7);
	tcase_add_loop_test(t, counts_that_lie, 0, 6);
	tcase_add_test(t, no_code);
	tcase_add_test(t, of_a_module);
	tcase_add_loop_test(t, of_a_module_that_lies, 0, 6);
	tcase_add_test(t, too_many_of_modules);
	tcase_add_loop_test(t, retpolines, 0, 9);
	tcase_add_loop_test(t, switch_of_tasks, 0, 2);
	tcase_add_test(t, thunks_that_overlap);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
