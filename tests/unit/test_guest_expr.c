/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of expressions as they are parsed. */
#include "guest/expr.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

/* The steps, in the order in which they are done. */
static void steps_text(const struct expr *e, struct buf *b)
{
	static const char *const words[] = {
		"",	     "",     "task",  ".",    "->",
		"[]",	     "[:]",  "deref", "addr", "cast",
		"container", "list", "tree",  "add",  "sub"};
	size_t i;

	for (i = 0; i < e->n; i++) {
		const struct expr_step *s = &e->step[i];

		buf_printf(b, "%s%s%.*s", i ? " " : "", words[s->kind],
			   (int)s->name.len, s->name.at);
		if (s->of.len)
			buf_printf(b, "<%.*s>", (int)s->of.len, s->of.at);
		if (s->module.len)
			buf_printf(b, "[%.*s]", (int)s->module.len,
				   s->module.at);
		if (s->stars)
			buf_printf(b, "*%u", s->stars);
		if (s->number || s->kind == EXPR_NUMBER)
			buf_printf(b, "%" PRIu64, s->number);
		if (s->end)
			buf_printf(b, ":%" PRIu64, s->end);
	}
}

static const struct {
	const char *text, *steps;
} good[] = {
	{"init_task.comm", "init_task .comm"},
	{" init_task . comm ", "init_task .comm"},
	{"task(89)->mm->pgd", "89 task ->mm ->pgd"},
	{"(struct task_struct *)0x10", "16 cast<struct task_struct>*1"},
	{"((struct task_struct *)0x10)->pid",
	 "16 cast<struct task_struct>*1 ->pid"},
	{"(unsigned long)x", "x cast<unsigned long>"},
	{"(u64)*p", "p deref cast<u64>"},
	{"(a).b", "a .b"},
	{"(a)+1", "a 1 add"},
	{"(a)-(b)", "a b sub"},
	{"*a.b", "a .b deref"},
	{"(*a).b", "a deref .b"},
	{"&a[2].c", "a []2 .c addr"},
	{"a[0:4]", "a [:]:4"},
	{"a[0x10]", "a []16"},
	{"a - 1 + b", "a 1 sub b add"},
	{"a[zram]", "a<zram>"},
	{"a[zram][1]", "a<zram> []1"},
	{"container_of(&a.b, struct c, d.e)->f",
	 "a .b addr containerd.e<struct c> ->f"},
	{"list(init_task.tasks, task_struct, tasks).comm",
	 "init_task .tasks listtasks<task_struct> .comm"},
	{"(struct zram[zram] *)a", "a cast<struct zram>[zram]*1"},
	{"list(a, b[c], d)", "a listd<b>[c]"},
	{"tree(a.b, c, d).e", "a .b treed<c> .e"},
	{"list", "list"}, /* a symbol like others */
	{"task + 1", "task 1 add"},
};

START_TEST(steps)
{
	struct buf b = {0};
	struct err err = {0};
	struct expr e;

	ck_assert_msg(!expr_parse(good[_i].text, &e, &err), "%s", err.text);
	ck_assert_ptr_null(e.bad);
	steps_text(&e, &b);
	ck_assert_str_eq(b.data, good[_i].steps);
	buf_deinit(&b);
}
END_TEST

static const struct {
	const char *text, *why;
} bad[] = {
	{"", "a name, a number or ( is missing at ^: ^"},
	{"a.", "the name of a member is missing at ^: a.^"},
	{"a.1", "the name of a member is missing at ^: a.^1"},
	{"a->", "the name of a member is missing at ^: a->^"},
	{"a b", "neither an operator nor the end at ^: a ^b"},
	{"a*b", "neither an operator nor the end at ^: a^*b"},
	{"(a", "a closing parenthesis is missing at ^: (a^"},
	{"a[1", "a closing bracket is missing at ^: a[1^"},
	{"a[1:1]", "a slice of no element at ^: a[^1:1]"},
	{"a[]", "a number is missing at ^: a[^]"},
	{"a + ", "a name, a number or ( is missing at ^: a + ^"},
	{"0x", "a bad digit at ^: 0x^"},
	{"12z", "a bad digit at ^: 12^z"},
	{"a[0x10000000000000000]",
	 "a number larger than 64 bits at ^: a[^0x10000000000000000]"},
	{"task(1", "a closing parenthesis is missing at ^: task(1^"},
	{"list(a)", "a comma and a type are missing at ^: list(a^)"},
	{"list(a, b)", "a comma and a member are missing at ^: list(a, b^)"},
	{"list(a, b *, c)",
	 "a pointer where the struct is wanted at ^: list(a, b *^, c)"},
	{"list(a, b, c.)",
	 "the name of a member is missing at ^: list(a, b, c.^)"},
	{"list(a, b[c, d)", "a bracket is missing at ^: list(a, b[c^, d)"},
	{"a[zram", "a bracket is missing at ^: a[zram^"},
};

START_TEST(what_is_wrong)
{
	struct err err = {0};
	struct expr e;

	ck_assert_int_eq(expr_parse(bad[_i].text, &e, &err), ERR_USAGE);
	ck_assert_str_eq(err.text, bad[_i].why);
	ck_assert_int_eq(e.bad - e.text, strrchr(err.text, '^') - 1 -
						 (strchr(err.text, '^') + 2));
}
END_TEST

/* What errors speak of. */
START_TEST(operands)
{
	struct expr e;

	ck_assert_int_eq(expr_parse("task(2)->mm ->pgd", &e, NULL), 0);
	ck_assert_uint_eq(e.step[3].operand.len, 11);
	ck_assert_int_eq(strncmp(e.step[3].operand.at, "task(2)->mm", 11), 0);
	ck_assert_int_eq(expr_parse("*a.b + 1", &e, NULL), 0);
	ck_assert_uint_eq(e.step[2].operand.len, 3);
	ck_assert_int_eq(expr_parse("list(a.b, c, d)", &e, NULL), 0);
	ck_assert_uint_eq(e.step[2].operand.len, 3);
}
END_TEST

START_TEST(bounds)
{
	char text[EXPR_MAX_TEXT + 2];
	struct err err = {0};
	struct expr e;

	memset(text, '(', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(expr_parse(text, &e, &err), ERR_USAGE);
	ck_assert_str_eq(err.text, "an expression of more than 400 characters");
	ck_assert_ptr_null(e.bad);
	text[EXPR_MAX_TEXT] = '\0';
	ck_assert_int_eq(expr_parse(text, &e, &err), ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(err.text,
				     "too many parts in one another "
				     "at ^: (((((((((((((((((((((((((("
				     "((((((^("));
	memset(text, '*', EXPR_MAX_TEXT);
	ck_assert_int_eq(expr_parse(text, &e, &err), ERR_USAGE);
	memset(text, '1', EXPR_MAX_TEXT);
	ck_assert_int_eq(expr_parse(text, &e, &err), ERR_USAGE);
	for (size_t i = 1; i < EXPR_MAX_TEXT; i += 2)
		text[i] = '+';
	text[EXPR_MAX_TEXT - 1] = '\0';
	ck_assert_int_eq(expr_parse(text, &e, &err), ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(err.text, "of too many parts at ^"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("guest/expr");
	TCase *t = tcase_create("expr");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, steps, 0, sizeof(good) / sizeof(*good));
	tcase_add_loop_test(t, what_is_wrong, 0, sizeof(bad) / sizeof(*bad));
	tcase_add_test(t, operands);
	tcase_add_test(t, bounds);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
