/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of resolving the wanted table against types. */
#include "profile/resolve.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit/btf_kit.h"

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
}

static int resolve(void)
{
	buf_reset(&blob);
	btf_deinit(&btf);
	kit_btf_blob(&kit, 24, 0, &blob);
	ck_assert_int_eq(btf_init(&btf, blob.data, blob.len, NULL), 0);
	return wanted_resolve(&btf, &values, &err);
}

START_TEST(all_that_is_wanted)
{
	int i;

	kit_btf_wanted(&kit, NULL);
	ck_assert_msg(!resolve(), "%s", err.text);
	for (i = 0; i < FIELD_COUNT; i++)
		ck_assert_msg(values.field[i].present, "%s",
			      wanted_field_name((enum field_id)i));
	for (i = 0; i < STRUCT_COUNT; i++)
		ck_assert_uint_gt(values.size[i], 0);
	for (i = 0; i < CONSTANT_COUNT; i++) {
		ck_assert(values.constant[i].present);
		ck_assert_int_eq(values.constant[i].value, 100 + i);
	}
}
END_TEST

START_TEST(required_members_are_listed)
{
	kit_btf_wanted(&kit, "vm_area_struct.vm_start");
	ck_assert_int_eq(resolve(), ERR_NO_LINUX);
	ck_assert_str_eq(err.text,
			 "types of this kernel lack vm_area_struct.vm_start");
	ck_assert(!values.field[FIELD_VMA_START].present);
}
END_TEST

START_TEST(optional_members_may_lack)
{
	kit_btf_wanted(&kit, "task_struct.fs");
	ck_assert_int_eq(resolve(), 0);
	ck_assert(!values.field[FIELD_TASK_FS].present);
	ck_assert(values.field[FIELD_TASK_MM].present);
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
	ck_assert_uint_eq(values.field[FIELD_TASK_PID].offset,
			  alone.field[FIELD_TASK_PID].offset);
	ck_assert_uint_eq(values.field[FIELD_DENTRY_PARENT].offset,
			  alone.field[FIELD_DENTRY_PARENT].offset);
	ck_assert(values.field[FIELD_FILE_INODE].present);
}
END_TEST

START_TEST(a_constant_of_one_enum_only)
{
	kit_btf_type(&kit, "other", BTF_ENUM, 1, false, 4);
	kit_btf_u32(&kit, kit_btf_string(&kit, "PG_anon_exclusive"));
	kit_btf_u32(&kit, 7);
	resolve();
	ck_assert(!values.constant[CONSTANT_PG_ANON_EXCLUSIVE].present);
}
END_TEST

START_TEST(cut_types_say_so)
{
	kit_btf_type(&kit, "new", 100, 0, false, 0);
	kit_btf_wanted(&kit, NULL);
	ck_assert_int_eq(resolve(), ERR_NO_LINUX);
	ck_assert_ptr_nonnull(strstr(err.text, "types of this kernel lack"));
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
	ck_assert_int_eq(values.field[FIELD_ANON_VMA_NAME_NAME].present,
			 _i == 0);
	ck_assert(wanted_valid(&values));
}
END_TEST

START_TEST(values_that_cannot_be)
{
	struct profile_field *f = &values.field[FIELD_TASK_COMM];
	uint8_t two = 2;

	kit_btf_wanted(&kit, NULL);
	ck_assert_int_eq(resolve(), 0);
	ck_assert(wanted_valid(&values));
	switch (_i) {
	case 0: /* a REQUIRED member is missing */
		f->present = false;
		break;
	case 1:
		memcpy(&f->present, &two, 1);
		break;
	case 2:
		f->offset = WANTED_MAX_OFFSET + 1;
		break;
	case 3:
		f->size = WANTED_MAX_SIZE + 1;
		break;
	case 4:
		f->bit_offset = 8;
		break;
	case 5:
		values.size[STRUCT_HLIST_NODE] = UINT32_MAX;
		break;
	case 6: /* a member that is not there has no size */
		ck_assert_uint_ne(values.field[FIELD_XA_NODE_SLOTS].size, 0);
		values.field[FIELD_XA_NODE_SLOTS].present = false;
		break;
	default:
		memcpy(&values.constant[0].present, &two, 1);
		break;
	}
	ck_assert(!wanted_valid(&values));
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
	ck_assert_int_eq(resolve(), ERR_NO_LINUX);
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
	ck_assert_int_eq(resolve(), ERR_NO_LINUX);
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
	ck_assert_int_eq(resolve(), ERR_NO_LINUX);
	ck_assert(!values.field[FIELD_TASK_COMM].present);
	ck_assert(!values.field[FIELD_TASK_MM].present);
	ck_assert(values.field[FIELD_TASK_PID].present);
	ck_assert_uint_eq(values.size[STRUCT_TASK], 0);
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

START_TEST(the_hash_is_stable)
{
	ck_assert_uint_eq(wanted_hash(), wanted_hash());
	ck_assert_uint_ne(wanted_hash(), 0);
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
	tcase_add_test(t, required_members_are_listed);
	tcase_add_test(t, optional_members_may_lack);
	tcase_add_test(t, of_several_structs_the_right_one_is_taken);
	tcase_add_test(t, a_constant_of_one_enum_only);
	tcase_add_test(t, cut_types_say_so);
	tcase_add_loop_test(t, members_beyond_all_bounds_are_none, 0, 3);
	tcase_add_loop_test(t, values_that_cannot_be, 0, 8);
	tcase_add_test(t, types_in_themselves_are_searched_for_a_while);
	tcase_add_test(t, names_are_not_read_to_their_ends);
	tcase_add_test(t, wild_members_are_not_there);
	tcase_add_test(t, endless_names_are_no_ones);
	tcase_add_test(t, the_hash_is_stable);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
