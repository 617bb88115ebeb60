/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what a file system of ours answers, with this program in the place
 * of the kernel that asks: a socket in the place of /dev/fuse. */
#include "mount/serve.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/task_kit.h"

static struct fake_kernel f;
static struct mount_tree tree;
static struct serve serve;
static bool other; /* the guest has rebooted */
static bool gone;

static int stop(void *ctx, struct kernel **k, bool *is_other, struct err *err)
{
	(void)ctx;
	machine_drop_cache(&f.memory.machine);
	*k = &f.kernel;
	*is_other = other;
	return gone ? err_set(err, ERR_NO_GUEST, "gone") : 0;
}

static int go(void *ctx, struct err *err)
{
	(void)ctx, (void)err;
	return 0;
}

static void complain(void *ctx, const struct err *err)
{
	(void)ctx, (void)err;
}

static const struct mount_tree_guest ops = {
	.stop = stop, .go = go, .complain = complain};

static int put(void *ctx, const struct mount_tree_write *w, struct err *err)
{
	(void)ctx;
	if (w->offset == 1)
		return err_set(err, ERR_REFUSED, "not there");
	memcpy(f.memory.bytes + w->offset, w->src, w->len);
	return 0;
}

static const struct mount_tree_guest writable = {
	.stop = stop, .go = go, .write = put, .complain = complain};

/* The kernel's side, in a process of its own: it ends with the line of the
 * first answer that is wrong, or with 0. */
static int device;

#define MUST(is)                                \
	do {                                    \
		if (!(is))                      \
			_exit(wrong(__LINE__)); \
	} while (0)

/* An exit status has 8 bits: where these are 0 it is said otherwise. */
static int wrong(int line)
{
	return line & 0xff ? line & 0xff : 1;
}

static struct {
	struct fuse_out_header head;
	char body[70000];
} answer;

/* Send a request; the errno of its answer, whose body is then in `answer`. */
static int ask(uint32_t opcode, uint64_t node, const void *body, size_t len)
{
	static uint64_t unique;
	struct {
		struct fuse_in_header head;
		char body[512];
	} request = {.head = {.len = (uint32_t)(sizeof(request.head) + len),
			      .opcode = opcode,
			      .unique = ++unique,
			      .nodeid = node}};
	ssize_t n;

	memcpy(request.body, body, len);
	MUST(write(device, &request, request.head.len) == request.head.len);
	n = read(device, &answer, sizeof(answer));
	MUST(n >= (ssize_t)sizeof(answer.head) && n == answer.head.len);
	MUST(answer.head.unique == unique);
	return -answer.head.error;
}

static void greet(void)
{
	const struct fuse_init_in in = {.major = FUSE_KERNEL_VERSION,
					.minor = FUSE_KERNEL_MINOR_VERSION,
					.max_readahead = 1 << 17};

	MUST(!ask(FUSE_INIT, 0, &in, sizeof(in)));
}

/* The node of a name, and its attributes; 0 and the errno in *error. */
static uint64_t look_up(uint64_t parent, const char *name,
			struct fuse_attr *attr, int *error)
{
	struct fuse_entry_out out;

	*error = ask(FUSE_LOOKUP, parent, name, strlen(name) + 1);
	if (*error)
		return 0;
	memcpy(&out, answer.body, sizeof(out));
	*attr = out.attr;
	if (!out.nodeid) /* that there is none, for a while */
		*error = ENOENT;
	return out.nodeid;
}

/* For how many seconds a name need not be looked up again. */
static uint64_t name_lasts(uint64_t parent, const char *name)
{
	struct fuse_entry_out out;

	if (ask(FUSE_LOOKUP, parent, name, strlen(name) + 1))
		return 0;
	memcpy(&out, answer.body, sizeof(out));
	return out.entry_valid;
}

/* The node of a path that is there. */
static uint64_t walk(const char *path)
{
	char copy[64], *save = NULL, *part;
	uint64_t node = FUSE_ROOT_ID;
	struct fuse_attr attr;
	int error;

	snprintf(copy, sizeof(copy), "%s", path);
	for (part = strtok_r(copy, "/", &save); part;
	     part = strtok_r(NULL, "/", &save)) {
		node = look_up(node, part, &attr, &error);
		MUST(node);
	}
	return node;
}

static int open_node(uint32_t opcode, uint64_t node, uint32_t flags,
		     struct fuse_open_out *out)
{
	const struct fuse_open_in in = {.flags = flags};
	int error = ask(opcode, node, &in, sizeof(in));

	memcpy(out, answer.body, sizeof(*out));
	return error;
}

/* How much came; what that is stands in `answer`. */
static int read_node(uint32_t opcode, uint64_t node, uint64_t fh, uint64_t at,
		     uint32_t size)
{
	const struct fuse_read_in in = {.fh = fh, .offset = at, .size = size};
	int error = ask(opcode, node, &in, sizeof(in));

	return error ? -error : (int)(answer.head.len - sizeof(answer.head));
}

static void release(uint32_t opcode, uint64_t node, uint64_t fh)
{
	const struct fuse_release_in in = {.fh = fh};

	MUST(!ask(opcode, node, &in, sizeof(in)));
}

static void setup(void)
{
	int ends[2];
	struct err err = {0};

	task_kit_init(&f);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	device = ends[1];
	ck_assert_int_eq(serve_open(&serve, ends[0], "/", true, &err), 0);
}

static void teardown(void)
{
	serve_close(&serve);
	mount_tree_deinit(&tree);
	close(device);
	fake_kernel_deinit(&f);
}

/* Serve while a child asks; all that it asks for must be right. */
static void serve_child_of(void (*child)(void),
			   const struct mount_tree_guest *of,
			   unsigned int refresh_ms)
{
	static volatile sig_atomic_t interrupt;
	struct serve_end end = {.interrupt = &interrupt};
	struct err err = {0};
	sigset_t none;
	int ends[2], status;
	pid_t pid;

	sigemptyset(&none);
	end.asleep = &none;
	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		alarm(60);
		child();
		_exit(0);
	}
	close(ends[1]);
	end.fd = ends[0]; /* ends with the child */
	mount_tree_init(&tree, of, refresh_ms);
	ck_assert_int_eq(serve_run(&serve, &tree, &end, &err), 0);
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && !WEXITSTATUS(status),
		      "line %d (of its last 8 bits)", WEXITSTATUS(status));
}

static void serve_child(void (*child)(void), unsigned int refresh_ms)
{
	serve_child_of(child, &ops, refresh_ms);
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
	ck_assert_uint_eq(tree.counts.opens, 0);
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
	serve_child_of(writing, &writable, 60000);
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
	MUST(out.open_flags & FOPEN_DIRECT_IO);
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
	struct {
		struct fuse_in_header head;
		struct fuse_forget_in in;
	} request = {.head = {.len = sizeof(request), .opcode = FUSE_FORGET},
		     .in = {.nlookup = 1}};
	int i;

	greet();
	for (i = 0; i < 3; i++) {
		request.head.nodeid = walk("version");
		MUST(write(device, &request, sizeof(request)) ==
		     sizeof(request));
	}
	MUST(walk("10"));
}

START_TEST(what_is_forgotten)
{
	serve_child(forgetting, 60000);
	ck_assert_uint_eq(serve.inodes.n, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mount_serve");
	TCase *t = tcase_create("mount_serve");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, what_there_is);
	tcase_add_test(t, names_last);
	tcase_add_test(t, memory_as_files);
	tcase_add_test(t, memory_is_written);
	tcase_add_test(t, reads);
	tcase_add_test(t, directories);
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
