/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of unwinding, on stacks written by hand. */
#include "kernel/stack/x86_64_unwind.h"

#include <check.h>
#include <string.h>

#include "base/cursor.h"

#define TEXT  0xffffffff81000000ULL
#define F(n)  (TEXT + (n)*0x100ULL)
#define IN(n) (F(n) + 0x10) /* a place in it, behind a call */
#define STACK 0xffffc90000010000ULL
#define AT(n) (STACK + (n)*8ULL)
#define WORDS 96

/* Functions that do nothing but have one rule. */
enum {
	PLAIN,	    /* its return address at rsp */
	FRAMED,	    /* keeps rbp as its frame pointer */
	INTERRUPT,  /* has a struct pt_regs at rsp */
	EXCEPTION,  /* has what a CPU pushes at rsp */
	REALIGNED,  /* its CFA is in r10 */
	REALIGNED2, /* then at rbp - 8 */
	SWITCHED,   /* its CFA less 8 is at rsp */
	LAST,
	NOTHING,
	ODD_BP, /* rbp is at rbp + 8 */
	BY_AX,
	SIGNAL, /* called, and yet not by a call */
	FUNCTIONS
};

static const struct orc_rule functions[FUNCTIONS] = {
	[PLAIN] = {.kind = ORC_CALL, .sp_base = ORC_SP, .sp_offset = 8},
	[FRAMED] = {.kind = ORC_CALL,
		    .sp_base = ORC_BP,
		    .sp_offset = 16,
		    .bp_base = ORC_PREV_SP,
		    .bp_offset = -16},
	[INTERRUPT] = {.kind = ORC_REGS, .sp_base = ORC_SP, .signal = 1},
	[EXCEPTION] = {.kind = ORC_REGS_PARTIAL,
		       .sp_base = ORC_SP,
		       .signal = 1},
	[REALIGNED] = {.kind = ORC_CALL, .sp_base = ORC_R10},
	[REALIGNED2] = {.kind = ORC_CALL,
			.sp_base = ORC_BP_INDIRECT,
			.sp_offset = -8},
	[SWITCHED] = {.kind = ORC_CALL,
		      .sp_base = ORC_SP_INDIRECT,
		      .sp_offset = 8},
	[LAST] = {.kind = ORC_END},
	[NOTHING] = {.kind = ORC_NONE},
	[ODD_BP] = {.kind = ORC_CALL,
		    .sp_base = ORC_SP,
		    .sp_offset = 8,
		    .bp_base = ORC_BP,
		    .bp_offset = 8},
	[BY_AX] = {.kind = ORC_CALL, .sp_base = ORC_AX},
	[SIGNAL] = {.kind = ORC_CALL,
		    .sp_base = ORC_SP,
		    .sp_offset = 8,
		    .signal = 1},
};

static struct orc_tables tables;
static struct unwinder unwinder;
static uint8_t stack[WORDS * 8];
static struct unwind_piece memory[2] = {{STACK, sizeof(stack), stack}};
static size_t pieces = 1;
static struct unwind out;

static void add_functions(void)
{
	struct orc_table t = {0};
	struct orc_rule rule;
	size_t i;

	for (i = 0; i <= FUNCTIONS; i++) {
		rule = i < FUNCTIONS ? functions[i]
				     : (struct orc_rule){.kind = ORC_NONE};
		rule.va = F(i);
		ck_assert_int_eq(vec_push(&t.rules, rule), 0);
	}
	ck_assert_int_eq(vec_push(&tables, t), 0);
}

static void setup(void)
{
	add_functions();
	unwinder = (struct unwinder){.tables = &tables};
}

static void teardown(void)
{
	unwind_deinit(&out);
	orc_tables_deinit(&tables);
}

static void word(size_t n, uint64_t value)
{
	le_store(stack + 8 * n, value, 8);
}

static void run_from(const struct unwind_start *start)
{
	unwind_deinit(&out);
	ck_assert_int_eq(unwind_run(&unwinder, start, memory, pieces, &out), 0);
}

static void run(uint64_t ip, size_t sp, size_t bp)
{
	run_from(&(struct unwind_start){.ip = ip, .sp = AT(sp), .bp = AT(bp)});
}

/* All frames by their ip; 0 at the end. */
static void check_frames(enum unwind_end end, const uint64_t *ips)
{
	size_t i;

	for (i = 0; i < out.frames.n; i++)
		ck_assert_uint_eq(out.frames.v[i].ip, ips[i]);
	ck_assert_uint_eq(ips[i], 0);
	ck_assert_int_eq(out.end, end);
}

#define ips(...) ((const uint64_t[]){__VA_ARGS__, 0})

START_TEST(calls)
{
	word(0, IN(FRAMED));
	word(8, AT(12)); /* rbp of the next */
	word(9, IN(FRAMED));
	word(12, 0);
	word(13, IN(PLAIN));
	word(14, IN(LAST));
	run(IN(PLAIN), 0, 8);
	check_frames(UNWIND_DONE, ips(IN(PLAIN), IN(FRAMED), IN(FRAMED),
				      IN(PLAIN), IN(LAST)));
	ck_assert_uint_eq(out.frames.v[1].sp, AT(1));
	ck_assert_uint_eq(out.frames.v[2].sp, AT(10));
	ck_assert_uint_eq(out.frames.v[4].sp, AT(15));
	ck_assert(!out.frames.v[1].interrupted && !out.frames.v[1].guessed);
}
END_TEST

/* A call that does not return is the last of its function. */
START_TEST(calls_at_the_end)
{
	word(0, F(LAST + 1));
	run(IN(PLAIN), 0, 0);
	check_frames(UNWIND_DONE, ips(IN(PLAIN), F(LAST + 1)));
	word(0, F(LAST));
	word(1, F(LAST + 1));
	word(2, AT(4)); /* as what would be before LAST reads it */
	run(IN(PLAIN), 0, 0);
	check_frames(UNWIND_UNREADABLE, ips(IN(PLAIN), F(LAST)));
	/* but what was interrupted, was so there */
	run_from(&(struct unwind_start){.ip = F(LAST), .interrupted = true});
	check_frames(UNWIND_DONE, ips(F(LAST)));
	word(0, F(LAST));
	run(IN(SIGNAL), 0, 0);
	check_frames(UNWIND_DONE, ips(IN(SIGNAL), F(LAST)));
	ck_assert(out.frames.v[1].interrupted);
}
END_TEST

/* A struct pt_regs from word `at` on, of a privilege level. */
static void regs(size_t at, uint64_t ip, uint64_t sp, unsigned int level)
{
	word(at + 2, AT(70));  /* r13 */
	word(at + 4, AT(52));  /* rbp */
	word(at + 7, AT(50));  /* r10 */
	word(at + 10, AT(60)); /* rax */
	word(at + 16, ip);
	word(at + 17, 0x10 | level);
	word(at + 19, sp);
}

START_TEST(interrupts)
{
	word(0, IN(INTERRUPT));
	regs(1, F(REALIGNED), AT(23), 0);
	word(49, IN(FRAMED)); /* at the CFA less 8, which r10 was */
	word(52, AT(80));
	word(53, IN(LAST));
	run(IN(PLAIN), 0, 90);
	check_frames(UNWIND_DONE, ips(IN(PLAIN), IN(INTERRUPT), F(REALIGNED),
				      IN(FRAMED), IN(LAST)));
	ck_assert_uint_eq(out.frames.v[2].regs, AT(1));
	ck_assert_uint_eq(out.frames.v[2].sp, AT(23));
	ck_assert(out.frames.v[2].interrupted);
	ck_assert(!out.frames.v[3].interrupted && !out.frames.v[3].regs);
}
END_TEST

/* What was there before an exception is known still; after a call it is not. */
START_TEST(registers_are_lost)
{
	struct unwind_start start = {.ip = F(BY_AX), .interrupted = true};

	run_from(&start);
	check_frames(UNWIND_NO_VALUE, ips(F(BY_AX)));
	start.regs.v[ORC_AX] = AT(3);
	start.regs.known[ORC_AX] = true;
	word(2, IN(BY_AX));
	run_from(&start);
	check_frames(UNWIND_NO_VALUE, ips(F(BY_AX), IN(BY_AX)));
	start.ip = F(EXCEPTION);
	start.sp = AT(4);
	word(4, F(BY_AX));
	word(5, 0x10);
	word(7, AT(9));
	start.regs.v[ORC_AX] = AT(11);
	word(10, IN(LAST));
	run_from(&start);
	check_frames(UNWIND_DONE, ips(F(EXCEPTION), F(BY_AX), IN(LAST)));
	ck_assert_uint_eq(out.frames.v[1].regs, AT(4) - 128);
}
END_TEST

START_TEST(user_mode)
{
	word(0, IN(INTERRUPT));
	regs(1, 0x401000, 0x7ffc0000, 3);
	run(IN(PLAIN), 0, 0);
	check_frames(UNWIND_USER, ips(IN(PLAIN), IN(INTERRUPT), 0x401000));
	ck_assert_uint_eq(out.frames.v[2].regs, AT(1));
	word(4, 0x401000);
	word(5, 0x33);
	word(7, 0x7ffc0000);
	run_from(&(struct unwind_start){
		.ip = F(EXCEPTION), .sp = AT(4), .interrupted = true});
	check_frames(UNWIND_USER, ips(F(EXCEPTION), 0x401000));
	ck_assert_uint_eq(out.frames.v[1].sp, 0x7ffc0000);
}
END_TEST

START_TEST(indirect)
{
	word(19, AT(31)); /* at rbp - 8 */
	word(30, IN(SWITCHED));
	word(31, AT(39)); /* at rsp, less 8 */
	word(39, IN(LAST));
	run(IN(REALIGNED2), 0, 20);
	check_frames(UNWIND_DONE, ips(IN(REALIGNED2), IN(SWITCHED), IN(LAST)));
	ck_assert_uint_eq(out.frames.v[2].sp, AT(40));
	/* up to 5.11 it is at rsp + 8 */
	tables.v[0].sp_indirect_before = true;
	word(32, AT(41));
	word(40, F(NOTHING) + 1);
	run(IN(SWITCHED), 31, 0);
	check_frames(UNWIND_NO_RULE, ips(IN(SWITCHED), F(NOTHING) + 1));
}
END_TEST

START_TEST(odd_frame_pointers)
{
	word(0, IN(FRAMED));
	word(11, AT(20)); /* at rbp + 8 */
	word(20, 0);
	word(21, IN(LAST));
	run(IN(ODD_BP), 0, 10);
	check_frames(UNWIND_DONE, ips(IN(ODD_BP), IN(FRAMED), IN(LAST)));
}
END_TEST

/* Code without rules keeps a frame pointer; 0 was called. */
START_TEST(guesses)
{
	word(0, IN(FUNCTIONS + 5));
	word(4, AT(8));
	word(5, IN(LAST));
	run(IN(PLAIN), 0, 4);
	check_frames(UNWIND_DONE, ips(IN(PLAIN), IN(FUNCTIONS + 5), IN(LAST)));
	ck_assert(!out.frames.v[1].guessed && out.frames.v[2].guessed);
	word(0, IN(LAST));
	unwind_deinit(&out);
	run(0, 0, 4);
	ck_assert_uint_eq(out.frames.n, 2);
	ck_assert_uint_eq(out.frames.v[1].ip, IN(LAST));
	ck_assert(!out.frames.v[1].guessed);
}
END_TEST

START_TEST(tracers)
{
	unwinder.tracers[unwinder.n_tracers++] = IN(LAST);
	word(0, IN(LAST));
	run(IN(PLAIN), 0, 0);
	check_frames(UNWIND_TRACED, ips(IN(PLAIN), IN(LAST)));
}
END_TEST

/* Stacks that lie. */

START_TEST(nothing_goes_on_for_ever)
{
	size_t i;

	/* its own caller, by rbp */
	word(4, AT(4));
	word(5, IN(FRAMED));
	run(IN(FRAMED), 3, 4);
	ck_assert_int_eq(out.end, UNWIND_STUCK);
	ck_assert_uint_le(out.frames.n, 3);
	/* registers that lead back to themselves */
	regs(1, F(INTERRUPT), AT(1), 0);
	run_from(&(struct unwind_start){
		.ip = F(INTERRUPT), .sp = AT(1), .interrupted = true});
	check_frames(UNWIND_STUCK, ips(F(INTERRUPT), F(INTERRUPT)));
	/* two stacks, each of which leads to the other */
	memory[1] =
		(struct unwind_piece){STACK + 0x10000, sizeof(stack), stack};
	pieces = 2;
	regs(1, F(INTERRUPT), AT(30), 0);
	regs(30, F(INTERRUPT), STACK + 0x10000 + 8, 0);
	run_from(&(struct unwind_start){
		.ip = F(INTERRUPT), .sp = AT(1), .interrupted = true});
	ck_assert_int_eq(out.end, UNWIND_LONG);
	ck_assert_uint_eq(out.frames.n, UNWIND_FRAMES_MAX);
	for (i = 0; i < WORDS; i++)
		word(i, IN(PLAIN));
	run(IN(PLAIN), 0, 0);
	ck_assert_int_eq(out.end, UNWIND_UNREADABLE);
	ck_assert_uint_eq(out.frames.n, WORDS + 1);
	pieces = 1;
}
END_TEST

START_TEST(nowhere)
{
	static const uint64_t sps[] = {
		0,	   STACK - 200, STACK - 172,   AT(WORDS) - 7,
		AT(WORDS), UINT64_MAX,	UINT64_MAX - 7};
	size_t n;

	for (n = 0; n < FUNCTIONS; n++) {
		if (n == LAST || n == NOTHING)
			continue;
		run_from(&(struct unwind_start){
			.ip = IN(n), .sp = sps[_i], .bp = sps[_i]});
		ck_assert(out.end == UNWIND_UNREADABLE ||
			  out.end == UNWIND_NO_VALUE);
		ck_assert_uint_eq(out.frames.n, 1);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/x86_64_unwind");
	TCase *t = tcase_create("unwind");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, calls);
	tcase_add_test(t, calls_at_the_end);
	tcase_add_test(t, interrupts);
	tcase_add_test(t, registers_are_lost);
	tcase_add_test(t, user_mode);
	tcase_add_test(t, indirect);
	tcase_add_test(t, odd_frame_pointers);
	tcase_add_test(t, guesses);
	tcase_add_test(t, tracers);
	tcase_add_test(t, nothing_goes_on_for_ever);
	tcase_add_loop_test(t, nowhere, 0, 7);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
