/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what control groups use. */
#include "kernel/task/cgroup_values.h"

#include <check.h>
#include <stdlib.h>

#include "unit/fake_kernel.h"

#define GROUP(n) (DIRECT + 0x10000 + (n)*256ULL)
#define MEM	 (DIRECT + 0x20000)
#define PIDS	 (DIRECT + 0x21000)
#define VISIBLE	 8u

static struct fake_kernel f;

static void setup(void)
{
	static const struct fake_member list[] = {
		{"cgroup.level", 0, 4},
		{"cgroup.subsys", 8, 64},
		{"cgroup_subsys_state.flags", 4, 4},
		{"mem_cgroup.css", 16, 64},
		{"mem_cgroup.memory.usage", 96, 8},
		{"mem_cgroup.memory.max", 104, 8},
		{"pids_cgroup.css", 0, 64},
		{"pids_cgroup.counter", 96, 8},
		{"pids_cgroup.limit", 104, 8},
	};

	fake_kernel_init(&f);
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_constant("cgroup_subsys_id.memory_cgrp_id", 4);
	fake_constant("cgroup_subsys_id.pids_cgrp_id", 7);
	fake_constant("CSS_VISIBLE", VISIBLE);
	fake_put32(&f, GROUP(1), 1);
	fake_put64(&f, GROUP(1) + 8 + 4 * 8, MEM + 16);
	fake_put64(&f, GROUP(1) + 8 + 7 * 8, PIDS);
	fake_put32(&f, MEM + 16 + 4, VISIBLE);
	fake_put32(&f, PIDS + 4, VISIBLE);
	fake_put64(&f, MEM + 96, 10);
	fake_put64(&f, MEM + 104, INT64_MAX / 4096);
	fake_put64(&f, PIDS + 96, 3);
	fake_put64(&f, PIDS + 104, 9);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

static uint64_t values(size_t n, struct cgroup_values *out)
{
	const uint64_t groups[] = {GROUP(1), GROUP(0), 0, 1, GROUP(1)};
	uint64_t before = f.memory.machine.stats.batches;
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!cgroup_values_read(&f.kernel, groups, n, out, &err),
		      "%s", err.text);
	return f.memory.machine.stats.batches - before;
}

/* The topmost group, none at all, and one that cannot be read have nothing. */
START_TEST(use_and_limits)
{
	struct cgroup_values v[5];
	uint64_t one = values(1, v);
	size_t i;

	ck_assert_uint_eq(values(5, v), one);
	for (i = 0; i < 5; i += 4) {
		ck_assert(v[i].has_memory && v[i].has_pids);
		ck_assert_uint_eq(v[i].memory, 40960);
		ck_assert_uint_eq(v[i].memory_max, CGROUP_NO_LIMIT);
		ck_assert_uint_eq(v[i].pids, 3);
		ck_assert_uint_eq(v[i].pids_max, 9);
	}
	for (i = 1; i < 4; i++)
		ck_assert(!v[i].has_memory && !v[i].has_pids);
}
END_TEST

/* A controller may be on for another one's sake alone. */
START_TEST(without_files)
{
	struct cgroup_values v[1];

	fake_put32(&f, PIDS + 4, 2);
	values(1, v);
	ck_assert(v->has_memory && !v->has_pids);
	fake_constant("cgroup_subsys_id.memory_cgrp_id", 1 << 20);
	values(1, v);
	ck_assert(!v->has_memory);
	fake_no_field("cgroup.level");
	values(1, v);
	ck_assert(!v->has_memory && !v->has_pids);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_cgroup_values");
	TCase *t = tcase_create("kernel_cgroup_values");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, use_and_limits);
	tcase_add_test(t, without_files);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
