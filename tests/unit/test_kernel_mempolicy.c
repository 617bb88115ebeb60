/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of memory policies: whose is which, and how each is printed. */
#include "kernel/mm/vma_policy.h"

#include <check.h>
#include <stdlib.h>

#include "kernel/limits.h"
#include "unit/fake_kernel.h"

#define TASK(n)	      (DIRECT + 0x1000 + (n)*0x100)
#define POLICY(n)     (DIRECT + 0x2000 + (n)*0x100)
#define OPS(n)	      (DIRECT + 0x8000 + (n)*0x100)
#define FILE_AT(n)    (DIRECT + 0x9000 + (n)*0x100)
#define INODE(n)      (DIRECT + 0xa000 + (n)*0x100) /* of shared memory */
#define NODE(n)	      (DIRECT + 0xb000 + (n)*0x100)
#define GET_SHMEM     (DIRECT + 0xc000)
#define GET_SHM	      (DIRECT + 0xc100)
#define GET_SOMEHOW   (DIRECT + 0xc200)
#define NOWHERE	      (DIRECT + 0x7fff0000)
#define TABLES	      2u /* batches for the kernel's own page tables */
#define VMAS	      12u
#define IN_SHMEM_INFO 16u /* where its inode lies */

static struct fake_kernel f;
static const struct task tasks[] = {{.addr = TASK(0)}, {.addr = TASK(1)}};
static struct vma vmas[2][VMAS];
static struct vma_list lists[2];
static struct vma_policies found;

static void setup(void)
{
	static const struct fake_member members[] = {
		{"task_struct.mempolicy", 8, 8},
		{"vm_operations_struct.get_policy", 24, 8},
		{"file.f_inode", 32, 8},
		{"shmem_inode_info.policy.root.rb_node", 0, 8},
		{"shmem_inode_info.vfs_inode", IN_SHMEM_INFO, 600},
		{"sp_node.nd.rb_right", 8, 8},
		{"sp_node.nd.rb_left", 16, 8},
		{"sp_node.start", 24, 8},
		{"sp_node.end", 32, 8},
		{"sp_node.policy", 40, 8},
		{"mempolicy.mode", 4, 2},
		{"mempolicy.flags", 6, 2},
		{"mempolicy.nodes", 8, 128},
	};
	size_t i;

	fake_kernel_init(&f);
	fake_fields(members, sizeof(members) / sizeof(members[0]));
	fake_sizeof("procmap_query", 104);
	fake_symbol("shmem_get_policy", GET_SHMEM);
	fake_symbol("shm_get_policy", GET_SHM);
	fake_put64(&f, OPS(1) + 24, GET_SHMEM);
	fake_put64(&f, OPS(2) + 24, GET_SHM);
	fake_put64(&f, OPS(3) + 24, GET_SOMEHOW);
	for (i = 0; i < 2; i++) {
		fake_put64(&f, FILE_AT(i) + 32, INODE(i) + IN_SHMEM_INFO);
		lists[i] = (struct vma_list){.v = vmas[i]};
	}
}

static void teardown(void)
{
	vma_policies_deinit(&found);
	fake_kernel_deinit(&f);
}

static void policy(unsigned int n, unsigned int mode, unsigned int flags,
		   uint64_t nodes)
{
	fake_put64(&f, POLICY(n), (uint64_t)flags << 48 | (uint64_t)mode << 32);
	fake_put64(&f, POLICY(n) + 8, nodes);
}

static void add(unsigned int list, struct vma v)
{
	struct vma_list *l = &lists[list];

	ck_assert_uint_lt(l->n, VMAS);
	l->v[l->n++] = v;
}

static void read_all(void)
{
	struct err err = {0};

	vma_policies_deinit(&found);
	machine_drop_cache(&f.memory.machine);
	f.memory.calls = 0;
	ck_assert_msg(
		!vma_policies_read(&f.kernel, tasks, lists, 2, &found, &err),
		"%s", err.text);
}

static void shows(unsigned int list, unsigned int vma, const char *wanted)
{
	struct buf b = {0};

	mempolicy_put(vma_policy(&found, list, vma), &b);
	ck_assert_str_eq(b.data, wanted);
	buf_deinit(&b);
}

/* The text of policy 0, which VMA 0 has. */
static void prints(unsigned int mode, unsigned int flags, uint64_t nodes,
		   const char *wanted)
{
	policy(0, mode, flags, nodes);
	read_all();
	shows(0, 0, wanted);
}

START_TEST(its_own_then_the_task_s_then_the_default_one)
{
	policy(0, MEMPOLICY_BIND, 0, 3);
	policy(1, MEMPOLICY_INTERLEAVE, MEMPOLICY_STATIC, 5);
	fake_put64(&f, TASK(1) + 8, POLICY(1));
	add(0, (struct vma){.policy = POLICY(0)});
	add(0, (struct vma){.ops = OPS(0)});
	add(1, (struct vma){.ops = OPS(0), .policy = POLICY(0)});
	add(1, (struct vma){0});
	read_all();
	ck_assert_uint_eq(f.memory.calls, TABLES + 3);
	ck_assert_uint_eq(found.n, 4);
	shows(0, 0, "bind:0-1");
	shows(0, 1, "default");
	shows(1, 0, "bind:0-1");
	shows(1, 1, "interleave=static:0,2");
}
END_TEST

START_TEST(every_mode_as_it_is_printed)
{
	const unsigned int balancing = MEMPOLICY_BALANCING;

	add(0, (struct vma){.policy = POLICY(0)});
	prints(MEMPOLICY_DEFAULT, 0, 1, "default");
	prints(MEMPOLICY_PREFERRED, 0, 2, "prefer:1");
	prints(MEMPOLICY_BIND, MEMPOLICY_RELATIVE, 6, "bind=relative:1-2");
	prints(MEMPOLICY_LOCAL, 0x18, 1, "local");
	prints(MEMPOLICY_PREFERRED_MANY, 0, 9, "prefer (many):0,3");
	prints(MEMPOLICY_WEIGHTED_INTERLEAVE, 0, 1, "weighted interleave:0");
	prints(MEMPOLICY_BIND, balancing | 0x18, 1, "bind=balancing:0");
	prints(MEMPOLICY_BIND, balancing | MEMPOLICY_STATIC, 1,
	       "bind=static|balancing:0");
	prints(MEMPOLICY_BIND, 0, 0, "bind");
	prints(MEMPOLICY_MODES, 0, 1, "unknown");
	prints(MEMPOLICY_BIND, 0, 0x5555555555555555ULL,
	       "bind:0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,"
	       "40,");
}
END_TEST

START_TEST(as_old_kernels_have_them)
{
	fake_field("mempolicy.nodes", 8, 8);
	fake_field("mempolicy.v.preferred_node", 8, 2);
	fake_sizeof("procmap_query", 0);
	add(0, (struct vma){.policy = POLICY(0)});
	prints(MEMPOLICY_PREFERRED, 0, 1, "prefer:1");
	prints(MEMPOLICY_PREFERRED, 2, 0, "local");
	prints(MEMPOLICY_BIND, 0, 1, "bind:0");
	prints(MEMPOLICY_BIND, MEMPOLICY_BALANCING | 0x18, 1, "default");
	prints(MEMPOLICY_PREFERRED, 0, 0xffff, "unknown");
}
END_TEST

/* Later ones, of which some were mended, and show it. */
START_TEST(balancing_where_it_may_not_be_shown)
{
	fake_sizeof("procmap_query", 0);
	add(0, (struct vma){.policy = POLICY(0)});
	prints(MEMPOLICY_BIND, MEMPOLICY_BALANCING | 0x18, 1, "unknown");
	prints(MEMPOLICY_BIND, 0, 1, "bind:0");
}
END_TEST

static void node(unsigned int n, uint64_t start, uint64_t left, uint64_t right)
{
	fake_put64(&f, NODE(n) + 8, right);
	fake_put64(&f, NODE(n) + 16, left);
	fake_put64(&f, NODE(n) + 24, start);
	fake_put64(&f, NODE(n) + 32, start + 2);
	fake_put64(&f, NODE(n) + 40, POLICY(n));
	policy(n, MEMPOLICY_BIND, 0, 1ULL << n);
}

START_TEST(what_files_say_of_their_pages)
{
	unsigned int i;

	node(0, 10, NODE(1), NODE(2));
	node(1, 4, 0, 0);
	node(2, 20, NODE(3), 0);
	node(3, 14, 0, 0);
	fake_put64(&f, INODE(0), NODE(0));
	policy(4, MEMPOLICY_INTERLEAVE, 0, 1);
	fake_put64(&f, TASK(0) + 8, POLICY(4));
	for (i = 0; i < 10; i++) /* a VMA's own is not asked for */
		add(0, (struct vma){.ops = OPS(1 + i % 2),
				    .file = FILE_AT(0),
				    .pgoff = 4 + 2 * i,
				    .policy = POLICY(4)});
	add(1, (struct vma){.ops = OPS(1), .file = FILE_AT(1)});
	add(1, (struct vma){.ops = OPS(2),
			    .flags = VM_HUGETLB,
			    .policy = POLICY(0)});
	read_all();
	ck_assert_uint_eq(f.memory.calls, TABLES + 5 + 3); /* levels */
	shows(0, 0, "bind:1");
	shows(0, 1, "interleave:0");
	shows(0, 3, "bind:0");
	shows(0, 5, "bind:3");
	shows(0, 8, "bind:2");
	shows(0, 9, "interleave:0");
	shows(1, 0, "default");
	shows(1, 1, "bind:0");
}
END_TEST

START_TEST(what_cannot_be_found_out)
{
	node(0, 10, NODE(0), NOWHERE);
	fake_put64(&f, INODE(0), NODE(0));
	fake_put64(&f, FILE_AT(1) + 32, NOWHERE);
	add(0, (struct vma){.ops = OPS(3)});
	add(0, (struct vma){.ops = NOWHERE});
	add(0, (struct vma){.policy = NOWHERE});
	add(0, (struct vma){.ops = OPS(1)}); /* has no file */
	add(0, (struct vma){.ops = OPS(1), .file = NOWHERE});
	add(0, (struct vma){.ops = OPS(1), .file = FILE_AT(1)});
	add(0, (struct vma){.ops = OPS(1), .file = FILE_AT(0)}); /* a circle */
	add(0, (struct vma){.ops = OPS(1), .file = FILE_AT(0), .pgoff = 12});
	add(0, (struct vma){.ops = OPS(1), .file = FILE_AT(0), .pgoff = 11});
	read_all();
	ck_assert_uint_le(f.memory.calls, 2 * TABLES + 5 + RBTREE_DEPTH_MAX);
	for (unsigned int i = 0; i < 8; i++)
		shows(0, i, "unknown");
	shows(0, 8, "bind:0");
}
END_TEST

START_TEST(without_nodes_of_memory)
{
	struct err err = {0};

	fake_lose(READER_VMA_POLICY);
	ck_assert_int_eq(
		vma_policies_read(&f.kernel, tasks, lists, 2, &found, &err),
		ERR_NO_LINUX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_mempolicy");
	TCase *t = tcase_create("kernel_mempolicy");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, its_own_then_the_task_s_then_the_default_one);
	tcase_add_test(t, every_mode_as_it_is_printed);
	tcase_add_test(t, as_old_kernels_have_them);
	tcase_add_test(t, balancing_where_it_may_not_be_shown);
	tcase_add_test(t, what_files_say_of_their_pages);
	tcase_add_test(t, what_cannot_be_found_out);
	tcase_add_test(t, without_nodes_of_memory);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
