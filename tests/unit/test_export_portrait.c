/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of portraits: of a kernel that is sound, and of ones that lie. */
#include "export/portrait.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/limits.h"
#include "unit/btf_kit.h"
#include "unit/kallsyms_kit.h"
#include "unit/module_kit.h"

#define ALL (PORTRAIT_SYMBOLS | PORTRAIT_TYPES | PORTRAIT_TEXT)

static struct fake_kernel f;
static struct portrait p;
static struct err err;
static struct buf base, split; /* BTF of the kernel, of its modules */

static const struct profile_listed image[] = {
	{"percpu", 0x1000, 'D', true},
	{"_text", CODE, 'T', false},
	{"in_image", CODE + 0x100, 't', false},
	{"rest", CODE + 0x200, '?', false},
};

#define IMAGE_N (sizeof(image) / sizeof(*image))

/* What the kernel's blob begins with: 24 bytes of header. */
#define BASE_TYPES 2u

static void make_types(void)
{
	struct btf_kit kit = {0};

	base = split = (struct buf){0};
	kit_btf_int(&kit, "int", 4, 32);
	kit_btf_int(&kit, "char", 1, 8);
	kit_btf_blob(&kit, 24, 0, &base);
	kit_btf_deinit(&kit);
	kit = (struct btf_kit){0};
	kit_btf_type(&kit, "", 2 /* a pointer */, 0, false, 1);
	kit_btf_blob(&kit, 24, 0, &split);
	kit_btf_deinit(&kit);
}

static uint32_t base_strings(void)
{
	return (uint32_t)(sizeof("") + sizeof("int") + sizeof("char"));
}

static void put_types(unsigned int n)
{
	kit_put_btf(&f, n, split.data, split.len, BASE_TYPES + 1,
		    base_strings());
}

/* Where the image's notes are: an id of four bytes behind another note. */
#define NOTES	  (DIRECT + 0x500)
#define NOTES_LEN 36

static void put_notes(void)
{
	struct buf b = {0};

	kit_put(&b, 4, 4);
	kit_put(&b, 0, 4);
	kit_put(&b, 9, 4);
	buf_add(&b, "Xen", 4);
	kit_put(&b, 4, 4);
	kit_put(&b, 4, 4);
	kit_put(&b, 3, 4);
	buf_add(&b, "GNU", 4);
	kit_put(&b, 0xddccbbaa, 4);
	ck_assert_uint_eq(b.len, NOTES_LEN);
	memcpy(f.memory.bytes + (NOTES - DIRECT), b.data, b.len);
	buf_deinit(&b);
}

static void setup(void)
{
	kit_modules_init(&f);
	f.kernel.text = CODE;
	fake_listing(image, IMAGE_N);
	make_types();
	fake_btf(base.data, base.len, 0);
	fake_symbol("btf_modules", BTFS);
	fake_symbol("_etext", CODE + 0x800);
	fake_symbol("_end", CODE + 0x8000);
	fake_symbol("__per_cpu_start", 0);
	fake_symbol("__per_cpu_end", 0x2000);
	fake_symbol("__start_notes", NOTES);
	fake_symbol("__stop_notes", NOTES + NOTES_LEN);
	put_notes();
	kit_put_letters(&f, 0, "?tTdb",
			(struct kit_export[]){{TEXT(0) + 0x20, "go"},
					      {DATA(0) + 0x10, "other"}},
			2);
	kit_put_letters(&f, 1, "?tt", NULL, 0);
	kit_put_letters(&f, 2, "?W", NULL, 0);
	put_types(0);
	put_types(1);
	p = (struct portrait){0};
}

static void teardown(void)
{
	portrait_deinit(&p);
	fake_kernel_deinit(&f);
	buf_deinit(&base);
	buf_deinit(&split);
}

static void take(unsigned int wants)
{
	int rc = portrait_take(&f.kernel, wants, &p, &err);

	ck_assert_msg(!rc, "%s", err.text);
	rc = portrait_settle(&p, &err);
	ck_assert_msg(!rc, "%s", err.text);
}

static bool remarked(const char *words)
{
	const char *remark = NULL;

	while ((remark = remarks_next(&p.remarks, remark)))
		if (strstr(remark, words))
			return true;
	return false;
}

static void no_remarks(void)
{
	const char *first = remarks_next(&p.remarks, NULL);

	ck_assert_msg(!first, "%s", first);
}

/* Symbol i in the form of /proc/kallsyms, without its address. */
static const char *line(size_t i)
{
	static char text[200];
	const struct portrait_symbol *s = &p.symbols.v[i];

	ck_assert_uint_lt(i, p.symbols.n);
	ck_assert_uint_le(s->owner, p.owners.n);
	snprintf(text, sizeof(text), "%c %s%s%s%s", s->type,
		 portrait_name(&p, s), s->owner ? " [" : "",
		 s->owner ? p.owners.v[s->owner - 1].name : "",
		 s->owner ? "]" : "");
	return text;
}

/* All of them in order; a module's by its own table, not by address. */
static const struct {
	const char *line;
	uint64_t va;
} all[] = {
	{"D percpu", 0x1000},
	{"T _text", CODE},
	{"t in_image", CODE + 0x100},
	{"? rest", CODE + 0x200},
	{"t __pfx_go [first]", TEXT(0) + 0x10},
	{"T go [first]", TEXT(0) + 0x20},
	{"d went [first]", TEXT(0) + 0x20}, /* go is exported, it is not */
	{"b both [first]", DATA(0) + 0x10},
	{"t both [second]", TEXT(1)},
	{"t in_image [second]", TEXT(1) + 0x80},
	{"w part.cold.0 [third]", TEXT(2)},
	{"t ftrace_trampoline [__builtin__ftrace]", CODE + 0x41000},
	{"t bpf_prog_1_x [bpf]", CODE + 0x40000},
	{"t bpf_prog_1_x [bpf]", CODE + 0x40100},
	{"t kprobe_insn_page [__builtin__kprobes]", CODE + 0x42000},
};

#define ALL_N (sizeof(all) / sizeof(*all))

START_TEST(symbols)
{
	size_t i;

	take(PORTRAIT_SYMBOLS);
	no_remarks();
	ck_assert_uint_eq(p.symbols.n, ALL_N);
	for (i = 0; i < ALL_N; i++) {
		ck_assert_str_eq(line(i), all[i].line);
		ck_assert_uint_eq(p.symbols.v[i].va, all[i].va);
		ck_assert_int_eq(p.symbols.v[i].absolute, i == 0);
	}
	ck_assert_uint_eq(p.n_modules, 3);
	ck_assert_uint_eq(p.owners.n, 6);
	ck_assert_uint_eq(p.types.n, 0);
	ck_assert_uint_eq(p.unwind.n, 0);
}
END_TEST

START_TEST(what_is_known_at_once)
{
	static const uint8_t id[] = {0xaa, 0xbb, 0xcc, 0xdd};

	take(0);
	no_remarks();
	ck_assert_str_eq(p.release, "6.0.0-fake");
	ck_assert_uint_eq(p.start, CODE);
	ck_assert_uint_eq(p.end, CODE + 0x8000);
	ck_assert_uint_eq(p.per_cpu_end, 0x2000);
	ck_assert_uint_eq(p.build_id_len, sizeof(id));
	ck_assert(!memcmp(p.build_id, id, sizeof(id)));
	ck_assert_uint_eq(p.symbols.n + p.types.n, 0);
	/* code is told of, and not read */
	ck_assert_uint_eq(p.text.n, 4);
	ck_assert_ptr_null(p.text.v[0].bytes);
	ck_assert_uint_eq(p.text.v[0].owner, PORTRAIT_IMAGE);
	ck_assert_uint_eq(p.text.v[0].len, 0x800);
	ck_assert_uint_eq(p.text.v[2].owner, 2);
	ck_assert_uint_eq(p.text.v[2].va, TEXT(1));
	ck_assert_uint_eq(p.text.v[2].len, 0x2000);
	ck_assert_uint_eq(p.owners.v[1].text, TEXT(1));
}
END_TEST

START_TEST(code)
{
	take(PORTRAIT_TEXT);
	no_remarks();
	ck_assert(!memcmp(p.text.v[0].bytes, f.memory.bytes, 0x800));
	ck_assert(!memcmp(p.text.v[1].bytes,
			  f.memory.bytes + (MEMORY(0) - DIRECT), 0x2000));
}
END_TEST

START_TEST(types)
{
	take(PORTRAIT_TYPES);
	no_remarks();
	ck_assert_uint_eq(p.types.n, 3);
	ck_assert_uint_eq(p.types.v[0].owner, PORTRAIT_IMAGE);
	ck_assert_uint_eq(p.types.v[0].n, BASE_TYPES);
	ck_assert_uint_eq(p.types.v[0].len, base.len);
	ck_assert(!memcmp(p.types.v[0].btf, base.data, base.len));
	ck_assert_uint_eq(p.types.v[2].owner, 2);
	ck_assert_uint_eq(p.types.v[2].n, 1);
	ck_assert(!memcmp(p.types.v[2].btf, split.data, split.len));
}
END_TEST

/* What a kernel does not have is no error, but for a damaged profile. */
START_TEST(no_types)
{
	fake_btf(NULL, 0, ERR_NOT_FOUND);
	take(ALL);
	ck_assert_uint_eq(p.types.n, 0);
	ck_assert(remarked("no BTF in the fake"));
	portrait_deinit(&p);
	fake_btf(NULL, 0, ERR_CORRUPT);
	ck_assert_int_eq(portrait_take(&f.kernel, ALL, &p, &err), 0);
	ck_assert_int_eq(portrait_settle(&p, &err), ERR_CORRUPT);
}
END_TEST

/* Nothing of a module is taken twice, or in place of another's. */
static const struct {
	uint64_t at;
	uint32_t value;
	const char *words;
	size_t left; /* types that are left */
} lies[] = {
	/* a circle; a link to nowhere; one that is no pointer */
	{BTF_LINK(1), (uint32_t)BTF_LINK(0), "modules' types is damaged", 3},
	{BTF_LINK(1), 0x7ffff000, "modules' types is damaged", 3},
	{BTF_LINK(0) + 4, 0, "modules' types is damaged", 3},
	/* one module twice */
	{BTF_LINK(1) + 16, (uint32_t)MODULE(0), "are damaged", 2},
	/* struct btf is not there; nor its blob; a length of 4 GiB, of 0 */
	{BTF_LINK(0) + 24, 0x7ffff000, "are damaged", 2},
	{BTF(0), 0x7ffff000, "types of module first cannot be read", 2},
	{BTF(0) + 4, 0, "are damaged", 2},
	{BTF(0) + 8, UINT32_MAX, "are damaged", 2},
	{BTF(0) + 8, 0, "are damaged", 2},
	/* numbers that are another kernel's */
	{BTF(1) + 12, BASE_TYPES, "they do not begin where", 2},
	{BTF(1) + 12, BASE_TYPES + 2, "they do not begin where", 2},
	{BTF(1) + 16, 3, "they do not begin where", 2},
	/* no BTF at all; types beyond its end; strings beyond it */
	{BLOB(0), 0x12345678, "left out: BTF: no header", 2},
	{BLOB(0) + 12, 0x1000, "left out: BTF: sections overrun", 2},
	{BLOB(0) + 20, 0x1000, "left out: BTF: sections overrun", 2},
	{BLOB(0) + 8, 0x7ffffffc, "left out: BTF:", 2},
};

#define LIES (int)(sizeof(lies) / sizeof(*lies))

START_TEST(types_that_lie)
{
	fake_put32(&f, lies[_i].at, lies[_i].value);
	take(PORTRAIT_TYPES);
	ck_assert_msg(remarked(lies[_i].words), "%s: %s", lies[_i].words,
		      p.remarks.n ? p.remarks.texts.data : "nothing");
	ck_assert_uint_eq(p.types.n, lies[_i].left);
}
END_TEST

/* One on its way in is in no list of modules yet. */
START_TEST(types_of_no_module)
{
	fake_put64(&f, BTF_LINK(1) + 16, DIRECT + 0x7000);
	take(PORTRAIT_TYPES);
	no_remarks();
	ck_assert_uint_eq(p.types.n, 2);
}
END_TEST

START_TEST(kernels_that_keep_things_otherwise)
{
	fake_no_field("btf.start_id");
	fake_no_field("bpf_ksym.end");
	fake_no_field("kernel_symbol.name_offset");
	take(ALL);
	ck_assert(remarked("types of modules are left out"));
	ck_assert(remarked("BPF programs are left out"));
	ck_assert(remarked("the types of modules' symbols are kept in no"));
	ck_assert_uint_eq(p.types.n, 1);
	ck_assert_uint_eq(p.symbols.n, ALL_N - 2);
	ck_assert_str_eq(line(IMAGE_N), "? __pfx_go [first]");
}
END_TEST

/* Before 4.19 what is exported had addresses. */
START_TEST(exports_by_address)
{
	fake_field("kernel_symbol.value_offset", 0, 8);
	fake_field("kernel_symbol.name_offset", 8, 8);
	fake_sizeof("kernel_symbol", 16);
	fake_put64(&f, MEMORY(0) + EXPORTS, TEXT(0) + 0x10);
	fake_put64(&f, MEMORY(0) + EXPORTS + 8, TEXT(0) + STRTAB + 1);
	fake_put32(&f, MODULE(0) + 0x198, 1);
	take(PORTRAIT_SYMBOLS);
	no_remarks();
	ck_assert_str_eq(line(IMAGE_N), "T __pfx_go [first]");
	ck_assert_str_eq(line(IMAGE_N + 1), "t go [first]");
}
END_TEST

/* Letters that cannot be told are not told; names and addresses stay. */
static const struct {
	uint64_t at;
	uint32_t value;
	const char *words;
} bad_letters[] = {
	{TABLE(0) + 24, 0x1000, "its symbols' types are not in its memory"},
	{TABLE(0) + 24, (uint32_t)(TEXT(0) + 0x3ffe), "symbols' types are"},
	{MODULE(0) + 0x190, 0x1000, "what it exports is not in its memory"},
	{MODULE(0) + 0x198, UINT32_MAX, "what it exports is not in"},
	{MEMORY(0) + EXPORTS + 4, 0x7fffffff, "the names of what it exports"},
	{MEMORY(0) + EXPORTS + 4, 0x80000000, "the names of what it exports"},
};

START_TEST(letters_that_lie)
{
	fake_put32(&f, bad_letters[_i].at, bad_letters[_i].value);
	take(PORTRAIT_SYMBOLS);
	ck_assert_msg(remarked(bad_letters[_i].words), "%s: %s",
		      bad_letters[_i].words,
		      p.remarks.n ? p.remarks.texts.data : "nothing");
	ck_assert_uint_eq(p.symbols.n, ALL_N);
	ck_assert_str_eq(line(IMAGE_N + 1), "? go [first]");
	ck_assert_str_eq(line(IMAGE_N + 4), "t both [second]");
}
END_TEST

START_TEST(letters_that_are_none)
{
	fake_puts(&f, MEMORY(0) + TYPETAB, "\xff\n\x80 ");
	take(PORTRAIT_SYMBOLS);
	no_remarks();
	ck_assert_str_eq(line(IMAGE_N), "? __pfx_go [first]");
	ck_assert_str_eq(line(IMAGE_N + 1), "? go [first]");
	ck_assert_str_eq(line(IMAGE_N + 2), "? went [first]");
}
END_TEST

/* Nothing ends a line of a file, or leads out of a directory. */
START_TEST(names_that_are_none)
{
	static const struct profile_listed odd[] = {
		{"", CODE, 'T', false},
		{"a b", CODE, 'T', false},
		{"line\n", CODE, 'T', false},
		{"t\tab", CODE, 'T', false},
		{"\x1b[2J", CODE, 'T', false},
		{"caf\xc3\xa9", CODE, 'T', false},
		{"$a.b", CODE, 'T', false},
	};

	fake_listing(odd, sizeof(odd) / sizeof(*odd));
	fake_puts(&f, MODULE(0) + 0x20, "../../x y]");
	fake_puts(&f, MODULE(1) + 0x20, "");
	take(PORTRAIT_SYMBOLS);
	ck_assert(remarked("6 symbols are left out"));
	ck_assert(remarked("'..?..?x?y?', is one that no module has"));
	ck_assert(remarked("'', is one that no module has"));
	ck_assert_str_eq(line(0), "T $a.b");
	ck_assert_str_eq(line(1), "t __pfx_go [..?..?x?y?]");
}
END_TEST

START_TEST(a_million_symbols)
{
	const size_t n = 1 << 20;
	struct profile_listed *many = calloc(n, sizeof(*many));
	size_t i;

	ck_assert_ptr_nonnull(many);
	for (i = 0; i < n; i++)
		many[i] = (struct profile_listed){"same", CODE + i, 't', false};
	fake_listing(many, n);
	take(PORTRAIT_SYMBOLS);
	ck_assert_uint_eq(p.symbols.n, n + ALL_N - IMAGE_N);
	ck_assert_uint_eq(p.symbols.v[n - 1].va, CODE + n - 1);
	ck_assert_str_eq(line(n - 1), "t same");
	ck_assert_str_eq(line(n), "t __pfx_go [first]");
	free(many);
}
END_TEST

START_TEST(code_that_cannot_be_read)
{
	f.memory.fail_from = MEMORY(1) - DIRECT + 0x1000;
	f.memory.fail_to = f.memory.fail_from + 0x1000;
	take(PORTRAIT_TEXT);
	ck_assert(remarked("that of second is left out"));
	ck_assert_ptr_nonnull(p.text.v[1].bytes);
	ck_assert_ptr_null(p.text.v[2].bytes);
	ck_assert_uint_eq(p.text.v[2].len, 0x2000);
}
END_TEST

START_TEST(notes_that_lie)
{
	/* a name without end; an id without end; an id too long */
	static const struct {
		uint64_t at;
		uint32_t value;
	} notes[] = {
		{NOTES, 0x7fffffff},
		{NOTES + 20, 0x1000},
		{NOTES + 20, 0x20},
		{NOTES + 24, 4}, /* of another kind */
	};
	size_t i;

	for (i = 0; i < sizeof(notes) / sizeof(*notes); i++) {
		put_notes();
		machine_drop_cache(&f.memory.machine);
		fake_put32(&f, notes[i].at, notes[i].value);
		take(0);
		ck_assert_uint_eq(p.build_id_len, 0);
		portrait_deinit(&p);
	}
}
END_TEST

/* Where there are rules at all; what makes that code has none for it. */
START_TEST(generated_code_is_an_end)
{
	struct orc_table own = {0};
	size_t i;

	ck_assert(!portrait_take(&f.kernel, PORTRAIT_SYMBOLS, &p, &err));
	ck_assert(!vec_push(&own.rules, {.va = CODE, .kind = ORC_CALL}));
	ck_assert(!vec_push(&p.unwind, own));
	ck_assert(!portrait_settle(&p, &err));
	ck_assert_uint_eq(p.unwind.n, 1 + 4);
	for (i = 1; i < p.unwind.n; i++) {
		const struct orc_table *t = &p.unwind.v[i];

		ck_assert_uint_eq(t->owner, UINT32_MAX);
		ck_assert_uint_eq(t->rules.n, 2);
		ck_assert_uint_eq(t->rules.v[0].va, all[ALL_N - 5 + i].va);
		ck_assert_int_eq(t->rules.v[0].kind, ORC_END);
		ck_assert_uint_gt(t->rules.v[1].va, t->rules.v[0].va);
		ck_assert_int_eq(t->rules.v[1].kind, ORC_NONE);
	}
}
END_TEST

/* A portrait that is not settled leaves nothing behind, either. */
START_TEST(not_settled)
{
	ck_assert_int_eq(portrait_take(&f.kernel, ALL, &p, &err), 0);
	portrait_deinit(&p);
	portrait_deinit(&p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("export/portrait");
	TCase *t = tcase_create("portrait");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, symbols);
	tcase_add_test(t, what_is_known_at_once);
	tcase_add_test(t, code);
	tcase_add_test(t, types);
	tcase_add_test(t, no_types);
	tcase_add_loop_test(t, types_that_lie, 0, LIES);
	tcase_add_test(t, types_of_no_module);
	tcase_add_test(t, kernels_that_keep_things_otherwise);
	tcase_add_test(t, exports_by_address);
	tcase_add_loop_test(t, letters_that_lie, 0,
			    sizeof(bad_letters) / sizeof(*bad_letters));
	tcase_add_test(t, letters_that_are_none);
	tcase_add_test(t, names_that_are_none);
	tcase_add_test(t, a_million_symbols);
	tcase_add_test(t, code_that_cannot_be_read);
	tcase_add_test(t, notes_that_lie);
	tcase_add_test(t, generated_code_is_an_end);
	tcase_add_test(t, not_settled);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
