/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what is known of one module, on memory written by hand. */
#include "kernel/code/module_parts.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/limits.h"
#include "unit/module_kit.h"

#define ROOM	   (DIRECT + 0x70000)
#define SECTIONS   ROOM /* a module_sect_attrs */
#define ATTRS	   0x40
#define POINTERS   (ROOM + 0x1000)
#define SECTION(n) (SECTIONS + ATTRS + (n)*0x50ULL)
#define PARAMS	   (ROOM + 0x3000)
#define PARAM(n)   (PARAMS + (n)*0x28ULL)
#define VALUE(n)   (ROOM + 0x4000 + (n)*0x10ULL)
#define NAME(n)	   (ROOM + 0x5000 + (n)*0x20ULL)
#define OPS(n)	   (CODE + 0x70000 + (n)*0x20ULL)

static struct fake_kernel f;
static struct module_parts parts;
static struct err err;
static struct buf text;

static void put_sections(unsigned int n)
{
	unsigned int i;

	fake_field("module.sect_attrs", 0x1a0, 8);
	fake_field("module_sect_attrs.nsections", 0x30, 4);
	fake_field("module_sect_attrs.attrs", ATTRS, 0);
	fake_field("module_sect_attrs.grp.bin_attrs", 0x28, 8);
	fake_field("module_sect_attr.battr.attr.name", 0, 8);
	fake_field("module_sect_attr.address", 0x48, 8);
	fake_sizeof("module_sect_attr", 0x50);
	fake_field("bin_attribute.attr.name", 0, 8);
	fake_field("bin_attribute.private", 0x18, 8);
	fake_put64(&f, MODULE(0) + 0x1a0, SECTIONS);
	fake_put32(&f, SECTIONS + 0x30, n);
	fake_put64(&f, SECTIONS + 0x28, POINTERS);
	for (i = 0; i < n; i++) {
		fake_put64(&f, SECTION(i), NAME(i));
		fake_put64(&f, SECTION(i) + 0x18, TEXT(0) + i + 0x100);
		fake_put64(&f, SECTION(i) + 0x48, TEXT(0) + i);
		fake_put64(&f, POINTERS + i * 8ULL, SECTION(i));
	}
	fake_puts(&f, NAME(0), ".text");
	fake_puts(&f, NAME(1), ".data");
}

/* What a parameter is read with, and what is there. */
static const struct {
	const char *ops;
	uint64_t value;
	uint16_t mode;
	const char *shown;
} params[] = {
	{"param_ops_int", 0xfffffffb, 0644, "-5"},
	{"param_ops_uint", 0xfffffffb, 0444, "4294967291"},
	{"param_ops_ulong", 1ULL << 63, 0, "9223372036854775808"},
	{"param_ops_byte", 0x1ff, 0, "255"},
	{"param_ops_short", 0x8000, 0, "-32768"},
	{"param_ops_hexint", 0x12, 0, "0x000012"},
	{"param_ops_bool", 1, 0, "Y"},
	{"param_ops_invbool", 1, 0, "N"},
	{"param_ops_charp", NAME(20), 0600, "words"},
	{"param_ops_charp", 0, 0, "(null)"},
	{"param_ops_string", 1, 0, "words"},
	{"param_array_ops", 1, 0, NULL},
};
#define PARAMS_N (sizeof(params) / sizeof(*params))

static void put_params(void)
{
	unsigned int i;

	fake_field("module.kp", 0x1a8, 8);
	fake_field("module.num_kp", 0x1b0, 4);
	fake_field("kernel_param.name", 0, 8);
	fake_field("kernel_param.ops", 0x10, 8);
	fake_field("kernel_param.perm", 0x18, 2);
	fake_field("kernel_param.arg", 0x20, 8);
	fake_field("kparam_string.string", 8, 8);
	fake_sizeof("kernel_param", 0x28);
	fake_put64(&f, MODULE(0) + 0x1a8, PARAMS);
	fake_put32(&f, MODULE(0) + 0x1b0, PARAMS_N);
	fake_puts(&f, NAME(20), "words");
	for (i = 0; i < PARAMS_N; i++) {
		fake_put64(&f, PARAM(i), NAME(30 + i));
		fake_put64(&f, PARAM(i) + 0x10, OPS(i));
		fake_put32(&f, PARAM(i) + 0x18, params[i].mode);
		fake_put64(&f, PARAM(i) + 0x20, VALUE(i));
		fake_put64(&f, VALUE(i), params[i].value);
		fake_puts(&f, NAME(30 + i), params[i].ops);
		if (!i || strcmp(params[i].ops, params[i - 1].ops) != 0)
			fake_symbol(params[i].ops, OPS(i));
		else
			fake_put64(&f, PARAM(i) + 0x10, OPS(i - 1));
	}
	fake_put64(&f, VALUE(PARAMS_N - 2) + 8, NAME(20));
}

static void setup(void)
{
	kit_modules_init(&f);
	fake_field("module.refcnt", 0x1d0, 4);
	put_sections(2);
	put_params();
}

static void teardown(void)
{
	module_parts_deinit(&parts);
	buf_deinit(&text);
	fake_kernel_deinit(&f);
}

static int look(const char *name)
{
	err = (struct err){0};
	machine_drop_cache(&f.memory.machine);
	module_parts_deinit(&parts);
	return module_parts_read(&f.kernel, name, &parts, &err);
}

static const char *sections(void)
{
	size_t i;

	buf_reset(&text);
	ck_assert_int_eq(look("first"), 0);
	for (i = 0; i < parts.sections.list.n; i++)
		buf_printf(
			&text, "%s 0x%" PRIx64 "\n",
			parts.sections.list.v[i].name,
			(uint64_t)(parts.sections.list.v[i].start - TEXT(0)));
	return text.data ? text.data : "";
}

START_TEST(sections_of_their_own_struct)
{
	ck_assert_str_eq(sections(), ".text 0x0\n.data 0x1\n");
	ck_assert_ptr_null(remarks_next(&parts.remarks, NULL));
	ck_assert(parts.sections.known && !parts.sections.has_orc);
	ck_assert_uint_eq(parts.symbols.list.n, 4);
}
END_TEST

START_TEST(sections_as_attributes)
{
	fake_no_field("module_sect_attrs.nsections");
	fake_no_field("module_sect_attr.battr.attr.name");
	fake_field("module.arch.num_orcs", 0x1b4, 4);
	fake_field("module.arch.orc_unwind_ip", 0x1b8, 8);
	fake_put32(&f, MODULE(0) + 0x1b4, 77);
	ck_assert_str_eq(sections(), ".text 0x100\n.data 0x101\n");
	ck_assert(parts.sections.has_orc);
	ck_assert_uint_eq(parts.sections.n_orc, 77);
}
END_TEST

START_TEST(sections_that_are_damaged)
{
	size_t i;

	fake_put64(&f, SECTION(1), 0x1234);
	ck_assert_str_eq(sections(), ".text 0x0\n");
	ck_assert_str_eq(remarks_next(&parts.remarks, NULL),
			 "section 1 of module first cannot be read");
	fake_put32(&f, SECTIONS + 0x30, 1u << 31);
	sections();
	ck_assert_str_eq(remarks_next(&parts.remarks, NULL),
			 "module first has 2147483648 sections: those behind "
			 "1024 were not looked at");
	fake_put64(&f, MODULE(0) + 0x1a0, 0x1234);
	ck_assert_str_eq(sections(), "");
	ck_assert_str_eq(remarks_next(&parts.remarks, NULL),
			 "the sections of module first cannot be read");
	fake_put64(&f, MODULE(0) + 0x1a0, SECTIONS);
	fake_no_field("module_sect_attrs.nsections");
	for (i = 0; i < MODULE_SECTIONS_MAX; i++)
		fake_put64(&f, POINTERS + i * 8ULL, SECTION(0));
	sections();
	ck_assert_str_eq(remarks_next(&parts.remarks, NULL),
			 "the list of sections of module first has no end");
	fake_no_field("module.sect_attrs");
	ck_assert_str_eq(sections(), "");
	ck_assert(!parts.sections.known);
}
END_TEST

START_TEST(values_of_parameters)
{
	size_t i;

	ck_assert_int_eq(look("first"), 0);
	ck_assert_uint_eq(parts.params.list.n, PARAMS_N);
	for (i = 0; i < PARAMS_N; i++) {
		const struct module_param *p = &parts.params.list.v[i];

		ck_assert_str_eq(p->name, params[i].ops);
		ck_assert_uint_eq(p->mode, params[i].mode);
		ck_assert_uint_eq(p->at, VALUE(i));
		ck_assert_int_eq(p->has_value, params[i].shown != NULL);
		if (params[i].shown)
			ck_assert_str_eq(p->value, params[i].shown);
	}
}
END_TEST

START_TEST(parameters_that_are_damaged)
{
	fake_put64(&f, PARAM(0), 0x1234);
	fake_put64(&f, PARAM(1) + 0x20, 0x1234);
	fake_put64(&f, VALUE(8), 0x1234);
	ck_assert_int_eq(look("first"), 0);
	ck_assert_str_eq(parts.params.list.v[0].name, "");
	ck_assert_str_eq(parts.params.list.v[0].value, "-5");
	ck_assert(!parts.params.list.v[1].has_value);
	ck_assert(!parts.params.list.v[8].has_value);
	ck_assert_str_eq(remarks_next(&parts.remarks, NULL),
			 "the name of parameter 0 of module first cannot be "
			 "read");
	fake_put32(&f, MODULE(0) + 0x1b0, UINT32_MAX);
	ck_assert_int_eq(look("first"), 0);
	ck_assert_uint_le(parts.params.list.n, MODULE_PARAMS_MAX);
	fake_put64(&f, MODULE(0) + 0x1a8, 0x1234);
	ck_assert_int_eq(look("first"), 0);
	ck_assert_uint_eq(parts.params.list.n, 0);
	fake_no_field("kernel_param.arg");
	ck_assert_int_eq(look("first"), 0);
	ck_assert(!parts.params.known);
}
END_TEST

START_TEST(no_such_module)
{
	ck_assert_int_eq(look("secnd"), ERR_NOT_FOUND);
	ck_assert_str_eq(err.text, "no module 'secnd' is loaded: did you mean "
				   "second?");
	fake_no_field("module.mem");
	ck_assert_int_eq(look("first"), ERR_NO_LINUX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_module_parts");
	TCase *t = tcase_create("kernel_module_parts");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, sections_of_their_own_struct);
	tcase_add_test(t, sections_as_attributes);
	tcase_add_test(t, sections_that_are_damaged);
	tcase_add_test(t, values_of_parameters);
	tcase_add_test(t, parameters_that_are_damaged);
	tcase_add_test(t, no_such_module);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
