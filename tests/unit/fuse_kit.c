/* SPDX-License-Identifier: BSD-2-Clause */
/* This program in the place of the kernel that asks a file system of ours. */
#include "unit/fuse_kit.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

struct fuse_kit fuse_kit;
struct fuse_answer answer;
struct fuse_notes notes;

static int device;

/* An exit status has 8 bits: where these are 0 it is said otherwise. */
int fuse_kit_wrong(int line)
{
	return line & 0xff ? line & 0xff : 1;
}

/* Take what is told; whether that is an answer. */
static bool hear(void)
{
	struct fuse_note *note = &notes.v[notes.n];
	ssize_t n = read(device, &answer, sizeof(answer));

	MUST(n >= (ssize_t)sizeof(answer.head) && n == answer.head.len);
	if (answer.head.unique)
		return true;
	MUST(notes.n++ < sizeof(notes.v) / sizeof(*notes.v));
	memcpy(note, &answer, sizeof(*note));
	return false;
}

int ask(uint32_t opcode, uint64_t node, const void *body, size_t len)
{
	static uint64_t unique;
	struct {
		struct fuse_in_header head;
		char body[512];
	} request = {.head = {.len = (uint32_t)(sizeof(request.head) + len),
			      .opcode = opcode,
			      .unique = ++unique,
			      .nodeid = node}};

	notes.n = 0;
	memcpy(request.body, body, len);
	MUST(write(device, &request, request.head.len) == request.head.len);
	while (!hear())
		;
	MUST(answer.head.unique == unique);
	return -answer.head.error;
}

void greet(void)
{
	const struct fuse_init_in in = {.major = FUSE_KERNEL_VERSION,
					.minor = FUSE_KERNEL_MINOR_VERSION,
					.max_readahead = 1 << 17,
					.flags = FUSE_AUTO_INVAL_DATA};

	MUST(!ask(FUSE_INIT, 0, &in, sizeof(in)));
}

uint64_t look_up(uint64_t parent, const char *name, struct fuse_attr *attr,
		 int *error)
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

uint64_t walk(const char *path)
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

int open_node(uint32_t opcode, uint64_t node, uint32_t flags,
	      struct fuse_open_out *out)
{
	const struct fuse_open_in in = {.flags = flags};
	int error = ask(opcode, node, &in, sizeof(in));

	memcpy(out, answer.body, sizeof(*out));
	return error;
}

int read_node(uint32_t opcode, uint64_t node, uint64_t fh, uint64_t at,
	      uint32_t size)
{
	const struct fuse_read_in in = {.fh = fh, .offset = at, .size = size};
	int error = ask(opcode, node, &in, sizeof(in));

	return error ? -error : (int)(answer.head.len - sizeof(answer.head));
}

void release(uint32_t opcode, uint64_t node, uint64_t fh)
{
	const struct fuse_release_in in = {.fh = fh};

	MUST(!ask(opcode, node, &in, sizeof(in)));
}

void forget(uint64_t node, uint64_t times)
{
	const struct {
		struct fuse_in_header head;
		struct fuse_forget_in in;
	} request = {.head = {.len = sizeof(request),
			      .opcode = FUSE_FORGET,
			      .nodeid = node},
		     .in = {.nlookup = times}};

	MUST(write(device, &request, sizeof(request)) == sizeof(request));
}

int fuse_kit_go(void *ctx, struct err *err)
{
	(void)ctx, (void)err;
	return 0;
}

void fuse_kit_complain(void *ctx, const struct err *err)
{
	(void)ctx, (void)err;
}

void fuse_kit_init(void)
{
	int ends[2];
	struct err err = {0};

	task_kit_init(&fuse_kit.f);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	device = ends[1];
	ck_assert_int_eq(serve_open(&fuse_kit.serve, ends[0], "/", true, &err),
			 0);
}

void fuse_kit_deinit(void)
{
	serve_close(&fuse_kit.serve);
	mount_tree_deinit(&fuse_kit.tree);
	close(device);
	fake_kernel_deinit(&fuse_kit.f);
}

void fuse_kit_serve(void (*child)(void), const struct mount_tree_guest *of,
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
	mount_tree_init(&fuse_kit.tree, of, refresh_ms);
	ck_assert_int_eq(serve_run(&fuse_kit.serve, &fuse_kit.tree, &end, &err),
			 0);
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && !WEXITSTATUS(status),
		      "line %d (of its last 8 bits)", WEXITSTATUS(status));
}
