/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the cache directory: many kernels, many writers, its bounds. */
#include "profile/cache.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/x86_64.h"
#include "base/files.h"
#include "kernel/readers.h"
#include "profile/live.h"
#include "profile/store.h"
#include "unit/kernel_kit.h"

static char dir[64];
static char sub[100];
static struct kit_kernel kernel;
static struct parts parts;

/* One kernel in the machine, and its profile. */
static void setup(void)
{
	struct image_bytes guest = image_of_guest(&kernel.img);
	struct live g = {.img = &kernel.img};
	struct proof_boot boot;

	snprintf(dir, sizeof(dir), "/tmp/qvmi-test-cache-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(sub, sizeof(sub), "%s/qvmi", dir);
	setenv("XDG_CACHE_HOME", dir, 1);
	kit_kernel_init(&kernel, &(struct kit_kernel_opts){.layout = KIT_6_4,
							   .slide = 0x200000});
	parts = (struct parts){.readers = &kernel_readers};
	ck_assert_int_eq(live_symbols(&g, &parts, NULL), 0);
	ck_assert_int_eq(live_types(&g, &parts, NULL), 0);
	parts_find_places(&parts);
	ck_assert_int_eq(identity_make(&parts.id, &parts.places, &guest, NULL),
			 0);
	proof_make(&parts.proof, &parts.places, &g.window, parts.btf);
	ck_assert(parts.proof.have);
	ck_assert_int_eq(proof_boot_of(&kernel.img, &boot, NULL), 1);
	proof_remember(&parts.proof, &boot);
	live_deinit(&g);
}

static void teardown(void)
{
	char command[120];

	parts_deinit(&parts);
	kit_kernel_deinit(&kernel);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static int store(const struct parts *p)
{
	struct cache *cache;
	int rc;

	ck_assert_int_eq(cache_open(&kernel_readers, &cache, NULL), 0);
	rc = cache_store(cache, p, NULL);
	cache_close(cache);
	return rc;
}

static int find(size_t *calls)
{
	struct parts found = {.readers = &kernel_readers};
	struct cache *cache;
	bool stale;
	int rc;

	machine_drop_cache(kernel.img.machine);
	kernel.machine.calls = 0;
	ck_assert_int_eq(cache_open(&kernel_readers, &cache, NULL), 0);
	rc = cache_find(cache, &kernel.img, &found, &stale, NULL);
	cache_close(cache);
	*calls = kernel.machine.calls;
	parts_deinit(&found);
	return rc;
}

/* Another machine, to the last byte the same, or with a byte changed. */
static int find_elsewhere(uint64_t changed, size_t *calls)
{
	uint8_t *byte = kernel.machine.bytes + KIT_PHYSICAL + changed;
	int rc;

	strcpy(kernel.img.machine->instance, "another");
	*byte ^= 1;
	rc = find(calls);
	*byte ^= 1;
	strcpy(kernel.img.machine->instance, "array");
	return rc;
}

/* Whether the samples of the identity show a byte. */
static bool is_probed(uint64_t offset)
{
	uint32_t i;

	for (i = 0; i < parts.id.n; i++)
		if (offset - parts.id.probe[i].offset < parts.id.probe[i].len)
			return true;
	return false;
}

static unsigned int count_files(const char *with)
{
	DIR *list = opendir(sub);
	struct dirent *d;
	unsigned int n = 0;

	while ((d = readdir(list)))
		n += strstr(d->d_name, with) != NULL;
	closedir(list);
	return n;
}

/* A profile that differs in one byte of its last probe, or in its banner. */
static void store_other(unsigned int number, bool banner)
{
	struct parts other = parts;
	uint32_t at = banner ? 20 : other.id.data_len - 4;

	memcpy(other.id.data + at, &number, 3);
	ck_assert_int_eq(store(&other), 0);
}

START_TEST(nothing_there)
{
	size_t calls;

	ck_assert_int_eq(find(&calls), 0);
	ck_assert_uint_eq(calls, 0);
}
END_TEST

START_TEST(one_batch_finds_it_among_many)
{
	size_t calls, again;
	unsigned int i;

	for (i = 1; i < CACHE_FILES; i++)
		store_other(i, i % 2);
	ck_assert_int_eq(store(&parts), 0);
	ck_assert_int_eq(find(&calls), 1);
	/* Three levels of tables and one batch of probes. */
	ck_assert_uint_le(calls, 4);
	store_other(777, true); /* now another one was used last */
	ck_assert_int_eq(find(&again), 1);
	ck_assert_uint_le(again, 5 + CACHE_FILES / 2);
	ck_assert_int_eq(find(&again), 1); /* the hit came to the front */
	ck_assert_uint_le(again, 4);
}
END_TEST

/*
 * What is not sampled may differ: a byte of the types or of the symbols is
 * enough to make another kernel of it.
 */
START_TEST(a_planted_profile_is_not_used)
{
	const struct landmarks *l = &parts.places;
	const struct image_span spans[] = {l->names, l->offsets, l->btf};
	size_t calls, i, tried = 0;
	uint64_t at;

	ck_assert_int_eq(store(&parts), 0);
	for (i = 0; i < sizeof(spans) / sizeof(*spans); i++)
		for (at = spans[i].offset; at < spans[i].offset + spans[i].len;
		     at += 61) {
			if (is_probed(at))
				continue;
			tried++;
			ck_assert_int_eq(find_elsewhere(at, &calls), 0);
		}
	ck_assert_uint_gt(tried, 10);
	/* The machine that it was taken from is believed; any other is read. */
	ck_assert_int_eq(find(&calls), 1);
	ck_assert_uint_le(calls, 4);
	ck_assert_int_eq(find_elsewhere(0, &calls), 1);
	ck_assert_uint_gt(kernel.machine.read_bytes,
			  l->names.len + l->offsets.len + l->btf.len);
}
END_TEST

/* No mark without the host's word, nor of a kernel that KASLR left alone. */
START_TEST(a_boot_that_is_not_known)
{
	struct proof_boot boot;

	*kernel.img.machine->instance = '\0';
	ck_assert_int_eq(proof_boot_of(&kernel.img, &boot, NULL), 0);
	strcpy(kernel.img.machine->instance, "array");
	ck_assert_int_eq(proof_boot_of(&kernel.img, &boot, NULL), 1);
	kernel.img.text = IMAGE_LINK_TEXT;
	ck_assert_int_eq(proof_boot_of(&kernel.img, &boot, NULL), 0);
}
END_TEST

/* A direct map that begins within a top entry was put there by KASLR. */
START_TEST(a_boot_without_a_slide)
{
	struct array_machine *a = &kernel.machine;
	struct proof_boot boot, other;

	kit_kernel_deinit(&kernel);
	kit_kernel_init(&kernel, &(struct kit_kernel_opts){.layout = KIT_6_4});
	ck_assert_uint_eq(kernel.img.text, IMAGE_LINK_TEXT);
	strcpy(kernel.img.machine->instance, "array");
	ck_assert_int_eq(proof_boot_of(&kernel.img, &boot, NULL), 0);
	array_put64(a, 0x1000 + 300 * 8, 0x5000 | PTE_P);
	ck_assert_int_eq(proof_boot_of(&kernel.img, &boot, NULL), 0);
	array_put64(a, 0x5000, 0x6000 | PTE_P);
	ck_assert_int_eq(proof_boot_of(&kernel.img, &boot, NULL), 0);
	array_put64(a, 0x5000, 0);
	array_put64(a, 0x5000 + 7 * 8, 0x6000 | PTE_P);
	machine_drop_cache(kernel.img.machine);
	ck_assert_int_eq(proof_boot_of(&kernel.img, &boot, NULL), 1);
	ck_assert_int_eq(proof_boot_of(&kernel.img, &other, NULL), 1);
	ck_assert(!memcmp(&boot, &other, sizeof(boot)));
	array_put64(a, 0x5000 + 6 * 8, 0x6000 | PTE_P);
	machine_drop_cache(kernel.img.machine);
	ck_assert_int_eq(proof_boot_of(&kernel.img, &other, NULL), 1);
	ck_assert(memcmp(&boot, &other, sizeof(boot)) != 0);
}
END_TEST

/* A ring: the latest boots are known. */
START_TEST(boots_are_remembered)
{
	struct proof p = {.have = 1};
	struct proof_boot boot = {0};
	unsigned int i, known = 0;

	for (i = 0; i < 5 * PROOF_BOOTS; i++) {
		boot.mark[0] = (uint8_t)i;
		boot.mark[1] = (uint8_t)(i >> 8);
		ck_assert_uint_eq(proof_find(&p, &boot), PROOF_BOOTS);
		ck_assert_uint_eq(proof_remember(&p, &boot), i % PROOF_BOOTS);
		ck_assert_uint_eq(proof_find(&p, &boot), i % PROOF_BOOTS);
	}
	for (i = 0; i < 5 * PROOF_BOOTS; i++) {
		boot.mark[0] = (uint8_t)i;
		boot.mark[1] = (uint8_t)(i >> 8);
		known += proof_find(&p, &boot) < PROOF_BOOTS;
		ck_assert((proof_find(&p, &boot) < PROOF_BOOTS) ==
			  (i >= 4 * PROOF_BOOTS));
	}
	ck_assert_uint_eq(known, PROOF_BOOTS);
}
END_TEST

/* Of this machine, and of no other one; and the image is asked, too. */
START_TEST(roots_are_remembered)
{
	struct machine *m = kernel.img.machine;
	struct profile_root roots[PROFILE_ROOTS];
	struct cache *c;

	ck_assert_uint_eq(parts.proof.n_boots, 1);
	proof_set_root(&parts.proof.boot[0], kernel.img.root);
	ck_assert_int_eq(store(&parts), 0);
	ck_assert_int_eq(cache_open(&kernel_readers, &c, NULL), 0);
	ck_assert_uint_eq(cache_roots(c, m, roots, PROFILE_ROOTS), 1);
	ck_assert_uint_eq(roots[0].root.pgd, kernel.img.root->pgd);
	ck_assert_ptr_eq(roots[0].root.paging, kernel.img.root->paging);
	ck_assert_uint_eq(roots[0].text, kernel.img.text);
	ck_assert_int_eq(cache_knows(c, &kernel.img, NULL), 1);
	kernel.img.text += 0x200000;
	ck_assert_int_eq(cache_knows(c, &kernel.img, NULL), 0);
	strcpy(m->instance, "another");
	ck_assert_uint_eq(cache_roots(c, m, roots, PROFILE_ROOTS), 0);
	*m->instance = '\0';
	ck_assert_uint_eq(cache_roots(c, m, roots, PROFILE_ROOTS), 0);
	cache_close(c);
}
END_TEST

START_TEST(the_longest_unused_go)
{
	unsigned int i;

	for (i = 1; i < CACHE_FILES + 8; i++)
		store_other(i, true);
	ck_assert_uint_eq(count_files(".qvmi"), CACHE_FILES);
}
END_TEST

/* In a directory that holds other files of the user's, too. */
START_TEST(only_files_of_the_cache_go)
{
	static const char *const names[] = {"saved-%u.qvmi", "6.1-%016x.qvmi",
					    "6.1-%016x.QVMI", "6.1-%015x.qvmi",
					    "-%016x.qvmi"};
	const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	char format[200], path[250];
	unsigned int i, k;

	mkdir(sub, 0700);
	for (k = 0; k < 5; k++)
		for (i = 0; i < CACHE_FILES + 2; i++) {
			snprintf(format, sizeof(format), "%s/%s", sub,
				 names[k]);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(path, sizeof(path), format, i);
#pragma GCC diagnostic pop
			close(open(path, O_CREAT | O_WRONLY, 0600));
			utimensat(AT_FDCWD, path, old, 0);
		}
	for (i = 1; i < CACHE_FILES + 2; i++)
		store_other(i, true);
	ck_assert_uint_eq(count_files("qvmi") + count_files("QVMI"),
			  5 * (CACHE_FILES + 2) + CACHE_FILES);
}
END_TEST

/* What others may write to can change after it was checked. */
START_TEST(a_file_that_others_may_write_is_not_used)
{
	char command[200];
	size_t calls;

	ck_assert_int_eq(store(&parts), 0);
	ck_assert_int_eq(find(&calls), 1);
	snprintf(command, sizeof(command), "chmod g+w '%s'/*", sub);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(find(&calls), 0);
	ck_assert_int_eq(store(&parts), 0);
	ck_assert_int_eq(find(&calls), 1);
}
END_TEST

START_TEST(left_overs_of_writers_go)
{
	static const struct {
		const char *name;
		bool old, stays;
	} names[] = {
#define NAME "6.1-0123456789abcdef.qvmi" FILES_TEMPORARY
		{NAME "0123456789abcdef", true, false},
		{NAME "0123456789abcdee", false, true}, /* being written */
		{NAME "5123456789abcde", true, true},
		{NAME "7123456789abcdeff", true, true},
		{"mine.qvmi" FILES_TEMPORARY "9123456789abcdef", true, true},
#undef NAME
	};
	const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	char path[200];
	size_t i;

	mkdir(sub, 0700);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", sub, names[i].name);
		close(open(path, O_CREAT | O_WRONLY, 0600));
		if (names[i].old)
			utimensat(AT_FDCWD, path, old, 0);
	}
	ck_assert_int_eq(store(&parts), 0);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		ck_assert_uint_eq(count_files(names[i].name), names[i].stays);
}
END_TEST

START_TEST(many_writers_and_a_vandal)
{
	unsigned int i, round;
	int status;
	char command[200];
	size_t calls;

	snprintf(command, sizeof(command), "rm -rf '%s' 2>/dev/null", sub);
	for (i = 0; i < 6; i++) {
		if (fork())
			continue;
		for (round = 0; round < 20; round++) {
			if (i == 5) {
				/* May fail when a file is just made in it. */
				if (system(command))
					usleep(1000);
				continue;
			}
			store(&parts);
			if (find(&calls) < 0)
				_exit(1);
		}
		_exit(0);
	}
	for (i = 0; i < 6; i++) {
		wait(&status);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(store(&parts), 0);
	ck_assert_int_eq(find(&calls), 1);
	ck_assert_uint_eq(count_files(FILES_TEMPORARY), 0);
}
END_TEST

/* Links and odd files in the directory are not followed. */
START_TEST(odd_files_are_left_alone)
{
	char path[200];
	size_t calls;

	mkdir(sub, 0700);
	snprintf(path, sizeof(path), "%s/a.qvmi", sub);
	ck_assert_int_eq(symlink("/dev/zero", path), 0);
	snprintf(path, sizeof(path), "%s/b.qvmi", sub);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/c.qvmi", sub);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/d.qvmi", sub);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	ck_assert_int_eq(find(&calls), 0);
	ck_assert_int_eq(store(&parts), 0);
	ck_assert_int_eq(find(&calls), 1);
}
END_TEST

/* Change the hash of the wanted table in a file's header. */
static void relabel(int fd)
{
	uint8_t header[144]; /* the hash is at 24, the checksum at the end */
	uint64_t sum;

	ck_assert_int_eq(pread(fd, header, sizeof(header), 0), 144);
	header[24] ^= 1;
	sum = files_checksum(header, 136);
	memcpy(header + 136, &sum, 8);
	ck_assert_int_eq(pwrite(fd, header, sizeof(header), 0), 144);
}

/* Stored by a qvmi with another table: resolved anew, and written anew. */
START_TEST(another_table_is_resolved_again)
{
	struct parts found = {.readers = &kernel_readers};
	struct dirent *d;
	char path[400];
	bool stale;
	DIR *list;
	int fd;

	ck_assert_int_eq(store(&parts), 0);
	list = opendir(sub);
	while ((d = readdir(list)) && d->d_name[0] == '.')
		;
	snprintf(path, sizeof(path), "%s/%.200s", sub, d->d_name);
	closedir(list);
	fd = open(path, O_RDWR);
	ck_assert_int_eq(store_load(fd, &found, &stale, NULL), 0);
	ck_assert(!stale);
	parts_deinit(&found);
	relabel(fd);
	ck_assert_int_eq(store_load(fd, &found, &stale, NULL), 0);
	ck_assert(stale);
	ck_assert_uint_eq(found.values.n, parts.values.n);
	ck_assert_mem_eq(found.values.v, parts.values.v,
			 parts.values.n * sizeof(*parts.values.v));
	parts_deinit(&found);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cache");
	TCase *t = tcase_create("cache");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, nothing_there);
	tcase_add_test(t, one_batch_finds_it_among_many);
	tcase_add_test(t, a_planted_profile_is_not_used);
	tcase_add_test(t, a_boot_that_is_not_known);
	tcase_add_test(t, a_boot_without_a_slide);
	tcase_add_test(t, boots_are_remembered);
	tcase_add_test(t, roots_are_remembered);
	tcase_add_test(t, the_longest_unused_go);
	tcase_add_test(t, only_files_of_the_cache_go);
	tcase_add_test(t, a_file_that_others_may_write_is_not_used);
	tcase_add_test(t, left_overs_of_writers_go);
	tcase_add_test(t, many_writers_and_a_vandal);
	tcase_add_test(t, odd_files_are_left_alone);
	tcase_add_test(t, another_table_is_resolved_again);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
