/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what sysctls may cost in all, on trees that are made to be large. */
#include "proc/sys.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/limits.h"
#include "unit/fake_kernel.h"

#define ROOT	    (DIRECT + 0x1000) /* sysctl_table_root */
#define HEAD(i)	    (DIRECT + 0x2000 + (i)*0x40ULL)
#define NAME	    (DIRECT + 0x3000) /* all have it */
#define DATA	    (DIRECT + 0x10000)
#define NODE(i, j)  (DIRECT + 0x20000 + ((i)*64 + (j)) * 0x20ULL)
#define TABLE(i, j) (DIRECT + 0x80000 + ((i)*64 + (j)) * 0x20ULL)
#define HANDLER	    0xffffffff81000000ULL

static struct fake_kernel f;
static struct sys sys;

static void setup(void)
{
	fake_kernel_init(&f);
	fake_fields(
		(const struct fake_member[]){
			{"ctl_node.node.rb_left", 16, 8},
			{"ctl_node.node.rb_right", 8, 8},
			{"ctl_node.header", 24, 8},
			{"ctl_dir.header.ctl_table", 0, 8},
			{"ctl_dir.header.node", 8, 8},
			{"ctl_dir.header.unregistering", 16, 8},
			{"ctl_dir.root.rb_node", 24, 8},
			{"ctl_table.procname", 0, 8},
			{"ctl_table.data", 8, 8},
			{"ctl_table.maxlen", 16, 4},
			{"ctl_table.mode", 20, 2},
			{"ctl_table.proc_handler", 24, 8},
			{"ctl_table_root.default_set.dir.root.rb_node", 0, 8},
		},
		13);
	fake_sizeof("ctl_node", 0x20);
	fake_sizeof("ctl_table", 0x20);
	fake_symbol("sysctl_table_root", ROOT);
	fake_symbol("proc_dointvec", HANDLER);
	fake_puts(&f, NAME, "name");
}

static void teardown(void)
{
	sys_deinit(&sys);
	fake_kernel_deinit(&f);
}

static void look(void)
{
	const struct task_ns ns = {.pid = 0};

	ck_assert_int_eq(
		sysctls_read(&f.kernel, &ns, &sys.list, &sys.remarks, NULL), 0);
	ck_assert_int_eq(sysctl_values_read(&f.kernel, &sys.list, &ns,
					    &sys.values, NULL),
			 0);
}

static void put_entry(unsigned int head, unsigned int j, uint32_t mode)
{
	fake_put64(&f, NODE(head, j) + 24, HEAD(head));
	fake_put64(&f, TABLE(head, j), NAME);
	fake_put32(&f, TABLE(head, j) + 20, mode);
	fake_put64(&f, HEAD(head), TABLE(head, 0));
	fake_put64(&f, HEAD(head) + 8, NODE(head, 0));
}

/* n files of a header, in a tree that is as flat as it can be. */
static void put_files(unsigned int head, unsigned int n, uint32_t maxlen)
{
	unsigned int j;

	for (j = 0; j < n; j++) {
		put_entry(head, j, S_IFREG | 0444);
		fake_put64(&f, TABLE(head, j) + 8, DATA);
		fake_put32(&f, TABLE(head, j) + 16, maxlen);
		fake_put64(&f, TABLE(head, j) + 24, HANDLER);
		if (j)
			fake_put64(&f,
				   NODE(head, (j - 1) / 2) + (j % 2 ? 16 : 8),
				   NODE(head, j));
	}
}

/* Each value has no more than is read of one; together they have. */
START_TEST(values)
{
	const size_t most = SYSCTL_BYTES_MAX_ALL / SYSCTL_BYTES_MAX;
	size_t i, known = 0;

	put_files(0, (unsigned int)most + 3, SYSCTL_BYTES_MAX);
	fake_put64(&f, ROOT, NODE(0, 0));
	look();
	ck_assert_uint_eq(sys.list.v.n, most + 3);
	for (i = 0; i < sys.list.v.n; i++)
		known += sys_is_known(&sys, i);
	ck_assert_uint_eq(known, most);
	/* with less there is room for all */
	sys_deinit(&sys);
	machine_drop_cache(&f.memory.machine);
	put_files(0, (unsigned int)most + 3, SYSCTL_BYTES_MAX / 2);
	look();
	for (known = i = 0; i < sys.list.v.n; i++)
		known += sys_is_known(&sys, i);
	ck_assert_uint_eq(known, most + 3);
}
END_TEST

/* As deep as directories are followed, with names as long as there can be. */
START_TEST(paths)
{
	static char name[127];
	unsigned int i, n = 0x2400;

	memset(name, 'x', sizeof(name) - 1);
	fake_puts(&f, NAME, name);
	fake_put64(&f, ROOT, NODE(1, 0));
	for (i = 1; i < SYSCTL_LEVELS_MAX; i++) {
		put_entry(i, 0, S_IFDIR | 0555);
		fake_put64(&f, HEAD(i) + 24, NODE(i + 1, 0));
	}
	put_files(i, n, 4);
	look();
	ck_assert_uint_gt(sys.list.v.n, n / 2);
	ck_assert_uint_lt(sys.list.v.n, n);
	ck_assert_uint_lt(sys.list.names.len,
			  SYSCTL_PATH_BYTES_MAX_ALL +
				  SYSCTL_LEVELS_MAX * sizeof(name));
	ck_assert_uint_gt(sys.remarks.n, 0);
	ck_assert_ptr_nonnull(strstr(sys.remarks.texts.data, "names"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_sys_limits");
	TCase *t = tcase_create("proc_sys_limits");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, values);
	tcase_add_test(t, paths);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
