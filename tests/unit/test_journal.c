/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the journal: entries as bytes, damage, numbers, states, writers. */
#include "journal/journal.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];
static struct journal *journal;
static struct journal_entry entry;
static struct err err;

static void add(const char *written, const char *address, uint64_t pa,
		const char *old, const char *now)
{
	const struct journal_item item = {.written = strdup(written),
					  .address = strdup(address),
					  .is_memory = pa != 0,
					  .pa = pa,
					  .len = strlen(old)};

	ck_assert_int_eq(journal_entry_add(&entry, &item, old, now), 0);
	free(item.written);
	free(item.address);
}

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/qvmi-test-journal-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	setenv("XDG_STATE_HOME", dir, 1);
	entry = (struct journal_entry){.time = 1700000000,
				       .gdb = strdup("unix:/tmp/\"g\""),
				       .kernel = strdup("Linux version 6 \xff"),
				       .command = strdup("write")};
	add("panic_timeout", "0xffffffff82001000", 0x2001000, "abcd", "wxyz");
	add("p:\t1", "p:0x1", 1, "\n\n", "--");
	add("cpu0:rip", "cpu0:rip", 0, "oldvalue", "newvalue");
}

static void teardown(void)
{
	char command[100];

	journal_close(journal);
	journal = NULL;
	journal_entry_deinit(&entry);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static void reopen(bool write)
{
	journal_close(journal);
	journal = NULL;
	ck_assert_msg(!journal_open(write, &journal, &err), "%s", err.text);
}

static void check_same(const struct journal_entry *e)
{
	size_t i;

	ck_assert_int_eq(e->time, entry.time);
	ck_assert_str_eq(e->gdb, entry.gdb);
	ck_assert_str_eq(e->kernel, entry.kernel);
	ck_assert_ptr_null(e->boot);
	ck_assert_str_eq(e->command, entry.command);
	ck_assert_uint_eq(e->items.n, entry.items.n);
	for (i = 0; i < e->items.n; i++) {
		const struct journal_item *a = &e->items.v[i];
		const struct journal_item *b = &entry.items.v[i];

		ck_assert_str_eq(a->written, b->written);
		ck_assert_str_eq(a->address, b->address);
		ck_assert_int_eq(a->is_memory, b->is_memory);
		ck_assert_uint_eq(a->pa, b->pa);
		ck_assert_uint_eq(a->len, b->len);
	}
	ck_assert_uint_eq(e->old.len, entry.old.len);
	ck_assert_mem_eq(e->old.data, entry.old.data, e->old.len);
	ck_assert_mem_eq(e->now.data, entry.now.data, e->now.len);
}

static int decode(const char *bytes, size_t len)
{
	struct journal_entry e = {0};
	char *copy = malloc(len + 1);
	int rc;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes, len);
	rc = journal_decode(copy, len, &e, &err);
	if (!rc)
		check_same(&e);
	journal_entry_deinit(&e);
	free(copy);
	return rc;
}

/* The same comes back; of anything shorter, longer or changed, nothing. */
START_TEST(damage_is_seen)
{
	struct buf b = {0};
	size_t i;

	ck_assert_int_eq(journal_encode(&entry, &b, &err), 0);
	ck_assert_int_eq(decode(b.data, b.len), 0);
	ck_assert_int_eq(decode(b.data, b.len + 1), ERR_CORRUPT);
	for (i = 0; i < b.len; i++) {
		ck_assert_int_eq(decode(b.data, i), ERR_CORRUPT);
		b.data[i] ^= 0x10;
		ck_assert_int_eq(decode(b.data, b.len), ERR_CORRUPT);
		b.data[i] ^= 0x10;
	}
	buf_deinit(&b);
}
END_TEST

START_TEST(numbers_and_states)
{
	struct journal_entry e = {0};
	struct journal_name name, *list;
	struct stat st;
	char path[120];
	size_t n;

	reopen(false);
	ck_assert_int_eq(journal_list(journal, &list, &n, &err), 0);
	ck_assert_uint_eq(n, 0);
	free(list);
	reopen(true);
	ck_assert_int_eq(journal_record(journal, &entry, &err), 0);
	ck_assert_uint_eq(entry.id, 1);
	ck_assert_int_eq(journal_move(journal, 1, JOURNAL_UNFINISHED,
				      JOURNAL_PUT_BACK, &err),
			 0);
	ck_assert_int_eq(journal_move(journal, 1, JOURNAL_UNFINISHED,
				      JOURNAL_WRITTEN, &err),
			 ERR_NOT_FOUND);
	reopen(true);
	ck_assert_int_eq(journal_record(journal, &entry, &err), 0);
	ck_assert_uint_eq(entry.id, 2);
	/* Some more through the same one. */
	for (n = 3; n < 6; n++) {
		ck_assert_int_eq(journal_ready(journal, &err), 0);
		ck_assert_int_eq(journal_ready(journal, &err), 0);
		ck_assert_int_eq(journal_record(journal, &entry, &err), 0);
		ck_assert_uint_eq(entry.id, 3);
		ck_assert_int_eq(journal_find(journal, entry.id, &name, &err),
				 0);
		ck_assert_int_eq(journal_load(journal, &name, &e, &err), 0);
		check_same(&e);
		journal_entry_deinit(&e);
		ck_assert_int_eq(journal_forget(journal, &name, &err), 0);
	}
	entry.id = 2;
	snprintf(path, sizeof(path), "%s/qvmi/write-2.unfinished", dir);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(journal_find(journal, 1, &name, &err), 0);
	ck_assert_int_eq(name.state, JOURNAL_PUT_BACK);
	ck_assert_int_eq(journal_load(journal, &name, &e, &err), 0);
	check_same(&e);
	journal_entry_deinit(&e);
	ck_assert_int_eq(journal_forget(journal, &name, &err), 0);
	ck_assert_int_eq(journal_find(journal, 1, &name, &err), ERR_NOT_FOUND);
	ck_assert_int_eq(journal_list(journal, &list, &n, &err), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(list[0].id, 2);
	free(list);
}
END_TEST

/* One that is not used leaves nothing behind; strangers are left alone. */
START_TEST(other_files)
{
	static const char *const names[] = {
		"write-1",     "write-x.written",  "write-01.written",
		"write-2.odd", "write--3.written", "write-99999999999.written"};
	struct journal_name *list;
	char path[120];
	size_t i, n;

	reopen(true);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/qvmi/%s", dir, names[i]);
		fclose(fopen(path, "w"));
	}
	ck_assert_int_eq(journal_list(journal, &list, &n, &err), 0);
	ck_assert_uint_eq(n, 0);
	free(list);
	reopen(false);
	snprintf(path, sizeof(path), "test $(ls '%s/qvmi' | wc -l) = 6", dir);
	ck_assert_int_eq(system(path), 0);
}
END_TEST

/* Writers at the same time, each with numbers of its own. */
START_TEST(many_writers)
{
	unsigned int i, round;
	struct journal_name *list;
	int status;
	size_t n;

	for (i = 0; i < 6; i++) {
		if (fork())
			continue;
		for (round = 0; round < 20; round++) {
			if (journal_open(true, &journal, &err) ||
			    journal_record(journal, &entry, &err) ||
			    journal_move(journal, entry.id, JOURNAL_UNFINISHED,
					 JOURNAL_WRITTEN, &err)) {
				fprintf(stderr, "writer %u: %s\n", i, err.text);
				_exit(1);
			}
			journal_close(journal);
		}
		_exit(0);
	}
	for (i = 0; i < 6; i++) {
		wait(&status);
		ck_assert_int_eq(status, 0);
	}
	reopen(false);
	ck_assert_int_eq(journal_list(journal, &list, &n, &err), 0);
	ck_assert_uint_eq(n, 120);
	for (i = 0; i < n; i++) {
		ck_assert_uint_eq(list[i].id, i + 1);
		ck_assert_int_eq(list[i].state, JOURNAL_WRITTEN);
	}
	free(list);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("journal");
	TCase *t = tcase_create("journal");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, damage_is_seen);
	tcase_add_test(t, numbers_and_states);
	tcase_add_test(t, other_files);
	tcase_add_test(t, many_writers);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
