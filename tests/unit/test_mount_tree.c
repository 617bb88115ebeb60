/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the tree that is mounted: what is in it, and when it pauses a guest
 * for that. */
#include "mount/tree.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mount/inodes.h"
#include "unit/task_kit.h"

#define HOUR_MS 3600000

static struct fake_kernel f;
static struct mount_tree tree;
static struct err err;

/* What the guest was asked for, and what it is to answer. */
static struct {
	unsigned int stops, goes, complaints;
	bool stopped, other;
	int stop_rc, go_rc, bytes_rc;
} guest;

static int stop(void *ctx, struct kernel **k, bool *other, struct err *e)
{
	ck_assert_ptr_eq(ctx, &guest);
	ck_assert(!guest.stopped);
	guest.stops++;
	if (guest.stop_rc)
		return err_set(e, guest.stop_rc, "it is gone");
	guest.stopped = true;
	machine_drop_cache(&f.memory.machine);
	*other = guest.other;
	*k = &f.kernel;
	return 0;
}

static int go(void *ctx, struct err *e)
{
	ck_assert_ptr_eq(ctx, &guest);
	guest.goes++;
	guest.stopped = false;
	return guest.go_rc ? err_set(e, guest.go_rc, "it ran") : 0;
}

static void complain(void *ctx, const struct err *e)
{
	ck_assert_ptr_eq(ctx, &guest);
	ck_assert_int_ne(e->code, 0);
	guest.complaints++;
}

static const struct mount_tree_guest ops = {
	.stop = stop, .go = go, .complain = complain, .ctx = &guest};

static void setup(void)
{
	task_kit_init(&f);
	memset(&guest, 0, sizeof(guest));
	mount_tree_init(&tree, &ops, HOUR_MS);
}

static void teardown(void)
{
	mount_tree_deinit(&tree);
	ck_assert(!guest.stopped);
	fake_kernel_deinit(&f);
}

/* The names in a directory, with a slash behind those that are some, and @
 * behind links. */
static const char *listed(const char *path)
{
	static const char *const marks[] = {[TREE_DIR] = "/",
					    [TREE_TEXT] = "",
					    [TREE_BYTES] = "=",
					    [TREE_LINK] = "@"};
	static char list[2048];
	struct mount_tree_names names;
	size_t i, n = 0;
	bool whole = false;
	int rc = mount_tree_list(&tree, path, &names, &whole, &err);

	snprintf(list, sizeof(list), "error %d", rc);
	for (i = 0; i < names.v.n; i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s%s",
				      n ? " " : "", names.v.v[i].name,
				      marks[names.v.v[i].kind]);
	if (!rc && !n)
		*list = '\0';
	ck_assert(rc || whole);
	mount_tree_names_deinit(&names);
	return list;
}

/* What a path leads to: a letter, or nothing. */
static char found(const char *path)
{
	struct mount_tree_place p;
	int rc = mount_tree_find(&tree, path, &p, &err);

	if (rc)
		return rc == ERR_NOT_FOUND ? '-' : '!';
	return "dtblo"[p.kind];
}

static char named(const char *path)
{
	return "dtblo"[mount_tree_kind_named(path)];
}

static const char *text(const char *path)
{
	static char copy[512];
	struct buf b = {0};
	bool whole = false;
	int rc = mount_tree_text(&tree, path, &b, &whole, &err);

	if (rc)
		snprintf(copy, sizeof(copy), "error %d", rc);
	else
		snprintf(copy, sizeof(copy), "%s%s", b.len ? b.data : "",
			 whole ? "" : "...");
	buf_deinit(&b);
	return copy;
}

/* The moment is as old as one can be. */
static void let_time_pass(void)
{
	tree.moment.taken_us -= (HOUR_MS + 1) * 1000ULL;
	tree.failed_us = 0;
}

START_TEST(directories)
{
	const char *names = listed("");

	ck_assert_ptr_eq(strstr(names, "2/ 10/ self@ thread-self@ "), names);
	ck_assert_ptr_nonnull(strstr(names, " version"));
	names = listed("2");
	ck_assert_ptr_eq(strstr(names, "task/ "), names);
	ck_assert_ptr_nonnull(strstr(names, " comm "));
	ck_assert_ptr_nonnull(strstr(names, " exe@ "));
	ck_assert_ptr_nonnull(strstr(names, " fd/ "));
	ck_assert_ptr_nonnull(strstr(names, " net/ "));
	ck_assert_ptr_nonnull(strstr(names, " pagemap= "));
	/* What this kernel does not have. */
	ck_assert_ptr_null(strstr(names, " attr/"));
	ck_assert_ptr_null(strstr(names, "autogroup"));
	ck_assert_ptr_null(strstr(names, "children"));
	ck_assert_ptr_nonnull(strstr(listed("2/task/5"), " children "));
	ck_assert_str_eq(listed("pressure"), "cpu io memory");
	ck_assert_str_eq(listed("2/task"), "2/ 5/");
	ck_assert_str_eq(listed("5/task"), "2/ 5/");
	ck_assert_ptr_null(strstr(listed("2/task/5"), "task/"));
	ck_assert_str_eq(listed("10/fd"), "0@ 2@");
	ck_assert_str_eq(listed("2/fd"), "");
	ck_assert_str_eq(listed("/etc"), "group passwd");
	ck_assert_str_eq(listed("/dev"), "kmsg");
	ck_assert(mount_tree_by_records("/dev/kmsg"));
	ck_assert(!mount_tree_by_records("kmsg"));
	ck_assert(!mount_tree_by_records("/dev/nothing"));
	ck_assert_str_eq(listed("/sys"), "devices/ module/");
	ck_assert_ptr_null(strstr(listed(""), "etc"));
}
END_TEST

/* What a path leads to. */
static const struct {
	const char *path;
	char kind;
} places[] = {
	{"", 'd'},
	{"2", 'd'},
	{"2/task", 'd'},
	{"2/task/5", 'd'},
	{"2/task/5/comm", 't'},
	{"5", 'd'},
	{"5/comm", 't'},
	{"10/fd", 'd'},
	{"10/fd/2", 'l'},
	{"10/exe", 'l'},
	{"self", 'l'},
	{"thread-self", 'l'},
	{"version", 't'},
	{"10/pagemap", 'b'},
	{"10/task/10/children", 't'},
	{"net", 'd'},
	{"net/tcp", 't'},
	{"10/net/tcp", 't'},
	/* nothing */
	{"/sys", 'd'},
	{"/sys/devices/system", 'd'},
	{"/sys/module", 'd'},
	{"/etc", 'd'},
	{"/etc/passwd", 't'},
	{"net/nothing", '-'},
	{"/sys/kernel", '-'},
	{"/etc/shadow", '-'},
	{"etc/passwd", '-'},
	{"net/tcp/x", '-'},
	{"10/pagemap/x", '-'},
	{"10/children", '-'},
	{"10/attr", '-'},
	{"10/attr/current", '-'},
	{"10/autogroup", '-'},
	{"3", '-'},
	{"02", '-'},
	{"0", '-'},
	{"10/task/5", '-'},
	{"2/task/05", '-'},
	{"10/fd/1", '-'},
	{"10/fd/9", '-'},
	{"10/fd/2/x", '-'},
	{"10/comm/x", '-'},
	{"version/x", '-'},
	{"*", '-'},
	{"10/com?", '-'},
	{"10/nothing", '-'},
	{"comm", '-'},
	{"2/version", '-'},
	{"2x", '-'},
	{"-1", '-'},
};

START_TEST(paths)
{
	ck_assert_msg(found(places[_i].path) == places[_i].kind, "%s: %c",
		      places[_i].path, found(places[_i].path));
}
END_TEST

START_TEST(errors)
{
	char wanted[32];

	snprintf(wanted, sizeof(wanted), "error %d", ERR_NOT_FOUND);
	ck_assert_str_eq(text("3/comm"), wanted);
	ck_assert_str_eq(listed("3"), wanted);
	snprintf(wanted, sizeof(wanted), "error %d", ERR_USAGE);
	ck_assert_str_eq(text("2"), wanted);
	ck_assert_str_eq(listed("2/comm"), wanted);
	ck_assert_uint_eq(guest.complaints, 0);
}
END_TEST

/* What may be among what cannot be read is not said to be absent. */
START_TEST(what_is_not_known)
{
	task_kit_tear_files(&f);
	task_kit_tear_list(&f);
	ck_assert_int_eq(found("3"), '!');
	ck_assert_int_eq(err.code, ERR_UNREADABLE);
	ck_assert_int_eq(found("2/task/3"), '!');
	ck_assert_int_eq(found("10/fd/9"), '!');
	ck_assert_int_eq(found("03"), '-');
	ck_assert_int_eq(found("2/fd/9"), '-');
	ck_assert_int_eq(found("2/task/10"), '-');
	ck_assert_int_eq(found("10/comm"), 't');
	ck_assert_uint_eq(guest.complaints, 1); /* of the list */
}
END_TEST

START_TEST(no_pause_for_what_is_known)
{
	ck_assert_str_eq(text("self"), "1");
	ck_assert_str_eq(text("thread-self"), "1/task/1");
	ck_assert_int_eq(found(""), 'd');
	ck_assert_int_eq(found("version"), 't');
	ck_assert_int_eq(found("nothing"), '-');
	ck_assert_uint_eq(guest.stops, 0);
}
END_TEST

/* What is looked ahead to is not known before the first moment. */
START_TEST(in_a_directory_at_first)
{
	ck_assert_int_ne(found("sys/kernel"), 't');
	ck_assert_uint_eq(guest.stops, 1);
	ck_assert_int_eq(found("10/comm"), 't');
}
END_TEST

/* One for the first process, one for all others, one for all threads. */
START_TEST(pauses_are_bounded)
{
	task_kit_name(&f, 10, "ten");
	task_kit_name(&f, 5, "five");
	ck_assert_int_eq(found("2"), 'd');
	ck_assert_uint_eq(guest.stops, 1);
	ck_assert_str_eq(text("2/comm"), "task\n");
	ck_assert_uint_eq(guest.stops, 2);
	ck_assert_str_eq(text("2/comm"), "task\n");
	ck_assert_uint_eq(guest.stops, 2);
	ck_assert_str_eq(text("10/comm"), "ten\n");
	ck_assert_str_eq(text("2/comm"), "task\n");
	ck_assert_uint_eq(guest.stops, 3);
	ck_assert_str_eq(text("2/task/5/comm"), "five\n");
	ck_assert_str_eq(text("10/task/10/comm"), "ten\n");
	ck_assert_uint_eq(guest.stops, 4);
	ck_assert_str_eq(text("5/comm"), "five\n");
	listed("");
	listed("2/task");
	ck_assert_uint_eq(guest.stops, 4);
	let_time_pass();
	ck_assert_str_eq(text("10/comm"), "ten\n");
	ck_assert_str_eq(text("2/task/5/comm"), "five\n");
	ck_assert_str_eq(text("2/comm"), "task\n");
	ck_assert_uint_eq(guest.stops, 5);
	ck_assert_uint_eq(guest.goes, 5);
	ck_assert_uint_eq(tree.counts.pauses, 5);
}
END_TEST

/* Open all that lies below, one after the other; how many there are. */
static size_t walk(const char *path)
{
	struct mount_tree_names names;
	struct buf b = {0};
	size_t i, n = 0;
	bool whole;

	ck_assert_int_eq(mount_tree_list(&tree, path, &names, &whole, &err), 0);
	for (i = 0; i < names.v.n; i++) {
		const struct mount_tree_name *name = &names.v.v[i];
		char below[PROC_PATH_MAX];

		snprintf(below, sizeof(below), "%s%s%s", path, *path ? "/" : "",
			 name->name);
		if (name->kind == TREE_DIR)
			n += walk(below);
		if (name->kind != TREE_TEXT)
			continue;
		buf_reset(&b);
		mount_tree_text(&tree, below, &b, &whole, &err);
		n++;
	}
	buf_deinit(&b);
	mount_tree_names_deinit(&names);
	return n;
}

/*
 * Who goes through all there is: twice as many files each time, and then all
 * of all processes, and of all threads.
 */
START_TEST(pauses_of_a_walk)
{
	size_t files = walk(""), batches = f.memory.machine.stats.batches;

	ck_assert_uint_gt(files, 200);
	ck_assert_uint_le(guest.stops, 20);
	ck_assert_uint_eq(guest.goes, guest.stops);
	walk("");
	ck_assert_uint_le(guest.stops, 20);
	ck_assert_uint_eq(f.memory.machine.stats.batches, batches);
	ck_assert_uint_le(tree.moment.readings.n, tree.wants.n);
}
END_TEST

/* What was read stays as it was, and is of one moment; who is looked at lives.
 */
START_TEST(a_moment_that_is_added_to)
{
	ck_assert_str_eq(text("10/comm"), "task\n");
	task_kit_name(&f, 10, "later");
	text("2/status");
	ck_assert_uint_eq(guest.stops, 2);
	ck_assert_str_eq(text("10/comm"), "task\n");
	ck_assert_str_eq(text("2/comm"), "task\n");
	ck_assert_str_eq(text("10/comm"), "later\n");
	ck_assert_uint_eq(guest.stops, 3);
}
END_TEST

/* The first open of a new tree reads what it is for at once. */
START_TEST(one_pause_for_one_file)
{
	ck_assert_str_eq(text("10/comm"), "task\n");
	ck_assert_uint_eq(guest.stops, 1);
	ck_assert_str_eq(listed("10/fd"), "0@ 2@");
	ck_assert_uint_eq(guest.stops, 2);
	ck_assert_int_eq(found("10/fd/0"), 'l');
	ck_assert_int_eq(found("10/fd/2"), 'l');
	ck_assert_uint_eq(guest.stops, 2);
}
END_TEST

START_TEST(a_moment_stays_as_it_was)
{
	ck_assert_str_eq(text("10/comm"), "task\n");
	task_kit_name(&f, 10, "later");
	ck_assert_str_eq(text("10/comm"), "task\n");
	let_time_pass();
	ck_assert_str_eq(text("10/comm"), "later\n");
	ck_assert_uint_eq(guest.stops, 2);
}
END_TEST

/* What was asked for long ago is not read any more. */
START_TEST(habits_end)
{
	ck_assert_str_eq(text("10/comm"), "task\n");
	ck_assert_uint_eq(tree.wants.n, 1);
	tree.wants.v[0].used_us -= 3600000000u;
	let_time_pass();
	listed("2/task");
	ck_assert_uint_eq(tree.wants.n, 0);
	ck_assert_uint_eq(tree.moment.readings.n, 0);
}
END_TEST

START_TEST(a_guest_that_is_gone)
{
	char wanted[32];

	snprintf(wanted, sizeof(wanted), "error %d", ERR_NO_GUEST);
	guest.stop_rc = ERR_NO_GUEST;
	ck_assert_str_eq(text("10/comm"), wanted);
	ck_assert_str_eq(listed(""), wanted);
	ck_assert_int_eq(found("10"), '!');
	ck_assert_uint_eq(guest.stops, 1); /* it is asked again later */
	let_time_pass();
	ck_assert_str_eq(text("10/comm"), wanted);
	ck_assert_uint_eq(guest.stops, 2);
	ck_assert_uint_eq(guest.complaints, 1);
	guest.stop_rc = 0;
	let_time_pass();
	ck_assert_str_eq(text("10/comm"), "task\n");
	guest.stop_rc = ERR_NO_GUEST;
	let_time_pass();
	ck_assert_str_eq(text("10/comm"), wanted);
	ck_assert_uint_eq(guest.complaints, 2);
	ck_assert_uint_eq(guest.goes, guest.stops);
}
END_TEST

/* What was read while it ran is of no moment. */
START_TEST(a_guest_that_ran)
{
	char wanted[32];

	snprintf(wanted, sizeof(wanted), "error %d", ERR_NO_GUEST);
	guest.go_rc = ERR_NO_GUEST;
	ck_assert_str_eq(text("10/comm"), wanted);
	ck_assert(!tree.has_moment);
	guest.go_rc = 0;
	let_time_pass();
	ck_assert_str_eq(text("10/comm"), "task\n");
}
END_TEST

START_TEST(another_boot)
{
	ck_assert_str_eq(text("10/comm"), "task\n");
	ck_assert_uint_eq(tree.boot, 0);
	guest.other = true;
	let_time_pass();
	ck_assert_str_eq(text("10/comm"), "task\n");
	ck_assert_uint_eq(tree.boot, 1);
}
END_TEST

/* All at once takes longer than a pause may be: then one by one. */
START_TEST(too_much_for_one_pause)
{
	text("10/comm");
	text("2/comm");
	ck_assert_int_eq(tree.wants.v[0].reach, MOMENT_PROCESSES);
	guest.stop_rc = ERR_INTERRUPTED;
	let_time_pass();
	text("2/comm");
	guest.stop_rc = 0;
	ck_assert_str_eq(text("2/comm"), "task\n");
	ck_assert_str_eq(text("10/comm"), "task\n");
	ck_assert_uint_eq(tree.wants.n, 1);
	ck_assert_int_eq(tree.wants.v[0].reach, MOMENT_ONE);
}
END_TEST

static uint32_t of_whom;

/* As a file of the kernel's: words, and three of them. */
static int fake_bytes(struct kernel *k, struct proc_bytes *b, size_t n,
		      struct err *e)
{
	ck_assert_ptr_eq(k, &f.kernel);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(b->task ? b->task->pid : 0, of_whom);
	ck_assert(guest.stopped);
	if (guest.bytes_rc)
		return err_set(e, guest.bytes_rc, "it is gone");
	if (b->offset % 8 || b->len % 8) {
		err_set(&b->why, ERR_USAGE, "words");
		return 0;
	}
	b->got = b->offset >= 24 ? 0 : b->len;
	memset(b->dst, 'x', b->got);
	return 0;
}

static const struct proc_file fake_file = {
	.name = "words", .kind = PROC_BYTES, .bytes = fake_bytes};

/* What is read of it: a length, or an error. */
static int bytes(uint32_t pid, uint64_t offset, size_t len)
{
	struct mount_tree_bytes of = {.file = &fake_file, .pid = pid};
	char dst[16] = "";
	struct proc_bytes b = {.offset = offset, .dst = dst, .len = len};
	int rc;

	of_whom = pid;
	if (pid == 10)
		of.mm = moment_task(&tree.moment, 10)->mm;
	rc = mount_tree_read_bytes(&tree, &of, &b, &err);
	ck_assert(rc || !b.got || dst[b.got - 1] == 'x');
	return rc ? rc : (int)b.got;
}

START_TEST(bytes_at_offsets)
{
	char wanted[32];

	ck_assert_int_eq(named("10/pagemap"), 'b');
	ck_assert_int_eq(named("10/task/10/pagemap"), 'b');
	ck_assert_int_eq(named("10/comm"), 't');
	ck_assert_int_eq(named("pagemap"), 't');
	ck_assert_int_eq(named("kpagecount"), 'b');
	ck_assert_int_eq(named("10/fd/socket:[7]"), 'o');
	ck_assert_int_eq(named("10/fd/anon_inode:[x]"), 't');
	ck_assert_int_eq(named("10/comm/socket:[7]"), 't');
	snprintf(wanted, sizeof(wanted), "error %d", ERR_USAGE);
	ck_assert_str_eq(text("10/pagemap"), wanted);
	ck_assert_uint_eq(guest.stops, 1);
	ck_assert_int_eq(bytes(10, 8, 16), 16);
	ck_assert_uint_eq(guest.stops, 2);
	ck_assert_int_eq(bytes(10, 24, 16), 0);
	ck_assert_int_eq(bytes(10, 7, 16), ERR_USAGE);
	ck_assert_int_eq(bytes(10, 8, 1), ERR_USAGE);
	ck_assert_int_eq(bytes(3, 8, 8), 0);   /* it is gone */
	ck_assert_int_eq(bytes(0, 8, 16), 16); /* the system's */
	ck_assert_uint_eq(guest.stops, 7);
	ck_assert_uint_eq(guest.goes, 7);
	/* The moment is as it was. */
	ck_assert_int_eq(found("10/comm"), 't');
	ck_assert_uint_eq(guest.stops, 7);
	guest.stop_rc = ERR_NO_GUEST;
	ck_assert_int_eq(bytes(10, 8, 8), ERR_NO_GUEST);
}
END_TEST

/* It is the guest's failure, and answers for a while. */
START_TEST(bytes_of_a_guest_that_goes)
{
	ck_assert_int_eq(found("10"), 'd');
	guest.bytes_rc = ERR_NO_GUEST;
	ck_assert_int_eq(bytes(10, 8, 8), ERR_NO_GUEST);
	ck_assert_int_eq(tree.failure.code, ERR_NO_GUEST);
	ck_assert(!tree.has_moment);
	ck_assert_uint_eq(guest.complaints, 1);
	guest.bytes_rc = ERR_INTERRUPTED;
	let_time_pass();
	ck_assert_int_eq(bytes(0, 8, 8), ERR_INTERRUPTED);
	ck_assert_uint_eq(guest.complaints, 2);
}
END_TEST

START_TEST(bytes_of_another_boot)
{
	ck_assert_int_eq(found("10"), 'd');
	guest.other = true;
	bytes(10, 8, 8);
	ck_assert_uint_eq(tree.boot, 1);
	ck_assert(!tree.has_moment);
}
END_TEST

START_TEST(held)
{
	ck_assert_int_eq(mount_tree_hold(&tree, &err), 0);
	ck_assert_str_eq(text("10/comm"), "task\n");
	let_time_pass();
	task_kit_name(&f, 10, "later");
	ck_assert_str_eq(text("10/comm"), "task\n");
	ck_assert_str_eq(text("2/comm"), "task\n");
	ck_assert_str_eq(text("2/task/5/comm"), "task\n");
	ck_assert_str_eq(listed("10/fd"), "0@ 2@");
	ck_assert_uint_eq(guest.stops, 1);
	ck_assert_uint_eq(guest.goes, 0);
	mount_tree_deinit(&tree);
	ck_assert_uint_eq(guest.goes, 1);
}
END_TEST

static int broken(void *ctx, struct mem_read *reads, size_t n, struct err *e)
{
	(void)ctx, (void)reads, (void)n;
	return err_set(e, ERR_NO_GUEST, "it does not answer");
}

/* One failure is not the end of a guest that is held. */
START_TEST(held_again)
{
	const struct machine_ops *whole = f.memory.machine.ops;
	struct machine_ops bad = *whole;

	bad.read = broken;
	ck_assert_int_eq(mount_tree_hold(&tree, &err), 0);
	machine_drop_cache(&f.memory.machine);
	f.memory.machine.ops = &bad;
	text("10/comm");
	ck_assert(!tree.has_moment);
	ck_assert_uint_eq(guest.complaints, 1);
	f.memory.machine.ops = whole;
	/* Not at once, for whoever reads many files. */
	ck_assert_int_eq(found("10"), '!');
	let_time_pass();
	ck_assert_int_eq(found("10"), 'd');
	ck_assert_str_eq(text("10/comm"), "task\n");
	ck_assert_uint_eq(guest.stops, 1);
}
END_TEST

/* Where each open has its own moment, nothing else is read for it. */
START_TEST(nothing_is_read_for_the_next)
{
	mount_tree_init(&tree, &ops, 0);
	text("10/comm");
	text("2/comm");
	ck_assert_str_eq(text("2/comm"), "task\n");
	ck_assert_uint_eq(guest.stops, 3);
	ck_assert_uint_eq(tree.moment.readings.n, 1);
	ck_assert_uint_eq(tree.moment.readings.v[0]->values.n, 1);
	text("version");
	ck_assert_uint_eq(guest.stops, 4);
	ck_assert_uint_eq(tree.wants.n, 1);
}
END_TEST

/* What is the system's needs no look at tasks. */
START_TEST(tasks_are_read_for_tasks)
{
	ck_assert_str_eq(text("10/comm"), "task\n");
	task_kit_tear_list(&f);
	text("version");
	ck_assert_uint_eq(guest.stops, 2);
	ck_assert(!tree.moment.tasks.torn);
	text("10/auxv");
	ck_assert_uint_eq(guest.stops, 3);
	ck_assert(tree.moment.tasks.torn);
}
END_TEST

/* A guest whose list of tasks comes around says a number many times. */
START_TEST(tasks_with_one_number)
{
	struct moment m = {.profile = f.kernel.profile};
	struct moment_want want = {.file = proc_find(PROC_PROCESS, "comm"),
				   .pid = 10};
	size_t i, part = 1;

	m.tasks.n = 64;
	m.tasks.v = calloc(m.tasks.n, sizeof(*m.tasks.v));
	ck_assert_ptr_nonnull(m.tasks.v);
	for (i = 0; i < m.tasks.n; i++)
		m.tasks.v[i] = (struct task){
			.addr = i + 1, .pid = 10, .tgid = 10, .comm = "ten"};
	ck_assert_int_eq(moment_add(&f.kernel, &want, &m, &err), 0);
	ck_assert_uint_eq(m.readings.v[0]->values.n, 1);
	ck_assert_uint_eq(m.readings.v[0]->tasks[0].addr, 1);
	ck_assert_ptr_eq(moment_find(&m, want.file, 10, &part),
			 m.readings.v[0]);
	ck_assert_uint_eq(part, 0);
	want.reach = MOMENT_PROCESSES;
	ck_assert_int_eq(moment_add(&f.kernel, &want, &m, &err), 0);
	/* in place of the other */
	ck_assert_uint_eq(m.readings.n, 1);
	ck_assert_uint_eq(m.readings.v[0]->values.n, 64);
	moment_deinit(&m);
}
END_TEST

START_TEST(numbers_of_paths)
{
	struct inodes *n = calloc(1, sizeof(*n));
	const struct inode_owner root = {0}, user = {.uid = 1000};
	uint64_t one, two;

	ck_assert_ptr_nonnull(n);
	ck_assert_str_eq(inodes_path(INODES_ROOT), "");
	one = inodes_take(n, "1/comm", root);
	two = inodes_take(n, "2/comm", root);
	ck_assert_uint_ne(one, two);
	ck_assert_uint_eq(inodes_take(n, "1/comm", root), one);
	ck_assert_str_eq(inodes_path(one), "1/comm");
	inodes_forget(n, one, 1);
	ck_assert_str_eq(inodes_path(one), "1/comm");
	inodes_forget(n, one, 1);
	ck_assert_uint_eq(n->n, 1);
	inodes_forget(n, two, 7); /* more than there were */
	ck_assert_uint_eq(n->n, 0);
	inodes_forget(n, INODES_ROOT, 1);
	one = inodes_take(n, "4", root);
	ck_assert_uint_ne(inodes_take(n, "4", user), one);
	ck_assert_uint_eq(inodes_take(n, "4", root), one);
	ck_assert_uint_eq(inodes_told(n, one)->owner.uid, 0);
	inodes_take(n, "3", root);
	inodes_deinit(n);
	free(n);
	ck_assert_uint_ne(inodes_number(""), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mount_tree");
	TCase *t = tcase_create("mount_tree");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, directories);
	tcase_add_loop_test(t, paths, 0, sizeof(places) / sizeof(*places));
	tcase_add_test(t, errors);
	tcase_add_test(t, what_is_not_known);
	tcase_add_test(t, no_pause_for_what_is_known);
	tcase_add_test(t, in_a_directory_at_first);
	tcase_add_test(t, pauses_are_bounded);
	tcase_add_test(t, pauses_of_a_walk);
	tcase_add_test(t, a_moment_that_is_added_to);
	tcase_add_test(t, one_pause_for_one_file);
	tcase_add_test(t, a_moment_stays_as_it_was);
	tcase_add_test(t, habits_end);
	tcase_add_test(t, a_guest_that_is_gone);
	tcase_add_test(t, a_guest_that_ran);
	tcase_add_test(t, another_boot);
	tcase_add_test(t, too_much_for_one_pause);
	tcase_add_test(t, bytes_at_offsets);
	tcase_add_test(t, bytes_of_a_guest_that_goes);
	tcase_add_test(t, bytes_of_another_boot);
	tcase_add_test(t, held);
	tcase_add_test(t, held_again);
	tcase_add_test(t, nothing_is_read_for_the_next);
	tcase_add_test(t, tasks_are_read_for_tasks);
	tcase_add_test(t, tasks_with_one_number);
	tcase_add_test(t, numbers_of_paths);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
