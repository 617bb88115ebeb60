/* SPDX-License-Identifier: BSD-2-Clause */
/* Profiles of real kernels, where scripts/fetch-kernel has put some. */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "profile/elf.h"
#include "profile/vmlinuz.h"
#include "types/outline.h"
#include "unit/wants_kit.h"

static const char *const versions[] = {"5.10", "6.1", "6.12", "7.2"};
#define VERSIONS (int)(sizeof(versions) / sizeof(versions[0]))

static struct mapped file;
static struct elf_image elf;
static struct parts parts;
static void *unpacked;
static struct err err;

static void find_kernel(const char *version, char path[300])
{
	const char *own = getenv("QVMI_TEST_CACHE");
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (own)
		snprintf(path, 300, "%.200s", own);
	else if (xdg)
		snprintf(path, 300, "%.200s/qvmi-test", xdg);
	else
		snprintf(path, 300, "%.200s/.cache/qvmi-test",
			 home ? home : "");
	snprintf(path + strlen(path), 300 - strlen(path), "/kernels/%s/vmlinuz",
		 version);
}

/* False, with a word to the user, where that kernel is not there. */
static bool load(const char *version)
{
	_cleanup_close_ int fd = -1;
	char path[300];
	size_t len;
	int rc;

	find_kernel(version, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		printf("kernel %s is not there, skipped\n", version);
		return false;
	}
	ck_assert_int_eq(mapped_open(&file, fd, &err), 0);
	ck_assert(vmlinuz_is(file.bytes, file.len));
	rc = vmlinuz_unpack(file.bytes, file.len, &unpacked, &len, &err);
	ck_assert_msg(!rc, "%s", err.text);
	ck_assert_int_eq(elf_open(&elf, unpacked, len, &err), 0);
	rc = elf_parts(&elf, &parts, &err);
	ck_assert_msg(!rc, "%s", err.text);
	return true;
}

static void setup(void)
{
	file = (struct mapped){0};
	elf = (struct elf_image){0};
	parts = (struct parts){.readers = &kernel_readers};
	unpacked = NULL;
}

static void teardown(void)
{
	parts_deinit(&parts);
	elf_deinit(&elf);
	mapped_close(&file);
	free(unpacked);
}

START_TEST(symbols_agree_with_the_file)
{
	static const char *const names[] = {
		"_text",	"init_task",
		"linux_banner", "__per_cpu_offset",
		"vmemmap_base", "page_offset_base",
		"init_top_pgt", "init_uts_ns",
		"_end",
	};
	char banner[IDENTITY_BANNER], want[40];
	struct image_span btf = {0};
	uint64_t offset;
	size_t i;

	if (!load(versions[_i]))
		return;
	ck_assert_uint_gt(parts.sym.n, 50000);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(parts_symbol(&parts, names[i], &offset), "%s",
			      names[i]);
	identity_banner(&parts.id, banner, sizeof(banner));
	snprintf(want, sizeof(want), "Linux version %s.", versions[_i]);
	ck_assert_msg(!strncmp(banner, want, strlen(want)), "%s", banner);
	ck_assert_uint_gt(parts.id.n, 30); /* build id, tables, samples */
	/* The section header and kallsyms say the same about the BTF. */
	parts_btf_span(&parts, &btf);
	ck_assert_uint_eq(btf.len, elf.btf.len);
	ck_assert_uint_eq(parts.btf_len, elf.btf.len);
	ck_assert_ptr_eq(elf.segments.v[0].bytes + btf.offset, elf.btf.bytes);
}
END_TEST

START_TEST(types_are_complete)
{
	_cleanup_(buf_deinit) struct buf list = {0};
	size_t i, at = 0;

	if (!load(versions[_i]))
		return;
	ck_assert(parts.have_values);
	ck_assert_uint_gt(
		kit_value(&parts.values, WANT_FIELD, "task_struct.comm")
			->field.offset,
		1000);
	/* a pglist_data has all zonelists in it: some 170 KiB */
	for (i = 0; i < parts.values.n; i++)
		ck_assert_uint_lt(parts.values.v[i].field.offset, 1 << 18);
	for (i = 0; i < READERS; at += kernel_readers.v[i++]->n)
		wanted_lacking(kernel_readers.v[i], &parts.values.v[at], &list);
	ck_assert_msg(!list.len, "%s", list.data);
}
END_TEST

/* A tool, run on the same blob: its name, and what stands behind the path. */
static FILE *run_tool(const char *tool, const char *args, const char *rest,
		      char *path)
{
	char command[100];
	int fd;

	snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1",
		 tool);
	if (system(command)) {
		printf("%s is not there, skipped\n", tool);
		return NULL;
	}
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, parts.btf, parts.btf_len),
			 (int)parts.btf_len);
	close(fd);
	snprintf(command, sizeof(command), "%s %s %s %s", tool, args, path,
		 rest);
	return popen(command, "r");
}

static const char *shown(const char *name)
{
	return *name ? name : "(anon)";
}

/* "[12] STRUCT 'list_head' size=16 vlen=2" */
static bool check_type(const struct btf *b, const char *line, uint32_t *id,
		       struct btf_type *t)
{
	char want[300], kind[20];
	int n = 0;

	if (sscanf(line, "[%u] %19s%n", id, kind, &n) < 2 || !n)
		return false;
	ck_assert_msg(btf_type(b, *id, t), "%s", line);
	if (strcmp(kind, "STRUCT") && strcmp(kind, "UNION"))
		return true;
	ck_assert_uint_eq(t->kind, *kind == 'S' ? BTF_STRUCT : BTF_UNION);
	snprintf(want, sizeof(want), " '%s' size=%u vlen=%u\n", shown(t->name),
		 t->size, t->vlen);
	ck_assert_str_eq(line + n, want);
	return true;
}

/* "\t'next' type_id=11 bits_offset=0", " bitfield_size=1" perhaps. */
static void check_member(const struct btf_type *t, uint32_t i, const char *line)
{
	struct btf_member m;
	char want[300];
	size_t n;

	if (t->kind != BTF_STRUCT && t->kind != BTF_UNION)
		return;
	ck_assert_msg(btf_member(t, i, &m), "%s", line);
	n = (size_t)snprintf(want, sizeof(want),
			     "\t'%s' type_id=%u bits_offset=%u", shown(m.name),
			     m.type, m.bit_offset);
	if (m.bit_size)
		snprintf(want + n, sizeof(want) - n, " bitfield_size=%u",
			 m.bit_size);
	ck_assert_msg(!strncmp(line, want, strlen(want)), "%s and %s", line,
		      want);
}

START_TEST(every_struct_is_as_bpftool_says)
{
	char path[] = "/tmp/qvmi-test-btf-XXXXXX", line[1000];
	struct btf_type t = {0};
	uint32_t id = 0, member = 0, structs = 0;
	struct btf b;
	FILE *f;

	if (!load(versions[_i]))
		return;
	f = run_tool("bpftool", "btf dump file", "format raw", path);
	if (!f)
		return;
	ck_assert_int_eq(btf_init(&b, parts.btf, parts.btf_len, &err), 0);
	ck_assert_uint_eq(b.cut, 0);
	while (fgets(line, sizeof(line), f)) {
		if (*line == '\t') {
			check_member(&t, member++, line);
			continue;
		}
		ck_assert_msg(check_type(&b, line, &id, &t), "%s", line);
		structs += t.kind == BTF_STRUCT;
		member = 0;
	}
	pclose(f);
	unlink(path);
	if (!id) /* an old bpftool does not know all kinds */
		printf("bpftool cannot read kernel %s, skipped\n",
		       versions[_i]);
	else
		ck_assert_uint_eq(id, b.start.n - 1);
	ck_assert(!id || structs > 5000);
	btf_deinit(&b);
}
END_TEST

/*
 * What only one of us says: alignment, which pahole infers; sums of what is
 * written out in a member, and ours of a union.
 */
static bool is_compared(const char *text, const char *comment, size_t len)
{
	static const char *const sums[] = {"/* size:", "/* sum ", "/* last c",
					   "/* padd", "/* bit_"};
	bool is_sum = false;
	size_t i;

	if (memmem(comment, len, "orce", 4) ||
	    memmem(comment, len, "combin", 6))
		return false;
	for (i = 0; i < sizeof(sums) / sizeof(*sums); i++)
		is_sum |= !strncmp(comment, sums[i], strlen(sums[i]));
	return !is_sum || (*text == 's' && comment[-2] != '\t');
}

/* The comments of a struct, in their order, without blanks: places, holes,
 * sums. */
static void comments_of(const char *text, struct buf *out)
{
	const char *at = text, *end, *c;

	buf_reset(out);
	buf_puts(out, "");
	while ((at = strstr(at, "/*")) && (end = strstr(at, "*/"))) {
		if (is_compared(text, at, (size_t)(end - at)))
			for (c = at; c < end; c++)
				if (*c != ' ')
					buf_add(out, c, 1);
		at = end;
	}
}

/* Ids of structs and unions, by name. */
struct by_name {
	const char *name;
	uint32_t id;
};

static int compare_by_name(const void *a, const void *b)
{
	return strcmp(((const struct by_name *)a)->name,
		      ((const struct by_name *)b)->name);
}

static size_t index_structs(const struct btf *b, struct by_name *v)
{
	struct btf_type t;
	size_t n = 0;
	uint32_t id;

	for (id = 1; btf_type(b, id, &t); id++)
		if ((t.kind == BTF_STRUCT || t.kind == BTF_UNION) && *t.name)
			v[n++] = (struct by_name){t.name, id};
	qsort(v, n, sizeof(*v), compare_by_name);
	return n;
}

/* Whether one of the types of that name is as the text has it. */
static bool is_outlined(const struct btf *b, const struct by_name *v, size_t n,
			const char *theirs)
{
	_cleanup_(buf_deinit) struct buf ours = {0}, a = {0}, c = {0};
	const struct by_name *at;
	struct outline o = {0};
	char name[200];
	bool same = false;

	if (sscanf(theirs, "%*[a-z] %199[^ \n]", name) != 1)
		return false;
	at = bsearch(&(struct by_name){.name = name}, v, n, sizeof(*v),
		     compare_by_name);
	while (at && at > v && !strcmp(at[-1].name, name))
		at--;
	comments_of(theirs, &a);
	for (; at && at < v + n && !same && !strcmp(at->name, name); at++) {
		ck_assert_int_eq(outline_type(&o, b, at->id, true, NULL), 0);
		ck_assert(!o.cut);
		buf_reset(&ours);
		outline_text(&o, &ours);
		outline_deinit(&o);
		o = (struct outline){0};
		comments_of(ours.data, &c);
		same = !strcmp(a.data, c.data);
	}
	if (!same)
		printf("%s\nis to us:\n%s\n", theirs,
		       ours.data ? ours.data : "nothing");
	return same;
}

START_TEST(every_struct_is_as_pahole_says)
{
	char path[] = "/tmp/qvmi-test-btf-XXXXXX", line[1000];
	_cleanup_(buf_deinit) struct buf text = {0};
	_cleanup_free_ struct by_name *v = NULL;
	unsigned int structs = 0, others = 0;
	struct btf b;
	size_t n;
	FILE *f;

	if (!load(versions[_i]))
		return;
	f = run_tool("pahole", "-F btf", "2>/dev/null", path);
	if (!f)
		return;
	ck_assert_int_eq(btf_init(&b, parts.btf, parts.btf_len, &err), 0);
	v = calloc(b.start.n, sizeof(*v));
	ck_assert_ptr_nonnull(v);
	n = index_structs(&b, v);
	while (fgets(line, sizeof(line), f)) {
		buf_puts(&text, line);
		if (*line != '}')
			continue;
		structs++;
		others += !is_outlined(&b, v, n, text.data);
		buf_reset(&text);
	}
	pclose(f);
	unlink(path);
	printf("%s: %u structs, %u differ\n", versions[_i], structs, others);
	ck_assert_uint_gt(structs, 5000);
	ck_assert_uint_eq(others, 0);
	btf_deinit(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernels");
	TCase *t = tcase_create("kernels");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, symbols_agree_with_the_file, 0, VERSIONS);
	tcase_add_loop_test(t, types_are_complete, 0, VERSIONS);
	tcase_add_loop_test(t, every_struct_is_as_bpftool_says, 0, VERSIONS);
	tcase_add_loop_test(t, every_struct_is_as_pahole_says, 0, VERSIONS);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
