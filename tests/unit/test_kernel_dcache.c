/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of names that are looked up in the table of dentries. */
#include "kernel/fs/dcache.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/mm/cached_file.h"
#include "unit/fake_kernel.h"

#define VARIABLES (DIRECT + 0x10000)
#define TABLE	  (DIRECT + 0x11000)
#define DENTRY(n) (DIRECT + 0x12000 + (n)*0x100)
#define NAME(n)	  (DIRECT + 0x14000 + (n)*0x40)
#define PARENT	  (DIRECT + 0x16000)
#define VMEMMAP	  (DIRECT + 0x40000)
#define AT(pfn)	  (VMEMMAP + (pfn)*64u)
#define MAPPING	  (DIRECT + 0x60000)
#define INODE	  (DIRECT + 0x61000)
#define SUPER	  (DIRECT + 0x62000)
#define NODE	  (DIRECT + 0x63000)
#define PAGE	  4096u

static struct fake_kernel f;

static void setup(void)
{
	static const struct {
		const char *name;
		uint32_t offset, size;
	} list[] = {
		{"dentry.d_hash.next", 8, 8},
		{"dentry.d_parent", 24, 8},
		{"dentry.d_name.name", 40, 8},
		{"dentry.d_name.len", 36, 4},
		{"page.flags.f", 0, 8},
		{"page.compound_info", 8, 8},
		{"page.mapping", 24, 8},
		{"page.index", 32, 8},
		{"page.private", 40, 8},
		{"page._mapcount", 48, 4},
		{"page.page_type", 48, 4},
		{"page._refcount", 52, 4},
		{"file.f_mapping", 16, 8},
		{"address_space.host", 0, 8},
		{"address_space.i_pages.xa_head", 16, 8},
		{"address_space.nrpages", 88, 8},
		{"inode.i_mode", 0, 4},
		{"inode.i_flags", 4, 4},
		{"inode.i_sb", 40, 8},
		{"inode.i_mapping", 48, 8},
		{"inode.i_size", 80, 8},
		{"super_block.s_magic", 96, 8},
		{"xa_node.shift", 0, 1},
		{"xa_node.slots", 40, 512},
	};
	size_t i;

	fake_kernel_init(&f);
	f.kernel.vmemmap_base = VMEMMAP;
	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		fake_field(list[i].name, list[i].offset, list[i].size);
	fake_sizeof("page", 64);
	fake_sizeof("xa_node", 576);
	fake_constant("pageflags.PG_uptodate", 3);
	fake_symbol("dentry_hashtable", VARIABLES);
	fake_symbol("d_hash_shift", VARIABLES + 8);
	fake_symbol("__per_cpu_offset", DIRECT + 0x72000);
	fake_symbol("nr_cpu_ids", DIRECT + 0x72010);
	fake_put64(&f, VARIABLES, TABLE);
	fake_put32(&f, VARIABLES + 8, 30); /* four chains */
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* Put dentry n into its chain, in front. */
static void put(unsigned int n, uint64_t parent, const char *name)
{
	uint64_t chain =
		TABLE + 8 * (dcache_hash(parent, name, strlen(name)) >> 30);
	uint64_t first = 0;
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	ck_assert(!kernel_read(&f.kernel, chain, &first, 8, &err));
	fake_put64(&f, DENTRY(n) + 8, first & ~1ULL);
	fake_put64(&f, DENTRY(n) + 24, parent);
	fake_put64(&f, DENTRY(n) + 40, NAME(n));
	fake_put32(&f, DENTRY(n) + 36, (uint32_t)strlen(name));
	fake_puts(&f, NAME(n), name);
	fake_put64(&f, chain, (DENTRY(n) + 8) | 1); /* it is locked */
}

static uint64_t find(uint64_t parent, const char *name)
{
	uint64_t dentry = 1;
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!dcache_find(&f.kernel, parent, name, strlen(name),
				   &dentry, &err),
		      "%s", err.text);
	return dentry;
}

START_TEST(names_are_found)
{
	static const char *const names[] = {"etc", "hostname", "a-long-name",
					    "b",   "12345678", "123456789"};
	unsigned int i;

	for (i = 0; i < 6; i++)
		put(i, PARENT, names[i]);
	put(6, PARENT + 0x100, "etc");
	for (i = 0; i < 6; i++)
		ck_assert_uint_eq(find(PARENT, names[i]), DENTRY(i));
	ck_assert_uint_eq(find(PARENT + 0x100, "etc"), DENTRY(6));
	ck_assert_uint_eq(find(PARENT + 0x100, "b"), 0);
	ck_assert_uint_eq(find(PARENT, "bb"), 0);
}
END_TEST

START_TEST(a_chain_without_an_end)
{
	uint64_t dentry;
	struct err err = {0};
	unsigned int i;

	put(0, PARENT, "loop");
	fake_put64(&f, DENTRY(0) + 8, DENTRY(0) + 8);
	for (i = 0; i < 4; i++)
		fake_put64(&f, TABLE + 8 * i, DENTRY(0) + 8);
	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(
		dcache_find(&f.kernel, PARENT, "other", 5, &dentry, &err),
		ERR_CORRUPT);
	fake_put32(&f, VARIABLES + 8, 99);
	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(
		dcache_find(&f.kernel, PARENT, "other", 5, &dentry, &err),
		ERR_CORRUPT);
}
END_TEST

START_TEST(contents_with_a_hole)
{
	struct cached_file file;
	char bytes[3 * PAGE];
	struct err err = {0};

	fake_put64(&f, MAPPING, INODE);
	fake_put64(&f, MAPPING + 16, NODE | 2);
	fake_put64(&f, MAPPING + 88, 2);
	fake_put32(&f, INODE, 0100644);
	fake_put64(&f, INODE + 40, SUPER);
	fake_put64(&f, INODE + 48, MAPPING);
	fake_put64(&f, INODE + 80, 2 * PAGE + 5);
	fake_put64(&f, SUPER + 96, 0xef53);
	fake_put64(&f, NODE + 40, AT(0x20));
	fake_put64(&f, NODE + 40 + 2 * 8, AT(0x22));
	fake_put64(&f, AT(0x20), 1 << 3);
	fake_put64(&f, AT(0x20) + 24, MAPPING);
	fake_put64(&f, AT(0x22), 1 << 3);
	fake_put64(&f, AT(0x22) + 24, MAPPING);
	fake_put64(&f, AT(0x22) + 32, 2);
	fake_put32(&f, AT(0x20) + 52, 1);
	fake_put32(&f, AT(0x22) + 52, 1);
	fake_put32(&f, AT(0x20) + 48, 0xffffffff);
	fake_put32(&f, AT(0x22) + 48, 0xffffffff);
	fake_puts(&f, DIRECT + 0x20 * PAGE, "first");
	fake_puts(&f, DIRECT + 0x22 * PAGE, "last!");
	ck_assert_msg(!cached_file_find(&f.kernel, MAPPING, &file, &err), "%s",
		      err.text);
	ck_assert_uint_eq(file.size, 2 * PAGE + 5);
	ck_assert_uint_eq(cached_file_resident(&file), PAGE + 5);
	memset(bytes, 'x', sizeof(bytes));
	ck_assert(
		!cached_file_read(&f.kernel, &file, bytes, 2 * PAGE + 5, &err));
	ck_assert_str_eq(bytes, "first");
	ck_assert(!bytes[PAGE] && !bytes[2 * PAGE - 1]);
	ck_assert(!memcmp(bytes + 2 * PAGE, "last!x", 6));
	cached_file_deinit(&file);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_dcache");
	TCase *t = tcase_create("kernel_dcache");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, names_are_found);
	tcase_add_test(t, a_chain_without_an_end);
	tcase_add_test(t, contents_with_a_hole);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
