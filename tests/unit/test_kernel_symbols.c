/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of symbols outside the image, on memory written by hand. */
#include "kernel/code/symbols.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/limits.h"
#include "unit/module_kit.h"

static struct fake_kernel f;
static struct symbols symbols;
static char text[SYMBOL_TEXT];

static void setup(void)
{
	kit_modules_init(&f);
	symbols_init(&symbols, &f.kernel);
}

static void teardown(void)
{
	symbols_deinit(&symbols);
	fake_kernel_deinit(&f);
}

/* The text of one address; every test looks at its own state. */
static const char *at(uint64_t va)
{
	struct symbol symbol;

	ck_assert_int_eq(symbols_at(&symbols, &va, 1, &symbol, NULL), 0);
	symbol_text(&symbol, text, sizeof(text));
	return text;
}

/* How many of that name, and where the first is. */
static size_t named(const char *name, const char *module, uint64_t *va)
{
	struct symbols_named found;

	ck_assert_int_eq(symbols_named(&symbols, name, module, &found, NULL),
			 0);
	*va = found.n ? found.v[0].va : 0;
	return found.n;
}

static void check_named(const char *name, const char *module, size_t n,
			uint64_t first)
{
	uint64_t va;

	ck_assert_uint_eq(named(name, module, &va), n);
	ck_assert_uint_eq(va, first);
}

static bool remarked(const char *words)
{
	const char *remark = NULL;

	while ((remark = remarks_next(&symbols.remarks, remark)))
		if (strstr(remark, words))
			return true;
	return false;
}

static void no_remarks(void)
{
	const char *first = remarks_next(&symbols.remarks, NULL);

	ck_assert_msg(!first, "%s", first);
}

START_TEST(addresses)
{
	ck_assert_str_eq(at(TEXT(0) + 0x25), "go+0x5 [first]");
	ck_assert_str_eq(at(TEXT(0) + 0x1f), "__pfx_go+0xf [first]");
	ck_assert_str_eq(at(TEXT(0)), ""); /* before the first symbol */
	ck_assert_str_eq(at(DATA(0) + 0x10), "both+0x0 [first]");
	/* no symbol of the text names data */
	ck_assert_str_eq(at(DATA(0) + 0xf), "");
	ck_assert_str_eq(at(DATA(0) + 0x1fff), "both+0x1fef [first]");
	ck_assert_str_eq(at(TEXT(1) + 0x81), "in_image+0x1 [second]");
	ck_assert_str_eq(at(TEXT(2) + 0x4000), "");
	ck_assert_str_eq(at(CODE + 0x40101), "bpf_prog_1_x+0x1 [bpf]");
	ck_assert_str_eq(at(CODE + 0x40140), "");
	ck_assert_str_eq(at(CODE + 0x4107f),
			 "ftrace_trampoline+0x7f [__builtin__ftrace]");
	ck_assert_str_eq(at(CODE + 0x42fff),
			 "kprobe_insn_page+0xfff [__builtin__kprobes]");
	ck_assert_str_eq(at(CODE + 0x100), "in_image+0x0");
	no_remarks();
}
END_TEST

START_TEST(sizes)
{
	const uint64_t vas[] = {TEXT(0) + 0x25, DATA(0) + 0x10, CODE + 0x41001,
				TEXT(2)};
	const uint64_t wanted[] = {0x1fe0, 0x1ff0, 0x80, 0x2000};
	struct symbol out[4];
	size_t i;

	ck_assert_int_eq(symbols_at(&symbols, vas, 4, out, NULL), 0);
	for (i = 0; i < 4; i++)
		ck_assert_uint_eq(out[i].size, wanted[i]);
}
END_TEST

START_TEST(names)
{
	check_named("in_image", NULL, 1, CODE + 0x100); /* the image wins */
	check_named("in_image", "second", 1, TEXT(1) + 0x80);
	check_named("in_image", "first", 0, 0);
	check_named("went", NULL, 1, TEXT(0) + 0x20);
	check_named("both", NULL, 2, DATA(0) + 0x10);
	check_named("both", "second", 1, TEXT(1));
	check_named("part", NULL, 1, TEXT(2));
	check_named("part.cold", NULL, 1, TEXT(2));
	check_named("par", NULL, 0, 0);
	check_named("", NULL, 0, 0);
	check_named("bpf_prog_1_x", NULL, 2, CODE + 0x40000);
	check_named("ftrace_trampoline", "__builtin__ftrace", 1,
		    CODE + 0x41000);
	check_named("kprobe_insn_page", NULL, 1, CODE + 0x42000);
	ck_assert(symbols_has_module(&symbols, "third"));
	ck_assert(symbols_has_module(&symbols, "bpf"));
	ck_assert(!symbols_has_module(&symbols, "fourth"));
	no_remarks();
}
END_TEST

/* What the image has costs no read; neither has what cannot be code. */
START_TEST(nothing_is_read_before_it_is_needed)
{
	size_t reads = f.memory.reads;
	uint64_t va;

	at(CODE + 0x100);
	at(DIRECT + 0x1000);
	at(0x400000);
	named("in_image", NULL, &va);
	ck_assert_uint_eq(f.memory.reads, reads);
	at(CODE + 0x101);
	ck_assert_uint_gt(f.memory.reads, reads);
	reads = f.memory.calls;
	at(TEXT(0) + 0x20);
	at(TEXT(0) + 0x30);
	ck_assert_uint_le(f.memory.calls, reads + 4); /* one table, once */
}
END_TEST

START_TEST(a_kernel_without_modules)
{
	struct buf b = {0};
	uint64_t va;

	fake_no_field("module.mem");
	fake_no_field("bpf_ksym.name");
	ck_assert_str_eq(at(TEXT(0) + 0x25), "");
	ck_assert_str_eq(at(CODE + 0x41000),
			 "ftrace_trampoline+0x0 [__builtin__ftrace]");
	ck_assert_uint_eq(named("went", NULL, &va), 0);
	/* it has a list, so it is not said that there are none */
	symbols_looked(&symbols, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "not at its modules"));
	ck_assert_ptr_nonnull(strstr(b.data, "not at its pieces of BPF code"));
	buf_deinit(&b);
}
END_TEST

/* Up to 4.4 tables are in the module, up to 6.3 its memory is two layouts. */
START_TEST(older_layouts)
{
	fake_no_field("module.mem");
	fake_no_field("module_memory.base");
	fake_field("module.core_layout.base", 0x1a0, 8);
	fake_field("module.core_layout.size", 0x1a8, 4);
	fake_field("module.init_layout.base", 0x1b0, 8);
	fake_field("module.init_layout.size", 0x1b8, 4);
	fake_put64(&f, MODULE(0) + 0x1a0, TEXT(0));
	fake_put32(&f, MODULE(0) + 0x1a8, 0x4000);
	fake_no_field("module.kallsyms");
	fake_field("module.symtab", 0x200, 8);
	fake_field("module.num_symtab", 0x208, 4);
	fake_field("module.strtab", 0x210, 8);
	kit_ring(&f, MODULES, (uint64_t[]){MODULE(0) + LINKS}, 1);
	ck_assert_str_eq(at(TEXT(0) + 0x25), "go+0x5 [first]");
	no_remarks();
}
END_TEST

/* Where their code is, by each of the layouts; data behind it is none. */
START_TEST(code_of_modules)
{
	const struct module *m;

	fake_constant("mod_mem_type.MOD_TEXT", _i < 2 ? _i : 0);
	fake_field("module.core_layout.base", 0x1a0, 8);
	fake_field("module.core_layout.size", 0x1a8, 4);
	fake_field("module.core_layout.text_size", 0x1ac, 4);
	fake_put64(&f, MODULE(0) + 0x1a0, TEXT(0));
	fake_put32(&f, MODULE(0) + 0x1a8, 0x4000);
	fake_put32(&f, MODULE(0) + 0x1ac, _i == 3 ? 0x4001 : 0x1000);
	if (_i >= 2)
		fake_no_field("module.mem");
	at(TEXT(0));
	m = &symbols.modules.list.v[0];
	ck_assert_uint_eq(m->text, _i == 1 ? DATA(0) : _i == 3 ? 0 : TEXT(0));
	ck_assert_uint_eq(m->text_size, _i == 2	  ? 0x1000
					: _i == 3 ? 0
						  : 0x2000);
}
END_TEST

START_TEST(a_module_that_is_not_formed)
{
	uint64_t va;

	fake_put32(&f, MODULE(1), 3);
	ck_assert_uint_eq(named("both", NULL, &va), 1);
	no_remarks();
}
END_TEST

/* Lists that lie: the rest is right, and it is said. */

START_TEST(a_broken_list)
{
	static const struct {
		uint64_t at, value;
	} lies[] = {
		{MODULE(1) + LINKS, MODULE(0) + LINKS},	     /* a cycle */
		{MODULE(1) + LINKS, MODULE(1) + LINKS},	     /* itself */
		{MODULE(1) + LINKS, DIRECT + (60ULL << 30)}, /* nowhere */
		{MODULE(1) + LINKS, 0x1234},
		{MODULE(1) + LINKS, UINT64_MAX},
		{MODULE(1) + LINKS + 8, 0},
		{MODULES, 0},
		{MODULES + 8, 0},
		{MODULES, MODULES},
	};

	fake_put64(&f, lies[_i].at, lies[_i].value);
	ck_assert_str_eq(at(TEXT(0) + 0x25), "go+0x5 [first]");
	ck_assert_str_eq(at(TEXT(2)), "part.cold.0+0x0 [third]");
	ck_assert_str_eq(at(CODE + 0x40000), "bpf_prog_1_x+0x0 [bpf]");
	ck_assert(remarked("the list of modules is damaged at 0x"));
}
END_TEST

/* More modules than are looked at: a limit of ours, which is no damage. */
START_TEST(too_many_modules)
{
	static uint64_t links[MODULES_MAX + 8];
	unsigned int i;
	uint64_t va;

	for (i = 0; i < MODULES_MAX + 8; i++)
		links[i] = DIRECT + 0x50000 + i * 16;
	kit_ring(&f, MODULES, links, MODULES_MAX + 8);
	named("went", NULL, &va);
	ck_assert(remarked("there are more than 4096 modules"));
	ck_assert(!remarked("the list of modules is damaged"));
}
END_TEST

START_TEST(a_broken_module)
{
	static const struct {
		uint64_t at;
		uint32_t value;
		const char *words;
	} lies[] = {
		/* symbols: 2^32, none of them its own, names far away */
		{TABLE(1) + 8, UINT32_MAX, "symbol table"},
		{TABLE(1) + 8, 0x2000 / 24 + 1, "symbol table"},
		{TABLE(1) + 4, 0xffff8880, "symbol table"},
		{TABLE(1) + 20, 0, "symbol table"},
		{MODULE(1) + 0x184, 0, "symbol table"},
		/* its memory: gigabytes, below the kernel, over the end */
		{MODULE(1) + 0x118, UINT32_MAX, "cannot have"},
		{MODULE(1) + 0x114, 0x7fff, "cannot have"},
		{MODULE(1) + 0x110, 0xfffff000, "symbol table"},
		/* two modules at one place */
		{MODULE(1) + 0x100, (uint32_t)TEXT(0), "two of them"},
		/* names that lead out of its memory */
		{MEMORY(1) + SYMTAB + 24, UINT32_MAX, "not all of its symbols"},
		{MEMORY(1) + SYMTAB + 24, 0x1800, "not all of its symbols"},
	};

	fake_put32(&f, lies[_i].at, lies[_i].value);
	at(TEXT(1) + 0x81);
	at(TEXT(0) + 0x25);
	ck_assert_str_eq(at(TEXT(2) + 1), "part.cold.0+0x1 [third]");
	ck_assert_msg(remarked(lies[_i].words), "%s", lies[_i].words);
}
END_TEST

START_TEST(names_without_end)
{
	uint64_t va;

	/* of the module: as long as its place */
	memset(f.memory.bytes + (MODULE(1) + 0x20 - DIRECT), 'm', 56);
	/* of a symbol: up to the end of the module's memory, and too long */
	memset(f.memory.bytes + (MEMORY(1) + STRTAB + 6 - DIRECT), 's', 0x800);
	memset(f.memory.bytes + (MEMORY(2) + STRTAB + 1 - DIRECT), 's', 600);
	check_named("both", NULL, 2, DATA(0) + 0x10);
	ck_assert_uint_eq(named("both",
				"mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm"
				"mmmmmmmmmmmmmmmmmm",
				&va),
			  1);
	ck_assert_str_eq(at(TEXT(2)), "");
	ck_assert(remarked("module third is damaged: not all"));
	ck_assert(remarked("mm is damaged: not all"));
}
END_TEST

START_TEST(broken_code)
{
	fake_put64(&f, OBJECT(0) + 8, CODE);	  /* ends before it starts */
	fake_put64(&f, OBJECT(1), 0x400000);	  /* in user space */
	memset(f.memory.bytes + 0x80, 'k', 0x80); /* a name without end */
	fake_put64(&f, OBJECT(2) + 0x28, 1ULL << 40);
	ck_assert_str_eq(at(CODE + 0x40000), "");
	ck_assert_str_eq(at(CODE + 0x41000), "");
	ck_assert_str_eq(at(TEXT(0) + 0x25), "go+0x5 [first]");
	ck_assert(remarked("the list of BPF programs is damaged at 0x"));
	ck_assert(remarked("the list of ftrace trampolines is damaged at 0x"));
}
END_TEST

/* Whatever is damaged, so many words at most. */
START_TEST(remarks_have_an_end)
{
	struct remarks r = {0};
	const char *at_remark = NULL, *last = NULL;
	int i, n = 0;

	for (i = 0; i < 1000; i++)
		remarks_add(&r, "remark %d", i);
	while ((at_remark = remarks_next(&r, at_remark))) {
		last = at_remark;
		n++;
	}
	ck_assert_int_eq(n, REMARKS_MAX);
	ck_assert_ptr_nonnull(strstr(last, "more"));
	remarks_deinit(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/symbols");
	TCase *t = tcase_create("symbols");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, addresses);
	tcase_add_test(t, sizes);
	tcase_add_test(t, names);
	tcase_add_test(t, nothing_is_read_before_it_is_needed);
	tcase_add_test(t, a_kernel_without_modules);
	tcase_add_test(t, older_layouts);
	tcase_add_loop_test(t, code_of_modules, 0, 4);
	tcase_add_test(t, a_module_that_is_not_formed);
	tcase_add_loop_test(t, a_broken_list, 0, 9);
	tcase_add_test(t, too_many_modules);
	tcase_add_loop_test(t, a_broken_module, 0, 11);
	tcase_add_test(t, names_without_end);
	tcase_add_test(t, broken_code);
	tcase_add_test(t, remarks_have_an_end);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
