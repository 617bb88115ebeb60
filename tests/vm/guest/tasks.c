/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenes about processes: names, states, owners, threads, families. */
#include "guest.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_SIZE (64 << 10)

/* Two children per process, down to tree.r, tree.r0, tree.r01, tree.r010 */
static void grow_tree(const char *path)
{
	char name[16], label[32];

	snprintf(label, sizeof(label), "tree.%s", path);
	publish(label, getpid(), "ppid=%d", getppid());
	if (strlen(path) == 4)
		return;
	for (int i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "%.8s%d", path, i);
		if (spawn(name) == 0) {
			grow_tree(name);
			settle();
		}
	}
}

static void tree(void)
{
	grow_tree("r");
}

/* Eight generations of only children. */
static void chain(void)
{
	char name[16];

	publish("chain.0", getpid(), "ppid=%d", getppid());
	for (int i = 1; i < 8; i++) {
		snprintf(name, sizeof(name), "chain.%d", i);
		if (spawn(name) != 0)
			settle();
		publish(name, getpid(), "ppid=%d", getppid());
	}
}

static sem_t thread_ready;
static int thread_count;

static void *sleep_thread(void *name)
{
	char label[32];

	prctl(PR_SET_NAME, name);
	snprintf(label, sizeof(label), "%s.%d", scene_name, ++thread_count);
	publish(label, syscall(SYS_gettid), "tgid=%d", getpid());
	sem_post(&thread_ready);
	for (;;)
		pause();
	return NULL;
}

static void start_threads(const char *const *names)
{
	pthread_t thread;

	sem_init(&thread_ready, 0, 0);
	for (; *names; names++) {
		NEED(pthread_create(&thread, NULL, sleep_thread,
				    (void *)(uintptr_t)*names) == 0);
		sem_wait(&thread_ready);
	}
}

static void threads(void)
{
	static const char *const names[] = {"worker one", "worker-2",
					    "(worker) 3", "w4", NULL};

	publish("threads", getpid(), "threads=5");
	start_threads(names);
}

/* The leader has exited: a zombie with live threads and no mm of its own. */
static void deadleader(void)
{
	static const char *const names[] = {"survivor", NULL};

	publish("deadleader", getpid(), "threads=2");
	start_threads(names);
	close(publish_fd);
	syscall(SYS_exit, 0);
}

static void zombie(void)
{
	pid_t pid = spawn("zombie child");
	siginfo_t info;

	if (pid == 0)
		_exit(3);
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	publish("zombie", pid, "state=Z ppid=%d", getpid());
}

static void stopped(void)
{
	pid_t pid = spawn("stopped child");
	siginfo_t info;

	if (pid == 0) {
		close(publish_fd);
		raise(SIGSTOP);
		settle();
	}
	waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT);
	publish("stopped", pid, "state=T ppid=%d", getpid());
}

static void traced(void)
{
	pid_t pid = spawn("traced child");
	siginfo_t info;

	if (pid == 0) {
		close(publish_fd);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		settle();
	}
	waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT);
	publish("traced", pid, "state=t ppid=%d", getpid());
}

static int vfork_child(void *arg)
{
	prctl(PR_SET_NAME, "vfork child");
	publish("vfork.child", getpid(), "state=S ppid=%d", getppid());
	(void)arg;
	settle();
}

/* The parent of a vfork() waits in state D and shares its mm with the child. */
static void vfork_wait(void)
{
	static char stack[STACK_SIZE];

	publish("vfork", getpid(), "state=D");
	NEED(clone(vfork_child, stack + STACK_SIZE,
		   CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, NULL) > 0);
}

static void owners(void)
{
	static const struct {
		const char *name;
		unsigned int uid, euid, suid, gid, egid;
	} table[] = {
		{"owner.user", 1000, 1000, 1000, 1000, 1000},
		{"owner.mixed", 1000, 1001, 1002, 100, 101},
		{"owner.setuid", 1000, 0, 0, 1000, 0},
		{"owner.nobody", 65534, 65534, 65534, 65534, 65534},
		{"owner.big", 4000000000U, 4000000000U, 4000000000U, 7, 7},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (spawn(table[i].name) != 0)
			continue;
		NEED(setresgid(table[i].gid, table[i].egid, -1) == 0);
		NEED(setresuid(table[i].uid, table[i].euid, table[i].suid) ==
		     0);
		publish(table[i].name, getpid(), "uid=%u euid=%u gid=%u",
			table[i].uid, table[i].euid, table[i].gid);
		settle();
	}
}

/* Names that break parsers and terminals; the test reads them in /proc. */
static void comms(void)
{
	static const char *const names[][2] = {
		{"comm.space", "with two spaces"},
		{"comm.parens", "a) R (b)) ("},
		{"comm.newline", "new\nline\t\\x"},
		{"comm.escape", "\033[31mred\033[0m"},
		{"comm.utf8", "gr\303\274\303\237e"},
		{"comm.invalid", "\377\376bad\302"},
		{"comm.empty", ""},
		{"comm.full", "fifteen-letters"},
		{"comm.kernel", "kworker/0:9-qv"},
		{"comm.bracket", "[kthreadd]"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (spawn(names[i][1]) != 0)
			continue;
		publish(names[i][0], getpid(), "ppid=%d", getppid());
		settle();
	}
}

/* Forks a child that execs, and returns once it has. */
static pid_t exec_child(const char *path, const char *const *argv)
{
	int fds[2];
	char byte;
	pid_t pid;

	NEED(pipe2(fds, O_CLOEXEC) == 0);
	pid = spawn("exec");
	if (pid == 0) {
		execv(path, (char *const *)(uintptr_t)argv);
		NEED(false);
	}
	close(fds[1]);
	NEED(read(fds[0], &byte, 1) == 0);
	close(fds[0]);
	return pid;
}

static void deleted_exe(void)
{
	static const char *const argv[] = {"/tmp/gone", "gone", NULL};
	pid_t pid;

	copy_file("/init", "/tmp/gone");
	pid = exec_child("/tmp/gone", argv);
	unlink("/tmp/gone");
	publish("deleted_exe", pid, "ppid=%d", getpid());
}

/* Another program, with arguments and an environment. */
static void busybox(void)
{
	static const char *const argv[] = {"sleep", "1000000000", NULL};

	setenv("QVMI_VAR", "with spaces and \n newline", 1);
	publish("busybox", exec_child("/bin/busybox", argv), "ppid=%d",
		getpid());
}

/* A 32-bit program; it publishes its own ranges. */
static void ia32(void)
{
	char fd[16];

	NEED(access("/bin/ia32", X_OK) == 0);
	snprintf(fd, sizeof(fd), "%d", publish_fd);
	if (spawn("ia32") == 0) {
		fcntl(publish_fd, F_SETFD, 0);
		execl("/bin/ia32", "ia32", "map", fd, NULL);
		NEED(false);
	}
}

/* PID 1 of its own pid, mount and host name namespaces. */
static int namespace_child(void *arg)
{
	char outer[16] = "";
	void *p;

	(void)arg;
	/* /proc still is the one of the outer pid namespace */
	NEED(readlink("/proc/self", outer, sizeof(outer) - 1) > 0);
	NEED(mount("ns", "/mnt/ns", "tmpfs", 0, "") == 0);
	NEED(sethostname("inner", 5) == 0);
	p = map(PAGE, PROT_READ, MAP_SHARED, make_file("/mnt/ns/file", 1));
	publish("namespace", atoi(outer), "addr=%p len=%#lx inner=%d", p, PAGE,
		getpid());
	settle();
}

static void namespaces(void)
{
	static char stack[STACK_SIZE];

	NEED(clone(namespace_child, stack + STACK_SIZE,
		   CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | SIGCHLD,
		   NULL) > 0);
}

static void chrooted(void)
{
	void *p;

	NEED(chroot("/mnt/outer") == 0 && chdir("/") == 0);
	p = map(PAGE, PROT_READ, MAP_SHARED, make_file("/chroot-file", 1));
	publish_range(NULL, p, PAGE);
}

const struct scene task_scenes[] = {
	{"tree", tree},
	{"chain", chain},
	{"threads", threads},
	{"deadleader", deadleader},
	{"zombie", zombie},
	{"stopped", stopped},
	{"traced", traced},
	{"vfork", vfork_wait},
	{"owners", owners},
	{"comms", comms},
	{"deleted_exe", deleted_exe},
	{"busybox", busybox},
	{"ia32", ia32},
	{"namespace", namespaces},
	{"chroot", chrooted},
	{NULL, NULL},
};
