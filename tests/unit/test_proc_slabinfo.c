/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of /proc/slabinfo, on memory written by hand. */
#include "proc/proc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/fake_kernel.h"

#define HEAD	   DIRECT
#define NODE_IDS   (DIRECT + 0x20)
#define NAME(n)	   (DIRECT + 0x40 + (n)*0x20ULL)
#define CACHE(n)   (DIRECT + 0x1000 + (n)*0x100ULL)
#define LINK(n)	   (CACHE(n) + 0x20)
#define NODE(n, i) (DIRECT + 0x2000 + (n)*0x200ULL + (i)*0x80ULL)
#define SLAB(n)	   (DIRECT + 0x4000 + (n)*0x40ULL)

static struct fake_kernel f;
static struct proc_values values;
static struct buf text;

static void put_fields(void)
{
	fake_field("kmem_cache.name", 0, 8);
	fake_field("kmem_cache.size", 8, 4);
	fake_field("kmem_cache.object_size", 12, 4);
	fake_field("kmem_cache.oo", 16, 4);
	fake_field("kmem_cache.list", 0x20, 16);
	fake_field("kmem_cache_node.partial", 8, 16);
	fake_field("kmem_cache_node.nr_slabs", 0x20, 8);
	fake_field("kmem_cache_node.total_objects", 0x28, 8);
	fake_field("slab.slab_list", 8, 16);
	fake_field("slab.counters", 0x20, 8);
	fake_sizeof("kmem_cache", 0x80);
	fake_sizeof("zoneref", 16);
	fake_sizeof("zonelist", 3 * 16);
	fake_constant("zone_type.__MAX_NR_ZONES", 1);
}

static void put_cache(int n, const char *name, uint32_t size, uint32_t oo)
{
	fake_puts(&f, NAME(n), name);
	fake_put64(&f, CACHE(n), NAME(n));
	fake_put32(&f, CACHE(n) + 8, size);
	fake_put32(&f, CACHE(n) + 12, size - 8);
	fake_put32(&f, CACHE(n) + 16, oo);
}

/* Where the pointers to its two nodes are: at the end. */
static void put_node(int n, int i, uint64_t slabs, uint64_t objects)
{
	fake_put64(&f, CACHE(n) + 0x70 + i * 8, NODE(n, i));
	fake_put64(&f, NODE(n, i) + 0x20, slabs);
	fake_put64(&f, NODE(n, i) + 0x28, objects);
	fake_ring(&f, NODE(n, i) + 8, NULL, 0);
}

static void put_slab(int n, uint64_t inuse, uint64_t objects)
{
	fake_put64(&f, SLAB(n) + 0x20, inuse | objects << 16 | 1ULL << 31);
}

/* The first has slabs on both nodes, the second none, and only one node. */
static void setup(void)
{
	fake_kernel_init(&f);
	put_fields();
	fake_symbol("slab_caches", HEAD);
	fake_symbol("nr_node_ids", NODE_IDS);
	fake_put32(&f, NODE_IDS, 2);
	put_cache(0, "dentry", 192, 1 << 16 | 42);
	put_cache(1, "a_name_that_is_long", 64, 64);
	fake_ring(&f, HEAD, (uint64_t[]){LINK(0), LINK(1)}, 2);
	put_node(0, 0, 3, 126);
	put_node(0, 1, 1, 42);
	put_node(1, 0, 0, 0);
	fake_ring(&f, NODE(0, 0) + 8, (uint64_t[]){SLAB(0) + 8, SLAB(1) + 8},
		  2);
	fake_ring(&f, NODE(0, 1) + 8, (uint64_t[]){SLAB(2) + 8}, 1);
	put_slab(0, 40, 42);
	put_slab(1, 1, 42);
	put_slab(2, 0, 42);
}

static void teardown(void)
{
	buf_deinit(&text);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

static int read_text(struct err *err)
{
	size_t i;
	int rc = proc_read(&proc_slabinfo, &f.kernel, NULL, 1, &values, err);

	for (i = 0; i < values.parts->records && !rc; i++)
		proc_text(&values, 0, i, &text);
	return rc;
}

#define HEADING                                                              \
	"slabinfo - version: 2.1\n"                                          \
	"# name            <active_objs> <num_objs> <objsize> <objperslab> " \
	"<pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : "   \
	"slabdata <active_slabs> <num_slabs> <sharedavail>\n"
#define DENTRY                                                                 \
	"dentry                83    168    192   42    2 : tunables    0    " \
	"0    0 : slabdata      4      4      0\n"
#define LONG                                                                  \
	"a_name_that_is_long      0      0     64   64    1 : tunables    0 " \
	"   0    0 : slabdata      0      0      0\n"

START_TEST(caches)
{
	ck_assert_int_eq(read_text(NULL), 0);
	ck_assert_str_eq(text.data, HEADING DENTRY LONG);
	ck_assert_uint_eq(values.parts->why.len, 0);
}
END_TEST

/* From 7.1 on a pointer to a node has another one beside it. */
START_TEST(pairs_of_pointers)
{
	fake_sizeof("kmem_cache_per_node_ptrs", 16);
	fake_field("kmem_cache_per_node_ptrs.node", 8, 8);
	fake_sizeof("kmem_cache", 0x80);
	fake_put64(&f, CACHE(0) + 0x68, NODE(0, 0));
	fake_put64(&f, CACHE(0) + 0x70, 0x1234);
	fake_put64(&f, CACHE(0) + 0x78, NODE(0, 1));
	fake_put64(&f, CACHE(1) + 0x68, NODE(1, 0));
	fake_put64(&f, CACHE(1) + 0x70, 0x1234);
	ck_assert_int_eq(read_text(NULL), 0);
	ck_assert_str_eq(text.data, HEADING DENTRY LONG);
}
END_TEST

static const struct {
	uint64_t at, value;
	const char *words;
	size_t lines; /* with the heading's two */
} damages[] = {
	{LINK(0), 0x1234, "the list of slab caches is damaged", 4},
	{CACHE(1) + 16, 0xffffffff, "cannot be read, or is damaged", 3},
	{SLAB(0) + 8, SLAB(0) + 8, "partial slabs of dentry is damaged", 4},
	{NODE(0, 1) + 8, 0x1234, "partial slabs of dentry is damaged", 4},
};

START_TEST(damage)
{
	size_t lines = 0;
	const char *s;

	fake_put64(&f, damages[_i].at, damages[_i].value);
	ck_assert_int_eq(read_text(NULL), 0);
	for (s = text.data; (s = strchr(s, '\n')); s++)
		lines++;
	ck_assert_uint_eq(lines, damages[_i].lines);
	ck_assert_ptr_nonnull(values.parts->why.data);
	ck_assert_msg(strstr(values.parts->why.data, damages[_i].words), "%s",
		      values.parts->why.data);
}
END_TEST

/* A count that is not known is no number. */
START_TEST(rows_of_what_is_not_known)
{
	struct rows r;
	size_t i;

	fake_put64(&f, NODE(0, 1) + 8, 0x1234);
	ck_assert_int_eq(read_text(NULL), 0);
	rows_init(&r);
	rows_begin(&r, proc_slabinfo.columns, proc_slabinfo.n_columns);
	for (i = 0; i < values.parts->records; i++)
		proc_slabinfo.rows(&values, 0, i, &r.top);
	ck_assert_uint_eq(row_count(&r.top), 2);
	ck_assert(!row_cell(&r.top, 0, 1)->set);
	ck_assert(row_cell(&r.top, 1, 1)->set);
	rows_deinit(&r);
}
END_TEST

START_TEST(kernels_that_are_not_known)
{
	struct err err = {0};

	if (_i == 0)
		fake_lose(READER_SLAB);
	else
		fake_put32(&f, NODE_IDS, 1000);
	ck_assert_int_eq(read_text(&err), _i ? ERR_CORRUPT : ERR_NO_LINUX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_slabinfo");
	TCase *t = tcase_create("proc_slabinfo");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, caches);
	tcase_add_test(t, pairs_of_pointers);
	tcase_add_loop_test(t, damage, 0, sizeof(damages) / sizeof(*damages));
	tcase_add_test(t, rows_of_what_is_not_known);
	tcase_add_loop_test(t, kernels_that_are_not_known, 0, 2);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
