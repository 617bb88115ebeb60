/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of /proc/vmallocinfo, on memory written by hand. */
#include "proc/proc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/fake_kernel.h"

#define HEAD	 DIRECT /* vmap_area_list, purge_vmap_area_list */
#define PURGE	 (DIRECT + 0x10)
#define NODES	 (DIRECT + 0x20) /* vmap_nodes, nr_vmap_nodes */
#define NR_NODES (DIRECT + 0x28)
#define VNODE(n) (DIRECT + 0x100 + (n)*0x40ULL)
#define AREA(n)	 (DIRECT + 0x1000 + (n)*0x40ULL)
#define VM(n)	 (DIRECT + 0x2000 + (n)*0x40ULL)
#define LINK(n)	 (AREA(n) + 0x10)
#define PAGES	 (DIRECT + 0x3000)
#define PAGE(n)	 (DIRECT + 0x4000 + (n)*64ULL)
#define VMALLOC	 0xffffc90000000000ULL
#define ON(n)	 ((uint64_t)(n) << 63)

static struct fake_kernel f;
static struct proc_values values;
static struct buf text;

static void put_fields(void)
{
	fake_field("vmap_area.va_start", 0, 8);
	fake_field("vmap_area.va_end", 8, 8);
	fake_field("vmap_area.list", 0x10, 16);
	fake_field("vmap_area.vm", 0x20, 8);
	fake_field("vm_struct.addr", 8, 8);
	fake_field("vm_struct.size", 16, 8);
	fake_field("vm_struct.flags", 24, 8);
	fake_field("vm_struct.pages", 32, 8);
	fake_field("vm_struct.nr_pages", 40, 4);
	fake_field("vm_struct.phys_addr", 48, 8);
	fake_field("vm_struct.caller", 56, 8);
	fake_field("page.flags.f", 0, 8);
	/* two nodes of one zone: a node takes one bit */
	fake_sizeof("zoneref", 16);
	fake_sizeof("zonelist", 3 * 16);
	fake_constant("zone_type.__MAX_NR_ZONES", 1);
}

static void put_area(int n, uint64_t size, uint64_t flags, uint64_t caller)
{
	fake_put64(&f, AREA(n), VMALLOC + n * 0x10000ULL);
	fake_put64(&f, AREA(n) + 8, VMALLOC + n * 0x10000ULL + size);
	if (!caller)
		return;
	fake_put64(&f, AREA(n) + 0x20, VM(n));
	fake_put64(&f, VM(n) + 8, VMALLOC + n * 0x10000ULL);
	fake_put64(&f, VM(n) + 16, size);
	fake_put64(&f, VM(n) + 24, flags);
	fake_put64(&f, VM(n) + 56, caller);
}

/* Pages on both nodes, memory of a device, vm_map_ram(), one not purged. */
static void setup_areas(void)
{
	int i;

	fake_kernel_init(&f);
	f.kernel.vmalloc_base = VMALLOC;
	put_fields();
	fake_symbol("vmap_area_list", HEAD);
	fake_symbol("asker", 0xffffffff81000000);
	fake_symbol("behind", 0xffffffff81000040);
	put_area(0, 0x4000, 2 | 8, 0xffffffff81000000);
	fake_put64(&f, VM(0) + 32, PAGES);
	fake_put32(&f, VM(0) + 40, 3);
	for (i = 0; i < 3; i++) {
		fake_put64(&f, PAGES + i * 8, PAGE(i));
		fake_put64(&f, PAGE(i), ON(i < 2));
	}
	put_area(1, 0x2000, 1, 0x1234);
	fake_put64(&f, VM(1) + 48, 0xfed00000);
	fake_put64(&f, VM(1) + 32, VMALLOC + 8);
	put_area(2, 0x1000, 0, 0);
	put_area(3, 0x3000, 0, 0);
	fake_ring(&f, HEAD, (uint64_t[]){LINK(0), LINK(1), LINK(2)}, 3);
}

static void setup(void)
{
	setup_areas();
	fake_symbol("purge_vmap_area_list", PURGE);
	fake_ring(&f, PURGE, (uint64_t[]){LINK(3)}, 1);
}

/* Up to 5.10. */
static void setup_chain(void)
{
	setup_areas();
	fake_symbol("vmap_purge_list", PURGE);
	fake_field("vmap_area.purge_list", 0x20, 8);
	fake_put64(&f, PURGE, AREA(3) + 0x20);
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
	int rc = proc_read(&proc_vmallocinfo, &f.kernel, NULL, 1, &values, err);

	for (i = 0; i < values.parts->records && !rc; i++)
		proc_text(&values, 0, i, &text);
	return rc;
}

#define FIRST                                            \
	"0xffffc90000000000-0xffffc90000004000   16384 " \
	"asker+0x0/0x40 pages=3 vmalloc user N0=1 N1=2\n"
#define SECOND                                                  \
	"0xffffc90000010000-0xffffc90000012000    8192 0x1234 " \
	"phys=0x00000000fed00000 ioremap vpages\n"
#define THIRD "0xffffc90000020000-0xffffc90000021000    4096 vm_map_ram\n"
#define FOURTH                                                    \
	"0xffffc90000030000-0xffffc90000033000   12288 unpurged " \
	"vm_area\n"

START_TEST(one_list)
{
	ck_assert_int_eq(read_text(NULL), 0);
	ck_assert_str_eq(text.data, FIRST SECOND THIRD FOURTH);
	ck_assert_uint_eq(values.parts->why.len, 0);
}
END_TEST

/* Up to 5.10 those that are not purged; one that ends, and one that does not.
 */
START_TEST(a_chain)
{
	fake_symbol("purge_vmap_area_list", 0);
	fake_symbol("vmap_purge_list", PURGE);
	fake_field("vmap_area.purge_list", 0x20, 8);
	fake_put64(&f, PURGE, AREA(3) + 0x20);
	fake_put64(&f, AREA(3) + 0x20, _i ? AREA(3) + 0x20 : 0);
	ck_assert_int_eq(read_text(NULL), 0);
	ck_assert_str_eq(text.data, FIRST SECOND THIRD FOURTH);
	ck_assert_msg(!values.parts->why.len == !_i, "%s",
		      values.parts->why.data);
}
END_TEST

/* From 6.9 on; and flags of an area tell what it is. */
START_TEST(several_lists)
{
	fake_symbol("vmap_nodes", NODES);
	fake_symbol("nr_vmap_nodes", NR_NODES);
	fake_field("vmap_node.busy.head", 8, 16);
	fake_field("vmap_node.lazy.head", 0x20, 16);
	fake_sizeof("vmap_node", 0x40);
	fake_field("vmap_area.flags", 0x28, 8);
	fake_put64(&f, NODES, VNODE(0));
	fake_put32(&f, NR_NODES, 2);
	fake_put64(&f, AREA(2) + 0x28, (uint64_t)_i);
	fake_ring(&f, VNODE(0) + 8, (uint64_t[]){LINK(1), LINK(2)}, 2);
	fake_ring(&f, VNODE(1) + 8, (uint64_t[]){LINK(0)}, 1);
	fake_ring(&f, VNODE(0) + 0x20, NULL, 0);
	fake_ring(&f, VNODE(1) + 0x20, (uint64_t[]){LINK(3)}, 1);
	ck_assert_int_eq(read_text(NULL), 0);
	ck_assert_str_eq(text.data,
			 _i ? SECOND THIRD FIRST FOURTH : SECOND FIRST FOURTH);
}
END_TEST

START_TEST(a_number_of_lists_that_cannot_be)
{
	struct err err = {0};

	fake_symbol("vmap_nodes", NODES);
	fake_symbol("nr_vmap_nodes", NR_NODES);
	fake_field("vmap_node.busy.head", 8, 16);
	fake_put32(&f, NR_NODES, 1000);
	ck_assert_int_eq(read_text(&err), ERR_CORRUPT);
}
END_TEST

static const struct {
	uint64_t at, value;
	const char *words, *text;
} damages[] = {
	{LINK(1), 0x1234, "a list of areas of vmalloc is damaged",
	 FIRST SECOND THIRD FOURTH}, /* from its other end */
	{AREA(1) + 0x20, 0x1234, "at 0xffffc90000010000 cannot be read",
	 FIRST THIRD FOURTH},
	{PAGES + 8, 0x1234, "pages of the area at 0xffffc90000000000",
	 "0xffffc90000000000-0xffffc90000004000   16384 asker+0x0/0x40 "
	 "pages=3 vmalloc user\n" SECOND THIRD FOURTH},
	{VM(0) + 40, 0xffffffff, "vmalloc has more than",
	 "0xffffc90000000000-0xffffc90000004000   16384 asker+0x0/0x40 "
	 "pages=4294967295 vmalloc user\n" SECOND THIRD FOURTH},
};

START_TEST(damage)
{
	fake_put64(&f, damages[_i].at, damages[_i].value);
	ck_assert_int_eq(read_text(NULL), 0);
	ck_assert_str_eq(text.data, damages[_i].text);
	ck_assert_ptr_nonnull(values.parts->why.data);
	ck_assert_msg(strstr(values.parts->why.data, damages[_i].words), "%s",
		      values.parts->why.data);
}
END_TEST

START_TEST(rows_have_the_same)
{
	struct rows r;
	size_t i;

	ck_assert_int_eq(read_text(NULL), 0);
	rows_init(&r);
	rows_begin(&r, proc_vmallocinfo.columns, proc_vmallocinfo.n_columns);
	for (i = 0; i < values.parts->records; i++)
		proc_vmallocinfo.rows(&values, 0, i, &r.top);
	ck_assert_uint_eq(row_count(&r.top), 4);
	ck_assert_uint_eq(row_cell(&r.top, 1, 2)->number, 8192);
	rows_deinit(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_vmallocinfo");
	TCase *t = tcase_create("proc_vmallocinfo");
	TCase *chain = tcase_create("chain");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, one_list);
	tcase_add_loop_test(t, several_lists, 0, 2);
	tcase_add_test(t, a_number_of_lists_that_cannot_be);
	tcase_add_loop_test(t, damage, 0, sizeof(damages) / sizeof(*damages));
	tcase_add_test(t, rows_have_the_same);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(chain, setup_chain, teardown);
	tcase_add_loop_test(chain, a_chain, 0, 2);
	suite_add_tcase(s, chain);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
