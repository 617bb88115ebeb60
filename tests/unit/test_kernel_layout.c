/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the map of virtual memory: each form of it, and lies about bases. */
#include "kernel/x86_64_layout.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64.h"
#include "base/cursor.h"
#include "kernel/x86_64.h"
#include "unit/fake_kernel.h"

static struct fake_kernel f;
static struct x86_64_layout l;

static void setup(void)
{
	fake_kernel_init(&f);
	f.kernel.vmalloc_base = 0xffffc90000000000;
	f.kernel.vmemmap_base = 0xffffea0000000000;
	fake_symbol("get_cpu_entry_area", DIRECT);
	fake_symbol("init_espfix_ap", DIRECT);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* All addresses, each once. */
static void check_whole(void)
{
	uint64_t next = 0;
	size_t i;

	ck_assert_uint_le(l.n, X86_64_REGIONS_MAX);
	for (i = 0; i < l.n; i++) {
		ck_assert_uint_eq(l.v[i].start, next);
		ck_assert_uint_ge(l.v[i].last, l.v[i].start);
		next = l.v[i].last + 1;
		ck_assert(i + 1 == l.n || next);
	}
	ck_assert_uint_eq(next, 0);
}

static void take(void)
{
	x86_64_layout(&f.kernel, &l);
	check_whole();
}

static void check_region(const char *name, uint64_t start, uint64_t last)
{
	const struct x86_64_region *r = x86_64_region_of(&l, start);

	ck_assert_str_eq(r->name, name);
	ck_assert_uint_eq(r->start, start);
	ck_assert_uint_eq(r->last, last);
	ck_assert_ptr_eq(x86_64_region_of(&l, last), r);
}

/* As Documentation/arch/x86/x86_64/mm.rst draws it. */
START_TEST(four_levels)
{
	fake_constant("fixed_addresses.__end_of_permanent_fixed_addresses",
		      0x600);
	take();
	check_region("user", 0, 0x7fffffffefff);
	check_region("guard_hole", 0x7ffffffff000, 0x7fffffffffff);
	check_region("non_canonical", 0x800000000000, 0x7fffffffffffffff);
	check_region("non_canonical", 1ULL << 63, 0xffff7fffffffffff);
	check_region("guard_hole", 0xffff800000000000, 0xffff87ffffffffff);
	check_region("ldt_remap", 0xffff880000000000, 0xffff887fffffffff);
	check_region("direct_map", DIRECT, 0xffffc87fffffffff);
	check_region("hole", 0xffffc88000000000, 0xffffc8ffffffffff);
	check_region("vmalloc", 0xffffc90000000000, 0xffffe8ffffffffff);
	check_region("vmemmap", 0xffffea0000000000, 0xffffeaffffffffff);
	check_region("hole", 0xffffeb0000000000, 0xfffffdffffffffff);
	check_region("cpu_entry_area", 0xfffffe0000000000, 0xfffffe7fffffffff);
	check_region("espfix", 0xffffff0000000000, 0xffffff7fffffffff);
	check_region("efi", 0xffffffef00000000, 0xfffffffeffffffff);
	check_region("kernel_text", 0xffffffff80000000, 0xffffffff9fffffff);
	check_region("modules", 0xffffffffa0000000, 0xfffffffffeffffff);
	check_region("fixmap", 0xffffffffff1ff000, 0xffffffffff5fffff);
	check_region("vsyscall", 0xffffffffff600000, 0xffffffffff600fff);
	check_region("hole", 0xffffffffff601000, UINT64_MAX);
}
END_TEST

/* What 6.4 and later kernels let processes do with it. */
START_TEST(the_hole_with_lam)
{
	take();
	ck_assert_ptr_null(
		strstr(x86_64_region_of(&l, 1ULL << 47)->words, "LAM"));
	fake_field("mm_struct.context.untag_mask", 8, 8);
	take();
	ck_assert_ptr_nonnull(
		strstr(x86_64_region_of(&l, 1ULL << 47)->words, "LAM"));
	ck_assert_ptr_null(
		strstr(x86_64_region_of(&l, 1ULL << 63)->words, "LAM"));
}
END_TEST

START_TEST(five_levels)
{
	f.kernel.root.paging = &paging_5level;
	f.kernel.page_offset = 0xff11000000000000;
	f.kernel.vmalloc_base = 0xffa0000000000000;
	f.kernel.vmemmap_base = 0xffd4000000000000;
	take();
	check_region("user", 0, 0x00ffffffffffefff);
	check_region("non_canonical", 0x0100000000000000, 0x7fffffffffffffff);
	check_region("guard_hole", 0xff00000000000000, 0xff0fffffffffffff);
	check_region("ldt_remap", 0xff10000000000000, 0xff10ffffffffffff);
	check_region("direct_map", 0xff11000000000000, 0xff90ffffffffffff);
	check_region("vmalloc", 0xffa0000000000000, 0xffd1ffffffffffff);
	check_region("vmemmap", 0xffd4000000000000, 0xffd5ffffffffffff);
	check_region("cpu_entry_area", 0xfffffe0000000000, 0xfffffe7fffffffff);
}
END_TEST

START_TEST(shadow_memory)
{
	fake_symbol("kasan_early_shadow_page", DIRECT);
	take();
	check_region("kasan", 0xffffec0000000000, 0xfffffbffffffffff);
	ck_assert_str_eq(x86_64_region_of(&l, 0xfffffc0000000000)->marker,
			 "KASAN shadow end");
	f.kernel.root.paging = &paging_5level;
	f.kernel.page_offset = 0xff11000000000000;
	f.kernel.vmalloc_base = 0xffa0000000000000;
	f.kernel.vmemmap_base = 0xffd4000000000000;
	take();
	check_region("kasan", 0xffdf000000000000, 0xfffffbffffffffff);
}
END_TEST

/* Moved bases end what is before them; a kernel that moves has 1 GiB. */
START_TEST(bases_at_random)
{
	f.kernel.page_offset = 0xffff8ef980000000;
	f.kernel.vmalloc_base = 0xffff9a0040000000;
	f.kernel.vmemmap_base = 0xffffda87c0000000;
	f.kernel.slide = 0x200000;
	take();
	check_region("direct_map", 0xffff8ef980000000, 0xffff9a003fffffff);
	check_region("vmalloc", 0xffff9a0040000000, 0xffffba003fffffff);
	check_region("kernel_text", 0xffffffff80000000, 0xffffffffbfffffff);
	check_region("modules", 0xffffffffc0000000, 0xfffffffffeffffff);
}
END_TEST

/* Up to 4.19; without PTI no LDT is remapped. */
START_TEST(the_old_map)
{
	f.kernel.page_offset = 0xffff880000000000;
	take();
	check_region("guard_hole", 0xffff800000000000, 0xffff87ffffffffff);
	check_region("direct_map", 0xffff880000000000, 0xffffc7ffffffffff);
	check_region("hole", 0xffffc80000000000, 0xffffc8ffffffffff);
	ck_assert_str_eq(x86_64_region_of(&l, 0xfffffe8000000000)->name,
			 "hole");
	f.kernel.pti = true;
	take();
	check_region("ldt_remap", 0xfffffe8000000000, 0xfffffeffffffffff);
}
END_TEST

/* It is seen by what is mapped there: the image, once more. */
START_TEST(the_direct_map_is_found)
{
	struct array_machine *a = &f.memory;
	uint64_t base = 7;

	ck_assert(!x86_64_direct_map(&a->machine, &f.kernel.root, 0x3000, &base,
				     NULL));
	ck_assert_uint_eq(base, DIRECT);
	/* pgd[273] goes, and pgd[272] comes: 0xffff880000000000 */
	array_put64(a, f.kernel.root.pgd + 272 * 8,
		    le64(a->bytes + f.kernel.root.pgd + 273 * 8));
	array_put64(a, f.kernel.root.pgd + 273 * 8, 0);
	machine_drop_cache(&a->machine);
	ck_assert(!x86_64_direct_map(&a->machine, &f.kernel.root, 0x3000, &base,
				     NULL));
	ck_assert_uint_eq(base, 0xffff880000000000);
	array_put64(a, f.kernel.root.pgd + 272 * 8, 0);
	machine_drop_cache(&a->machine);
	base = 7;
	ck_assert(!x86_64_direct_map(&a->machine, &f.kernel.root, 0x3000, &base,
				     NULL));
	ck_assert_uint_eq(base, 7);
}
END_TEST

/* Whatever a guest says of its bases, the map is one. */
START_TEST(any_bases)
{
	static const uint64_t bases[] = {0,
					 1,
					 0xffff880000000000,
					 0xffffffff80000000,
					 0xffffffffff600000,
					 UINT64_MAX};
	size_t i, n = sizeof(bases) / sizeof(bases[0]);

	for (i = 0; i < n * n * n; i++) {
		f.kernel.page_offset = bases[i % n];
		f.kernel.vmalloc_base = bases[i / n % n];
		f.kernel.vmemmap_base = bases[i / n / n];
		take();
	}
}
END_TEST

START_TEST(borders)
{
	struct x86_64_border b[X86_64_BORDERS_MAX];
	uint64_t etext = 0, memory = 0, offset = 0, end = 0, edata = 0;
	size_t i, n;

	fake_symbol("_etext", 0xffffffff81e00000);
	fake_symbol("data_resource", DIRECT + 0x2000);
	fake_field("resource.start", 0, 8);
	fake_field("resource.end", 8, 8);
	f.kernel.text = 0xffffffff81000000;
	f.kernel.phys_text = 0x3000000;
	f.kernel.phys_base = 0x2000000;
	fake_put64(&f, DIRECT + 0x2000, 0x4000000);
	fake_put64(&f, DIRECT + 0x2008, 0x40fffff);
	fake_symbol("high_memory", DIRECT + 0x1000);
	fake_put64(&f, DIRECT + 0x1000, DIRECT + 0x100000);
	take();
	ck_assert(!x86_64_borders(&f.kernel, &l, b, &n, NULL));
	for (i = 0; i < n; i++) {
		if (!strcmp(b[i].name, "_etext"))
			etext = b[i].value;
		else if (!strcmp(b[i].name, "_edata"))
			edata = b[i].value;
		else if (!strcmp(b[i].name, "high_memory"))
			memory = b[i].value;
		else if (!strcmp(b[i].name, "PAGE_OFFSET"))
			offset = b[i].value;
		else if (!strcmp(b[i].name, "MODULES_END"))
			end = b[i].value;
		ck_assert_str_ne(b[i].name, "_text"); /* it has none */
		ck_assert_str_ne(b[i].name, "FIXADDR_START");
	}
	ck_assert_uint_eq(etext, 0xffffffff81e00000);
	ck_assert_uint_eq(edata, 0xffffffff82100000);
	ck_assert_uint_eq(memory, DIRECT + 0x100000);
	ck_assert_uint_eq(offset, DIRECT);
	ck_assert_uint_eq(end, 0xffffffffff000000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("layout");
	TCase *t = tcase_create("layout");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, four_levels);
	tcase_add_test(t, the_hole_with_lam);
	tcase_add_test(t, five_levels);
	tcase_add_test(t, shadow_memory);
	tcase_add_test(t, bases_at_random);
	tcase_add_test(t, the_old_map);
	tcase_add_test(t, the_direct_map_is_found);
	tcase_add_test(t, any_bases);
	tcase_add_test(t, borders);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
