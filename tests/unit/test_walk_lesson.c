/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what is said of page walks, on tables built by hand. */
#include "lesson/lesson.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "arch/aarch64.h"
#include "arch/x86_64.h"
#include "cli/walk_draw.h"
#include "walk/range.h"
#include "cli/walk_rows.h"
#include "kernel/x86_64_swap.h"
#include "unit/array_machine.h"

/* One page each; all below the first entries of those above. */
enum {
	PGD = 0x1000,
	PUD = 0x2000,
	PMD = 0x3000,
	PTE = 0x4000,
	PAE_TOP = 0x5000,
	PAE_PMD = 0x6000,
	NARROW = 0x7000,
	NARROW_PTE = 0x8000
};

/* The page of pte[n]. */
#define PAGE(n) ((uint64_t)(n) << 12)

static struct array_machine a;
static struct walk_root root;
static const struct x86_64_swap swap = {
	.os = {.absent = x86_64_absent, .parts = x86_64_absent_parts},
	.known = true,
	.inverted = true,
	.hwpoison = 27,
	.migration = 28,
	.device = 32,
	.marker = 31,
	.swapin_error = 32,
	.pfn_bits = 34,
};

/* As Linux >= 4.19 writes it: type on top, offset inverted. */
static uint64_t swap_entry(uint64_t type, uint64_t offset)
{
	return type << 59 | (~(offset << 14) >> 5 & 0x07fffffffffffe00);
}

static void put_ptes(void)
{
	static const struct {
		unsigned int index;
		uint64_t entry;
	} ptes[] = {
		{1, 0x20000 | 0x67},		   /* writable */
		{2, 0x21000 | 0x25 | PTE_NX},	   /* read only, NX */
		{3, 0x22000 | 0x63},		   /* the kernel's */
		{5, 0x000fffffed54e960},	   /* PROT_NONE */
		{11, 0x23000 | 0x67 | 5ULL << 59}, /* protection key */
		{12, 0x24000 | 0x67},
		{13, 0x25000 | 0x67}, /* neighbours */
		{14, 0x30000 | 0x67}, /* its frame is elsewhere */
	};
	size_t i;

	for (i = 0; i < sizeof(ptes) / sizeof(*ptes); i++)
		array_put64(&a, PTE + ptes[i].index * 8, ptes[i].entry);
	array_put64(&a, PTE + 4 * 8, swap_entry(2, 0x1234));
	array_put64(&a, PTE + 6 * 8, swap_entry(31, 4));     /* guard */
	array_put64(&a, PTE + 7 * 8, swap_entry(31, 1));     /* userfaultfd */
	array_put64(&a, PTE + 8 * 8, swap_entry(31, 2));     /* poison */
	array_put64(&a, PTE + 9 * 8, swap_entry(28, 0x77));  /* migrating */
	array_put64(&a, PTE + 10 * 8, swap_entry(27, 0x99)); /* hwpoison */
}

static void setup(void)
{
	array_machine_init(&a, 1 << 20);
	root = (struct walk_root){
		.pgd = PGD | 0x5, .paging = &paging_4level, .os = &swap.os};
	array_put64(&a, PGD, PUD | 0x67);
	array_put64(&a, PGD + 8, PUD | 0xe7);		 /* PS is reserved */
	array_put64(&a, PGD + 16, 0x7fff0000000 | 0x67); /* outside RAM */
	array_put64(&a, PGD + 24, PUD | 0x67 | PTE_NX);
	array_put64(&a, PUD, PMD | 0x67);
	array_put64(&a, PMD, PTE | 0x67);
	/* pmd[1]: a page of 2 MiB, global */
	array_put64(&a, PMD + 8, 0x400000 | 0x1e7);
	put_ptes();
	array_put64(&a, PAE_TOP, PAE_PMD | 1);
	array_put64(&a, PAE_PMD, PTE | 0x67);
	array_put32(&a, NARROW, NARROW_PTE | 0x67);
	array_put32(&a, NARROW_PTE + 4, 0x20000 | 0x67);
}

static void teardown(void)
{
	array_machine_deinit(&a);
}

/* The areas of a process, and what its page is known to be. */
static struct vma areas[] = {
	{.start = 0, .end = PAGE(2), .flags = VM_READ | VM_WRITE},
	{.start = PAGE(2), .end = PAGE(5), .flags = VM_READ | VM_WRITE},
	{.start = PAGE(5), .end = PAGE(6)},
	{.start = PAGE(0x20),
	 .end = PAGE(0x40),
	 .flags = VM_READ | VM_MAYSHARE | VM_SHARED},
};

static struct place place;
static struct walk walk;
static struct lesson lesson;

/* All that is said of an address, with a line break behind each. */
static char *told(uint64_t va)
{
	static char text[4096];
	size_t i;

	ck_assert_int_eq(walk_one(&a.machine, &root, va, &walk, NULL), 0);
	lesson.place = &place;
	lesson.walk = &walk;
	ck_assert_int_eq(lesson_tell(&lesson, NULL), 0);
	*text = '\0';
	for (i = 0; i < lesson.says.n; i++) {
		strcat(text, lesson.says.v[i].words);
		strcat(text, "\n");
		free(lesson.says.v[i].words);
	}
	vec_deinit(&lesson.says);
	return text;
}

static void in_process(void)
{
	place.space = ADDR_PID;
	lesson = (struct lesson){.has_areas = true};
	lesson.areas.v = areas;
	lesson.areas.n = sizeof(areas) / sizeof(*areas);
}

#define SAID(text, words)                                                   \
	ck_assert_msg(strstr(text, words) != NULL, "%s: not in: %s", words, \
		      text)
#define UNSAID(text, words) \
	ck_assert_msg(!strstr(text, words), "%s: in: %s", words, text)

/* Addresses, and why an access faults there: words that must be said. */
static const struct {
	uint64_t va;
	const char *words;
} faults[] = {
	{PAGE(0), "pte[0] is zero: it maps no page"},
	{PAGE(4), "slot 4660 of swap area 2"},
	{PAGE(4), "Which file or device swap area 2 is, is not known"},
	{PAGE(5), "pte[5] keeps its frame 0x12ab1000"},
	{PAGE(6), "a guard: any access ends in SIGSEGV"},
	{PAGE(7), "a reminder that userfaultfd is told of writes"},
	{PAGE(8), "poison: any access ends in SIGBUS"},
	{PAGE(9), "pte[9] is a migration entry"},
	{PAGE(10), "a page that is lost, by an error of the hardware"},
	{1ULL << 39, "pgd[1] has a reserved bit set"},
	{2ULL << 39, "pud[0] cannot be read"},
	{2ULL << 39, "its table at 0x7fff0000000 lies outside RAM"},
	{4ULL << 39, "in all of the 512 GiB from 0x20000000000 on"},
	{1ULL << 30, "in all of the 1 GiB from 0x40000000 on"},
	{1ULL << 47, "bits 63 to 47 have to be alike"},
};

START_TEST(every_fault_is_explained)
{
	lesson = (struct lesson){0};
	SAID(told(faults[_i].va), faults[_i].words);
	ck_assert_uint_eq(lesson.n_accesses, 0);
}
END_TEST

START_TEST(areas_are_named)
{
	char *text;

	in_process();
	text = told(PAGE(0));
	SAID(text, "lies in the area 0x0-0x2000 (rw-p)");
	SAID(text, "the first access makes the page");
	text = told(PAGE(5));
	SAID(text, "mprotect(PROT_NONE)");
	text = told(PAGE(0x10));
	SAID(text, "nothing between 0x6000 and 0x20000");
	SAID(text, "SIGSEGV");
	SAID(told(PAGE(0x50)), "above all of them");
	SAID(told(PAGE(0x21)), "(r--s)");
	/* An area that does permit access: somebody looks who touches it. */
	areas[2].flags = VM_READ;
	SAID(told(PAGE(5)), "NUMA balancing");
	lesson.areas.torn = true;
	text = told(PAGE(0x10));
	SAID(text, "not whole");
	UNSAID(text, "SIGSEGV");
}
END_TEST

START_TEST(copy_on_write_is_told_with_its_sharers)
{
	char *text;

	in_process();
	lesson.has_page = true;
	lesson.page = (struct page_info){.kind = PAGE_ANON_SHARED,
					 .pfn = 0x21,
					 .mapcount = 3,
					 .refcount = 4,
					 .maps_counted = true,
					 .refs_counted = true};
	text = told(PAGE(2));
	SAID(text, "copy on write");
	SAID(text, "3 entries of page tables share the page");
	SAID(text, "3 mappings and 4 references");
	lesson.page.kind = PAGE_ANON;
	lesson.page.mapcount = 1;
	SAID(told(PAGE(2)), "Nobody else maps the page");
	lesson.page.kind = PAGE_ZERO;
	SAID(told(PAGE(2)), "the zero page");
	lesson.page.kind = PAGE_ANON;
	lesson.page.maps_counted = false;
	text = told(PAGE(2));
	UNSAID(text, "mapcount");
	areas[1].flags = VM_READ;
	text = told(PAGE(2));
	SAID(text, "The area permits no writes, either");
	UNSAID(text, "copy on write");
	areas[1].flags = VM_READ | VM_WRITE | VM_SHARED;
	SAID(told(PAGE(2)), "then goes through to the page");
	/* A page that may be written to has nothing to explain. */
	UNSAID(told(PAGE(1)), "write ");
}
END_TEST

static const struct lesson_access *access_of(const char *name)
{
	size_t i;

	for (i = 0; i < lesson.n_accesses; i++)
		if (!strcmp(lesson.access[i].name, name))
			return &lesson.access[i];
	return NULL;
}

#define WORKS(name, does, why)                                    \
	do {                                                      \
		const struct lesson_access *x_ = access_of(name); \
		ck_assert_ptr_nonnull(x_);                        \
		ck_assert_int_eq(x_->works, does);                \
		ck_assert_str_eq(x_->because, why);               \
	} while (0)

START_TEST(accesses_name_the_entry_that_denies)
{
	lesson = (struct lesson){0};
	told(PAGE(1));
	WORKS("user read", true, "");
	WORKS("user write", true, "");
	WORKS("user fetch", true, "");
	ck_assert_ptr_null(access_of("kernel read"));
	lesson = (struct lesson){0};
	told(PAGE(2));
	WORKS("user read", true, "");
	WORKS("user write", false, "pte[2] permits no writes");
	WORKS("user fetch", false,
	      "pte[2] permits no fetching of instructions");
	lesson = (struct lesson){0};
	told(PAGE(3));
	WORKS("user read", false, "pte[3] is for the kernel alone");
	WORKS("kernel read", true, "");
	WORKS("kernel write", true, "");
	WORKS("kernel fetch", true, "");
	/* An entry above forbids it for all below. */
	lesson = (struct lesson){0};
	told((3ULL << 39) + PAGE(1));
	WORKS("user fetch", false,
	      "pgd[3] permits no fetching of instructions");
	/* ... unless it is the poison of the kernel's tables under PTI. */
	root.poison = PTE_NX;
	lesson = (struct lesson){0};
	SAID(told((3ULL << 39) + PAGE(1)), "does not count");
	WORKS("user fetch", true, "");
}
END_TEST

START_TEST(what_a_tlb_holds)
{
	static struct vcpu vcpu = {.index = 3, .arch = &arch_x86_64};
	char *text;

	lesson = (struct lesson){0};
	text = told(PAGE(1) + 0x123);
	SAID(text,
	     "page number 0x1 (the address >> 12), the 4 KiB at 0x20000,");
	SAID(text, "no vCPU has these tables in use now");
	UNSAID(text, "early");
	vcpu.reg[X86_CR3] = PGD | 0x5;
	vcpu.reg[X86_CR4] = CR4_PCIDE;
	lesson = (struct lesson){.by = &vcpu};
	SAID(told(PAGE(1)), "kept for PCID 0x5, which vCPU 3 has in use");
	vcpu.reg[X86_CR4] = 0;
	lesson = (struct lesson){.by = &vcpu};
	SAID(told(PAGE(1)), "vCPU 3, which uses these tables, tags nothing");
	lesson = (struct lesson){.by = &vcpu};
	text = told((2 << 20) + 0x4567);
	SAID(text,
	     "page number 0x1 (the address >> 21), the 2 MiB at 0x400000,");
	SAID(text, "It is global");
	SAID(text, "ends 1 level early");
	SAID(text, "takes 512 entries");
	lesson = (struct lesson){0};
	SAID(told(PAGE(11)), "protection key 5");
	UNSAID(told(PAGE(1)), "protection key");
}
END_TEST

/* What kernel mode may with pages of user mode, where that is known. */
START_TEST(control_registers)
{
	static struct vcpu vcpu = {.arch = &arch_x86_64};
	static struct vcpu arm = {.arch = &arch_aarch64};
	char *text;

	lesson = (struct lesson){0};
	text = told(PAGE(2));
	UNSAID(text, "CR4");
	UNSAID(text, "CR0");
	vcpu.reg[X86_CR0] = 1 << 16;
	vcpu.reg[X86_CR4] = 1 << 20 | 1 << 21 | 1 << 22;
	lesson = (struct lesson){.control = &vcpu};
	text = told(PAGE(2));
	SAID(text, "CR4.SMAP is set");
	SAID(text, "CR4.SMEP is set");
	SAID(text, "CR0.WP is set");
	lesson = (struct lesson){.control = &vcpu};
	SAID(told(PAGE(11)), "PKRU of each thread");
	lesson = (struct lesson){.control = &vcpu};
	text = told(PAGE(3)); /* the kernel's own */
	UNSAID(text, "CR4");
	UNSAID(text, "CR0");
	lesson = (struct lesson){.control = &vcpu};
	UNSAID(told(PAGE(4)), "CR4");
	vcpu.reg[X86_CR0] = vcpu.reg[X86_CR4] = 0;
	lesson = (struct lesson){.control = &vcpu};
	text = told(PAGE(2));
	SAID(text, "CR4.SMAP is clear");
	SAID(text, "CR4.SMEP is clear");
	SAID(text, "CR0.WP is clear");
	lesson = (struct lesson){.control = &vcpu};
	SAID(told(PAGE(11)), "key 5, which counts for nothing now");
	lesson = (struct lesson){.control = &arm};
	UNSAID(told(PAGE(2)), "CR4");
}
END_TEST

START_TEST(twins_are_compared)
{
	char *text;

	lesson = (struct lesson){.paired = true, .twin_root = root};
	lesson.twin_root.pgd = 0x9000;
	ck_assert(!walk_one(&a.machine, &lesson.twin_root, PAGE(1),
			    &lesson.twin, NULL));
	text = told(PAGE(1));
	SAID(text, "for user mode, with its top table at 0x9000");
	SAID(text, "There the same address is absent");
	array_put64(&a, 0x9000, PUD | 0x67);
	machine_drop_cache(&a.machine);
	ck_assert(!walk_one(&a.machine, &lesson.twin_root, PAGE(1),
			    &lesson.twin, NULL));
	SAID(told(PAGE(1)), "the same next table");
}
END_TEST

START_TEST(rules_are_those_of_the_form)
{
	char *text = told(PAGE(1));

	SAID(text, "every entry on the way has to permit them. No-execute");
	root = (struct walk_root){.pgd = PAE_TOP, .paging = &paging_pae};
	lesson = (struct lesson){0};
	text = told(PAGE(1));
	SAID(text, "but for the top table, which has no say. No-execute");
	root = (struct walk_root){.pgd = NARROW, .paging = &paging_32bit};
	lesson = (struct lesson){0};
	SAID(told(PAGE(1)), "permit them. Nothing can forbid execution.");
	/* aarch64, which says as much of tables, or nothing (HPD1). */
	root.paging = aarch64_paging_of_tcr(0x00500074b5503510, 1);
	array_put64(&a, NARROW, 0x20003);
	lesson = (struct lesson){0};
	SAID(told(0xffff000000000000), "permit them. No-execute is an OR");
	root.paging = aarch64_paging_of_tcr(0x00500074b5503510 | TCR_HPD1, 1);
	lesson = (struct lesson){0};
	SAID(told(0xffff000000000000), "the last entry alone counts");
}
END_TEST

/* Parts of entries of all forms: together they are all bits, each once. */
static const struct {
	const struct paging *paging;
	unsigned int level;
	uint64_t entry;
	const char *names; /* from the top, "." for bits without a name */
} entries[] = {
	{&paging_4level, 1, 0x8000000000020867,
	 "NX PKEY SAVED_DIRTY . address SOFT_DIRTY UFFD_WP SPECIAL G PAT D A "
	 "PCD PWT US RW P "},
	{&paging_4level, 2, 0x4000e7,
	 "NX PKEY SAVED_DIRTY . address reserved PAT SOFT_DIRTY UFFD_WP "
	 "SPECIAL G PS D A PCD PWT US RW P "},
	{&paging_4level, 4, 0x2067, "NX . address . PS . A PCD PWT US RW P "},
	{&paging_4level, 1, 0, ". P "},
	{&paging_pae, 3, 0x6001,
	 "reserved address . reserved . PCD PWT reserved P "},
	{&paging_32bit, 1, 0x20067, "address . G PAT D A PCD PWT US RW P "},
	{&paging_32bit, 2, 0x8b40e7,
	 "address reserved address, high PAT . G PS D A PCD PWT US RW P "},
	{&paging_32bit, 2, 0x8067, "address . PS . A PCD PWT US RW P "},
};

static uint64_t joined(const struct paging_part *parts, size_t n)
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < n; i++)
		all |= parts[i].is_address ? parts[i].value
					   : parts[i].value << parts[i].bit;
	return all;
}

static void check_cover(const struct paging_part *parts, size_t n,
			unsigned int bits, uint64_t value)
{
	unsigned int left = bits;
	size_t i;

	for (i = 0; i < n; i++) {
		ck_assert_uint_eq(parts[i].bit + parts[i].width, left);
		left = parts[i].bit;
	}
	ck_assert_uint_eq(left, 0);
	ck_assert_uint_eq(joined(parts, n), value);
}

START_TEST(entries_are_cut_into_parts)
{
	const struct paging *p = entries[_i].paging;
	struct paging_part parts[PAGING_MAX_PARTS];
	char names[256] = "";
	size_t i, n;

	n = paging_parts(p, entries[_i].level, entries[_i].entry, NULL, parts);
	check_cover(parts, n, p->family->entry_bytes * 8u, entries[_i].entry);
	for (i = 0; i < n; i++) {
		strcat(names, *parts[i].name ? parts[i].name : ".");
		strcat(names, " ");
	}
	ck_assert_str_eq(names, entries[_i].names);
}
END_TEST

/* Every bit of every form, however an entry looks: parts are all of it. */
START_TEST(no_bit_is_in_two_parts)
{
	static const uint64_t tcr[] = {0x00500074b5503510, 0x095001f6b54c350c,
				       0x0d5001f6754cb50c};
	const struct paging *all[] = {
		&paging_4level,
		&paging_5level,
		&paging_pae,
		&paging_32bit,
		&paging_32bit_4k,
		aarch64_paging_of_tcr(tcr[0], 1),
		aarch64_paging_of_tcr(tcr[1], 1),
		aarch64_paging_of_tcr(tcr[2], 0),
	};
	struct paging_part parts[PAGING_MAX_PARTS];
	uint64_t entry, seed = 88172645463325252ULL;
	unsigned int level, i, round, bits;
	size_t n;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		for (level = 1; level <= all[i]->levels; level++)
			for (round = 0; round < 200; round++) {
				seed ^= seed << 13;
				seed ^= seed >> 7;
				seed ^= seed << 17;
				bits = all[i]->family->entry_bytes * 8u;
				entry = bits == 32 ? seed >> 32 : seed;
				n = paging_parts(all[i], level, entry, NULL,
						 parts);
				check_cover(parts, n, bits, entry);
			}
}
END_TEST

START_TEST(absent_entries_have_parts_of_their_system)
{
	struct paging_part parts[PAGING_MAX_PARTS];
	size_t n;

	told(PAGE(4));
	n = walk_level_parts(&walk, 3, parts);
	check_cover(parts, n, 64, swap_entry(2, 0x1234));
	ck_assert_uint_eq(paging_part_find(parts, n, "type")->value, 2);
	ck_assert_ptr_null(paging_part_find(parts, n, "RW"));
	told(PAGE(5));
	n = walk_level_parts(&walk, 3, parts);
	ck_assert_uint_eq(paging_part_find(parts, n, "PROT_NONE")->value, 1);
	ck_assert_uint_eq(paging_part_find(parts, n, "P")->value, 0);
}
END_TEST

START_TEST(addresses_are_cut_by_their_levels)
{
	struct paging_part parts[PAGING_MAX_PARTS];
	unsigned int bits;
	size_t n;

	told(0xffff888000001123);
	n = walk_address_parts(&walk, &bits, parts);
	ck_assert_uint_eq(n, 6);
	check_cover(parts, n, 64, 0xffff888000001123);
	ck_assert_uint_eq(parts[1].value, 273);
	/* A large page takes the rest as its offset. */
	told((2 << 20) + 0x4567);
	n = walk_address_parts(&walk, &bits, parts);
	ck_assert_uint_eq(n, 5);
	ck_assert_uint_eq(parts[4].width, 21);
	ck_assert_uint_eq(parts[4].value, 0x4567);
	root = (struct walk_root){.pgd = NARROW, .paging = &paging_32bit};
	told(0x1234);
	n = walk_address_parts(&walk, &bits, parts);
	ck_assert_uint_eq(bits, 32);
	check_cover(parts, n, 32, 0x1234);
	ck_assert_uint_eq(n, 3);
	root = (struct walk_root){.pgd = PAE_TOP, .paging = &paging_pae};
	told(0x40001234);
	n = walk_address_parts(&walk, &bits, parts);
	check_cover(parts, n, 32, 0x40001234);
	ck_assert_uint_eq(parts[0].width, 2);
}
END_TEST

START_TEST(arithmetic_comes_out)
{
	char text[128];

	told(PAGE(2));
	walk_table_from(&walk, 0, text, sizeof(text));
	ck_assert_str_eq(text, "0x1005 & 0xffffffffff000 = 0x1000");
	walk_table_from(&walk, 1, text, sizeof(text));
	ck_assert_str_eq(text, "0x2067 & 0xffffffffff000 = 0x2000");
	lesson_arithmetic(&walk, 3, text, sizeof(text));
	ck_assert_str_eq(text,
			 "0x8000000000021025 & 0xffffffffff000 = 0x21000");
	ck_assert(walk_rights_so_far(&walk, 2).write);
	ck_assert(!walk_rights_so_far(&walk, 3).write);
	ck_assert(!walk_rights_so_far(&walk, 2).nx);
	ck_assert(walk_rights_so_far(&walk, 3).nx);
}
END_TEST

START_TEST(drawn_as_text)
{
	static const char bits[] =
		"63   59   55   51   47   43   39   35   31   27   23   19   "
		"15   11   7    3\n"
		"1000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0010 "
		"0001 0000 0010 0101\n"
		"abbb bc.. .... eeee eeee eeee eeee eeee eeee eeee eeee eeee "
		"eeee fghi jklm nopq\n"
		"  a  63     NX           1  no execute: ";
	struct walk_shown shown = {.place = &place, .walk = &walk};
	struct out out;

	out_init(&out, "walk", false, false);
	lesson = (struct lesson){.place = &place, .walk = &walk};
	ck_assert(!walk_one(&a.machine, &root, PAGE(2), &walk, NULL));
	ck_assert(!lesson_tell(&lesson, NULL));
	shown.lesson = &lesson;
	out_begin(&out, OUT_LINES, NULL, 0);
	walk_draw(&out, &shown, false);
	SAID(out.lines.data, bits);
	SAID(out.lines.data, "pte: table at 0x4000\n");
	SAID(out.lines.data, "Entry 2: 0x4000 + 2 * 8 = 0x4010 holds");
	SAID(out.lines.data, "Result: mapped\n");
	SAID(out.lines.data,
	     "user write    faults: pte[2] permits no writes\n");
	ck_assert_ptr_null(strchr(out.lines.data, '\033'));
	buf_reset(&out.lines);
	walk_draw(&out, &shown, true);
	SAID(out.lines.data, "\033[31ma\033[0m");
	lesson_deinit(&lesson);
	out_deinit(&out);
}
END_TEST

START_TEST(ranges_are_walked_page_by_page)
{
	struct walk_runs runs = {0};
	size_t i;
	uint64_t at = PAGE(0);

	ck_assert_int_eq(walk_range(&a.machine, &root, 0x800, (4 << 20) - 0x800,
				    &runs, NULL),
			 0);
	/* pte[12] and [13] share a run, so do [15] to [511]. */
	ck_assert_uint_eq(runs.list.n, 16 - 1 + 1);
	at = 0x800;
	for (i = 0; i < runs.list.n; i++) {
		ck_assert_uint_eq(runs.list.v[i].walk.va, at);
		at += runs.list.v[i].len;
	}
	ck_assert_uint_eq(at, 4 << 20);
	ck_assert_uint_eq(runs.list.v[12].len, 2 * PAGE(1));
	ck_assert_uint_eq(runs.list.v[14].len, (512 - 15) * PAGE(1));
	ck_assert_uint_eq(runs.list.v[15].len, 2 << 20);
	ck_assert_uint_eq(runs.list.v[15].walk.page_size, 2 << 20);
	walk_runs_deinit(&runs);
	/* The end of all addresses is an end. */
	ck_assert(!walk_range(&a.machine, &root, ~0ULL - 0x17ff, 0x1800, &runs,
			      NULL));
	ck_assert_uint_eq(runs.list.n, 1);
	ck_assert_uint_eq(runs.list.v[0].len, 0x1800);
	walk_runs_deinit(&runs);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("walk lesson");
	TCase *t = tcase_create("walk lesson");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, every_fault_is_explained, 0,
			    sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(t, areas_are_named);
	tcase_add_test(t, copy_on_write_is_told_with_its_sharers);
	tcase_add_test(t, accesses_name_the_entry_that_denies);
	tcase_add_test(t, what_a_tlb_holds);
	tcase_add_test(t, control_registers);
	tcase_add_test(t, twins_are_compared);
	tcase_add_test(t, rules_are_those_of_the_form);
	tcase_add_loop_test(t, entries_are_cut_into_parts, 0,
			    sizeof(entries) / sizeof(entries[0]));
	tcase_add_test(t, no_bit_is_in_two_parts);
	tcase_add_test(t, absent_entries_have_parts_of_their_system);
	tcase_add_test(t, addresses_are_cut_by_their_levels);
	tcase_add_test(t, arithmetic_comes_out);
	tcase_add_test(t, drawn_as_text);
	tcase_add_test(t, ranges_are_walked_page_by_page);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
