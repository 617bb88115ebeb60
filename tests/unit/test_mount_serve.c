/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what a file system of ours answers. */
#include "mount/serve.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "unit/fuse_kit.h"

static bool other; /* the guest has rebooted */
static bool gone;

static int stop(void *ctx, struct kernel **k, bool *is_other, struct err *err)
{
	(void)ctx;
	machine_drop_cache(&fuse_kit.f.memory.machine);
	*k = &fuse_kit.f.kernel;
	*is_other = other;
	return gone ? err_set(err, ERR_NO_GUEST, "gone") : 0;
}

static const struct mount_tree_guest ops = {
	.stop = stop, .go = fuse_kit_go, .complain = fuse_kit_complain};

static int put(void *ctx, const struct mount_tree_write *w, struct err *err)
{
	(void)ctx;
	if (w->offset == 1)
		return err_set(err, ERR_REFUSED, "not there");
	memcpy(fuse_kit.f.memory.bytes + w->offset, w->src, w->len);
	return 0;
}

static const struct mount_tree_guest writable = {.stop = stop,
						 .go = fuse_kit_go,
						 .write = put,
						 .complain = fuse_kit_complain};

/* For how many seconds a name need not be looked up again. */
static uint64_t name_lasts(uint64_t parent, const char *name)
{
	struct fuse_entry_out out;

	if (ask(FUSE_LOOKUP, parent, name, strlen(name) + 1))
		return 0;
	memcpy(&out, answer.body, sizeof(out));
	return out.entry_valid;
}

static void serve_child(void (*child)(void), unsigned int refresh_ms)
{
	fuse_kit_serve(child, &ops, refresh_ms);
}

static void attributes(void)
{
	struct fuse_attr attr;
	int error;
	uint64_t node;

	greet();
	MUST(look_up(FUSE_ROOT_ID, "version", &attr, &error));
	MUST(S_ISREG(attr.mode) && (attr.mode & 0777) == 0444 && !attr.size);
	node = look_up(FUSE_ROOT_ID, "10", &attr, &error);
	MUST(node && S_ISDIR(attr.mode) && (attr.mode & 0777) == 0555);
	MUST(look_up(FUSE_ROOT_ID, "10", &attr, &error) == node);
	MUST(look_up(node, "fd", &attr, &error) && S_ISDIR(attr.mode));
	MUST(look_up(node, "exe", &attr, &error) && S_ISLNK(attr.mode));
	MUST(look_up(FUSE_ROOT_ID, "self", &attr, &error) &&
	     S_ISLNK(attr.mode));
	MUST(!look_up(node, "nothing", &attr, &error) && error == ENOENT);
	MUST(!look_up(FUSE_ROOT_ID, "3", &attr, &error) && error == ENOENT);
	MUST(!ask(FUSE_READLINK, walk("self"), "", 0));
	MUST(answer.head.len == sizeof(answer.head) + 1 &&
	     answer.body[0] == '1');
}

/* What all tasks have, or none, whatever the kernel, is asked for once. */
static void names(void)
{
	uint64_t node;

	greet();
	MUST(name_lasts(FUSE_ROOT_ID, "10") <= 60);
	MUST(!name_lasts(FUSE_ROOT_ID, "3"));
	node = walk("10");
	MUST(name_lasts(node, "stat") == 3600);
	MUST(name_lasts(node, "net") == 3600);
	MUST(name_lasts(node, "nothing") == 3600);
	MUST(!name_lasts(node, "cpuset")); /* of some kernels */
	MUST(name_lasts(node, "fd") == 3600);
	MUST(!name_lasts(walk("10/fd"), "1000"));
	MUST(!name_lasts(walk("10/task"), "11"));
	MUST(name_lasts(walk("10/task/10"), "stat") == 3600);
}

START_TEST(names_last)
{
	serve_child(names, 60000);
}
END_TEST

START_TEST(what_there_is)
{
	serve_child(attributes, 60000);
	ck_assert_uint_eq(fuse_kit.tree.counts.opens, 0);
}
END_TEST

/* Where that is, or what is wrong, below 0. */
static int64_t seek(uint64_t node, uint64_t fh, uint64_t at, uint32_t whence)
{
	const struct fuse_lseek_in in = {
		.fh = fh, .offset = at, .whence = whence};
	int error = ask(FUSE_LSEEK, node, &in, sizeof(in));
	struct fuse_lseek_out out;

	memcpy(&out, answer.body, sizeof(out));
	return error ? -error : (int64_t)out.offset;
}

/* RAM has an end, and its file a size. */
static void memory(void)
{
	struct fuse_open_out out;
	struct fuse_attr attr;
	uint64_t node;
	int error;

	greet();
	node = look_up(walk("mem"), "phys", &attr, &error);
	MUST(node && attr.size == 1 << 20 && attr.blocks == 2048);
	MUST(!open_node(FUSE_OPEN, node, O_RDONLY, &out));
	MUST(read_node(FUSE_READ, node, out.fh, 1, 4096) == 4096);
	MUST(read_node(FUSE_READ, node, out.fh, 1 << 20, 4096) == 0);
	MUST(seek(node, out.fh, 5, SEEK_DATA) == 5);
	MUST(seek(node, out.fh, 5, SEEK_HOLE) == 1 << 20);
	MUST(seek(node, out.fh, 1 << 20, SEEK_DATA) == -ENXIO);
	release(FUSE_RELEASE, node, out.fh);
	node = walk("mem/kernel");
	MUST(!open_node(FUSE_OPEN, node, O_RDONLY, &out));
	MUST(read_node(FUSE_READ, node, out.fh, 0, 1) == -EIO);
	release(FUSE_RELEASE, node, out.fh);
}

/* Write three bytes; the errno. */
static int put_three(uint64_t node, uint64_t fh, uint64_t at)
{
	struct {
		struct fuse_write_in in;
		char bytes[3];
	} body = {.in = {.fh = fh, .offset = at, .size = 3},
		  .bytes = {'a', 'b', 'c'}};

	return ask(FUSE_WRITE, node, &body, sizeof(body.in) + 3);
}

/* Memory alone, and nothing is cut off. */
static void writing(void)
{
	struct fuse_open_out out;
	struct fuse_attr attr;
	uint64_t node;
	int error;

	greet();
	node = look_up(walk("mem"), "phys", &attr, &error);
	MUST(node && (attr.mode & 0777) == 0644);
	MUST(open_node(FUSE_OPEN, node, O_RDWR | O_TRUNC, &out) == EACCES);
	MUST(!open_node(FUSE_OPEN, node, O_RDWR, &out));
	MUST(!put_three(node, out.fh, 0x80000));
	MUST(read_node(FUSE_READ, node, out.fh, 0x80000, 3) == 3);
	MUST(!memcmp(answer.body, "abc", 3));
	MUST(put_three(node, out.fh, 1) == EPERM);
	release(FUSE_RELEASE, node, out.fh);
	MUST(open_node(FUSE_OPEN, walk("10/comm"), O_WRONLY, &out) == EACCES);
	MUST(open_node(FUSE_OPEN, walk("10/pagemap"), O_RDWR, &out) == EACCES);
	node = walk("10/comm");
	MUST(!open_node(FUSE_OPEN, node, O_RDONLY, &out));
	MUST(put_three(node, out.fh, 0) == EBADF);
	release(FUSE_RELEASE, node, out.fh);
}

START_TEST(memory_is_written)
{
	fuse_kit_serve(writing, &writable, 60000);
}
END_TEST

START_TEST(memory_as_files)
{
	serve_child(memory, 60000);
}
END_TEST

static void texts(void)
{
	uint64_t node;
	struct fuse_open_out out;

	greet();
	node = walk("10/comm");
	MUST(!open_node(FUSE_OPEN, node, O_RDONLY, &out));
	MUST(read_node(FUSE_READ, node, out.fh, 0, 4096) == 5);
	MUST(!memcmp(answer.body, "task\n", 5));
	MUST(read_node(FUSE_READ, node, out.fh, 1, 2) == 2);
	MUST(!memcmp(answer.body, "as", 2));
	MUST(read_node(FUSE_READ, node, out.fh, 5, 4096) == 0);
	MUST(read_node(FUSE_READ, node, out.fh, 1ULL << 40, 1) == 0);
	MUST(seek(node, out.fh, 0, SEEK_DATA) == -EINVAL);
	release(FUSE_RELEASE, node, out.fh);
	MUST(open_node(FUSE_OPEN, node, O_WRONLY, &out) == EACCES);
	MUST(open_node(FUSE_OPEN, node, O_RDWR, &out) == EACCES);
	MUST(open_node(FUSE_OPEN, walk("10"), O_RDONLY, &out) == EINVAL);
	MUST(open_node(FUSE_OPENDIR, node, O_RDONLY, &out) == EINVAL);
}

START_TEST(reads)
{
	serve_child(texts, 60000);
}
END_TEST

static void directory(void)
{
	static const char *const names[] = {".", "..", "2", "5"};
	uint64_t node, at = 0;
	struct fuse_open_out out;
	size_t i;

	greet();
	node = walk("2/task");
	MUST(!open_node(FUSE_OPENDIR, node, O_RDONLY, &out));
	/* There is room for one at a time. */
	for (i = 0; i < 4; i++) {
		struct fuse_dirent entry;

		MUST(read_node(FUSE_READDIR, node, out.fh, at, 40) > 0);
		memcpy(&entry, answer.body, sizeof(entry));
		MUST(entry.namelen == strlen(names[i]));
		MUST(!memcmp(answer.body + FUSE_NAME_OFFSET, names[i],
			     entry.namelen));
		MUST(entry.type == DT_DIR && entry.ino);
		at = entry.off;
	}
	MUST(read_node(FUSE_READDIR, node, out.fh, at, 40) == 0);
	MUST(read_node(FUSE_READDIR, node, out.fh, 1000, 40) == 0);
	release(FUSE_RELEASEDIR, node, out.fh);
}

START_TEST(directories)
{
	serve_child(directory, 60000);
}
END_TEST

/* The entry of a directory at a place, with what is told of it. */
static struct fuse_direntplus entry_at(uint64_t node, uint64_t fh, uint64_t at)
{
	struct fuse_direntplus entry = {0};
	const size_t room = FUSE_NAME_OFFSET_DIRENTPLUS + 16;

	MUST(read_node(FUSE_READDIRPLUS, node, fh, at, room) > 0);
	memcpy(&entry, answer.body, sizeof(entry));
	return entry;
}

/* What is listed need not be looked up, and is to be forgotten as if it was. */
static void directory_told(void)
{
	struct fuse_direntplus entry;
	uint64_t node = 0, at = 0;
	struct fuse_open_out out;
	struct fuse_attr attr;
	int i, error;

	greet();
	node = walk("2/task");
	MUST(!open_node(FUSE_OPENDIR, node, O_RDONLY, &out));
	for (i = 0; i < 4; i++) {
		entry = entry_at(node, out.fh, at);
		MUST(!entry.entry_out.nodeid == (i < 2));
		at = entry.dirent.off;
	}
	MUST(entry.dirent.type == DT_DIR && S_ISDIR(entry.entry_out.attr.mode));
	MUST(entry.entry_out.entry_valid && entry.entry_out.attr_valid);
	MUST(look_up(node, "5", &attr, &error) == entry.entry_out.nodeid);
	MUST(attr.ino == entry.entry_out.attr.ino);
	MUST(read_node(FUSE_READDIRPLUS, node, out.fh, at, 4096) == 0);
	/* What has no room is not told, and not to be forgotten. */
	MUST(read_node(FUSE_READDIRPLUS, node, out.fh, 2, 40) == 0);
	release(FUSE_RELEASEDIR, node, out.fh);
	forget(entry.entry_out.nodeid, 2);
}

START_TEST(directories_told)
{
	serve_child(directory_told, 60000);
	/* 2, 2/task, 2/task/2 */
	ck_assert_uint_eq(fuse_kit.serve.inodes.n, 3);
}
END_TEST

static void changes(void)
{
	const struct fuse_mkdir_in mkdir_in = {.mode = 0777};
	const struct fuse_setattr_in setattr_in = {.valid = FATTR_MODE};
	char body[sizeof(mkdir_in) + 2];

	greet();
	memcpy(body, &mkdir_in, sizeof(mkdir_in));
	memcpy(body + sizeof(mkdir_in), "x", 2);
	MUST(ask(FUSE_MKDIR, FUSE_ROOT_ID, body, sizeof(body)) == EPERM);
	MUST(ask(FUSE_UNLINK, FUSE_ROOT_ID, "version", 8) == EPERM);
	MUST(ask(FUSE_RMDIR, FUSE_ROOT_ID, "10", 3) == EPERM);
	MUST(ask(FUSE_SYMLINK, FUSE_ROOT_ID, "x\0y", 4) == EPERM);
	MUST(ask(FUSE_SETATTR, walk("version"), &setattr_in,
		 sizeof(setattr_in)) == EPERM);
	/* What there is no answer for leaves it alive. */
	MUST(ask(FUSE_FALLOCATE, walk("version"), "", 0));
	MUST(walk("10/comm"));
}

START_TEST(nothing_changes)
{
	serve_child(changes, 60000);
}
END_TEST

/* After each open there is another boot. */
static void reboot(void)
{
	uint64_t node;
	struct fuse_open_out old, new;

	greet();
	node = walk("10/comm");
	MUST(!open_node(FUSE_OPEN, node, O_RDONLY, &old));
	MUST(read_node(FUSE_READ, node, old.fh, 0, 10) == 5);
	MUST(!open_node(FUSE_OPEN, node, O_RDONLY, &new));
	MUST(read_node(FUSE_READ, node, old.fh, 0, 10) == -ESTALE);
	MUST(read_node(FUSE_READ, node, new.fh, 0, 10) == 5);
	release(FUSE_RELEASE, node, old.fh);
	release(FUSE_RELEASE, node, new.fh);
}

START_TEST(another_boot)
{
	other = true;
	serve_child(reboot, 0);
}
END_TEST

static void without_a_guest(void)
{
	struct fuse_attr attr;
	struct fuse_open_out out;
	int error;

	greet();
	MUST(!look_up(FUSE_ROOT_ID, "10", &attr, &error) && error == EIO);
	MUST(look_up(FUSE_ROOT_ID, "version", &attr, &error));
	MUST(open_node(FUSE_OPEN, walk("version"), O_RDONLY, &out) == EIO);
	MUST(open_node(FUSE_OPENDIR, FUSE_ROOT_ID, O_RDONLY, &out) == EIO);
	MUST(look_up(FUSE_ROOT_ID, "self", &attr, &error));
}

START_TEST(a_guest_that_is_gone)
{
	gone = true;
	serve_child(without_a_guest, 60000);
}
END_TEST

/* What the kernel forgets costs no memory. */
static void forgetting(void)
{
	int i;

	greet();
	for (i = 0; i < 3; i++)
		forget(walk("version"), 1);
	MUST(walk("10"));
}

START_TEST(what_is_forgotten)
{
	serve_child(forgetting, 60000);
	ck_assert_uint_eq(fuse_kit.serve.inodes.n, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mount_serve");
	TCase *t = tcase_create("mount_serve");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, fuse_kit_init, fuse_kit_deinit);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, what_there_is);
	tcase_add_test(t, names_last);
	tcase_add_test(t, memory_as_files);
	tcase_add_test(t, memory_is_written);
	tcase_add_test(t, reads);
	tcase_add_test(t, directories);
	tcase_add_test(t, directories_told);
	tcase_add_test(t, nothing_changes);
	tcase_add_test(t, another_boot);
	tcase_add_test(t, a_guest_that_is_gone);
	tcase_add_test(t, what_is_forgotten);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
