/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of resolving the wanted table against types. */
#include "profile/resolve.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit/btf_kit.h"
#include "unit/wants_kit.h"

static struct btf_kit kit;
static struct buf blob;
static struct btf btf;
static struct wanted_values values;
static struct err err;

static void setup(void)
{
	kit = (struct btf_kit){0};
	blob = (struct buf){0};
	btf = (struct btf){0};
}

static void teardown(void)
{
	btf_deinit(&btf);
	kit_btf_deinit(&kit);
	buf_deinit(&blob);
	wanted_deinit(&values);
}

static struct profile_field *field(const char *name)
{
	return &kit_value(&values, WANT_FIELD, name)->field;
}

static int resolve(void)
{
	buf_reset(&blob);
	btf_deinit(&btf);
	kit_btf_blob(&kit, 24, 0, &blob);
	ck_assert_int_eq(btf_init(&btf, blob.data, blob.len, NULL), 0);
	wanted_deinit(&values);
	return wanted_resolve(&btf, &kernel_readers, &values, &err);
}

START_TEST(all_that_is_wanted)
{
	const struct wants *r;
	size_t i, j, at = 0;

	kit_btf_wanted(&kit, NULL);
	ck_assert_msg(!resolve(), "%s", err.text);
	for (i = 0; i < READERS; i++) {
		r = kernel_readers.v[i];
		for (j = 0; j < r->n; j++, at++) {
			ck_assert_msg(values.v[at].field.present, "%s.%s",
				      r->v[j].type, r->v[j].name);
			if (r->v[j].kind == WANT_SIZE)
				ck_assert_uint_gt(values.v[at].field.size, 0);
			if (r->v[j].kind == WANT_CONSTANT)
				ck_assert_int_ge(values.v[at].constant, 100);
		}
	}
	ck_assert_uint_eq(values.n, at);
}
END_TEST

/* Add a reader to those lost, if it lacks what it REQUIRES. */
static void add_lost(const struct wants *r, const struct wanted_value *v,
		     struct buf *lost)
{
	_cleanup_(buf_deinit) struct buf list = {0};

	wanted_lacking(r, v, &list);
	if (list.len)
		buf_printf(lost, "[%s: %s]", r->reader, list.data);
}

/* A member, and the readers that cannot do without it. */
static const struct {
	const char *without, *lost;
} losses[] = {
	{"vm_area_struct.vm_start", "[VMAs: vm_area_struct.vm_start]"
				    "[names of VMAs: vm_area_struct.vm_start]"},
	{"vm_area_struct.vm_pgoff", "[VMAs: vm_area_struct.vm_pgoff]"},
	{"page.compound_info", "[pages: page.compound_info|compound_head]"},
	{"mm_struct.brk", "[address spaces: mm_struct.brk]"},
	{"cred.uid", "[processes: cred.uid]"},
	{"task_struct.fs", NULL},
	{"printk_info.seq", "[the kernel's log: printk_info.seq]"},
	{"timekeeper.offs_real", NULL},
};

#define LOSSES (int)(sizeof(losses) / sizeof(losses[0]))

START_TEST(a_member_less_is_a_reader_less)
{
	_cleanup_(buf_deinit) struct buf lost = {0};
	size_t i, at = 0;

	kit_btf_wanted(&kit, losses[_i].without);
	ck_assert_msg(!resolve(), "%s", err.text);
	ck_assert(wanted_valid(&kernel_readers, &values));
	ck_assert(!field(losses[_i].without)->present);
	for (i = 0; i < READERS; at += kernel_readers.v[i++]->n)
		add_lost(kernel_readers.v[i], &values.v[at], &lost);
	ck_assert_pstr_eq(lost.data, losses[_i].lost);
}
END_TEST

START_TEST(optional_members_may_lack)
{
	kit_btf_wanted(&kit, "task_struct.fs");
	ck_assert_int_eq(resolve(), 0);
	ck_assert(!field("task_struct.fs")->present);
	ck_assert(field("task_struct.mm")->present);
}
END_TEST

/* Private structs of the same name, before and behind the real one. */
START_TEST(of_several_structs_the_right_one_is_taken)
{
	struct wanted_values alone;
	int round;

	kit_btf_wanted(&kit, NULL);
	ck_assert_int_eq(resolve(), 0);
	alone = values;
	values = (struct wanted_values){0};
	kit_btf_deinit(&kit);
	kit = (struct btf_kit){0};
	for (round = 0; round < 2; round++) {
		uint32_t id = kit_btf_int(&kit, "int", 4, 32);

		kit_btf_type(&kit, "task_struct", BTF_STRUCT, 1, false, 4);
		kit_btf_member(&kit, "pid", id, 0);
		kit_btf_type(&kit, "file", BTF_STRUCT, 0, false, 1);
		kit_btf_type(&kit, "cred", BTF_FWD, 0, false, 0);
		kit_btf_type(&kit, "dentry", BTF_UNION, 1, false, 4);
		kit_btf_member(&kit, "d_parent", id, 0);
		if (!round) {
			/* kit_btf_wanted() takes type 1 for its members */
			kit_btf_wanted(&kit, NULL);
		}
	}
	ck_assert_msg(!resolve(), "%s", err.text);
	ck_assert_uint_eq(
		field("task_struct.pid")->offset,
		kit_value(&alone, WANT_FIELD, "task_struct.pid")->field.offset);
	ck_assert_uint_eq(
		field("dentry.d_parent")->offset,
		kit_value(&alone, WANT_FIELD, "dentry.d_parent")->field.offset);
	wanted_deinit(&alone);
	ck_assert(field("file.f_inode")->present);
}
END_TEST

START_TEST(a_constant_of_one_enum_only)
{
	kit_btf_type(&kit, "other", BTF_ENUM, 1, false, 4);
	kit_btf_u32(&kit, kit_btf_string(&kit, "PG_anon_exclusive"));
	kit_btf_u32(&kit, 7);
	ck_assert_int_eq(resolve(), 0);
	ck_assert(!kit_value(&values, WANT_CONSTANT,
			     "pageflags.PG_anon_exclusive")
			   ->field.present);
}
END_TEST

/* What lies behind a cut is not there, as in a kernel without types. */
START_TEST(cut_types_have_nothing)
{
	struct wanted_values none;

	kit_btf_type(&kit, "new", 100, 0, false, 0);
	kit_btf_wanted(&kit, NULL);
	ck_assert_int_eq(resolve(), 0);
	ck_assert(!wanted_none(&kernel_readers, &none));
	ck_assert_uint_eq(values.n, none.n);
	ck_assert_mem_eq(values.v, none.v, none.n * sizeof(*none.v));
	ck_assert(wanted_valid(&kernel_readers, &none));
	wanted_deinit(&none);
}
END_TEST

/* A member that lies, or reaches, farther than any kernel has one. */
START_TEST(members_beyond_all_bounds_are_none)
{
	uint32_t far = _i == 2 ? 0xffffff00 : 64, part, depth;

	kit_btf_wanted(&kit, "anon_vma_name.name");
	part = kit_btf_array(&kit, 1, WANTED_MAX_SIZE / 8 + (_i == 1));
	kit_btf_type(&kit, "anon_vma_name", BTF_STRUCT, 1, false, 8);
	/* Anonymous structs, each at the end of the one around it. */
	for (depth = 0; depth < 6; depth++) {
		kit_btf_member(&kit, "", kit.n + 1, far);
		kit_btf_type(&kit, "", BTF_STRUCT, 1, false, 8);
	}
	kit_btf_member(&kit, "name", part, far);
	ck_assert_int_eq(resolve(), 0);
	ck_assert_int_eq(field("anon_vma_name.name")->present, _i == 0);
	ck_assert(wanted_valid(&kernel_readers, &values));
}
END_TEST

START_TEST(values_that_cannot_be)
{
	struct profile_field *f;
	uint8_t two = 2;

	kit_btf_wanted(&kit, NULL);
	ck_assert_int_eq(resolve(), 0);
	ck_assert(wanted_valid(&kernel_readers, &values));
	f = field("task_struct.comm");
	switch (_i) {
	case 0:
		memcpy(&f->present, &two, 1);
		break;
	case 1:
		f->offset = WANTED_MAX_OFFSET + 1;
		break;
	case 2:
		f->size = WANTED_MAX_SIZE + 1;
		break;
	case 3:
		f->bit_offset = 8;
		break;
	case 4:
		kit_value(&values, WANT_SIZE, "hlist_node")->field.size =
			UINT32_MAX;
		break;
	case 5: /* a member that is not there has no size */
		ck_assert_uint_ne(field("xa_node.slots")->size, 0);
		field("xa_node.slots")->present = false;
		break;
	default:
		f = &kit_value(&values, WANT_CONSTANT, "MM_FILEPAGES")->field;
		memcpy(&f->present, &two, 1);
		break;
	}
	ck_assert(!wanted_valid(&kernel_readers, &values));
}
END_TEST

/* Many structs of a wanted name that hold themselves, three times over. */
START_TEST(types_in_themselves_are_searched_for_a_while)
{
	uint32_t self = kit_btf_type(&kit, "", BTF_STRUCT, 3, false, 8), i;

	for (i = 0; i < 3; i++)
		kit_btf_member(&kit, "", self, 0);
	for (i = 0; i < 1000; i++) {
		kit_btf_type(&kit, "task_struct", BTF_STRUCT, 1, false, 8);
		kit_btf_member(&kit, "", self, 0);
	}
	/* Check charges a test that takes more than some seconds. */
	ck_assert_int_eq(resolve(), 0);
	ck_assert(!field("task_struct.mm")->present);
}
END_TEST

/* As many structs as there is room for, whose name is all the rest. */
START_TEST(names_are_not_read_to_their_ends)
{
	char *name = calloc(1, (1 << 22) + 1);
	uint32_t string, i;

	memset(name, 'x', 1 << 22);
	string = kit_btf_string(&kit, name);
	for (i = 0; i < 100000; i++) {
		kit_btf_type(&kit, "", BTF_STRUCT, 0, false, 8);
		memcpy(kit.types.data + kit.types.len - 12, &string, 4);
	}
	ck_assert_int_eq(resolve(), 0);
	ck_assert(!field("task_struct.mm")->present);
	free(name);
}
END_TEST

/* Sizes and places that no kernel has, as a hostile one may claim. */
START_TEST(wild_members_are_not_there)
{
	uint32_t integer = kit_btf_int(&kit, "int", 4, 32);
	uint32_t array = kit_btf_array(&kit, integer, 1u << 28);

	kit_btf_type(&kit, "task_struct", BTF_STRUCT, 3, false, 1u << 31);
	kit_btf_member(&kit, "comm", array, 0);
	kit_btf_member(&kit, "mm", integer, 0xfffffff8);
	kit_btf_member(&kit, "pid", integer, 64);
	ck_assert_msg(!resolve(), "%s", err.text);
	ck_assert(!field("task_struct.comm")->present);
	ck_assert(!field("task_struct.mm")->present);
	ck_assert(field("task_struct.pid")->present);
	ck_assert_uint_eq(
		kit_value(&values, WANT_SIZE, "task_struct")->field.size, 0);
}
END_TEST

/* A name that ends where the strings end is of any length. */
START_TEST(endless_names_are_no_ones)
{
	char name[70000];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	kit_btf_type(&kit, name, BTF_STRUCT, 0, false, 8);
	kit_btf_type(&kit, "other", BTF_ENUM, 1, false, 4);
	kit_btf_u32(&kit, kit_btf_string(&kit, name));
	kit_btf_u32(&kit, 7);
	kit_btf_wanted(&kit, NULL);
	/* kit_btf_wanted() takes type 1, of 8 bytes, for its members */
	ck_assert_msg(!resolve(), "%s", err.text);
}
END_TEST

START_TEST(the_hash_is_of_all_tables)
{
	static const struct want ab[] = {
		{WANT_FIELD, OPTIONAL, "s", "a"},
		{WANT_FIELD, OPTIONAL, "s", "b"},
	};
	static const struct want ba[] = {
		{WANT_FIELD, OPTIONAL, "s", "b"},
		{WANT_FIELD, OPTIONAL, "s", "a"},
	};
	static const struct want needed[] = {
		{WANT_FIELD, OPTIONAL, "s", "a"},
		{WANT_FIELD, REQUIRED, "s", "b"},
	};
	static const struct wants tables[] = {
		{"ab", ab, 2},
		{"ba", ba, 2},
		{"ab", needed, 2},
		{"ab", ab, 1},
	};
	enum {
		TABLES = sizeof(tables) / sizeof(tables[0])
	};
	uint64_t hash[TABLES + 1];
	size_t i, j;

	for (i = 0; i <= TABLES; i++) {
		const struct wants *both[] = {&tables[i % TABLES], &tables[0]};
		const struct readers readers = {both, i < TABLES ? 1 : 2};

		hash[i] = wanted_hash(&readers);
		ck_assert_uint_eq(hash[i], wanted_hash(&readers));
		for (j = 0; j < i; j++)
			ck_assert_uint_ne(hash[i], hash[j]);
	}
}
END_TEST

/* Each id of each reader's enumeration has its line in the table. */
START_TEST(tables_are_whole)
{
	const struct wants *r;
	size_t i, j;

	for (i = 0; i < READERS; i++) {
		r = kernel_readers.v[i];
		ck_assert_uint_gt(r->n, 0);
		ck_assert_uint_le(r->n, WANTS_MAX);
		for (j = 0; j < i; j++)
			ck_assert_str_ne(r->reader,
					 kernel_readers.v[j]->reader);
		for (j = 0; j < r->n; j++)
			ck_assert_msg(r->v[j].type && r->v[j].name &&
					      (*r->v[j].type || *r->v[j].name),
				      "%s: %zu", r->reader, j);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wanted");
	TCase *t = tcase_create("wanted");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, all_that_is_wanted);
	tcase_add_loop_test(t, a_member_less_is_a_reader_less, 0, LOSSES);
	tcase_add_test(t, tables_are_whole);
	tcase_add_test(t, optional_members_may_lack);
	tcase_add_test(t, of_several_structs_the_right_one_is_taken);
	tcase_add_test(t, a_constant_of_one_enum_only);
	tcase_add_test(t, cut_types_have_nothing);
	tcase_add_loop_test(t, members_beyond_all_bounds_are_none, 0, 3);
	tcase_add_loop_test(t, values_that_cannot_be, 0, 7);
	tcase_add_test(t, types_in_themselves_are_searched_for_a_while);
	tcase_add_test(t, names_are_not_read_to_their_ends);
	tcase_add_test(t, wild_members_are_not_there);
	tcase_add_test(t, endless_names_are_no_ones);
	tcase_add_test(t, the_hash_is_of_all_tables);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
