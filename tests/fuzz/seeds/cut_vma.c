/* SPDX-License-Identifier: BSD-2-Clause */
/* A seed of a VMA tree: a guest's own nodes, moved together. */
#include <stdlib.h>

#include "base/cursor.h"
#include "base/map.h"
#include "fuzz/seeds/cut.h"
#include "fuzz/seeds/seed.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/vma.h"
#include "unit/wants_kit.h"

/* As in fuzz_vma.c */
#define RED_BLACK 1
#define DIRECT	  0xffff888000000000ULL
#define MM	  (DIRECT + 0x100000)
#define RB	  96 /* vm_rb in a VMA */
#define RB_RIGHT  8
#define RB_LEFT	  16
#define NODES	  64 /* that there is room for */
#define VMAS	  350

#define NODE(n)	  (DIRECT + 0x1000 + (n)*256ULL)
#define VMA(n)	  (DIRECT + 0x5000 + (n)*128ULL)

struct seed {
	struct kernel *k;
	struct map vmas; /* address to number */
	struct buf out;
	uint64_t nodes;
};

static void put(struct buf *out, uint64_t value, size_t size)
{
	buf_add(out, &value, size);
}

/* A value that memory is to hold; zero it is by itself. */
static void put_word(struct seed *s, uint64_t va, uint64_t value)
{
	if (!value)
		return;
	put(&s->out, (va - DIRECT) / 8, 2);
	put(&s->out, value, 8);
}

static uint64_t moved_vma(const struct seed *s, uint64_t va)
{
	uint64_t n;

	return map_get(&s->vmas, va, &n) ? VMA(n) : 0;
}

/* Where the slots of a node lie: lib/maple_tree.c, 6.1 to 7.2. */
static bool is_slot(unsigned int type, size_t at)
{
	if (type == 3)
		return at >= 80 && at < 160;
	return at >= 128;
}

/* Move a node and all below it; the entry that now leads there. */
static uint64_t move_node(struct seed *s, uint64_t entry)
{
	unsigned int type = entry >> 3 & 15;
	uint64_t to = NODE(s->nodes++), value;
	uint8_t node[256];
	size_t at;

	if (s->nodes > NODES || !type || type > 3 ||
	    kernel_read(s->k, entry & ~255ULL, node, sizeof(node), NULL))
		abort();
	for (at = 0; at < sizeof(node); at += 8) {
		value = le64(node + at);
		if (is_slot(type, at) && type > 1 && value >> 63)
			value = move_node(s, value);
		else if (is_slot(type, at) && moved_vma(s, value))
			value = moved_vma(s, value);
		put_word(s, to + at, value);
	}
	return to | (entry & 255);
}

static const struct profile_field *field(const struct seed *s, const char *name)
{
	return profile_field(s->k->profile, kit_want(WANT_FIELD, name));
}

static uint64_t child(struct seed *s, uint64_t vma, const char *side)
{
	uint32_t in_vma = field(s, "vm_area_struct.vm_rb")->offset;
	uint32_t at = field(s, side)->offset;
	uint64_t node;

	if (kernel_read(s->k, vma + in_vma + at, &node, 8, NULL))
		abort();
	node = node ? moved_vma(s, node - in_vma) : 0;
	return node ? node + RB : 0;
}

static void put_vma(struct seed *s, const struct vma *v, bool red_black)
{
	uint64_t to = moved_vma(s, v->addr);
	const uint64_t words[] = {v->start, v->end,	     MM,
				  v->flags, v->pgoff,	     v->file,
				  v->ops,   v->private_data, v->anon_name};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		put_word(s, to + i * 8, words[i]);
	if (!red_black)
		return;
	put_word(s, to + 80, moved_vma(s, v->next));
	put_word(s, to + RB + RB_RIGHT, child(s, v->addr, "rb_node.rb_right"));
	put_word(s, to + RB + RB_LEFT, child(s, v->addr, "rb_node.rb_left"));
}

void seed_vma(struct kernel *k, const struct task *t, const char *path)
{
	struct seed s = {.k = k};
	bool red_black = !field(&s, "mm_struct.mm_mt.ma_root")->present;
	uint32_t rb = field(&s, "vm_area_struct.vm_rb")->offset;
	struct buf out = {0};
	struct vma_list list;
	struct mm mm;
	uint64_t root;
	size_t i;

	if (mm_of_task(k, t, &mm, NULL) ||
	    vma_lists_read(k, &mm, 1, &list, NULL) || list.n > VMAS)
		abort();
	for (i = 0; i < list.n; i++)
		if (map_put(&s.vmas, list.v[i].addr, i))
			abort();
	for (i = 0; i < list.n; i++)
		put_vma(&s, &list.v[i], red_black);
	root = red_black ? moved_vma(&s, mm.vma_head - rb) + RB
			 : move_node(&s, mm.vma_head);
	put(&out, red_black ? RED_BLACK : 0, 1);
	put(&out, 1, 1);
	put(&out, root, 8);
	put(&out, mm.map_count, 4);
	buf_add(&out, s.out.data, s.out.len);
	cut_write(path, out.data, out.len);
	vma_lists_deinit(&list, 1);
	map_deinit(&s.vmas);
	buf_deinit(&s.out);
	buf_deinit(&out);
}
