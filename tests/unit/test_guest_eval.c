/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what expressions stand for, in memory written by hand. */
#include "guest/eval.h"

#include <check.h>
#include <inttypes.h>
#include <string.h>

#include "base/cursor.h"
#include "types/outline.h"
#include "unit/btf_kit.h"
#include "unit/fake_kernel.h"

#define NODE(i) (DIRECT + 0x1000 * (i)) /* 1 to 3 */
#define LINK	16			/* in a node */
#define ARRAY	32
#define FIELDS	48
#define HASH	56
#define RB	72
#define SIZE	96
#define HEAD	(DIRECT + 0x8000) /* of a list of all three */
#define TORN	(DIRECT + 0x8100)
#define HHEAD	(DIRECT + 0x9000) /* 1, 3 */
#define HRING	(DIRECT + 0x9100) /* an hlist without end */
#define ROOT	(DIRECT + 0xa000) /* of a tree of all three */
#define RTORN	(DIRECT + 0xa100) /* of one that leads back */
#define AREA(i) (DIRECT + 0x20000 + 0x1000 * (i))

static struct fake_kernel f;
static struct btf_kit kit;
static struct buf blob, said;
static struct guest guest;
static struct guest_types types;
static struct err err;

static void put_types(void)
{
	uint32_t t_int = kit_btf_int(&kit, "int", 4, 32 | 1 << 24);
	uint32_t array = kit_btf_array(&kit, t_int, 4), list, hlist, node, rb;

	list = kit_btf_type(&kit, "list_head", BTF_STRUCT, 2, false, 16);
	kit_btf_member(&kit, "next", list + 1, 0);
	kit_btf_member(&kit, "prev", list + 1, 64);
	kit_btf_type(&kit, "", BTF_PTR, 0, false, list);
	hlist = kit_btf_type(&kit, "hlist_node", BTF_STRUCT, 1, false, 16);
	kit_btf_member(&kit, "next", hlist + 1, 0);
	kit_btf_type(&kit, "", BTF_PTR, 0, false, hlist);
	kit_btf_struct(&kit, "hlist_head", 8, "first", hlist + 1);
	rb = kit_btf_struct(&kit, "rb_node", 24, "__rb_parent_color", t_int);
	kit_btf_struct(&kit, "rb_root", 8, "rb_node", hlist + 1);
	kit_btf_struct(&kit, "rb_root_cached", 16, "rb_root", rb + 1);
	node = kit_btf_type(&kit, "node", BTF_STRUCT, 8, true, SIZE);
	kit_btf_member(&kit, "id", t_int, 0);
	kit_btf_member(&kit, "next", node + 1, 64);
	kit_btf_member(&kit, "link", list, LINK * 8);
	kit_btf_member(&kit, "array", array, ARRAY * 8);
	kit_btf_member(&kit, "low", t_int, FIELDS * 8 | 3 << 24);
	kit_btf_member(&kit, "high", t_int, (FIELDS * 8 + 3) | 5 << 24);
	kit_btf_member(&kit, "hash", hlist, HASH * 8);
	kit_btf_member(&kit, "rb", rb, RB * 8);
	kit_btf_type(&kit, "", BTF_PTR, 0, false, node);
	kit_btf_type(&kit, "count", BTF_VAR, 0, false, t_int);
	kit_btf_u32(&kit, 1);
}

static void put_node(unsigned int i, uint64_t next, uint64_t prev)
{
	uint64_t at = NODE(i);

	fake_put32(&f, at, i * 10);
	fake_put64(&f, at + 8, i < 3 ? NODE(i + 1) : 0);
	fake_put64(&f, at + LINK, next);
	fake_put64(&f, at + LINK + 8, prev);
	fake_put32(&f, at + ARRAY, i);
	fake_put32(&f, at + ARRAY + 12, 100 + i);
	fake_put32(&f, at + FIELDS, 5 | 9 << 3); /* -3, 9 */
}

/* 2 above 1 and 3; and 1 above itself, and 3. */
static void put_trees(void)
{
	fake_field("rb_root.rb_node", 0, 8);
	fake_field("rb_node.rb_right", 8, 8);
	fake_field("rb_node.rb_left", 16, 8);
	fake_symbol("root", ROOT);
	fake_symbol("rtorn", RTORN);
	fake_put64(&f, ROOT, NODE(2) + RB);
	fake_put64(&f, NODE(2) + RB + 16, NODE(1) + RB);
	fake_put64(&f, NODE(2) + RB + 8, NODE(3) + RB);
	fake_put64(&f, RTORN, NODE(4) + RB);
	fake_put32(&f, NODE(4), 40);
	fake_put64(&f, NODE(4) + RB + 16, NODE(4) + RB);
	fake_put64(&f, NODE(4) + RB + 8, NODE(3) + RB);
}

static void setup(void)
{
	fake_kernel_init(&f);
	put_types();
	kit_btf_blob(&kit, 24, 0, &blob);
	ck_assert_int_eq(btf_init(&types.kernel, blob.data, blob.len, NULL), 0);
	types.signs = true;
	guest = (struct guest){.kernel = &f.kernel};
	symbols_init(&guest.symbols, &f.kernel);
	put_node(1, NODE(2) + LINK, HEAD);
	put_node(2, NODE(3) + LINK, NODE(1) + LINK);
	put_node(3, HEAD, NODE(2) + LINK);
	fake_put64(&f, HEAD, NODE(1) + LINK);
	fake_put64(&f, HEAD + 8, NODE(3) + LINK);
	fake_put64(&f, TORN, NODE(1) + LINK);
	fake_put64(&f, HHEAD, NODE(1) + HASH);
	fake_put64(&f, NODE(1) + HASH, NODE(3) + HASH);
	fake_put64(&f, HRING, NODE(2) + HASH);
	fake_put64(&f, NODE(2) + HASH, NODE(2) + HASH);
	put_trees();
	fake_symbol("first", NODE(1));
	fake_symbol("head", HEAD);
	fake_symbol("torn", TORN);
	fake_symbol("hhead", HHEAD);
	fake_symbol("hring", HRING);
	fake_symbol("count", 0x100);
	fake_symbol("plain", 0x100);
	fake_symbol("__per_cpu_start", 0);
	fake_symbol("__per_cpu_end", 0x200);
	fake_symbol("nr_cpu_ids", DIRECT + 0x10000);
	fake_symbol("__per_cpu_offset", DIRECT + 0x10008);
	fake_put32(&f, DIRECT + 0x10000, 2);
	fake_put64(&f, DIRECT + 0x10008, AREA(0));
	fake_put64(&f, DIRECT + 0x10010, AREA(1));
	fake_put32(&f, AREA(0) + 0x100, 7);
	fake_put32(&f, AREA(1) + 0x100, 8);
}

static void teardown(void)
{
	symbols_deinit(&guest.symbols);
	btf_deinit(&types.kernel);
	kit_btf_deinit(&kit);
	buf_deinit(&blob);
	buf_deinit(&said);
	kit = (struct btf_kit){0};
	fake_kernel_deinit(&f);
}

/* A module with a struct piece {int more; struct node *node}. */
static void put_module(const char *name, struct buf *split_blob)
{
	struct guest_module_types m = {.name = name};
	struct btf_kit own = {0};
	uint32_t node = 0, i, at;
	struct btf_type t;

	for (i = 1; btf_type(&types.kernel, i, &t); i++)
		if (!strcmp(t.name, "node"))
			node = i;
	kit_btf_type(&own, "piece", BTF_STRUCT, 2, false, 16);
	kit_btf_member(&own, "more", 1, 0);
	kit_btf_member(&own, "node", node + 1, 64);
	kit_btf_blob(&own, 24, 0, split_blob);
	for (i = 24; i <= 48; i += 12) { /* names go on behind the kernel's */
		at = le32((uint8_t *)split_blob->data + i) +
		     (uint32_t)types.kernel.strings_len;
		memcpy(split_blob->data + i, &at, sizeof(at));
	}
	ck_assert_int_eq(btf_init_split(&m.btf, &types.kernel, split_blob->data,
					split_blob->len, NULL),
			 0);
	ck_assert_int_eq(vec_push(&types.split, m), 0);
	kit_btf_deinit(&own);
}

static void say_value(const struct eval *ev, const struct eval_value *v)
{
	buf_printf(&said, "%s", said.len ? ", " : "");
	if (v->cpu >= 0)
		buf_printf(&said, "cpu%d ", v->cpu);
	if (v->lost) {
		buf_printf(&said, "?");
		return;
	}
	outline_type_name(&ev->made.btf, v->type, &said);
	if (v->size <= 8)
		buf_printf(&said, " %" PRId64,
			   v->size == 4 ? (int32_t)le32(v->bytes)
					: (int64_t)le_any(v->bytes, v->size));
}

/* All values; or the error. */
static const char *eval(const char *text, bool has_cpu, uint32_t cpu)
{
	struct eval ev = {.guest = &guest,
			  .types = &types,
			  .has_cpu = has_cpu,
			  .cpu = cpu};
	struct expr e;
	size_t i;
	int rc;

	buf_reset(&said);
	err = (struct err){0};
	ck_assert_msg(!expr_parse(text, &e, &err), "%s", err.text);
	rc = eval_run(&ev, &e, &err);
	for (i = 0; i < ev.result.v.n && !rc; i++)
		say_value(&ev, &ev.result.v.v[i]);
	if (!rc && ev.n_lost)
		buf_printf(&said, "; %zu: %s", ev.n_lost, ev.lost.text);
	eval_deinit(&ev);
	return rc ? err.text : said.data ? said.data : "";
}

#define FIRST "((struct node *)first)"
#define LIST  "list((struct list_head *)head, node, link)"

static const struct {
	const char *text, *says;
} good[] = {
	{"1 + 0x10 - 2", "unsigned long 15"},
	{FIRST "->id", "int 10"},
	{FIRST "->next->next->id", "int 30"},
	{"(*" FIRST ").id", "int 10"},
	{"*&" FIRST "->id", "int 10"},
	{FIRST "->low", "int -3"},
	{FIRST "->high", "int 9"},
	{FIRST "->low + 5", "unsigned long 2"},
	{FIRST "->array[3]", "int 101"},
	{"*" FIRST "->array", "int 1"},
	{FIRST "->array[0:4]", "int 1, int 0, int 0, int 101"},
	{"(&" FIRST "->id)[8]", "int 1"},
	{"((struct node *)first)[0:1].id", "int 10"},
	{"(int)0xffffffff", "int -1"},
	{"(int)0x1ffffffff + 1", "unsigned long 0"},
	{FIRST "->next - first", "unsigned long 4096"},
	{"container_of(&" FIRST "->link, node, link)->id", "int 10"},
	{"container_of(" FIRST "->link.next, struct node, link)->id", "int 20"},
	{LIST ".id", "int 10, int 20, int 30"},
	{"list(*(struct list_head *)head, node, link).id",
	 "int 10, int 20, int 30"},
	{LIST ".array[0:2]", "int 1, int 0, int 2, int 0, int 3, int 0"},
	{LIST ".next->id", "int 20, int 30, ?; 1: " LIST ".next is NULL"},
	{LIST ".next[0].id", "int 20, int 30, ?; 1: " LIST ".next is NULL"},
	{"list((struct hlist_head *)hhead, node, hash).id", "int 10, int 30"},
	{"list((struct hlist_head *)hring, node, hash).id",
	 "int 20; 1: the list at 0xffff888000009100 is damaged at "
	 "0xffff888000002038"},
	{"tree((struct rb_root *)root, node, rb).id", "int 10, int 20, int 30"},
	{"tree(*(struct rb_root_cached *)root, node, rb).low",
	 "int -3, int -3, int -3"},
	{"tree((struct rb_root *)rtorn, node, rb).id",
	 "int 40, int 30; 1: the tree at 0xffff88800000a100 is damaged at "
	 "0xffff888000004048"},
	{"count", "cpu0 int 7, cpu1 int 8"},
	{"*(int *)plain", "cpu0 int 7, cpu1 int 8"},
	{"*&count", "cpu0 int 7, cpu1 int 8"},
};

START_TEST(values)
{
	ck_assert_str_eq(eval(good[_i].text, false, 0), good[_i].says);
}
END_TEST

static const struct {
	const char *text;
	int code;
	const char *why;
} bad[] = {
	{FIRST "->nxt", ERR_NOT_FOUND,
	 "struct node has no member 'nxt': did you mean next?"},
	{"(struct nod *)1", ERR_NOT_FOUND,
	 "no type 'struct nod' (looked at the kernel's and those of 0 "
	 "modules): "
	 "did you mean node?"},
	{FIRST "->next->next->next->id", ERR_NOT_FOUND,
	 FIRST "->next->next->next is NULL"},
	{FIRST ".id", ERR_REFUSED, FIRST " is a pointer: -> leads to members"},
	{FIRST "->link->next", ERR_REFUSED,
	 FIRST "->link is no pointer, a dot leads to its members"},
	{"first.id", ERR_REFUSED,
	 "first has no known type: a cast gives it one"},
	{"*first", ERR_REFUSED,
	 "first leads to what has no type: a cast gives it one"},
	{"&1", ERR_REFUSED, "1 is a value, which has no address"},
	{"&" FIRST "->low", ERR_REFUSED,
	 FIRST "->low is a bit field, which has no address"},
	{FIRST "->array[4]", ERR_NOT_FOUND,
	 FIRST "->array has 4 elements, the last is [3]"},
	{FIRST "->id[0]", ERR_REFUSED,
	 FIRST "->id is neither an array nor a pointer"},
	{"(int)*" FIRST, ERR_REFUSED,
	 "*" FIRST " is no number: & is its address"},
	{"(struct node)1", ERR_REFUSED,
	 "no value is made a struct node by a cast, a pointer to one is"},
	{"list(*" FIRST ", node, link)", ERR_REFUSED,
	 "*" FIRST " is no list_head, and no hlist_head"},
	{"tree((struct list_head *)head, node, link)", ERR_REFUSED,
	 "(struct list_head *)head is no rb_root, and no rb_root_cached"},
	{"container_of(first, node, low)", ERR_REFUSED,
	 "low is a bit field, which has no address"},
};

START_TEST(what_cannot_be_done)
{
	const char *says = eval(bad[_i].text, false, 0);

	ck_assert_str_eq(says, bad[_i].why);
	ck_assert_int_eq(err.code, bad[_i].code);
}
END_TEST

START_TEST(one_cpu)
{
	ck_assert_str_eq(eval("count", true, 1), "cpu1 int 8");
	ck_assert_str_eq(eval("count", true, 2), "no CPU 2: the kernel has 2");
}
END_TEST

#define PIECE "((struct piece *)&" FIRST "->id)"

START_TEST(modules)
{
	struct buf blobs[2] = {{0}};
	size_t i;

	types.modules_read = types.modules_known = true;
	ck_assert_str_eq(eval(PIECE "->more", false, 0),
			 "no type 'struct piece' (looked at the kernel's and "
			 "those of 0 modules)");
	put_module("one", &blobs[0]);
	ck_assert_str_eq(eval(PIECE "->more", false, 0), "int 10");
	ck_assert_str_eq(
		eval(PIECE "->node->id + " LIST ".id", false, 0),
		"unsigned long 30, unsigned long 40, unsigned long 50");
	ck_assert_str_eq(eval("(struct pieces *)1", false, 0),
			 "no type 'struct pieces' (looked at the kernel's and "
			 "those of 1 modules): did you mean piece?");
	put_module("two", &blobs[1]);
	ck_assert_str_eq(eval(PIECE "->more", false, 0),
			 "types of several modules: a name with [one] or [two] "
			 "behind it is that of one");
	ck_assert_str_eq(
		eval("(struct piece[two] *)(struct piece *)8", false, 0),
		"struct piece * 8");
	ck_assert_str_eq(eval("(struct piece[six] *)8", false, 0),
			 "no module 'six' that has types of its own");
	ck_assert_str_eq(eval("(struct node[two] *)8", false, 0),
			 "no type 'struct node' (looked at the kernel's and "
			 "those of 2 modules)");
	for (i = 0; i < 2; i++) {
		btf_deinit(&types.split.v[i].btf);
		buf_deinit(&blobs[i]);
	}
	vec_deinit(&types.split);
	types.modules_read = types.modules_known = false;
}
END_TEST

/* A list with a torn end says so, beside what is there. */
START_TEST(torn)
{
	const char *says =
		eval("list((struct list_head *)torn, node, link).id", false, 0);

	ck_assert_ptr_nonnull(strstr(says, "is damaged at 0x"));
}
END_TEST

START_TEST(cut_off)
{
	struct eval ev = {.guest = &guest, .types = &types};
	struct expr e;

	ck_assert_int_eq(expr_parse("((int *)first)[0:70000]", &e, NULL), 0);
	ck_assert_int_eq(eval_run(&ev, &e, &err), 0);
	ck_assert(ev.cut);
	ck_assert_uint_eq(ev.result.v.n, EVAL_MAX_VALUES);
	eval_deinit(&ev);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("guest/eval");
	TCase *t = tcase_create("eval");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, values, 0, sizeof(good) / sizeof(*good));
	tcase_add_loop_test(t, what_cannot_be_done, 0,
			    sizeof(bad) / sizeof(*bad));
	tcase_add_test(t, one_cpu);
	tcase_add_test(t, modules);
	tcase_add_test(t, torn);
	tcase_add_test(t, cut_off);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
