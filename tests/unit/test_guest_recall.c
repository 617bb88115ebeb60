/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what is read ahead: a chain of pointers, followed once more. */
#include "guest/recall.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arch/x86_64.h"
#include "base/cursor.h"
#include "unit/array_machine.h"

#define RAM   (4u << 20)
#define HEAD  0x1000u
#define STEP  0x2040u /* from one link to the next; some cross into pages */
#define LINKS 20u

static struct array_machine a;
static struct recall r;
static char dir[64];
static int dirfd;

static void setup(void)
{
	unsigned int i;

	array_machine_init(&a, RAM);
	for (i = 0; i < LINKS; i++)
		array_put64(&a, HEAD + i * STEP, HEAD + (i + 1) * STEP);
	r = (struct recall){0};
	snprintf(dir, sizeof(dir), "/tmp/qvmi-test-recall-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	dirfd = open(dir, O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(dirfd, 0);
}

static void teardown(void)
{
	unlinkat(dirfd, RECALL_FILE, 0);
	close(dirfd);
	rmdir(dir);
	recall_deinit(&r);
	array_machine_deinit(&a);
}

/* Follow the chain from `from` on; its end. */
static uint64_t follow(uint64_t from, unsigned int links)
{
	uint8_t bytes[8];
	struct mem_read read = {.pa = from, .dst = bytes, .len = 8};

	for (; links; links--) {
		ck_assert_int_eq(machine_read(&a.machine, &read, 1, NULL), 0);
		ck_assert_int_eq(read.status, MEM_OK);
		read.pa = le64(bytes);
	}
	return read.pa;
}

/* One pause for a question: its batches. */
static uint64_t pause_of(uint64_t question, uint64_t from, unsigned int links,
			 uint64_t *end)
{
	uint64_t before = a.machine.stats.batches;

	ck_assert_int_eq(recall_fetch(&r, &a.machine, question, NULL), 0);
	*end = follow(from, links);
	recall_note(&r, &a.machine, question);
	machine_drop_cache(&a.machine);
	return a.machine.stats.batches - before;
}

START_TEST(the_second_time_is_one_batch)
{
	uint64_t end;

	ck_assert_uint_eq(pause_of(7, HEAD, LINKS, &end), LINKS);
	ck_assert_uint_eq(end, HEAD + LINKS * STEP);
	ck_assert_uint_eq(pause_of(7, HEAD, LINKS, &end), 1);
	ck_assert_uint_eq(end, HEAD + LINKS * STEP);
}
END_TEST

/* What it answers is what stands there now, wherever that is. */
START_TEST(what_moved_is_followed)
{
	uint64_t end, moved = 0x300000;

	pause_of(7, HEAD, LINKS, &end);
	array_put64(&a, HEAD + 9 * STEP, moved);
	array_put64(&a, moved, moved + 0x5000);
	array_put64(&a, moved + 0x5000, moved + 0xa000);
	array_put64(&a, moved + 0xa000, 0x1234);
	ck_assert_uint_eq(pause_of(7, HEAD, 13, &end), 1 + 3);
	ck_assert_uint_eq(end, 0x1234);
	/* that was noted, and nothing of what led nowhere */
	a.read_bytes = 0;
	ck_assert_uint_eq(pause_of(7, HEAD, 13, &end), 1);
	ck_assert_uint_eq(end, 0x1234);
	ck_assert_uint_eq(a.read_bytes, 13 * 64);
}
END_TEST

/* Of another question only the way is taken; of another machine nothing. */
START_TEST(ways_serve_all_questions)
{
	uint64_t end, before;

	ck_assert_int_eq(recall_fetch(&r, &a.machine, 7, NULL), 0);
	end = follow(HEAD, 12);
	places_are_way(&a.machine);
	follow(end, 4);
	recall_note(&r, &a.machine, 7);
	machine_drop_cache(&a.machine);
	a.read_bytes = 0;
	before = a.machine.stats.batches;
	ck_assert_int_eq(recall_fetch(&r, &a.machine, 8, NULL), 0);
	ck_assert_uint_eq(a.machine.stats.batches - before, 1);
	ck_assert_uint_eq(a.read_bytes, 12 * 64);
	machine_drop_cache(&a.machine);
	strcpy(a.machine.instance, "another");
	ck_assert_uint_eq(pause_of(7, HEAD, 12, &end), 12);
	strcpy(a.machine.instance, "");
	ck_assert_uint_eq(pause_of(9, HEAD, 12, &end), 12);
	ck_assert_uint_eq(pause_of(9, HEAD, 12, &end), 12);
}
END_TEST

/* Batches of many pieces are no steps; those after them are. */
START_TEST(wide_batches_are_not_kept)
{
	static uint64_t words[PLACES_FEW + 1];
	static struct mem_read reads[PLACES_FEW + 1];
	uint64_t end;
	size_t i;

	for (i = 0; i <= PLACES_FEW; i++)
		reads[i] = (struct mem_read){
			.pa = 0x100000 + i * 1024, .dst = &words[i], .len = 8};
	ck_assert_int_eq(recall_fetch(&r, &a.machine, 7, NULL), 0);
	ck_assert_int_eq(machine_read(&a.machine, reads, PLACES_FEW + 1, NULL),
			 0);
	follow(HEAD, LINKS);
	recall_note(&r, &a.machine, 7);
	machine_drop_cache(&a.machine);
	a.read_bytes = 0;
	ck_assert_uint_eq(pause_of(7, HEAD, LINKS, &end), 1);
	ck_assert_uint_eq(a.read_bytes, LINKS * 64);
}
END_TEST

/* The file has it all; one that is damaged is none, whatever is damaged. */
START_TEST(the_file)
{
	uint64_t end;
	uint8_t byte;
	off_t at, size;
	int fd;

	pause_of(7, HEAD, LINKS, &end);
	pause_of(8, HEAD, 5, &end);
	recall_store(&r, dirfd);
	recall_deinit(&r);
	ck_assert_int_eq(recall_load(&r, dirfd, NULL), 0);
	ck_assert_uint_eq(r.records.n, 2);
	ck_assert_uint_eq(pause_of(7, HEAD, LINKS, &end), 1);
	fd = openat(dirfd, RECALL_FILE, O_RDWR);
	size = lseek(fd, 0, SEEK_END);
	for (at = 0; at < size; at++) {
		ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
		byte ^= 0x10;
		ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
		recall_deinit(&r);
		ck_assert_int_eq(recall_load(&r, dirfd, NULL), 0);
		ck_assert_uint_eq(r.records.n, 0);
		byte ^= 0x10;
		ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	}
	ck_assert_int_eq(ftruncate(fd, size - 8), 0);
	ck_assert_int_eq(recall_load(&r, dirfd, NULL), 0);
	ck_assert_uint_eq(r.records.n, 0);
	close(fd);
}
END_TEST

/* Places that are no memory of this machine are left out; records are few. */
START_TEST(bounds)
{
	static const uint64_t places[] = {RAM, ~0ULL, 0x1fc1, 0x3f000 | 63};
	uint64_t end, i, newest = RECALL_RECORDS + 8;

	a.read_bytes = 0;
	ck_assert_int_eq(places_fetch(&a.machine, places, 4, NULL), 0);
	ck_assert_uint_eq(a.read_bytes, 4096); /* the last one */
	for (i = 1; i <= newest; i++)
		pause_of(i, HEAD, 4, &end);
	ck_assert_uint_eq(r.records.n, RECALL_RECORDS);
	ck_assert_uint_eq(r.records.v[0].question, newest);
	ck_assert_uint_eq(r.records.v[RECALL_RECORDS - 1].question,
			  newest - RECALL_RECORDS + 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("recall");
	TCase *t = tcase_create("recall");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_second_time_is_one_batch);
	tcase_add_test(t, what_moved_is_followed);
	tcase_add_test(t, ways_serve_all_questions);
	tcase_add_test(t, wide_batches_are_not_kept);
	tcase_add_test(t, the_file);
	tcase_add_test(t, bounds);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
