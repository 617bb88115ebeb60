/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the trees of VMAs, maple and red-black, of several processes. */
#include <string.h>

#include "base/cursor.h"
#include "fuzz/fuzz.h"
#include "kernel/mm/vma.h"
#include "unit/fake_kernel.h"

/*
 * An input, little-endian: u8 kind; u8 number of mms; for each {u64 root, u32
 * map_count}; and then values for memory, {u16 index, u64 value} each: a value
 * goes to the kernel address DIRECT + 8 * index.
 */
enum {
	RED_BLACK = 1, /* up to 6.0 */
	OLD_NAMES = 2  /* 5.17 to 6.1: the name lies in `shared` */
};

#define MMS   4
#define MM(i) (DIRECT + 0x100000 + (i)*0x100)
#define WORDS 8192u

static struct fake_kernel kernel;

static void set_fields(unsigned int kind)
{
	static const char *const vma[] = {
		"vm_area_struct.vm_start",  "vm_area_struct.vm_end",
		"vm_area_struct.vm_mm",	    "vm_area_struct.vm_flags",
		"vm_area_struct.vm_pgoff",  "vm_area_struct.vm_file",
		"vm_area_struct.vm_ops",    "vm_area_struct.vm_private_data",
		"vm_area_struct.anon_name", "vm_area_struct.shared",
		"vm_area_struct.vm_next",
	};
	size_t i;

	for (i = 0; i < sizeof(vma) / sizeof(vma[0]); i++)
		fake_field(vma[i], (uint32_t)i * 8, 8);
	if (kind & OLD_NAMES)
		fake_field("vm_area_struct.shared", 64, 24);
	fake_field("vm_area_struct.vm_rb", 96, 24);
	fake_field("rb_node.rb_right", 8, 8);
	fake_field("rb_node.rb_left", 16, 8);
	/* Layouts of 6.1 to 7.2 */
	fake_field("mm_struct.mm_mt.ma_root", 0, 8);
	if (kind & RED_BLACK)
		fake_no_field("mm_struct.mm_mt.ma_root");
	fake_field("maple_range_64.pivot", 8, 15 * 8);
	fake_field("maple_range_64.slot", 128, 16 * 8);
	fake_field("maple_range_64.meta.end", 248, 1);
	fake_field("maple_arange_64.pivot", 8, 9 * 8);
	fake_field("maple_arange_64.slot", 80, 10 * 8);
	fake_field("maple_arange_64.meta.end", 240, 1);
	fake_field("maple_node.slot", 8, 31 * 8);
}

static void check_list(const struct vma_list *l, const struct mm *mm)
{
	size_t i;

	fuzz_require(!l->torn || *l->why);
	for (i = 0; i < l->n; i++) {
		const struct vma *v = &l->v[i];

		fuzz_require(v->start < v->end && v->mm == mm->addr);
		fuzz_require(!i || v[-1].start <= v->start);
		fuzz_require(!i || l->torn || v[-1].end <= v->start);
		fuzz_require(l->torn || vma_find(l, v->start) == v);
		if (i > 64)
			i += l->n / 64;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vma_list lists[MMS];
	struct mm mms[MMS];
	struct cursor c;
	unsigned int kind;
	size_t i, n;

	if (!kernel.memory.bytes)
		fake_kernel_init(&kernel);
	cursor_init(&c, data, size);
	kind = cursor_u8(&c);
	n = cursor_u8(&c) % (MMS + 1);
	set_fields(kind);
	for (i = 0; i < n; i++) {
		mms[i] = (struct mm){.addr = MM(i), .readable = true};
		mms[i].vma_head = cursor_u64(&c);
		mms[i].map_count = cursor_u32(&c);
	}
	while (cursor_left(&c) >= 10) {
		uint64_t word = cursor_u16(&c) % WORDS;

		fake_put64(&kernel, DIRECT + word * 8, cursor_u64(&c));
	}
	fuzz_require(!vma_lists_read(&kernel.kernel, mms, n, lists, NULL));
	for (i = 0; i < n; i++)
		check_list(&lists[i], &mms[i]);
	vma_lists_deinit(lists, n);
	machine_drop_cache(&kernel.memory.machine);
	memset(kernel.memory.bytes, 0, (size_t)WORDS * 8);
	return 0;
}
