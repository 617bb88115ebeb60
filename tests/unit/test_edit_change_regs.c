/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what becomes of the journal when registers cannot be changed. */
#include "edit/change_regs.h"

#include "arch/x86_64.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char home[] = "/tmp/qvmi-test-change-regs-XXXXXX";
static struct machine m;
static struct guest guest;
static struct editor editor;
static struct journal_name name;
static struct err err;
static int code; /* what each write of a register comes to */

static int write_reg(void *ctx, unsigned int vcpu, const struct arch_reg *reg,
		     uint64_t value, struct err *e)
{
	(void)ctx, (void)value;
	if (!code)
		vcpu_put(&m.vcpus.v[vcpu], reg, value);
	return code ? err_set(e, code, "no %s", reg->name) : 0;
}

static int read_regs(void *ctx, struct vcpu *v, struct err *e)
{
	(void)ctx, (void)e;
	*v = m.vcpus.v[v->index];
	return 0;
}

static const struct machine_ops ops = {.write_reg = write_reg,
				       .read_regs = read_regs};

/* A written entry, which is to be undone. */
static void setup(void)
{
	struct journal_entry e = {.command = strdup("regs"),
				  .gdb = strdup("nowhere")};
	struct journal_item item = {
		.written = home, .address = strdup("cpu0:rip"), .len = 8};

	ck_assert_ptr_nonnull(mkdtemp(home));
	setenv("XDG_STATE_HOME", home, 1);
	machine_init(&m, &ops, NULL);
	m.arch = &arch_x86_64;
	ck_assert(!vec_push(&m.vcpus,
			    {.arch = &arch_x86_64, .reg[X86_RIP] = 0x10}));
	guest = (struct guest){.machine = &m};
	editor = (struct editor){.guest = &guest};
	ck_assert(!journal_open(true, &editor.journal, &err));
	ck_assert(!journal_entry_add(&e, &item, "\x20\0\0\0\0\0\0",
				     "\x10\0\0\0\0\0\0"));
	ck_assert(!journal_record(editor.journal, &e, &err));
	ck_assert(!journal_move(editor.journal, e.id, JOURNAL_UNFINISHED,
				JOURNAL_WRITTEN, &err));
	name.id = e.id;
	free(item.address);
	journal_entry_deinit(&e);
}

static void teardown(void)
{
	char command[100];

	journal_close(editor.journal);
	machine_deinit(&m);
	snprintf(command, sizeof(command), "rm -rf '%s'", home);
	ck_assert_int_eq(system(command), 0);
}

static const struct {
	int code;
	enum journal_state state;
} ends[] = {
	{0, JOURNAL_UNDONE},
	{ERR_INTERRUPTED, JOURNAL_WRITTEN},
	{ERR_REFUSED, JOURNAL_WRITTEN},
	{ERR_NO_GUEST, JOURNAL_UNFINISHED}, /* nobody knows */
};

START_TEST(the_entry_says_what_became_of_it)
{
	struct change_regs c = {
		.record = {.undoes = name.id, .from = JOURNAL_WRITTEN}};
	struct reg_change r = {.reg = arch_reg_find(&arch_x86_64, "rip"),
			       .new = 0x20};

	ck_assert(!vec_push(&c.list, r));
	code = ends[_i].code;
	ck_assert_int_eq(change_regs_run(&editor, &c, &err),
			 code == ERR_NO_GUEST ? ERR_PARTIAL : code);
	ck_assert(!journal_find(editor.journal, name.id, &name, &err));
	ck_assert_int_eq(name.state, ends[_i].state);
	change_regs_deinit(&c);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli/change_regs");
	TCase *c = tcase_create("change_regs");
	SRunner *r = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, the_entry_says_what_became_of_it, 0,
			    sizeof(ends) / sizeof(*ends));
	suite_add_tcase(suite, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
