/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what a confined process can still do. */
#include "base/confine.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/sanitized.h"

/* A directory that is named, and one beside it. */
static char named[] = "/tmp/qvmi-confined.XXXXXX";
static char other[] = "/tmp/qvmi-confined.XXXXXX";
static int named_fd, status, was_root, has_landlock;
static struct confine_lacks lacks;

static void make_directories(void)
{
	ck_assert_ptr_nonnull(mkdtemp(named));
	ck_assert_ptr_nonnull(mkdtemp(other));
	named_fd = open(named, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(named_fd, 0);
}

static void remove_directories(void)
{
	close(named_fd);
	ck_assert_int_eq(rmdir(named), 0);
	ck_assert_int_eq(rmdir(other), 0);
	strcpy(named + strlen(named) - 6, "XXXXXX");
	strcpy(other + strlen(other) - 6, "XXXXXX");
}

/* Each test is a process of its own. */
static void begin(pid_t process)
{
	const struct confine_needs needs = {
		.process = process, .dirs = {-1, named_fd, -1}, .user = 12345};

	was_root = !geteuid();
	status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(status, 0);
	has_landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
	lacks = confine(&needs);
	ck_assert_int_eq(lacks.root, was_root);
}

static void confine_to_stub(void)
{
	begin(0);
}

static void confine_to_process(void)
{
	begin(getppid());
}

/* A number of /proc/self/status, or -1. */
static long long status_of(const char *name)
{
	char text[4096], *line;
	ssize_t n = pread(status, text, sizeof(text) - 1, 0);

	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	line = strstr(text, name);
	return line ? strtoll(line + strlen(name) + 1, NULL, 16) : -1;
}

static const struct {
	const char *name;
	long number, a, b, c;
} refused[] = {
	{"execve", SYS_execve, 0, 0, 0},
	{"execveat", SYS_execveat, -1, 0, 0},
	{"socket", SYS_socket, AF_UNIX, SOCK_STREAM, 0},
	{"connect", SYS_connect, 0, 0, 0},
	{"ptrace", SYS_ptrace, 0, 1, 0},
	{"process_vm_writev", SYS_process_vm_writev, 1, 0, 0},
	{"clone", SYS_clone, 0, 0, 0},
	{"kill", SYS_kill, 0, 0, 0},
	{"mount", SYS_mount, 0, 0, 0},
	{"bpf", SYS_bpf, 0, 0, 0},
	{"setuid", SYS_setuid, 0, 0, 0},
	{"setfsuid", SYS_setfsuid, 0, 0, 0},
	{"pidfd_open", SYS_pidfd_open, 1, 0, 0},
	{"process_vm_readv", SYS_process_vm_readv, 1, 0, 0},
	{"tgkill", SYS_tgkill, 1, 1, SIGTERM},
	{"prlimit64", SYS_prlimit64, 1, 0, 0},
	{"ioctl", SYS_ioctl, 0, TIOCSTI, 0},
	{"executable memory", SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC},
	{"made executable", SYS_mprotect, 0, 4096, PROT_EXEC},
	{"personality", SYS_personality, 0xffffffff, 0, 0},
#ifdef __x86_64__
	{"x32 getpid", 0x40000000 + SYS_getpid, 0, 0, 0},
#endif
};

START_TEST(is_refused)
{
	if (lacks.calls)
		return; /* is_told has it */
	errno = 0;
	ck_assert_msg(syscall(refused[_i].number, refused[_i].a, refused[_i].b,
			      refused[_i].c, 0, 0, 0) == -1,
		      "%s", refused[_i].name);
	ck_assert_msg(errno == ENOSYS, "%s: %s", refused[_i].name,
		      strerror(errno));
}
END_TEST

/* Nothing is said to be in force that is not. */
START_TEST(is_told)
{
	ck_assert_int_eq(status_of("\nSeccomp:") == 2, !lacks.calls);
	ck_assert(status_of("\nNoNewPrivs:") == 1 ||
		  (lacks.calls && strstr(lacks.calls, "no_new_privs")));
	ck_assert_int_eq(getuid() == 12345, was_root && !lacks.user);
	ck_assert_int_eq(geteuid() == 12345, was_root && !lacks.user);
	if (was_root && !lacks.user) {
		ck_assert_int_eq(status_of("\nCapPrm:"), 0);
		ck_assert_int_eq(status_of("\nCapEff:"), 0);
		ck_assert_int_eq(status_of("\nCapInh:"), 0);
		ck_assert_int_eq(getgid(), 65534);
	}
}
END_TEST

/* What it is for; whoever of root's became somebody else still may. */
START_TEST(works_on)
{
	int fd = openat(named_fd, "x", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct stat st;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, named, 4), 4);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(st.st_uid == 0, was_root);
	ck_assert_int_eq(renameat(named_fd, "x", named_fd, "y"), 0);
	ck_assert_int_eq(unlinkat(named_fd, "y", 0), 0);
	close(fd);
	free(malloc(64 << 20));
}
END_TEST

START_TEST(other_files_are_closed)
{
	const char *const paths[] = {other, "/", "/etc/passwd",
				     "/proc/self/status", "/proc/1/mem"};
	size_t i;

	if (lacks.files)
		return; /* not_both has it */
	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		ck_assert_msg(open(paths[i], O_RDONLY | O_CLOEXEC) < 0, "%s",
			      paths[i]);
		ck_assert_msg(errno == EACCES, "%s: %s", paths[i],
			      strerror(errno));
	}
	ck_assert_int_lt(
		openat(named_fd, "../x", O_RDWR | O_CREAT | O_CLOEXEC, 0600),
		0);
	ck_assert_int_eq(errno, EACCES);
}
END_TEST

static ssize_t peek(pid_t process)
{
	static int value = 7;
	int copy = 0;
	struct iovec from = {&value, sizeof(value)}, to = {&copy, sizeof(copy)};

	return process_vm_readv(process, &to, 1, &from, 1, 0);
}

/* The one process whose memory is read, and no other. */
START_TEST(a_process_is_read)
{
	ck_assert_ptr_nonnull(lacks.files);
	ck_assert_int_eq(peek(getppid()), sizeof(int));
	if (lacks.calls)
		return;
	ck_assert_int_eq(peek(getpid()), -1);
	ck_assert_int_eq(errno, ENOSYS);
}
END_TEST

/* Where the kernel has all of it, nothing is lacking. */
START_TEST(not_both)
{
	ck_assert_int_eq(!lacks.files, has_landlock && !SANITIZED);
	ck_assert_int_eq(!lacks.user, !was_root || !lacks.files);
}
END_TEST

/* What holds by either way. */
static TCase *add_case(Suite *s, const char *name, void (*confined)(void))
{
	TCase *c = tcase_create(name);

	tcase_add_unchecked_fixture(c, make_directories, remove_directories);
	tcase_add_checked_fixture(c, confined, NULL);
	tcase_add_loop_test(c, is_refused, 0,
			    sizeof(refused) / sizeof(*refused));
	tcase_add_test(c, is_told);
	tcase_add_test(c, works_on);
	suite_add_tcase(s, c);
	return c;
}

int main(void)
{
	Suite *s = suite_create("confine");
	TCase *stub = add_case(s, "stub", confine_to_stub);
	TCase *process = add_case(s, "process", confine_to_process);
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(stub, other_files_are_closed);
	tcase_add_test(stub, not_both);
	tcase_add_test(process, a_process_is_read);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
