/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every call on a file fails once: there is an error with words, or it did not
 * matter; nothing half done stays, no descriptor is lost, and the next try
 * works.  The calls are wrapped by the linker (tests/rules.mk).
 */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/journal.h"
#include "kernel/readers.h"
#include "profile/cache.h"
#include "profile/file.h"
#include "profile/profile.h"
#include "unit/kernel_kit.h"

/* The call to fail; 0: none.  `ends`: a read comes to an end instead. */
static unsigned int calls, fail_at;
static bool ends;

static bool fails(void)
{
	return ++calls == fail_at;
}

#define WRAP(type, name, bad, parameters, ...)     \
	type __real_##name parameters;             \
	type __wrap_##name parameters;             \
	type __wrap_##name parameters              \
	{                                          \
		if (fails()) {                     \
			errno = EIO;               \
			return bad;                \
		}                                  \
		return __real_##name(__VA_ARGS__); \
	}

#define WRAP_READ(name, parameters, ...)           \
	ssize_t __real_##name parameters;          \
	ssize_t __wrap_##name parameters;          \
	ssize_t __wrap_##name parameters           \
	{                                          \
		if (fails()) {                     \
			errno = EIO;               \
			return ends ? 0 : -1;      \
		}                                  \
		return __real_##name(__VA_ARGS__); \
	}

WRAP(int, open, -1, (const char *path, int flags, mode_t mode), path, flags,
     mode)
WRAP(int, openat, -1, (int fd, const char *path, int flags, mode_t mode), fd,
     path, flags, mode)
WRAP(int, fstat, -1, (int fd, struct stat *st), fd, st)
WRAP(int, fstatat, -1, (int fd, const char *path, struct stat *st, int flags),
     fd, path, st, flags)
WRAP(int, mkdirat, -1, (int fd, const char *path, mode_t mode), fd, path, mode)
WRAP(int, fchmod, -1, (int fd, mode_t mode), fd, mode)
WRAP(int, fsync, -1, (int fd), fd)
WRAP(int, access, -1, (const char *path, int mode), path, mode)
WRAP(int, linkat, -1,
     (int from, const char *old, int to, const char *new, int flags), from, old,
     to, new, flags)
WRAP(int, renameat, -1, (int from, const char *old, int to, const char *new),
     from, old, to, new)
WRAP(int, renameat2, -1,
     (int from, const char *old, int to, const char *new, unsigned int flags),
     from, old, to, new, flags)
WRAP(int, unlinkat, -1, (int fd, const char *path, int flags), fd, path, flags)
WRAP(int, flock, -1, (int fd, int how), fd, how)
WRAP(int, futimens, -1, (int fd, const struct timespec t[2]), fd, t)
WRAP(struct dirent *, readdir, NULL, (DIR * dir), dir)
WRAP(DIR *, fdopendir, NULL, (int fd), fd)
WRAP(ssize_t, getrandom, -1, (void *to, size_t n, unsigned int flags), to, n,
     flags)
void *__real_mmap(void *at, size_t len, int prot, int flags, int fd,
		  off_t offset);
void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd,
		  off_t offset);

/* Without a file it is memory. */
void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd,
		  off_t offset)
{
	if (fd >= 0 && fails()) {
		errno = EIO;
		return MAP_FAILED;
	}
	return __real_mmap(at, len, prot, flags, fd, offset);
}

WRAP(ssize_t, write, -1, (int fd, const void *bytes, size_t n), fd, bytes, n)
WRAP_READ(read, (int fd, void *to, size_t n), fd, to, n)
WRAP_READ(pread, (int fd, void *to, size_t n, off_t at), fd, to, n, at)

static char dir[64], path[100];
static int dir_fd;
static struct kit_kernel kernel;
static struct err err;
static size_t seen; /* entries of the journal */

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/qvmi-test-faults-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	ck_assert_int_ge(dir_fd, 0);
	snprintf(path, sizeof(path), "%s/file", dir);
	setenv("XDG_CACHE_HOME", dir, 1);
	setenv("XDG_STATE_HOME", dir, 1);
	kit_kernel_init(&kernel, &(struct kit_kernel_opts){.layout = KIT_6_4,
							   .slide = 0x200000});
}

/* Remove all of a directory, but those within: how many were temporary. */
static unsigned int clear_dir(const char *name)
{
	DIR *list = opendir(name);
	unsigned int temporary = 0;
	struct dirent *d;

	while (list && (d = readdir(list))) {
		temporary += strstr(d->d_name, ".tmp-") != NULL;
		unlinkat(dirfd(list), d->d_name, 0);
	}
	if (list)
		closedir(list);
	return temporary;
}

/* Remove all that is there: how many files a writer has left behind. */
static unsigned int clear(void)
{
	unsigned int temporary;
	char sub[100];

	snprintf(sub, sizeof(sub), "%s/qvmi", dir);
	temporary = clear_dir(sub) + clear_dir(dir);
	rmdir(sub);
	return temporary;
}

static void teardown(void)
{
	kit_kernel_deinit(&kernel);
	close(dir_fd);
	clear();
	rmdir(dir);
}

static void write_file(const struct buf *b)
{
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(b->data, 1, b->len, f), b->len);
	fclose(f);
}

static void write_map(void)
{
	struct buf b = {0};

	kit_kernel_map(&kernel, &b);
	write_file(&b);
	buf_deinit(&b);
}

static void write_elf(void)
{
	struct buf b = {0};

	kit_kernel_elf(&kernel, KIT_ELF_SYMTAB | KIT_ELF_SECTIONS, &b);
	write_file(&b);
	buf_deinit(&b);
}

/* One attach: from the cache, or from `file`, and into the cache. */
static int attach(const char *file, const char *save)
{
	const struct profile_opts opts = {.file = file};
	struct profile *p = NULL;
	int rc;

	machine_drop_cache(kernel.img.machine);
	rc = profile_create(&opts, &kernel_readers, &p, &err);
	if (!rc)
		rc = profile_open(p, &kernel.img, &err);
	if (!rc && save)
		rc = profile_save(p, dir_fd, save, &err);
	else if (!rc)
		profile_keep(p);
	profile_destroy(p);
	return rc;
}

static int attach_guest(void)
{
	return attach(NULL, NULL);
}

static int attach_file(void)
{
	return attach(path, NULL);
}

static int attach_and_save(void)
{
	return attach(NULL, "saved");
}

static int load_saved(void)
{
	struct parts p = {.readers = &kernel_readers};
	char saved[120];
	int rc;

	snprintf(saved, sizeof(saved), "%s/saved", dir);
	rc = file_load(saved, &p, &err);
	parts_deinit(&p);
	return rc;
}

static void keep_saved(void)
{
	ck_assert_int_eq(attach_and_save(), 0);
}

static int record(void)
{
	const struct journal_item item = {
		.written = path, .address = path, .is_memory = true, .len = 4};
	struct journal_entry e = {.gdb = strdup("g"),
				  .command = strdup("write")};
	struct journal *j = NULL;
	int rc = journal_open(true, &j, &err);

	ck_assert_int_eq(journal_entry_add(&e, &item, "abcd", "wxyz"), 0);
	if (!rc)
		rc = journal_record(j, &e, &err);
	if (!rc)
		rc = journal_move(j, e.id, JOURNAL_UNFINISHED, JOURNAL_WRITTEN,
				  &err);
	journal_close(j);
	journal_entry_deinit(&e);
	return rc;
}

static void keep_entry(void)
{
	ck_assert_int_eq(record(), 0);
}

/* Read them all; with `forget`, remove them. */
static int each_entry(bool forget)
{
	struct journal_name *list = NULL;
	struct journal *j = NULL;
	size_t i, n = 0;
	int rc = journal_open(false, &j, &err);

	if (!rc)
		rc = journal_list(j, &list, &n, &err);
	for (i = 0; i < n && !rc; i++) {
		struct journal_entry e = {0};

		rc = journal_load(j, &list[i], &e, &err);
		journal_entry_deinit(&e);
		if (!rc && forget)
			rc = journal_forget(j, &list[i], &err);
	}
	seen = n;
	free(list);
	journal_close(j);
	return rc;
}

static int read_entries(void)
{
	return each_entry(false);
}

static int forget_entries(void)
{
	return each_entry(true);
}

static void nothing(void)
{
}

static const struct {
	const char *name;
	void (*prepare)(void);
	int (*run)(void);
	bool may_fail; /* what only makes it slower when it fails may not */
} cases[] = {
	{"attach, no cache", nothing, attach_guest, false},
	{"attach, cache", keep_saved, attach_guest, false},
	{"attach, System.map", write_map, attach_file, true},
	{"attach, vmlinux", write_elf, attach_file, true},
	{"save a profile", nothing, attach_and_save, true},
	{"save over another", keep_saved, attach_and_save, true},
	{"load a saved one", keep_saved, load_saved, true},
	{"record", nothing, record, true},
	{"record the second", keep_entry, record, true},
	{"read the journal", keep_entry, read_entries, true},
	{"forget", keep_entry, forget_entries, true},
};

#define CASES (int)(sizeof(cases) / sizeof(*cases))

static unsigned int open_descriptors(void)
{
	unsigned int n = 0;
	int fd;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* The result of a case, with its n-th call failing. */
static int run_case(int which, unsigned int n)
{
	unsigned int open_before;
	int rc;

	fail_at = 0;
	clear();
	cases[which].prepare();
	open_before = open_descriptors();
	err = (struct err){0};
	seen = 0;
	calls = 0;
	fail_at = n;
	rc = cases[which].run();
	fail_at = 0;
	ck_assert_uint_eq(open_descriptors(), open_before);
	return rc;
}

static void fail_each(int which)
{
	unsigned int n, total, left = 0;
	size_t seen_well;
	int rc;

	ck_assert_msg(!run_case(which, 0), "%s", err.text);
	total = calls;
	seen_well = seen;
	ck_assert_uint_gt(total, 2);
	for (n = 1; n <= total; n++) {
		rc = run_case(which, n);
		ck_assert_msg(rc <= 0 && (!rc || *err.text), "call %u", n);
		ck_assert_msg(!rc || cases[which].may_fail, "call %u: %s", n,
			      err.text);
		if (!rc)
			ck_assert_uint_eq(seen, seen_well);
		rc = cases[which].run();
		ck_assert_msg(!rc, "after call %u: %s", n, err.text);
		ck_assert_msg(!read_entries(), "after call %u: %s", n,
			      err.text);
		left += clear();
	}
	/* To remove it may be what failed. */
	ck_assert_uint_le(left, 1);
	printf("%s: %u calls\n", cases[which].name, total);
}

START_TEST(each_call_fails)
{
	ends = false;
	fail_each(_i);
}
END_TEST

START_TEST(each_read_ends)
{
	ends = true;
	fail_each(_i);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("file faults");
	TCase *t = tcase_create("file faults");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, each_call_fails, 0, CASES);
	tcase_add_loop_test(t, each_read_ends, 0, CASES);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
