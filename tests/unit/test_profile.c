/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of profiles as a whole: from guest memory, cache and files. */
#include "profile/profile.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/heap.h"
#include "unit/kernel_kit.h"
#include "unit/wants_kit.h"

static char dir[64];
static struct kit_kernel kernel;
static struct profile *profile;
static struct err err;

static void setup(void)
{
	heap_keep(); /* as the program does */
	snprintf(dir, sizeof(dir), "/tmp/qvmi-test-profile-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	setenv("XDG_CACHE_HOME", dir, 1);
	profile = NULL;
}

static void teardown(void)
{
	char command[120];

	profile_destroy(profile);
	kit_kernel_deinit(&kernel);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static void boot(const struct kit_kernel_opts *opts)
{
	kit_kernel_init(&kernel, opts);
}

/* Open anew, as a further attach would. */
static int reopen(const char *file, bool no_cache)
{
	const struct profile_opts opts = {.file = file, .no_cache = no_cache};
	int rc;

	profile_destroy(profile);
	profile = NULL;
	machine_drop_cache(kernel.img.machine);
	kernel.machine.calls = kernel.machine.read_bytes = 0;
	rc = profile_create(&opts, &kernel_readers, &profile, &err);
	if (!rc)
		rc = profile_open(profile, &kernel.img, &err);
	if (!rc)
		profile_keep(profile);
	return rc;
}

static void open_well(const char *file, bool no_cache)
{
	int rc = reopen(file, no_cache);

	ck_assert_msg(!rc, "%s", err.text);
}

static const char *write_file(const struct buf *b, char path[100])
{
	int fd;

	snprintf(path, 100, "%s/file", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_eq(write(fd, b->data, b->len), (int)b->len);
	close(fd);
	return path;
}

static void check_symbols(void)
{
	static const char *const names[] = {
		"_text", "linux_banner", "init_task",
		"_end",	 "current_task", "kernel_function_700",
	};
	uint64_t va;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_msg(profile_symbol(profile, names[i], &va), "%s",
			      names[i]);
		ck_assert_uint_eq(va, kit_kernel_symbol(&kernel, names[i]));
	}
	ck_assert(profile_symbol(profile, "alloc_it", &va));
	ck_assert_uint_eq(va, kernel.img.text + 0x1f0000);
	ck_assert(!profile_symbol(profile, "kernel_function_", &va));
	ck_assert(!profile_symbol(profile, "", &va));
}

static void check_types(void)
{
	const struct profile_field *f =
		profile_field(profile, kit_want(WANT_FIELD, "task_struct.mm"));
	int64_t value;

	ck_assert(f->present);
	ck_assert_uint_eq(f->size, 8);
	ck_assert_uint_ge(f->offset, 16);
	ck_assert_uint_gt(profile_sizeof(profile, kit_want(WANT_SIZE, "page")),
			  0);
	ck_assert(profile_constant(
		profile, kit_want(WANT_CONSTANT, "MM_FILEPAGES"), &value));
	ck_assert_int_ge(value, 100);
}

START_TEST(from_guest_memory_of_every_layout)
{
	boot(&(struct kit_kernel_opts){.layout = (enum kit_layout)_i,
				       .slide = 0x12600000});
	open_well(NULL, true);
	ck_assert_int_eq(profile_source(profile), PROFILE_GUEST);
	ck_assert_uint_eq(profile_slide(profile), 0x12600000);
	check_symbols();
	check_types();
	/* The text and the data were left alone. */
	ck_assert_uint_lt(kernel.machine.read_bytes, 0x200000 + 16384);
}
END_TEST

START_TEST(in_early_boot_all_is_writable)
{
	boot(&(struct kit_kernel_opts){.layout = KIT_6_4, .early = true});
	open_well(NULL, true);
	check_symbols();
	check_types();
}
END_TEST

START_TEST(types_are_found_without_their_symbols)
{
	boot(&(struct kit_kernel_opts){.layout = KIT_6_15,
				       .no_btf_symbols = true});
	open_well(NULL, true);
	check_types();
}
END_TEST

/* Whoever takes no types is served. */
static void check_typeless(void)
{
	enum reader r;
	uint64_t va;

	open_well(NULL, false);
	ck_assert_int_eq(profile_source(profile), PROFILE_GUEST);
	ck_assert(profile_symbol(profile, "linux_banner", &va));
	ck_assert_ptr_nonnull(
		strstr(profile_note(profile), "no BTF type information"));
	for (r = 0; r < READERS; r++)
		if (profile_check_reader(profile, r, &err)) {
			ck_assert_str_eq(err.text, profile_note(profile));
			ck_assert_int_eq(err.code, ERR_NO_LINUX);
			ck_assert_int_eq(err.remedy, REMEDY_PROFILE);
		}
	ck_assert(profile_check_reader(profile, READER_TASK, &err));
	ck_assert_int_eq(profile_save(profile, AT_FDCWD, "/dev/null", &err),
			 ERR_NO_LINUX);
}

/* Headers of BTF that is none, all over rodata, each of a megabyte. */
START_TEST(bait_for_the_search_of_types)
{
	static const uint8_t header[24] = {0x9f, 0xeb,	   1,	     0,
					   24,	 [14] = 8, [18] = 8, [22] = 8};
	size_t at, end = KIT_DATA - sizeof(header);
	uint64_t pa;

	boot(&(struct kit_kernel_opts){.layout = KIT_6_15, .no_btf = true});
	pa = kernel.machine.size / 2; /* where the image lies */
	for (at = KIT_DATA - (1 << 18); at < end; at += sizeof(header))
		memcpy(kernel.machine.bytes + pa + at, header, sizeof(header));
	check_typeless();
	ck_assert_uint_lt(kernel.machine.read_bytes, 64 << 20);
}
END_TEST

START_TEST(missing_ingredients_are_named)
{
	boot(&(struct kit_kernel_opts){.no_kallsyms = true});
	ck_assert_int_eq(reopen(NULL, false), ERR_NO_LINUX);
	ck_assert_ptr_nonnull(strstr(err.text, "no kallsyms in memory"));
	ck_assert_int_eq(err.remedy, REMEDY_PROFILE);
}
END_TEST

/* Twice: what is known of such a kernel is not cached. */
START_TEST(symbols_alone)
{
	boot(&(struct kit_kernel_opts){.no_btf = true});
	check_typeless();
	check_typeless();
}
END_TEST

#define LOST_MOST 7 /* readers in a line below */

/* A member, and all the readers that cannot do without it. */
static const struct {
	const char *without;
	enum reader lost[LOST_MOST + 1]; /* up to the first that is 0 */
	const char *words;
} losses[] = {
	{"task_struct.mm",
	 {READER_TASK, READER_TASK_OOM},
	 "processes cannot be read: types of this kernel lack "
	 "task_struct.mm"},
	{"task_struct.__state",
	 {READER_TASK},
	 "processes cannot be read: types of this kernel lack "
	 "task_struct.__state|state"},
	{"vm_area_struct.vm_file",
	 {READER_VMA},
	 "VMAs cannot be read: types of this kernel lack "
	 "vm_area_struct.vm_file"},
	{"mm_struct.pgd",
	 {READER_MM},
	 "address spaces cannot be read: types of this kernel lack "
	 "mm_struct.pgd"},
	{"dentry.d_hash.pprev",
	 {READER_DENTRY, READER_INODE_PATH},
	 "dentries cannot be read: types of this kernel lack "
	 "dentry.d_hash.pprev"},
	{"inode.i_ino",
	 {READER_FILE, READER_PAGE_FILE, READER_DENTRY_NAME, READER_OPEN_FILE,
	  READER_FILE_LOCKS, READER_EPOLL, READER_FSNOTIFY_OBJECT},
	 "files cannot be read: types of this kernel lack inode.i_ino"},
	{"page._refcount",
	 {READER_PAGE_WORDS},
	 "pages cannot be read: types of this kernel lack "
	 "page._refcount|_count"},
	{"printk_info.seq",
	 {READER_PRINTK},
	 "the kernel's log cannot be read: types of this kernel lack "
	 "printk_info.seq"},
	{"timekeeper.offs_real", {0}, NULL},
};

#define LOSSES (int)(sizeof(losses) / sizeof(losses[0]))

static bool is_lost(int loss, enum reader reader)
{
	size_t i;

	for (i = 0; losses[loss].lost[i]; i++)
		if (losses[loss].lost[i] == reader)
			return true;
	return false;
}

static void check_readers(int loss)
{
	enum reader r;

	for (r = 0; r < READERS; r++)
		ck_assert_msg(profile_check_reader(profile, r, &err) ==
				      (is_lost(loss, r) ? ERR_NO_LINUX : 0),
			      "%s, without %s", kernel_readers.v[r]->reader,
			      losses[loss].without);
	if (!losses[loss].words)
		return;
	profile_check_reader(profile, losses[loss].lost[0], &err);
	ck_assert_str_eq(err.text, losses[loss].words);
}

/* Out of the guest, then out of the cache. */
START_TEST(a_reader_that_lacks_a_member_is_lost_and_no_other)
{
	boot(&(struct kit_kernel_opts){.without = losses[_i].without});
	open_well(NULL, false);
	ck_assert_int_eq(profile_source(profile), PROFILE_GUEST);
	check_readers(_i);
	check_symbols();
	open_well(NULL, false);
	ck_assert_int_eq(profile_source(profile), PROFILE_CACHE);
	check_readers(_i);
}
END_TEST

/* All that a profile holds, as bytes; NULL where it cannot be had. */
static char *saved_bytes(bool no_cache, size_t *len)
{
	char path[100], *bytes;
	FILE *f;

	if (reopen(NULL, no_cache))
		return NULL;
	snprintf(path, sizeof(path), "%s/saved", dir);
	if (profile_save(profile, AT_FDCWD, path, &err))
		return NULL;
	f = fopen(path, "r");
	bytes = calloc(1, 1 << 20);
	*len = fread(bytes, 1, 1 << 20, f);
	ck_assert_uint_lt(*len, 1 << 20);
	fclose(f);
	return bytes;
}

/* A page further on; behind the tables, where nothing is, far further. */
static uint64_t further(uint64_t at)
{
	uint64_t end = kernel.btf_at + kernel.btf_len;

	return at < end ? at + 0x3000 : (at | 0x3ffff) + 1;
}

/* One page after the other cannot be read: the right profile or none. */
START_TEST(pages_that_cannot_be_read)
{
	size_t len, got_len, refused = 0;
	char *whole, *got;
	uint64_t at;

	boot(&(struct kit_kernel_opts){.layout = (enum kit_layout)_i});
	whole = saved_bytes(true, &len);
	ck_assert_ptr_nonnull(whole);
	for (at = KIT_RODATA; at < KIT_DATA; at = further(at)) {
		kernel.machine.fail_from = KIT_PHYSICAL + at;
		kernel.machine.fail_to = KIT_PHYSICAL + at + 4096;
		got = saved_bytes(true, &got_len);
		refused += !got;
		if (got)
			ck_assert_mem_eq(got, whole, len);
		else
			ck_assert_msg(strstr(err.text, "cannot be read") ||
					      strstr(err.text, "incomplete"),
				      "%s", err.text);
		free(got);
		/* The cache takes no harm. */
		if (got && at % 0x20000)
			continue;
		free(saved_bytes(false, &got_len));
		kernel.machine.fail_to = 0;
		got = saved_bytes(false, &got_len);
		ck_assert_uint_eq(got_len, len);
		ck_assert_mem_eq(got, whole, len);
		free(got);
	}
	ck_assert_uint_gt(refused, 1);
	free(whole);
}
END_TEST

START_TEST(the_second_attach_reads_only_probes)
{
	boot(&(struct kit_kernel_opts){.layout = (enum kit_layout)_i,
				       .slide = 0x200000});
	open_well(NULL, false);
	ck_assert_int_eq(profile_source(profile), PROFILE_GUEST);
	ck_assert_ptr_null(profile_note(profile));
	open_well(NULL, false);
	ck_assert_int_eq(profile_source(profile), PROFILE_CACHE);
	ck_assert_uint_eq(profile_slide(profile), 0x200000);
	/* Three levels of tables, then the probes. */
	ck_assert_uint_le(kernel.machine.calls, 4);
	ck_assert_uint_lt(kernel.machine.read_bytes, 32768);
	check_symbols();
	check_types();
}
END_TEST

START_TEST(the_cache_serves_every_slide)
{
	struct kit_kernel_opts opts = {.layout = (enum kit_layout)_i};

	boot(&opts);
	open_well(NULL, false);
	kit_kernel_deinit(&kernel);
	opts.slide = 0x3000000;
	boot(&opts);
	open_well(NULL, false);
	ck_assert_int_eq(profile_source(profile), PROFILE_CACHE);
	ck_assert_uint_eq(profile_slide(profile), 0x3000000);
	check_symbols();
}
END_TEST

/* The same banner, and another build: never taken for the same. */
START_TEST(the_cache_never_serves_another_kernel)
{
	struct kit_kernel_opts opts = {.layout = (enum kit_layout)_i};
	unsigned int round;

	for (round = 0; round < 4; round++) {
		opts.variant = round % 2;
		boot(&opts);
		open_well(NULL, false);
		ck_assert_int_eq(profile_source(profile),
				 round < 2 ? PROFILE_GUEST : PROFILE_CACHE);
		check_symbols();
		profile_destroy(profile);
		profile = NULL;
		if (round < 3)
			kit_kernel_deinit(&kernel);
	}
}
END_TEST

/* The one file in the cache. */
static void cache_file(char path[500])
{
	char sub[200];
	struct dirent *d;
	struct stat st;
	DIR *list;

	snprintf(sub, sizeof(sub), "%s/qvmi", dir);
	ck_assert_int_eq(stat(sub, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	list = opendir(sub);
	*path = '\0';
	while ((d = readdir(list)))
		if (d->d_name[0] != '.') {
			ck_assert_str_eq(path, ""); /* no temporary file left */
			snprintf(path, 500, "%s/%s", sub, d->d_name);
		}
	closedir(list);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
}

START_TEST(damaged_cache_files_are_rebuilt)
{
	char path[500];
	struct stat st;
	char byte;
	int fd, i;

	boot(&(struct kit_kernel_opts){.layout = KIT_7_0});
	for (i = 0; i < 20; i++) {
		open_well(NULL, false);
		check_symbols();
		check_types();
		cache_file(path);
		stat(path, &st);
		fd = open(path, O_RDWR);
		if (i % 4 == 0) {
			ck_assert_int_eq(ftruncate(fd, st.st_size * i / 20), 0);
		} else {
			off_t at = st.st_size * i / 40; /* not in the BTF */

			ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
			byte ^= 0x41;
			ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
		}
		close(fd);
	}
	ck_assert_int_eq(unlink(path), 0); /* and gone altogether */
	open_well(NULL, false);
	ck_assert_int_eq(profile_source(profile), PROFILE_GUEST);
}
END_TEST

START_TEST(without_a_cache_directory_there_is_a_note)
{
	boot(&(struct kit_kernel_opts){0});
	setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
	open_well(NULL, false);
	ck_assert_ptr_nonnull(profile_note(profile));
	ck_assert_ptr_nonnull(strstr(profile_note(profile), "not cached"));
	open_well(NULL, true);
	ck_assert_ptr_null(profile_note(profile));
}
END_TEST

START_TEST(a_directory_of_others_is_not_used)
{
	char sub[200];

	boot(&(struct kit_kernel_opts){0});
	snprintf(sub, sizeof(sub), "%s/qvmi", dir);
	mkdir(sub, 0777);
	chmod(sub, 0777);
	open_well(NULL, false);
	ck_assert_ptr_nonnull(strstr(profile_note(profile), "not only yours"));
}
END_TEST

/* A file of the kernel before KASLR moved it. */
static void make_file(enum kit_layout layout, const char *kind, struct buf *out)
{
	struct kit_kernel *k = calloc(1, sizeof(*k));

	kit_kernel_init(k, &(struct kit_kernel_opts){.layout = layout});
	if (!strcmp(kind, "map"))
		kit_kernel_map(k, out);
	else if (!strcmp(kind, "vmlinux"))
		kit_kernel_elf(k, KIT_ELF_SYMTAB | KIT_ELF_SECTIONS, out);
	else if (!strcmp(kind, "stripped"))
		kit_kernel_elf(k, 0, out);
	else if (!strcmp(kind, "no-btf-section"))
		kit_kernel_elf(
			k, KIT_ELF_NO_BYTES | KIT_ELF_SYMTAB | KIT_ELF_SECTIONS,
			out);
	kit_kernel_deinit(k);
	free(k);
}

static const char *const kinds[] = {"map", "vmlinux", "stripped",
				    "no-btf-section"};

START_TEST(from_files)
{
	_cleanup_(buf_deinit) struct buf file = {0};
	const char *kind = kinds[_i % 4];
	enum kit_layout layout = (enum kit_layout)(_i / 4);
	char path[100];

	/* A System.map helps a kernel without kallsyms. */
	boot(&(struct kit_kernel_opts){.layout = layout,
				       .slide = 0x1e00000,
				       .no_kallsyms = !strcmp(kind, "map") &&
						      layout < KIT_6_4});
	make_file(layout, kind, &file);
	open_well(write_file(&file, path), false);
	ck_assert_int_eq(profile_source(profile), PROFILE_FILE);
	ck_assert_uint_eq(profile_slide(profile), 0x1e00000);
	check_symbols();
	check_types();
}
END_TEST

START_TEST(files_of_other_kernels_are_refused)
{
	_cleanup_(buf_deinit) struct buf file = {0};
	char path[100];

	boot(&(struct kit_kernel_opts){
		.layout = KIT_6_4,
		.variant = 1,
		.banner = "Linux version 6.9.9 (a) (b) #7 SMP\n"});
	make_file(KIT_6_4, kinds[_i], &file);
	ck_assert_int_eq(reopen(write_file(&file, path), false), ERR_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, path));
	ck_assert_ptr_nonnull(strstr(err.text, "of another kernel"));
	ck_assert_ptr_nonnull(strstr(err.text, "'Linux version 6.9.9 #7 SMP'"));
	if (_i == 1 || _i == 2)
		ck_assert_ptr_nonnull(strstr(
			err.text, "'Linux version 6.1.0-test #1 SMP 2026'"));
}
END_TEST

/* What cannot be compared is not told to differ; little of it costs nothing. */
START_TEST(files_that_cannot_be_compared)
{
	_cleanup_(buf_deinit) struct buf file = {0};
	uint64_t banner;
	char path[100];

	boot(&(struct kit_kernel_opts){.layout = KIT_6_4});
	make_file(KIT_6_4, kinds[_i], &file);
	banner = kit_kernel_symbol(&kernel, "linux_banner") - kernel.img.text +
		 KIT_PHYSICAL;
	kernel.machine.fail_from = banner & ~0xfffULL;
	kernel.machine.fail_to = kernel.machine.fail_from + 0x1000;
	ck_assert_int_eq(reopen(write_file(&file, path), false),
			 ERR_UNREADABLE);
	ck_assert_ptr_nonnull(strstr(err.text, path));
	ck_assert_ptr_nonnull(strstr(err.text, "is not known"));
	kernel.machine.fail_from = KIT_PHYSICAL + KIT_DATA;
	kernel.machine.fail_to = KIT_PHYSICAL + KIT_DATA + 0x1000;
	open_well(path, false);
}
END_TEST

/* Kernels for other machines are told as such. */
START_TEST(files_of_other_architectures)
{
	_cleanup_(buf_deinit) struct buf file = {0};
	char path[100];

	boot(&(struct kit_kernel_opts){.layout = KIT_6_4});
	if (_i) {
		make_file(KIT_6_4, kinds[_i], &file);
		file.data[18] = (char)183; /* e_machine: EM_AARCH64 */
	} else {
		buf_printf(&file, "ffff800080000000 T _text\n"
				  "ffff800080010000 T _stext\n");
	}
	ck_assert_int_eq(reopen(write_file(&file, path), false), ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(err.text, "of another architecture"));
}
END_TEST

START_TEST(a_rebuild_with_the_same_banner_is_refused)
{
	_cleanup_(buf_deinit) struct buf file = {0};
	char path[100];

	boot(&(struct kit_kernel_opts){.layout = KIT_6_4, .variant = 1});
	make_file(KIT_6_4, kinds[_i], &file);
	ck_assert_int_eq(reopen(write_file(&file, path), false), ERR_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "of another kernel"));
}
END_TEST

START_TEST(saved_profiles)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/saved", dir);
	boot(&(struct kit_kernel_opts){.layout = (enum kit_layout)_i,
				       .slide = 0x600000});
	open_well(NULL, false);
	ck_assert_int_eq(profile_save(profile, AT_FDCWD, path, &err), 0);
	open_well(path, false);
	ck_assert_int_eq(profile_source(profile), PROFILE_FILE);
	ck_assert_uint_lt(kernel.machine.read_bytes, 32768);
	check_symbols();
	check_types();
	/* One that came from the cache saves as well. */
	open_well(NULL, false);
	ck_assert_int_eq(profile_save(profile, AT_FDCWD, path, &err), 0);
	open_well(path, false);
	ck_assert_int_eq(profile_save(profile, AT_FDCWD, "/proc/x/y", &err),
			 ERR_SYS);
	kit_kernel_deinit(&kernel);
	boot(&(struct kit_kernel_opts){.layout = (enum kit_layout)_i,
				       .variant = 1});
	ck_assert_int_eq(reopen(path, false), ERR_REFUSED);
}
END_TEST

START_TEST(files_that_are_none)
{
	static const struct {
		const char *text;
		int code;
	} cases[] = {
		{"", ERR_CORRUPT},
		{"hello\n", ERR_CORRUPT},
		{"\177ELF", ERR_CORRUPT},
		{"qvmiprof", ERR_CORRUPT},
		{"ffffffffffffffff B The real System.map is elsewhere\n",
		 ERR_CORRUPT},
	};
	struct buf file = {0};
	char path[100];

	boot(&(struct kit_kernel_opts){0});
	buf_puts(&file, cases[_i].text);
	ck_assert_int_eq(reopen(write_file(&file, path), true), cases[_i].code);
	ck_assert_ptr_nonnull(strstr(err.text, path));
	ck_assert_int_eq(reopen("/nonexistent", true), ERR_NOT_FOUND);
	ck_assert_int_eq(reopen("/tmp", true), ERR_CORRUPT);
	buf_deinit(&file);
}
END_TEST

static void check_nearest(uint64_t offset, const char *name, uint64_t into)
{
	const char *got;
	uint64_t at;

	ck_assert(
		profile_nearest(profile, kernel.img.text + offset, &got, &at));
	ck_assert_str_eq(got, name);
	ck_assert_uint_eq(at, into);
}

START_TEST(the_nearest_symbol)
{
	bool absolute = _i <= KIT_6_4_ABSOLUTE;
	const char *name;
	uint64_t at;

	boot(&(struct kit_kernel_opts){.layout = (enum kit_layout)_i});
	open_well(NULL, true);
	check_nearest(0, "startup_64", 0); /* rather than _text, _stext */
	check_nearest(0x1f0115, "thing", 5);
	check_nearest(KIT_DATA + 0x4002, "first_thing", 2);
	check_nearest(KIT_DATA + 0x10083,
		      absolute ? "first_thing" : "__per_cpu_start",
		      absolute ? 0xc083 : 0x83);
	ck_assert(!profile_nearest(profile, kernel.img.text - 1, &name, &at));
	ck_assert(!profile_nearest(profile, 0x80, &name, &at));
	ck_assert(!profile_nearest(profile, kernel.img.text + KIT_END, &name,
				   &at));
}
END_TEST

/* All of a name; "name.suffix" only where nothing is called so. */
START_TEST(symbols_of_one_name)
{
	struct profile_named named[PROFILE_NAMED];
	uint64_t text, from = KIT_DATA + 0x3000;

	boot(&(struct kit_kernel_opts){.layout = KIT_6_4});
	open_well(NULL, true);
	text = kernel.img.text;
	ck_assert_uint_eq(profile_named(profile, "twice", named), 2);
	ck_assert_uint_eq(named[0].va, text + from);
	ck_assert_uint_eq(named[1].va, text + from + 0x100);
	ck_assert_uint_eq(profile_named(profile, "alloc_it", named), 1);
	ck_assert_str_eq(named[0].name, "alloc_it.isra.0");
	ck_assert_uint_eq(profile_named(profile, "alloc", named), 0);
	ck_assert_uint_eq(profile_named(profile, "current_task", named), 1);
	ck_assert_uint_eq(profile_named(profile, "", named), 0);
}
END_TEST

START_TEST(the_next_symbol)
{
	uint64_t next;

	boot(&(struct kit_kernel_opts){.layout = KIT_6_4});
	open_well(NULL, true);
	ck_assert(profile_next_symbol(
		profile, kernel.img.text + KIT_DATA + 0x100, &next));
	ck_assert_uint_eq(next, kernel.img.text + KIT_DATA + 0x2000);
	ck_assert(profile_next_symbol(profile, 0x80, &next)); /* per CPU */
	ck_assert_uint_eq(next, 0x1000);
	ck_assert(!profile_next_symbol(profile, kernel.img.text + KIT_END,
				       &next));
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_loop_test(t, from_guest_memory_of_every_layout, 0,
			    KIT_LAYOUTS);
	tcase_add_test(t, in_early_boot_all_is_writable);
	tcase_add_test(t, types_are_found_without_their_symbols);
	tcase_add_test(t, bait_for_the_search_of_types);
	tcase_add_test(t, missing_ingredients_are_named);
	tcase_add_test(t, symbols_alone);
	tcase_add_loop_test(t,
			    a_reader_that_lacks_a_member_is_lost_and_no_other,
			    0, LOSSES);
	tcase_add_loop_test(t, pages_that_cannot_be_read, 0, KIT_LAYOUTS);
	tcase_add_loop_test(t, the_second_attach_reads_only_probes, 0,
			    KIT_LAYOUTS);
	tcase_add_loop_test(t, the_cache_serves_every_slide, 0, KIT_LAYOUTS);
	tcase_add_loop_test(t, the_cache_never_serves_another_kernel, 0,
			    KIT_LAYOUTS);
	tcase_add_test(t, damaged_cache_files_are_rebuilt);
	tcase_add_test(t, without_a_cache_directory_there_is_a_note);
	tcase_add_test(t, a_directory_of_others_is_not_used);
	tcase_add_loop_test(t, from_files, 0, 4 * KIT_LAYOUTS);
	tcase_add_loop_test(t, files_of_other_kernels_are_refused, 0, 4);
	tcase_add_loop_test(t, a_rebuild_with_the_same_banner_is_refused, 0, 4);
	tcase_add_loop_test(t, files_that_cannot_be_compared, 0, 4);
	tcase_add_loop_test(t, files_of_other_architectures, 0, 4);
	tcase_add_loop_test(t, saved_profiles, 0, KIT_LAYOUTS);
	tcase_add_loop_test(t, files_that_are_none, 0, 5);
	tcase_add_loop_test(t, the_nearest_symbol, 0, KIT_LAYOUTS);
	tcase_add_test(t, symbols_of_one_name);
	tcase_add_test(t, the_next_symbol);
}

int main(void)
{
	Suite *s = suite_create("profile");
	TCase *t = tcase_create("profile");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	add_tests(t);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
