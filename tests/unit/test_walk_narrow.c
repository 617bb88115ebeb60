/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks in protected mode: PAE and 4-byte entries, on tables made by hand. */
#include "walk/walk.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64.h"
#include "guest/paging.h"
#include "unit/array_machine.h"
#include "walk/space.h"

enum {
	PDPT = 0x1020, /* aligned to 32 bytes only */
	PD = 0x2000,
	PT = 0x3000,
	DIR = 0x4000, /* of 4-byte entries */
	TABLE = 0x5000
};

/* Addresses made of their indices: 2 + 9 + 9 bits, and 10 + 10. */
#define PAE(pdpt, pd, pt) \
	((uint64_t)(pdpt) << 30 | (uint64_t)(pd) << 21 | (uint64_t)(pt) << 12)
#define BIT32(dir, pt) ((uint64_t)(dir) << 22 | (uint64_t)(pt) << 12)

static struct array_machine a;
static struct walk_root pae, narrow, narrow_4k;

static void put32(uint64_t at, uint32_t entry)
{
	memcpy(a.bytes + at, &entry, sizeof(entry));
}

static void setup(void)
{
	array_machine_init(&a, 1 << 20);
	/* what lies below a root in CR3 is no address */
	pae = (struct walk_root){.pgd = PDPT | 0x18, .paging = &paging_pae};
	narrow = (struct walk_root){.pgd = DIR | 0x18, .paging = &paging_32bit};
	narrow_4k = (struct walk_root){.pgd = DIR, .paging = &paging_32bit_4k};

	/* pdpt[0]: present and nothing else, as Linux writes it */
	array_put64(&a, PDPT, PD | 1);
	/* pdpt[1]: bit 1 is no right here, but reserved */
	array_put64(&a, PDPT + 1 * 8, PD | 3);
	/* pdpt[2]: its table lies outside RAM; pdpt[3]: PWT, and A of TCG */
	array_put64(&a, PDPT + 2 * 8, 0x1ff000000 | 1);
	array_put64(&a, PDPT + 3 * 8, PD | 0x29);
	/* what would be pdpt[4]: no address leads there */
	array_put64(&a, PDPT + 4 * 8, PD | 1);

	/* pd[0] -> PT; pd[1]: 2 MiB page above 4 GiB, with PAT (bit 12), NX */
	array_put64(&a, PD, PT | 0x67);
	array_put64(&a, PD + 1 * 8, 0x340400000 | 0x10e7 | PTE_NX);
	/* pd[2]: bit 13 is reserved; pd[3]: bit 52 is */
	array_put64(&a, PD + 2 * 8, 0x402000 | 0xe7);
	array_put64(&a, PD + 3 * 8, PT | 0x67 | 1ULL << 52);
	/* pd[511] -> PT, read-only and kernel's */
	array_put64(&a, PD + 511 * 8, PT | 0x61);

	/* pt[5]: a frame above 4 GiB; pt[6]: NX; pt[7]: bit 62 is reserved */
	array_put64(&a, PT + 5 * 8, 0x234567000 | 0x67);
	array_put64(&a, PT + 6 * 8, 0x20000 | 0x65 | PTE_NX);
	array_put64(&a, PT + 7 * 8, 0x20000 | 0x67 | 1ULL << 62);
	/* pt[8]: G and no P: of which system, nobody knows */
	array_put64(&a, PT + 8 * 8, 0x55000 | PTE_G);
	/* pt[511]: the last page that there is */
	array_put64(&a, PT + 511 * 8, 0x30000 | 0x67);

	/* dir[0] -> table; dir[1]: a 4 MiB page, kernel's, with PAT */
	put32(DIR, TABLE | 0x67);
	put32(DIR + 1 * 4, 0xc00000 | 0x10e3);
	/* dir[2]: PSE-36: bits 13 to 20 are 0x5a */
	put32(DIR + 2 * 4, 0x800000 | 0x5a << 13 | 0xe7);
	/* dir[3]: bit 21 is reserved; dir[768]: Linux's direct map */
	put32(DIR + 3 * 4, 0xa00000 | 0xe7);
	put32(DIR + 768 * 4, 0x1e3);
	/* dir[1023] -> table, read-only */
	put32(DIR + 1023 * 4, TABLE | 0x65);
	/* dir[5]: with PS, yet a table where the CPU knows no PSE */
	put32(DIR + 5 * 4, TABLE | 0xe7);

	/* table[9]: bit 7 is PAT; table[10]: not present; table[1023]: last */
	put32(TABLE + 9 * 4, 0xfffff000 | 0xe7);
	put32(TABLE + 10 * 4, 0x55000 | 0x100);
	put32(TABLE + 1023 * 4, 0x40000 | 0x67);
}

static void teardown(void)
{
	array_machine_deinit(&a);
}

/* Everything that such a walk can end in. */
static const struct {
	const struct walk_root *root;
	uint64_t va;
	enum walk_result result;
	uint64_t pa, page_size;
	const char *words; /* of an end that is no page */
} ends[] = {
	{&pae, PAE(0, 0, 5) + 0xabc, WALK_MAPPED, 0x234567abc, 4096, NULL},
	{&pae, PAE(0, 1, 3) + 4, WALK_MAPPED, 0x340403004, 2 << 20, NULL},
	{&pae, PAE(3, 0, 6), WALK_MAPPED, 0x20000, 4096, NULL},
	{&pae, 0xfffffff0, WALK_MAPPED, 0x30ff0, 4096, NULL},
	{&pae, PAE(1, 0, 5), WALK_RESERVED, 0, 0,
	 "pgd[1] = 0x2003 (reserved-bit)"},
	{&pae, PAE(2, 0, 0), WALK_UNREADABLE, 0, 0,
	 "pmd[0]: the table at 0x1ff000000 cannot be read"},
	{&pae, PAE(0, 2, 0), WALK_RESERVED, 0, 0,
	 "pmd[2] = 0x4020e7 (reserved-bit)"},
	{&pae, PAE(0, 3, 0), WALK_RESERVED, 0, 0, "pmd[3]"},
	{&pae, PAE(0, 0, 7), WALK_RESERVED, 0, 0, "pte[7]"},
	{&pae, PAE(0, 4, 0), WALK_ABSENT, 0, 0, "pmd[4] = 0x0 (absent)"},
	{&pae, PAE(0, 0, 8), WALK_NOT_PRESENT, 0, 0,
	 "pte[8] = 0x55100 (not-present)"},
	{&pae, 1ULL << 32, WALK_NON_CANONICAL, 0, 0,
	 "0x100000000 is beyond the last address with PAE paging"},
	{&pae, ~0ULL, WALK_NON_CANONICAL, 0, 0, "beyond the last address"},
	{&narrow, BIT32(0, 9) + 1, WALK_MAPPED, 0xfffff001, 4096, NULL},
	{&narrow, BIT32(1, 1), WALK_MAPPED, 0xc01000, 4 << 20, NULL},
	{&narrow, BIT32(2, 3) + 7, WALK_MAPPED, 0x5a00803007, 4 << 20, NULL},
	{&narrow, 0xc0123456, WALK_MAPPED, 0x123456, 4 << 20, NULL},
	{&narrow, 0xffffffff, WALK_MAPPED, 0x40fff, 4096, NULL},
	{&narrow, BIT32(3, 0), WALK_RESERVED, 0, 0,
	 "pgd[3] = 0xa000e7 (reserved-bit)"},
	{&narrow, BIT32(4, 0), WALK_ABSENT, 0, 0, "pgd[4] = 0x0 (absent)"},
	{&narrow, BIT32(0, 10), WALK_NOT_PRESENT, 0, 0,
	 "pte[10] = 0x55100 (not-present)"},
	{&narrow, 0xffffffff80000000, WALK_NON_CANONICAL, 0, 0,
	 "beyond the last address with 32-bit paging"},
	{&narrow, BIT32(5, 9), WALK_MAPPED, 0x200009000, 4 << 20, NULL},
	{&narrow_4k, BIT32(5, 9), WALK_MAPPED, 0xfffff000, 4096, NULL},
};

START_TEST(walks_end_where_they_should)
{
	char text[128];
	struct walk w;

	ck_assert_int_eq(
		walk_one(&a.machine, ends[_i].root, ends[_i].va, &w, NULL), 0);
	ck_assert_str_eq(walk_result_name(w.result),
			 walk_result_name(ends[_i].result));
	ck_assert_uint_eq(w.pa, ends[_i].pa);
	walk_describe(&w, text, sizeof(text));
	if (ends[_i].words)
		ck_assert_msg(strstr(text, ends[_i].words), "%s", text);
	else
		ck_assert_uint_eq(w.page_size, ends[_i].page_size);
}
END_TEST

static void check_rights(const struct walk_root *root, uint64_t va, bool write,
			 bool user, bool nx)
{
	struct walk w;

	ck_assert_int_eq(walk_one(&a.machine, root, va, &w, NULL), 0);
	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_int_eq(w.write, write);
	ck_assert_int_eq(w.user, user);
	ck_assert_int_eq(w.nx, nx);
}

/* A PDPTE has none; 4-byte entries have no NX. */
START_TEST(rights_are_those_of_the_form)
{
	check_rights(&pae, PAE(0, 0, 5), true, true, false);
	check_rights(&pae, PAE(0, 0, 6), false, true, true);
	check_rights(&pae, PAE(0, 1, 0), true, true, true);
	check_rights(&pae, PAE(0, 511, 5), false, false, false);
	check_rights(&narrow, BIT32(0, 9), true, true, false);
	check_rights(&narrow, BIT32(1, 0), true, false, false);
	check_rights(&narrow, BIT32(1023, 9), false, true, false);
}
END_TEST

START_TEST(levels_have_the_names_of_linux)
{
	struct walk w;

	ck_assert_int_eq(walk_one(&a.machine, &pae, PAE(3, 0, 6), &w, NULL), 0);
	ck_assert_uint_eq(w.n, 3);
	ck_assert_str_eq(paging_level_name(pae.paging, w.level[0].level),
			 "pgd");
	ck_assert_str_eq(paging_level_name(pae.paging, w.level[1].level),
			 "pmd");
	ck_assert_uint_eq(w.level[0].table, PDPT);
	ck_assert_uint_eq(w.level[0].index, 3);
	ck_assert_uint_eq(w.level[0].entry, PD | 0x29);
	ck_assert_int_eq(
		walk_one(&a.machine, &narrow, BIT32(1023, 1023), &w, NULL), 0);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_str_eq(paging_level_name(narrow.paging, w.level[0].level),
			 "pgd");
	ck_assert_str_eq(paging_level_name(narrow.paging, w.level[1].level),
			 "pte");
	ck_assert_uint_eq(w.level[1].index, 1023);
	ck_assert_uint_eq(w.level[1].entry, 0x40067);
}
END_TEST

static void check_extents(const struct walk_root *root, uint64_t start,
			  uint64_t last, const struct space_extent *want,
			  size_t n)
{
	struct space_extent *got;
	struct space_tables tables = {.left = 16};
	size_t count, i;

	ck_assert_int_eq(space_extents(&a.machine, root, start, last, &tables,
				       &got, &count, NULL),
			 0);
	ck_assert_uint_eq(count, n);
	for (i = 0; i < n; i++) {
		ck_assert_uint_eq(got[i].va, want[i].va);
		ck_assert_uint_eq(got[i].pa, want[i].pa);
		ck_assert_uint_eq(got[i].len, want[i].len);
	}
	free(got);
}

/* Addresses are not extended: the upper 2 GiB stay where they are. */
START_TEST(ranges)
{
	static const struct space_extent high_pae[] = {
		{PAE(3, 0, 5), 0x234567000, 4096},
		{PAE(3, 0, 6), 0x20000, 4096},
		{PAE(3, 0, 511), 0x30000, 4096},
		{PAE(3, 1, 0), 0x340400000, 2 << 20},
		{PAE(3, 511, 5), 0x234567000, 4096},
		{PAE(3, 511, 6), 0x20000, 4096},
		{PAE(3, 511, 511), 0x30000, 4096},
	};
	static const struct space_extent all[] = {
		{BIT32(0, 9), 0xfffff000, 4096},
		{BIT32(0, 1023), 0x40000, 4096},
		{BIT32(1, 0), 0xc00000, 4 << 20},
		{BIT32(2, 0), 0x5a00800000, 4 << 20},
		{BIT32(5, 0), 0x200000000, 4 << 20},
		{BIT32(768, 0), 0, 4 << 20},
		{BIT32(1023, 9), 0xfffff000, 4096},
		{BIT32(1023, 1023), 0x40000, 4096},
	};

	check_extents(&pae, 0xc0000000, 0xffffffff, high_pae, 7);
	check_extents(&narrow, 0, 0xffffffff, all, 8);
}
END_TEST

static void check_slots(const struct walk_root *root, const uint64_t *want,
			size_t n)
{
	struct space_tables tables = {.left = 4};
	size_t count, i;
	uint64_t *slots;

	ck_assert_int_eq(space_slots(&a.machine, root, 0, 0xffffffff, &tables,
				     &slots, &count, NULL),
			 0);
	ck_assert_uint_eq(count, n);
	for (i = 0; i < n; i++)
		ck_assert_uint_eq(slots[i], want[i]);
	free(slots);
}

START_TEST(slots)
{
	static const uint64_t of_pae[] = {0, 0x80000000, 0xc0000000};
	static const uint64_t of_narrow[] = {0, 0xc0000000};

	check_slots(&pae, of_pae, 3);
	check_slots(&narrow, of_narrow, 2);
}
END_TEST

/* Registers of the guests that are met: SDM vol. 3A, 4.1.1. */
static const struct {
	uint64_t cr0, cr4, efer;
	const struct paging *mode;
} cpus[] = {
	{0x10, 0, 0, NULL},			      /* real mode */
	{0x11, 0x20, 0, NULL},			      /* no paging yet */
	{0x80000011, 0, 0, &paging_32bit_4k},	      /* a 386 */
	{0x80000011, 0x10, 0, &paging_32bit},	      /* with PSE */
	{0x80050033, 0x6f0, 0x800, &paging_pae},      /* Linux 686-pae */
	{0x80000011, 0x20, 0x100, &paging_pae},	      /* LME, yet no LMA */
	{0x80050033, 0x6f0, 0xd01, &paging_4level},   /* Linux */
	{0x80050033, 0x751eb0, 0xd01, &paging_5level} /* and with LA57 */
};

START_TEST(registers_tell_the_mode)
{
	struct vcpu v = {.arch = &arch_x86_64,
			 .reg[X86_CR0] = cpus[_i].cr0,
			 .reg[X86_CR4] = cpus[_i].cr4,
			 .reg[X86_EFER] = cpus[_i].efer};

	ck_assert_ptr_eq(x86_64_paging(&v), cpus[_i].mode);
}
END_TEST

static void add_vcpu(unsigned int cpu, uint64_t cr3)
{
	struct vcpu v = {.arch = &arch_x86_64,
			 .index = (unsigned int)a.machine.vcpus.n,
			 .reg[X86_CR0] = cpus[cpu].cr0,
			 .reg[X86_CR3] = cr3,
			 .reg[X86_CR4] = cpus[cpu].cr4,
			 .reg[X86_EFER] = cpus[cpu].efer};

	ck_assert_int_eq(vec_push(&a.machine.vcpus, v), 0);
}

static const struct paging *mode_of(uint64_t cr3, const struct vcpu *only,
				    const char *words)
{
	const struct addr_root root = {&arch_x86_64, 0, cr3};
	const struct vcpu *by = NULL;
	struct err err = {0};
	int rc = paging_of_root(&a.machine, only, &root, &by, &err);

	ck_assert_int_eq(rc, words ? ERR_REFUSED : 0);
	if (words)
		ck_assert_str_eq(err.text, words);
	return by ? by->arch->paging(by, 0) : NULL;
}

/* The root's own vCPU decides, then what all agree on, else the user. */
START_TEST(a_root_is_walked_as_its_vcpu_does)
{
	ck_assert_ptr_null(mode_of(
		0x1000, NULL,
		"no vCPU uses paging: in which form the tables at 0x1000 are "
		"is not known"));
	add_vcpu(0, 0x1000);
	add_vcpu(4, 0x1020);
	ck_assert_ptr_null(mode_of(0x1000, &a.machine.vcpus.v[0],
				   "vCPU 0 does not use paging: it walks no "
				   "tables"));
	ck_assert_ptr_eq(mode_of(0x7000, NULL, NULL), &paging_pae);
	add_vcpu(6, 0x5000);
	ck_assert_ptr_eq(mode_of(0x103f, NULL, NULL), &paging_pae);
	ck_assert_ptr_eq(mode_of(0x5003, NULL, NULL), &paging_4level);
	ck_assert_ptr_null(
		mode_of(0x7000, NULL,
			"vCPU 1 uses PAE paging, vCPU 2 4-level: say "
			"which of them cr3=0x7000 is for"));
	ck_assert_ptr_eq(mode_of(0x7000, &a.machine.vcpus.v[2], NULL),
			 &paging_4level);
	/* the same root in two modes */
	add_vcpu(3, 0x5000);
	ck_assert_ptr_null(
		mode_of(0x5000, NULL,
			"vCPU 2 uses 4-level paging, vCPU 3 32-bit: say "
			"which of them cr3=0x5000 is for"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("walk_narrow");
	TCase *t = tcase_create("walk_narrow");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, walks_end_where_they_should, 0,
			    sizeof(ends) / sizeof(ends[0]));
	tcase_add_test(t, rights_are_those_of_the_form);
	tcase_add_test(t, levels_have_the_names_of_linux);
	tcase_add_test(t, ranges);
	tcase_add_test(t, slots);
	tcase_add_loop_test(t, registers_tell_the_mode, 0,
			    sizeof(cpus) / sizeof(cpus[0]));
	tcase_add_test(t, a_root_is_walked_as_its_vcpu_does);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
