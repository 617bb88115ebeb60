/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of ELF files of kernels: pieces, symbols, notes; libelf reads them. */
#include "export/elf.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "export/gdb.h"
#include "export/layout.h"
#include <elfutils/libdwelf.h>

#include "unit/export_kit.h"

#define MODULE 0xffffffffc0000000ULL

static struct portrait portrait;
static struct kit_elf elf;

static void setup(void)
{
	kit_portrait(&portrait);
}

static void teardown(void)
{
	portrait_deinit(&portrait);
}

static void image_symbol(const char *name, char type, uint64_t offset)
{
	kit_portrait_symbol(&portrait, name, type, PORTRAIT_IMAGE,
			    KIT_TEXT + offset);
}

static void open_elf(void)
{
	struct err err = {0};

	ck_assert_msg(!kit_elf_open(&elf, &portrait, &err), "%s", err.text);
}

static GElf_Shdr section(const char *name, uint64_t va, uint64_t size)
{
	GElf_Shdr h;
	size_t n;

	ck_assert_msg(kit_elf_section(&elf, name, &h, &n), "%s", name);
	ck_assert_uint_eq(h.sh_addr, va);
	ck_assert_uint_eq(h.sh_size, size);
	return h;
}

/* Each piece is a section and a segment, and both ascend. */
static void check_segments(void)
{
	GElf_Addr last = 0;
	GElf_Phdr ph;
	GElf_Shdr h;
	size_t n, i;

	ck_assert_int_eq(elf_getphdrnum(elf.elf, &n), 0);
	for (i = 0; i < n; i++) {
		ck_assert_ptr_nonnull(gelf_getphdr(elf.elf, (int)i, &ph));
		ck_assert_ptr_nonnull(
			gelf_getshdr(elf_getscn(elf.elf, i + 1), &h));
		ck_assert_uint_eq(ph.p_type, PT_LOAD);
		ck_assert_uint_eq(ph.p_vaddr, h.sh_addr);
		ck_assert_uint_eq(ph.p_memsz, h.sh_size);
		ck_assert_uint_ge(ph.p_vaddr, last);
		last = ph.p_vaddr + ph.p_memsz;
	}
}

START_TEST(the_image_is_divided_by_its_borders)
{
	GElf_Shdr h;

	image_symbol("_sdata", 'D', 0x20000);
	image_symbol("_edata", 'D', 0x30000);
	image_symbol("_sinittext", 'T', 0x40000);
	image_symbol("_einittext", 'T', 0x48000);
	image_symbol("__bss_start", 'B', 0x50000);
	image_symbol("__bss_stop", 'B', 0x60000);
	open_elf();
	h = section(".text", KIT_TEXT, KIT_CODE);
	ck_assert_uint_eq(h.sh_flags, SHF_ALLOC | SHF_EXECINSTR);
	ck_assert_uint_eq(h.sh_type, SHT_NOBITS);
	h = section(".data", KIT_TEXT + 0x20000, 0x10000);
	ck_assert_uint_eq(h.sh_flags, SHF_ALLOC | SHF_WRITE);
	section(".init.text", KIT_TEXT + 0x40000, 0x8000);
	section(".bss", KIT_TEXT + 0x50000, 0x10000);
	section(".image", KIT_TEXT + KIT_CODE, 0x10000);
	check_segments();
	kit_elf_close(&elf);
}
END_TEST

static void check_symbol(const char *name, unsigned int info, uint64_t va,
			 uint64_t size, const char *in)
{
	GElf_Shdr h;
	GElf_Sym sym;
	size_t n = SHN_ABS;

	ck_assert_msg(kit_elf_symbol(&elf, name, 0, &sym), "%s", name);
	ck_assert_uint_eq(sym.st_info, info);
	ck_assert_uint_eq(sym.st_value, va);
	ck_assert_uint_eq(sym.st_size, size);
	ck_assert(!in || kit_elf_section(&elf, in, &h, &n));
	ck_assert_uint_eq(sym.st_shndx, n);
}

START_TEST(symbols)
{
	GElf_Sym sym;
	GElf_Shdr h;
	size_t n, i;

	image_symbol("global", 'T', 0x100);
	image_symbol("alias", 't', 0x100);
	image_symbol("weak", 'W', 0x180);
	image_symbol("data", 'd', KIT_CODE + 0x100);
	image_symbol("in_code", 'r', 0x200);
	kit_portrait_owner(&portrait, "mod", MODULE, 0x2000);
	kit_portrait_owner(&portrait, "other", MODULE + 0x2000, 0x1000);
	kit_portrait_symbol(&portrait, "init", 't', 1, MODULE + 0x80);
	kit_portrait_symbol(&portrait, "first", 't', 1, MODULE);
	kit_portrait_symbol(&portrait, "init", 't', 2, MODULE + 0x2000);
	kit_portrait_symbol(&portrait, "values", 'd', 1, MODULE + 0x5000);
	kit_portrait_symbol(&portrait, "last", 'd', 1, MODULE + 0x5010);
	kit_portrait_symbol(&portrait, "number", 'A', PORTRAIT_IMAGE, 42);
	open_elf();
	check_symbol("global", ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
		     KIT_TEXT + 0x100, 0x80, ".text");
	check_symbol("alias", ELF64_ST_INFO(STB_LOCAL, STT_FUNC),
		     KIT_TEXT + 0x100, 0x80, ".text");
	check_symbol("weak", ELF64_ST_INFO(STB_WEAK, STT_FUNC),
		     KIT_TEXT + 0x180, 0x80, ".text");
	check_symbol("in_code", ELF64_ST_INFO(STB_LOCAL, STT_OBJECT),
		     KIT_TEXT + 0x200, KIT_CODE - 0x200, ".text");
	check_symbol("data", ELF64_ST_INFO(STB_LOCAL, STT_OBJECT),
		     KIT_TEXT + KIT_CODE + 0x100, KIT_IMAGE - KIT_CODE - 0x100,
		     ".image");
	check_symbol("first", ELF64_ST_INFO(STB_LOCAL, STT_FUNC), MODULE, 0x80,
		     ".text.mod");
	check_symbol("init", ELF64_ST_INFO(STB_LOCAL, STT_FUNC), MODULE + 0x80,
		     0x1f80, ".text.mod");
	check_symbol("values", ELF64_ST_INFO(STB_LOCAL, STT_OBJECT),
		     MODULE + 0x5000, 0x10, ".data.mod");
	check_symbol("last", ELF64_ST_INFO(STB_LOCAL, STT_OBJECT),
		     MODULE + 0x5010, 0, ".data.mod");
	check_symbol("number", ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 42, 0,
		     NULL);
	ck_assert(kit_elf_symbol(&elf, "init", 1, &sym));
	ck_assert_uint_eq(sym.st_value, MODULE + 0x2000);
	ck_assert(kit_elf_section(&elf, ".symtab", &h, &n));
	for (i = 0; i < h.sh_size / h.sh_entsize; i++) {
		ck_assert_ptr_nonnull(
			gelf_getsym(elf_getdata(elf_getscn(elf.elf, n), NULL),
				    (int)i, &sym));
		ck_assert_int_eq(GELF_ST_BIND(sym.st_info) == STB_LOCAL,
				 i < h.sh_info);
	}
	ck_assert_uint_eq(i, portrait.symbols.n + 1);
	check_segments();
	kit_elf_close(&elf);
}
END_TEST

/* From 6.15 on they are addresses in the image, before that small numbers. */
START_TEST(per_cpu_variables_have_no_address)
{
	uint64_t start = _i ? KIT_TEXT + 0x20000 : 0;

	portrait.per_cpu = start;
	portrait.per_cpu_end = start + 0x1000;
	kit_portrait_symbol(&portrait, "__per_cpu_start", 'D', PORTRAIT_IMAGE,
			    start);
	kit_portrait_symbol(&portrait, "first", 'D', PORTRAIT_IMAGE, start);
	kit_portrait_symbol(&portrait, "current_task", 'd', PORTRAIT_IMAGE,
			    start + 0x40);
	open_elf();
	check_symbol("first", ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 0, 0,
		     NULL);
	check_symbol("current_task", ELF64_ST_INFO(STB_LOCAL, STT_NOTYPE), 0x40,
		     0, NULL);
	if (_i)
		check_symbol("__per_cpu_start",
			     ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), start,
			     KIT_IMAGE - 0x20000, ".image");
	kit_elf_close(&elf);
}
END_TEST

START_TEST(code_has_bytes_where_they_are_known)
{
	uint8_t *bytes = malloc(0x1000);
	GElf_Shdr h;
	Elf_Data *data;
	size_t n;

	ck_assert_ptr_nonnull(bytes);
	memset(bytes, 0xc3, 0x1000);
	bytes[0] = 0x90;
	ck_assert_int_eq(vec_push(&portrait.text, {.owner = PORTRAIT_IMAGE,
						   .va = KIT_TEXT + 0x1000,
						   .len = 0x1000,
						   .bytes = bytes}),
			 0);
	open_elf();
	section(".text", KIT_TEXT, 0x1000);
	data = elf_getdata(elf_getscn(elf.elf, 2), NULL);
	ck_assert_ptr_nonnull(gelf_getshdr(elf_getscn(elf.elf, 2), &h));
	ck_assert_uint_eq(h.sh_addr, KIT_TEXT + 0x1000);
	ck_assert_uint_eq(h.sh_type, SHT_PROGBITS);
	ck_assert_uint_eq(data->d_size, 0x1000);
	ck_assert_mem_eq(data->d_buf, bytes, 0x1000);
	check_segments();
	ck_assert(kit_elf_section(&elf, ".shstrtab", &h, &n));
	kit_elf_close(&elf);
}
END_TEST

START_TEST(build_id)
{
	const void *id;

	memset(portrait.build_id, 0xab, sizeof(portrait.build_id));
	portrait.build_id_len = sizeof(portrait.build_id);
	open_elf();
	ck_assert_int_eq(dwelf_elf_gnu_build_id(elf.elf, &id),
			 sizeof(portrait.build_id));
	ck_assert_mem_eq(id, portrait.build_id, sizeof(portrait.build_id));
	kit_elf_close(&elf);
}
END_TEST

/* Owners and symbols that overlap, wrap, are nowhere, and too many. */
START_TEST(nonsense_has_a_place_or_none)
{
	uint32_t i;

	kit_portrait_owner(&portrait, "over", KIT_TEXT + 0x8000, 0x200000);
	kit_portrait_owner(&portrait, "wraps", UINT64_MAX - 8, 0x200);
	kit_portrait_owner(&portrait, "same", KIT_TEXT + 0x8000, 0x200000);
	kit_portrait_symbol(&portrait, "end", 'd', 2, UINT64_MAX);
	kit_portrait_symbol(&portrait, "none", 'd', 77, MODULE);
	kit_portrait_symbol(&portrait, "?", '\0', 1, MODULE + 1);
	for (i = 0; i < 3 * LAYOUT_PIECES; i++)
		kit_portrait_symbol(&portrait, "many", 'd', i % 2,
				    0xffff888000000000ULL +
					    (uint64_t)i * (2 << 20));
	open_elf();
	check_segments();
	kit_elf_close(&elf);
}
END_TEST

/* A stream that only takes bytes, and no more than so many. */
static ssize_t take(void *cookie, const char *bytes, size_t n)
{
	size_t *left = cookie;

	(void)bytes;
	if (n > *left) {
		errno = ENOSPC;
		return 0;
	}
	*left -= n;
	return (ssize_t)n;
}

START_TEST(a_stream_is_enough)
{
	static const cookie_io_functions_t takes = {.write = take};
	size_t left = _i ? 100 : 1 << 20;
	struct err err = {0};
	FILE *f = fopencookie(&left, "w", takes);

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(export_elf(&portrait, f, &err), 0);
	ck_assert_int_eq(fflush(f) || ferror(f), _i);
	fclose(f);
}
END_TEST

static char *commands(const char *folder, const char *name, const char *stub,
		      int expected)
{
	struct export_gdb g = {folder, name, stub, "/here"};
	struct err err = {0};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(export_gdb_commands(&g, f, &err), expected);
	fclose(f);
	return text;
}

START_TEST(commands_for_gdb)
{
	static const struct {
		const char *folder, *name, *stub, *begin;
	} cases[] = {
		{"/tmp/a b", "vmlinux", "localhost:1234",
		 "add-auto-load-safe-path /tmp/a b/vmlinux-gdb.py\n"
		 "file \"/tmp/a b/vmlinux\"\n"
		 "target remote localhost:1234\n#"},
		{"/d", "a \"b\\", "[::1]:99",
		 "file \"/d/a \\\"b\\\\\"\n"
		 "source /d/a \"b\\-gdb.py\n"
		 "target remote [::1]:99\n#"},
		/* what gdb would take for a pattern, or for two folders */
		{"/a:b", "v", "unix:/run/gdb",
		 "file \"/a:b/v\"\nsource /a:b/v-gdb.py\n"
		 "target remote /run/gdb\n#"},
		{"/a*", "v", "unix:gdb",
		 "file \"/a*/v\"\nsource /a*/v-gdb.py\n"
		 "target remote /here/gdb\n#"},
		{"/a", "v ", "unix:@gdb",
		 "add-auto-load-safe-path /a/v -gdb.py\nfile \"/a/v \"\n"
		 "target remote | socat - ABSTRACT-CONNECT:gdb\n#"},
	};
	char *text =
		commands(cases[_i].folder, cases[_i].name, cases[_i].stub, 0);

	ck_assert_msg(!strncmp(text, cases[_i].begin, strlen(cases[_i].begin)),
		      "%s", text);
	free(text);
}
END_TEST

START_TEST(what_gdb_is_not_told)
{
	static const char *const refused[][3] = {
		{"/a\nshell reboot", "v", "host:1"},
		{"/a", "v\r", "host:1"},
		{"/a", "v", "unix:/a\nb"},
		{"/a", "v", "unix:@a;reboot"},
		{"/a", "v", "unix:@a,tight=off"},
	};
	const char *const *r = refused[_i];

	free(commands(r[0], r[1], r[2], ERR_REFUSED));
}
END_TEST

START_TEST(script_for_gdb)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(f);
	export_gdb_script(f);
	fclose(f);
	ck_assert_uint_gt(len, 1000);
	ck_assert(!strncmp(text, "# SPDX", 6) && text[len - 1] == '\n');
	ck_assert_uint_eq(strlen(text), len);
	ck_assert(export_gdb_is_script(text, EXPORT_GDB_MARK_MAX));
	ck_assert(!export_gdb_is_script(text, 60));
	ck_assert(!export_gdb_is_script("", 0));
	text[60] ^= 1;
	ck_assert(!export_gdb_is_script(text, EXPORT_GDB_MARK_MAX));
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("export_elf");
	TCase *t = tcase_create("export_elf");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_image_is_divided_by_its_borders);
	tcase_add_test(t, symbols);
	tcase_add_loop_test(t, per_cpu_variables_have_no_address, 0, 2);
	tcase_add_test(t, code_has_bytes_where_they_are_known);
	tcase_add_test(t, build_id);
	tcase_add_test(t, nonsense_has_a_place_or_none);
	tcase_add_loop_test(t, a_stream_is_enough, 0, 2);
	tcase_add_loop_test(t, commands_for_gdb, 0, 5);
	tcase_add_loop_test(t, what_gdb_is_not_told, 0, 5);
	tcase_add_test(t, script_for_gdb);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
