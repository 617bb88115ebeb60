/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of .debug_frame, byte by byte, and by what readelf makes of it. */
#include "export/frame.h"

#include <check.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cursor.h"

#define TEXT   0xffffffff81000000ULL
#define MODULE 0xffffffffc0000000ULL

static struct portrait p;
static struct buf out;
static struct err err;

static void teardown(void)
{
	orc_tables_deinit(&p.unwind);
	vec_deinit(&p.symbols);
	buf_deinit(&out);
}

static void add_rules(uint32_t owner, const struct orc_rule *rules, size_t n)
{
	struct orc_table t = {.owner = owner};
	size_t i;

	for (i = 0; i < n; i++)
		ck_assert_int_eq(vec_push(&t.rules, rules[i]), 0);
	ck_assert_int_eq(vec_push(&p.unwind, t), 0);
}

static void add_symbol(uint64_t va, char type, uint32_t owner)
{
	ck_assert_int_eq(
		vec_push(&p.symbols, {.va = va, .type = type, .owner = owner}),
		0);
}

/* An entry of the section. */
struct entry {
	uint32_t at, cie; /* UINT32_MAX: it is a CIE itself */
	uint64_t start, len;
	const uint8_t *rest;
	size_t rest_len;
};

static size_t section; /* where it begins in out */

/* Entry number n; false: there are not so many. */
static bool entry_at(size_t n, struct entry *e)
{
	struct cursor c;
	uint32_t len;

	cursor_init(&c, out.data + section, out.len - section);
	for (;; n--) {
		if (!cursor_left(&c))
			return false;
		*e = (struct entry){.at = (uint32_t)c.pos};
		len = cursor_u32(&c);
		ck_assert_uint_eq((len + 4) % 8, 0);
		e->rest_len = len - 4;
		e->cie = cursor_u32(&c);
		if (e->cie != UINT32_MAX) {
			e->start = cursor_u64(&c);
			e->len = cursor_u64(&c);
			e->rest_len -= 16;
		}
		e->rest = cursor_bytes(&c, e->rest_len);
		ck_assert(!c.bad);
		if (!n)
			return true;
	}
}

/* What is behind the head of an entry, in hex digits, without padding. */
static void check_rest(const struct entry *e, const char *hex)
{
	char text[512] = "";
	size_t n = e->rest_len, i;

	while (n && !e->rest[n - 1] && n > strlen(hex) / 2)
		n--;
	for (i = 0; i < n; i++)
		sprintf(text + 2 * i, "%02x", e->rest[i]);
	ck_assert_str_eq(text, hex);
	ck_assert_uint_lt(e->rest_len - n, 8);
}

/* Of the FDE number n, from 1 on. */
static struct entry check_fde(size_t n, uint64_t start, uint64_t len,
			      bool signal, const char *hex)
{
	struct entry e, cie;

	ck_assert(entry_at(n + 1, &e));
	ck_assert(entry_at(signal, &cie));
	ck_assert_uint_eq(e.cie, cie.at);
	ck_assert_uint_eq(e.start, start);
	ck_assert_uint_eq(e.len, len);
	if (signal) {
		/* what belongs to its augmentation is of this length */
		ck_assert(e.rest_len && !e.rest[0]);
		e.rest++;
		e.rest_len--;
	}
	check_rest(&e, hex);
	return e;
}

static void check_end(size_t n)
{
	struct entry e;

	ck_assert(entry_at(n + 1, &e));
	ck_assert(!entry_at(n + 2, &e));
}

static void export(void)
{
	ck_assert_int_eq(export_frame(&p, &out, &err), 0);
}

/* Version 4, addresses of 8 bytes, factors 1 and -8, column 16. */
START_TEST(cies)
{
	static const struct orc_rule rules[] = {{.va = TEXT}, {.va = TEXT + 1}};
	struct entry e;

	add_rules(0, rules, 2);
	export();
	ck_assert(entry_at(0, &e));
	ck_assert_uint_eq(e.cie, UINT32_MAX);
	check_rest(&e, "04"
		       "00"
		       "0800"
		       "017810"
		       "0c0708" /* CFA: rsp + 8 */
		       "070f070e070d070c0703070b070a0709070807000702070107"
		       "0407050731" /* these: undefined */
		       "111001"	    /* rip: at CFA - 8 */
		       "140700"	    /* rsp: the CFA */
		       "08330834"   /* cs, ss: the same */
		       "0806");	    /* rbp: the same */
	ck_assert(entry_at(1, &e));
	ck_assert_uint_eq(e.cie, UINT32_MAX);
	check_rest(&e, "04"
		       "7a5300"
		       "0800"
		       "017810"
		       "00"	/* nothing belongs to the augmentation */
		       "0c0700" /* CFA: rsp, where a struct pt_regs is */
		       "110f00"
		       "110e7f"
		       "110d7e"
		       "110c7d"
		       "11037b"
		       "110b7a"
		       "110a79"
		       "110978"
		       "110877"
		       "110076"
		       "110275"
		       "110174"
		       "110473"
		       "110572"
		       "111070" /* rip: at CFA + 128 */
		       "11336f"
		       "11316e"
		       "11076d" /* rsp: at CFA + 152 */
		       "11346c"
		       "11067c"); /* rbp: at CFA + 32 */
}
END_TEST

#define CALL(off, b, so, bp, bo)                                          \
	{                                                                 \
		.va = TEXT + (off), .kind = ORC_CALL, .sp_base = ORC_##b, \
		.sp_offset = (so), .bp_base = ORC_##bp, .bp_offset = (bo) \
	}
#define REGS(off, k, so)                                                \
	{                                                               \
		.va = TEXT + (off), .kind = ORC_##k, .sp_base = ORC_SP, \
		.sp_offset = (so), .signal = 1                          \
	}
#define END(off)                                    \
	{                                           \
		.va = TEXT + (off), .kind = ORC_END \
	}
#define NONE(off)                  \
	{                          \
		.va = TEXT + (off) \
	}

/* A rule behind the usual one of a function's first byte, and its bytes. */
START_TEST(each_rule)
{
	static const struct {
		struct orc_rule rule;
		const char *hex;
	} cases[] = {
		{CALL(1, SP, 8, UNDEFINED, 0), ""},
		{CALL(1, SP, 16, UNDEFINED, 0), "410e10"},
		{CALL(1, SP, 16, PREV_SP, -16), "410e10110602"},
		{CALL(1, SP, 0x7ff8, UNDEFINED, 0), "410ef8ff01"},
		{CALL(1, BP, 16, PREV_SP, -16), "410c0610110602"},
		{CALL(1, BP, 8, PREV_SP, -16), "410d06110602"},
		{CALL(1, R10, 0, UNDEFINED, 0), "410c0a00"},
		{CALL(1, R13, 8, UNDEFINED, 0), "410d0d"},
		{CALL(1, DI, 16, UNDEFINED, 0), "410c0510"},
		{CALL(1, DX, 16, UNDEFINED, 0), "410c0110"},
		{CALL(1, AX, 16, UNDEFINED, 0), "410c0010"},
		/* breg10 -8 */
		{CALL(1, R10, -8, UNDEFINED, 0), "410f027a78"},
		/* breg6 -8; deref */
		{CALL(1, BP_INDIRECT, -8, PREV_SP, -24), "410f037678061106"
							 "03"},
		/* rbp by an expression: breg6 8 */
		{CALL(1, SP, 8, BP, 8), "411006027608"},
		/* not in a whole slot: not to be told */
		{CALL(1, SP, 8, PREV_SP, -12), "410706"},
		{END(1), "410710"},
		{NONE(1), "410710"},
		{CALL(63, SP, 16, UNDEFINED, 0), "7f0e10"},
		{CALL(64, SP, 16, UNDEFINED, 0), "02400e10"},
		{CALL(256, SP, 16, UNDEFINED, 0), "0300010e10"},
		{CALL(0xffff, SP, 16, UNDEFINED, 0), "03ffff0e10"},
	};
	struct orc_rule rules[3] = {CALL(0, SP, 8, UNDEFINED, 0),
				    cases[_i].rule, NONE(0x10000)};

	add_rules(0, rules, 3);
	export();
	check_fde(1, TEXT, 0x10000, false, cases[_i].hex);
	check_end(1);
}
END_TEST
#define CASES 21

/* Up to 5.11: breg7 8; deref. */
START_TEST(indirect_before)
{
	static const struct orc_rule rules[] = {{.va = TEXT,
						 .kind = ORC_REGS,
						 .sp_base = ORC_SP_INDIRECT,
						 .sp_offset = 8,
						 .signal = 1},
						NONE(4)};

	add_rules(0, rules, 2);
	p.unwind.v[0].sp_indirect_before = 1;
	export();
	check_fde(1, TEXT, 4, true, "0f03770806");
}
END_TEST

/* A piece of its own, as code that interrupts: breg7 0; deref; consts 8; plus.
 */
START_TEST(stack_switch)
{
	static const struct orc_rule rules[] = {
		CALL(0, SP, 8, UNDEFINED, 0),
		CALL(4, SP_INDIRECT, 8, UNDEFINED, 0),
		CALL(8, SP, 8, UNDEFINED, 0), NONE(12)};

	add_rules(0, rules, 4);
	export();
	check_fde(1, TEXT, 4, false, "");
	check_fde(2, TEXT + 4, 4, true,
		  "0f06770006110822"
		  "070f070e070d070c0703070b070a07090708070007020701070407050731"
		  "111001140700083308340806");
	check_fde(3, TEXT + 8, 4, false, "");
	check_end(3);
}
END_TEST

/* From one rule to the next only what differs. */
START_TEST(rows)
{
	static const struct orc_rule rules[] = {
		CALL(0, SP, 8, UNDEFINED, 0),
		CALL(1, SP, 16, PREV_SP, -16),
		CALL(4, BP, 16, PREV_SP, -16),
		CALL(8, BP, 16, PREV_SP, -16),
		CALL(9, SP, 8, UNDEFINED, 0),
		NONE(10),
		END(12),
		CALL(16, SP, 8, UNDEFINED, 0),
		CALL(17, BP_INDIRECT, -8, UNDEFINED, 0),
		CALL(18, BP, 8, UNDEFINED, 0),
		NONE(20),
	};

	add_rules(0, rules, 11);
	export();
	check_fde(1, TEXT, 20, false,
		  "410e10110602"
		  "430d06"
		  "450c07080806"
		  "410710"
		  "46111001"
		  "410f03767806"
		  "410c0608");
}
END_TEST

/* Code that an interrupt has entered. */
START_TEST(signals)
{
	static const struct orc_rule rules[] = {
		REGS(0, REGS, 0),
		REGS(4, REGS, 8),
		/* rip, cs, rflags, rsp, ss: at the CFA; others are not known */
		REGS(8, REGS_PARTIAL, 8),
		REGS(12, REGS_PARTIAL, 16),
		NONE(16),
	};

	add_rules(0, rules, 5);
	export();
	check_fde(1, TEXT, 16, true,
		  "440e08"
		  "44070f070e070d070c0703070b070a070907080700070207010704"
		  "0705"
		  "1110001133"
		  "7f11317e11077d11347c0806"
		  "440e10");
}
END_TEST

/* Where both are in a function each is a piece, and its ends go with it. */
START_TEST(pieces)
{
	static const struct orc_rule rules[] = {
		END(0),	  REGS(4, REGS, 0),
		NONE(6),  CALL(8, SP, 8, UNDEFINED, 0),
		END(9),	  REGS(12, REGS_PARTIAL, 0),
		NONE(20),
	};

	add_rules(0, rules, 7);
	export();
	check_fde(1, TEXT, 8, true,
		  "0710441110704207"
		  "10");
	check_fde(2, TEXT + 8, 4, false, "410710");
	check_fde(3, TEXT + 12, 8, true,
		  "070f070e070d070c0703070b070a0709070807000702070107040705"
		  "11100011337f11317e11077d11347c0806");
	check_end(3);
}
END_TEST

/* Debuggers that find nothing guess: that there is no caller is told. */
START_TEST(ends)
{
	static const struct orc_rule rules[] = {
		END(0), NONE(8), CALL(16, SP, 8, UNDEFINED, 0), NONE(20)};

	add_rules(0, rules, 4);
	add_symbol(TEXT, 't', 0);
	add_symbol(TEXT + 8, 't', 0);
	add_symbol(TEXT + 16, 't', 0);
	export();
	check_fde(1, TEXT, 8, false, "0710");
	check_fde(2, TEXT + 16, 4, false, "");
	check_end(2);
}
END_TEST

/* One FDE for each symbol of code, whatever their order, and for what is in
 * front of the first. */
START_TEST(functions)
{
	static const struct orc_rule rules[] = {
		CALL(0, SP, 8, UNDEFINED, 0),
		CALL(0x12, SP, 16, UNDEFINED, 0),
		CALL(0x24, SP, 8, UNDEFINED, 0),
		NONE(0x30),
	};
	static const struct orc_rule of_module[] = {{.va = MODULE,
						     .kind = ORC_CALL,
						     .sp_base = ORC_SP,
						     .sp_offset = 8},
						    {.va = MODULE + 0x10}};

	add_rules(0, rules, 4);
	add_rules(2, of_module, 2);
	add_symbol(TEXT + 0x20, 't', 0);
	add_symbol(TEXT + 0x10, 'T', 0);
	add_symbol(TEXT + 0x10, 'W', 0); /* an alias */
	add_symbol(TEXT + 0x18, 'd', 0); /* not code */
	add_symbol(TEXT + 0x40, 't', 0); /* behind all rules */
	add_symbol(TEXT - 8, 't', 0);
	add_symbol(TEXT + 8, 't', 1); /* not its own, whoever lies */
	add_symbol(MODULE, 't', 2);
	add_symbol(MODULE + 4, 'w', 2);
	add_symbol(0x80, 't', 0);
	p.symbols.v[p.symbols.n - 1].absolute = true;
	export();
	check_fde(1, TEXT, 0x10, false, "");
	check_fde(2, TEXT + 0x10, 0x10, false, "420e10");
	check_fde(3, TEXT + 0x20, 0x10, false, "0e10440e08");
	check_fde(4, MODULE, 4, false, "");
	check_fde(5, MODULE + 4, 12, false, "");
	check_end(5);
}
END_TEST

/* Without symbols it is cut; and gaps between parts of an image are no code. */
START_TEST(gaps)
{
	static const struct orc_rule rules[] = {
		CALL(0, SP, 8, UNDEFINED, 0),
		NONE(0x18000),
		CALL(0x1000000, SP, 8, UNDEFINED, 0),
		NONE(0x1000010),
	};

	add_rules(0, rules, 4);
	export();
	check_fde(1, TEXT, 0x10000, false, "");
	check_fde(2, TEXT + 0x10000, 0x10000, false, "0300800710");
	check_fde(3, TEXT + 0x1000000, 0x10, false, "");
	check_end(3);
}
END_TEST

START_TEST(nothing)
{
	export();
	ck_assert_uint_eq(out.len, 0);
}
END_TEST

/* Behind what is in the buffer; CIEs are found from the section's begin. */
START_TEST(appended)
{
	static const struct orc_rule rules[] = {REGS(0, REGS, 0), NONE(4)};

	add_rules(0, rules, 2);
	buf_add(&out, "12345", 5);
	section = 5;
	export();
	check_fde(1, TEXT, 4, true, "");
	section = 0;
}
END_TEST

/* An ELF file with this one section. */
static void write_elf(FILE *f)
{
	static const char names[] = "\0.debug_frame\0.shstrtab";
	Elf64_Ehdr h = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64,
				    ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_shoff = sizeof(h),
			.e_ehsize = sizeof(h),
			.e_shentsize = sizeof(Elf64_Shdr),
			.e_shnum = 3,
			.e_shstrndx = 2};
	Elf64_Shdr s[3] = {{0},
			   {.sh_name = 1,
			    .sh_type = SHT_PROGBITS,
			    .sh_offset = sizeof(h) + sizeof(s),
			    .sh_size = out.len},
			   {.sh_name = 14,
			    .sh_type = SHT_STRTAB,
			    .sh_offset = sizeof(h) + sizeof(s) + out.len,
			    .sh_size = sizeof(names)}};

	fwrite(&h, sizeof(h), 1, f);
	fwrite(s, sizeof(s), 1, f);
	fwrite(out.data, out.len, 1, f);
	fwrite(names, sizeof(names), 1, f);
}

/* Binutils read it without a word of complaint. */
START_TEST(by_readelf)
{
	static const struct orc_rule rules[] = {
		CALL(0, SP, 8, UNDEFINED, 0),
		CALL(1, BP_INDIRECT, -8, PREV_SP, -24),
		CALL(2, SP_INDIRECT, 8, BP, 8),
		REGS(8, REGS, 8),
		REGS(12, REGS_PARTIAL, 16),
		END(16),
		NONE(20),
	};
	static const char *const wanted[] = {
		"pc=ffffffff81000000..ffffffff81000002",
		"pc=ffffffff81000002..ffffffff81000014",
		"DW_OP_breg6 (rbp): -8; DW_OP_deref",
		"DW_OP_breg7 (rsp): 0; DW_OP_deref; DW_OP_consts: 8",
		"DW_CFA_undefined: r16 (rip)",
		"DW_CFA_offset_extended_sf: r6 (rbp) at cfa-24",
		"DW_CFA_offset_extended_sf: r16 (rip) at cfa+128",
		"DW_CFA_def_cfa_offset: 16"};
	char path[] = "/tmp/qvmi-frame-XXXXXX", command[128], text[16384];
	FILE *f = fdopen(mkstemp(path), "w");
	size_t n, i;

	if (system("readelf --version >/dev/null 2>&1")) {
		printf("readelf is not there, skipped\n");
		return;
	}
	add_rules(0, rules, 7);
	export();
	ck_assert_ptr_nonnull(f);
	write_elf(f);
	ck_assert_int_eq(fclose(f), 0);
	snprintf(command, sizeof(command),
		 "LC_ALL=C readelf --debug-dump=frames %s 2>&1", path);
	f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	ck_assert_int_eq(pclose(f), 0);
	unlink(path);
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		ck_assert_msg(strstr(text, wanted[i]), "no %s in:\n%s",
			      wanted[i], text);
	ck_assert_msg(!strstr(text, "arning") && !strstr(text, "rror"), "%s",
		      text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("export/frame");
	TCase *t = tcase_create("frame");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, cies);
	tcase_add_loop_test(t, each_rule, 0, CASES);
	tcase_add_test(t, indirect_before);
	tcase_add_test(t, stack_switch);
	tcase_add_test(t, rows);
	tcase_add_test(t, signals);
	tcase_add_test(t, pieces);
	tcase_add_test(t, ends);
	tcase_add_test(t, functions);
	tcase_add_test(t, gaps);
	tcase_add_test(t, nothing);
	tcase_add_test(t, appended);
	tcase_add_test(t, by_readelf);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
