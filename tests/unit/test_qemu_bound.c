/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of which process is read: stubs that lie, processes that change. */
#include "qemu/bound.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "gdbrsp/packet.h"
#include "qemu/find_process.h"
#include "qemu/path.h"
#include "unit/child.h"
#include "unit/gdbrsp_peer.h"

/* RAM of the guest: [0, SIZE). */
#define SIZE   (1u << 20)
#define NOBODY 65534
#define SECRET 0xc5

static struct qemu_path path;
static struct machine machine;
static struct gdbrsp_client client;
static struct gdbrsp_conn *conn;
static struct err err;
static uint8_t *ram;
static pid_t peer, victim;

static void fill(void)
{
	size_t i;

	for (i = 0; i < SIZE; i++)
		ram[i] = peer_byte(i);
}

static void setup(void)
{
	void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert(p != MAP_FAILED);
	ram = p;
	fill();
	machine_init(&machine, &qemu_path_ops, NULL);
	ck_assert(!machine_add_ram(&machine, 0, SIZE, "ram", 0, NULL));
	path = (struct qemu_path){
		.stub = {.client = &client,
			 .monitor = qemu_monitor_by_stub(&client)}};
}

static void teardown(void)
{
	child_end(&victim);
	qemu_path_deinit(&path);
	machine_deinit(&machine);
}

static void keep_secret(void)
{
	memset(ram, SECRET, SIZE);
}

/* A monitor command as it is asked for, and the answer. */
static void add_answer(struct buf *script, const char *command,
		       const char *answer)
{
	buf_printf(script, "> qRcmd,");
	gdbrsp_hex_encode(script, (const uint8_t *)command, strlen(command));
	buf_printf(script, "\n");
	if (*answer) {
		buf_printf(script, "< O");
		gdbrsp_hex_encode(script, (const uint8_t *)answer,
				  strlen(answer));
		buf_printf(script, "\n");
	}
	buf_printf(script, "< OK\n");
}

/*
 * A stub that says where its RAM lies, which is true of each child of ours, and
 * that this is the thread of its vCPU; 0: none.  It is a child that has that
 * memory, too, and after those words plays `rest`.
 */
static void attach(long thread, const char *rest)
{
	static const struct gdbrsp_conn_opts opts = {.timeout_ms = 5000};
	static const struct peer_opts peer_opts = {.packet_size = 4096};
	_cleanup_(buf_deinit) struct buf script = {0};
	char command[64], answer[128] = "";
	uint64_t at[2] = {0, SIZE - 1};
	int fd, i;

	if (thread)
		snprintf(answer, sizeof(answer), "* CPU #0: thread_id=%ld\r\n",
			 thread);
	add_answer(&script, "info cpus", answer);
	for (i = 0; i < 2; i++) {
		snprintf(command, sizeof(command), "gpa2hva 0x%lx",
			 (unsigned long)at[i]);
		snprintf(answer, sizeof(answer),
			 "Host virtual address for 0x%lx (pc.ram) is %p\r\n",
			 (unsigned long)at[i], (void *)(ram + at[i]));
		add_answer(&script, command, answer);
	}
	buf_printf(&script, "%s", rest);
	peer = peer_start(script.data, &peer_opts, &fd);
	ck_assert(!gdbrsp_conn_adopt(fd, "peer", &opts, &conn, &err));
	gdbrsp_client_init(&client, conn);
	client.packet_size = 4096;
	client.answered = client.steady = client.is_qemu = true;
}

static int choose(enum qemu_memory want)
{
	int ret = qemu_path_choose(&path, want, &machine, &err);

	machine.ctx = &path;
	machine.apart = path.by_process;
	return ret;
}

static void detach(void)
{
	child_end(&victim); /* it may have a copy of our end */
	gdbrsp_conn_close(conn);
	ck_assert_int_eq(peer_wait(peer), 0);
}

/* Refused with these words, and not a packet is sent after the questions. */
static void check_refused(const char *words)
{
	ck_assert(!choose(MEMORY_AUTO));
	ck_assert(!path.by_process && !path.process.bound.pid);
	ck_assert_msg(strstr(path.why, words), "%s", path.why);
	detach();
}

#define SERVE "serve\n"

static int read_bytes(uint64_t pa, void *dst, size_t len)
{
	struct mem_read r = {.pa = pa, .dst = dst, .len = len};
	int ret = qemu_process_read(&path.process, &r, 1, &err);

	return ret ? ret : r.status != MEM_OK;
}

/* The process at the other end: taken, and found without a word of the stub. */
START_TEST(honest)
{
	uint8_t byte = 0;

	attach(0, SERVE);
	ck_assert_msg(!choose(MEMORY_AUTO), "%s", err.text);
	ck_assert_msg(path.by_process, "%s", path.why);
	ck_assert_int_eq(path.process.bound.pid, peer);
	ck_assert_int_eq(path.peer.pid, peer);
	ck_assert(path.peer.holds && path.peer.has_uid);
	ck_assert_uint_eq(path.peer.uid, geteuid());
	ck_assert(!strncmp(path.peer.command, "test_qemu_bound", 15));
	ck_assert(!read_bytes(0x1234, &byte, 1));
	ck_assert_uint_eq(byte, peer_byte(0x1234));
	detach();
}
END_TEST

/* The stub names a victim's thread: the victim is not even looked at. */
START_TEST(deputy)
{
	victim = child_start(keep_secret);
	attach(victim, "");
	check_refused("the vCPUs' threads are not its own");
}
END_TEST

/* Nor where that one has just what the guest has. */
START_TEST(deputy_with_the_same)
{
	victim = child_start(NULL);
	attach(victim, "");
	check_refused("the vCPUs' threads are not its own");
}
END_TEST

START_TEST(deputy_by_demand)
{
	victim = child_start(NULL);
	attach(victim, "");
	ck_assert_int_eq(choose(MEMORY_PROCESS), ERR_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "not its own"));
	detach();
}
END_TEST

/* A process that the user names has to be this guest's all the same. */
START_TEST(chosen)
{
	victim = child_start(NULL);
	attach(victim, SERVE);
	path.chosen = victim;
	ck_assert_msg(!choose(MEMORY_AUTO), "%s", err.text);
	ck_assert(path.by_process);
	ck_assert_int_eq(path.process.bound.pid, victim);
	detach();
}
END_TEST

START_TEST(chosen_in_vain)
{
	victim = child_start(keep_secret);
	attach(victim, SERVE);
	path.chosen = victim;
	ck_assert_int_eq(choose(MEMORY_PROCESS), ERR_REFUSED);
	ck_assert_msg(strstr(err.text, "does not hold this guest"), "%s",
		      err.text);
	ck_assert(!path.by_process);
	detach();
}
END_TEST

START_TEST(chosen_without_threads)
{
	victim = child_start(NULL);
	attach(getpid(), "");
	path.chosen = victim;
	check_refused("is not QEMU");
	ck_assert_ptr_nonnull(strstr(path.note, "is not QEMU"));
}
END_TEST

/* Root does not lend its rights to whoever has the stub. */
START_TEST(foreign)
{
	if (geteuid())
		return;
	ck_assert(!seteuid(NOBODY));
	attach(0, "");
	ck_assert(!seteuid(0));
	check_refused("the stub is UID 65534's, we are UID 0");
	ck_assert(path.foreign);
	ck_assert_msg(strstr(path.note, "is read through the stub"), "%s",
		      path.note);
	ck_assert_int_eq(path.peer.pid, peer);
}
END_TEST

START_TEST(foreign_but_chosen)
{
	if (geteuid())
		return;
	ck_assert(!seteuid(NOBODY));
	attach(0, SERVE);
	ck_assert(!seteuid(0));
	path.chosen = peer;
	ck_assert_msg(!choose(MEMORY_AUTO), "%s", err.text);
	ck_assert(path.by_process && !path.foreign);
	detach();
}
END_TEST

/* What is read for writing back is the stub's, the rest the process's. */
START_TEST(own_bytes)
{
	uint8_t bytes[2] = {0};
	struct mem_read r = {.pa = 0x4321, .dst = &bytes[0], .len = 1};
	struct mem_read own = {.pa = 0x4321, .dst = &bytes[1], .len = 1};

	attach(0, SERVE);
	ck_assert(!choose(MEMORY_AUTO) && path.by_process);
	victim = child_start(keep_secret);
	ck_assert(!qemu_process_bind(&path.process, victim, &err));
	ck_assert(!machine_read(&machine, &r, 1, &err));
	ck_assert(!machine_read_own(&machine, &own, 1, &err));
	ck_assert_int_eq(own.status, MEM_OK);
	ck_assert_uint_eq(bytes[0], SECRET);
	ck_assert_uint_eq(bytes[1], peer_byte(0x4321));
	detach();
}
END_TEST

/* Its blocks: the whole of the RAM that children of ours have. */
static void have_block(void *at, uint64_t size)
{
	qemu_areas_deinit(&path.process.areas);
	vec_deinit(&path.process.blocks);
	ck_assert(!vec_push(&path.process.blocks,
			    {0, size, (uint64_t)(uintptr_t)at}));
}

static void bind_to(pid_t pid)
{
	ck_assert_msg(!qemu_process_bind(&path.process, pid, &err), "%s",
		      err.text);
}

/* The number is another process's by now: none of its bytes comes. */
START_TEST(number_reused)
{
	pid_t first = child_start(NULL);
	uint8_t bytes[64];
	size_t i;

	have_block(ram, SIZE);
	bind_to(first);
	ck_assert(!read_bytes(0, bytes, sizeof(bytes)));
	child_end(&first);
	victim = child_start(keep_secret);
	path.process.bound.pid = victim;
	memset(bytes, 0, sizeof(bytes));
	ck_assert_int_eq(read_bytes(0, bytes, sizeof(bytes)), ERR_REFUSED);
	ck_assert_msg(strstr(err.text, "has ended"), "%s", err.text);
	for (i = 0; i < sizeof(bytes); i++)
		ck_assert_uint_ne(bytes[i], SECRET);
}
END_TEST

/* Nor where others have its memory still, as after clone(CLONE_VM). */
START_TEST(number_reused_but_memory_lives)
{
	_cleanup_close_ int mem = open("/proc/self/mem", O_RDONLY);
	pid_t first = child_start(NULL);
	uint8_t byte = 0;

	have_block(ram, SIZE);
	bind_to(first);
	ck_assert(!read_bytes(0, &byte, 1));
	child_end(&first);
	dup2(mem, path.process.bound.mem);
	victim = child_start(keep_secret);
	path.process.bound.pid = victim;
	ck_assert_int_eq(read_bytes(0, &byte, 1), ERR_REFUSED);
	ck_assert_uint_ne(byte, SECRET);
}
END_TEST

/* It is the same process, but its memory is a new program's. */
START_TEST(memory_replaced)
{
	pid_t first = child_start(NULL);
	uint8_t bytes[64] = {0};
	int mem;

	have_block(ram, SIZE);
	bind_to(first);
	ck_assert(!read_bytes(0, bytes, sizeof(bytes)));
	victim = child_start(keep_secret);
	mem = dup(path.process.bound.mem);
	bind_to(victim);
	dup2(mem, path.process.bound.mem);
	close(mem);
	ck_assert(!read_bytes(0, bytes, sizeof(bytes)));
	child_end(&first); /* as execve(2) ends a memory */
	memset(bytes, 0, sizeof(bytes));
	ck_assert_int_eq(read_bytes(0, bytes, sizeof(bytes)), ERR_REFUSED);
	ck_assert_msg(strstr(err.text, "another program"), "%s", err.text);
	ck_assert_uint_ne(bytes[0], SECRET);
}
END_TEST

/* A real execve(2) ends what the descriptor reads. */
START_TEST(executes)
{
	uint8_t byte;
	int fds[2];
	pid_t pid;

	ck_assert(!pipe2(fds, O_CLOEXEC));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		raise(SIGSTOP);
		execlp("sleep", "sleep", "600", (char *)NULL);
		_exit(1);
	}
	close(fds[1]);
	ck_assert_int_eq(waitpid(pid, NULL, WUNTRACED), pid);
	have_block(ram, SIZE);
	bind_to(pid);
	ck_assert(!read_bytes(0, &byte, 1));
	kill(pid, SIGCONT);
	ck_assert_int_eq(read(fds[0], &byte, 1), 0); /* closed by that */
	ck_assert(!qemu_bound_lives(&path.process.bound));
	ck_assert_int_eq(read_bytes(0, &byte, 1), ERR_REFUSED);
	child_end(&pid);
}
END_TEST

START_TEST(ended)
{
	pid_t pid = child_start(NULL);

	bind_to(pid);
	ck_assert(qemu_bound_lives(&path.process.bound));
	child_end(&pid);
	ck_assert(!qemu_bound_lives(&path.process.bound));
	ck_assert_int_eq(qemu_process_bind(&path.process, 0x7ffffff0, &err),
			 ERR_REFUSED);
	ck_assert(!path.process.bound.pid);
}
END_TEST

static void refuse_block(const char *words)
{
	ck_assert_int_eq(qemu_process_check(&path.process, &err), ERR_REFUSED);
	ck_assert_msg(strstr(err.text, words), "%s", err.text);
}

/* What a guest's memory is never in. */
START_TEST(mappings)
{
	_cleanup_close_ int fd = open("/proc/self/exe", O_RDONLY);
	uint8_t *code, *file, *pair;
	struct statfs fs;

	code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	file = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	pair = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert(code != MAP_FAILED && file != MAP_FAILED &&
		  pair != MAP_FAILED);
	ck_assert(!mprotect(pair + 4096, 4096, PROT_READ | PROT_WRITE));
	victim = child_start(NULL);
	bind_to(victim);
	have_block(ram, SIZE);
	ck_assert(!qemu_process_check(&path.process, &err));
	have_block(code, 4096);
	refuse_block("what no guest has");
	have_block(&fs, 64); /* a stack */
	refuse_block("what no guest has");
	have_block(pair, 4096);
	ck_assert(!qemu_process_check(&path.process, &err));
	have_block(pair, 8192);
	refuse_block("more than one mapping");
	have_block(NULL, 4096);
	refuse_block("has nothing");
	/* Where the program lies in a tmpfs, that is memory. */
	have_block(file, 4096);
	ck_assert(!fstatfs(fd, &fs));
	if (fs.f_type != TMPFS_MAGIC)
		refuse_block("can keep a reader waiting");
}
END_TEST

/* What it may be in: a memfd, shared memory, a file of a tmpfs. */
START_TEST(memory_files)
{
	char name[] = "/dev/shm/qvmi-XXXXXX";
	int fds[3] = {memfd_create("ram", 0), -1, mkstemp(name)};
	int flags[3] = {MAP_PRIVATE, MAP_SHARED | MAP_ANONYMOUS, MAP_SHARED};
	void *at[3];
	struct statfs fs;
	size_t i;

	unlink(name);
	/* There may be no /dev/shm, or it may be another file system. */
	if (fds[2] < 0 || fstatfs(fds[2], &fs) || fs.f_type != TMPFS_MAGIC)
		fds[2] = memfd_create("ram", 0);
	for (i = 0; i < 3; i++) {
		ck_assert(fds[i] < 0 || !ftruncate(fds[i], 4096));
		at[i] = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags[i],
			     fds[i], 0);
		ck_assert(at[i] != MAP_FAILED);
	}
	victim = child_start(NULL);
	bind_to(victim);
	for (i = 0; i < 3; i++) {
		have_block(at[i], 4096);
		ck_assert_msg(!qemu_process_check(&path.process, &err),
			      "%zu: %s", i, err.text);
	}
}
END_TEST

static void drop_user(void)
{
	ck_assert(!setresuid(NOBODY, 0, 0));
}

/* A program that has other rights than its user's is nobody's. */
START_TEST(users)
{
	victim = child_start(NULL);
	bind_to(victim);
	ck_assert(qemu_bound_is_of(&path.process.bound, geteuid()));
	ck_assert(!qemu_bound_is_of(&path.process.bound, 12345));
	if (geteuid())
		return;
	child_end(&victim);
	victim = child_start(drop_user);
	bind_to(victim);
	ck_assert(!qemu_bound_is_of(&path.process.bound, 0));
	ck_assert(!qemu_bound_is_of(&path.process.bound, NOBODY));
}
END_TEST

/* A system call that this host does not have. */
static void lack(unsigned int call)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {4, code};

	ck_assert(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	ck_assert(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

/* Linux before 5.3: the stub does it, and what is missing is said. */
START_TEST(no_pidfd)
{
	attach(0, "");
	lack(SYS_pidfd_open);
	check_refused("pidfd_open(2) is missing");
}
END_TEST

static void add_cpu(struct monitor_cpus *cpus, long tid)
{
	ck_assert(!vec_push(&cpus->v, {.thread_id = tid}));
}

static volatile long tid;

static void *idle(void *arg)
{
	tid = syscall(SYS_gettid);
	pause();
	return arg;
}

START_TEST(threads)
{
	_cleanup_(monitor_cpus_deinit) struct monitor_cpus cpus = {0};
	struct qemu_bound *bound = &path.process.bound;
	pthread_t thread;

	bind_to(getpid());
	ck_assert(qemu_bound_has_threads(bound, &cpus));
	ck_assert(!pthread_create(&thread, NULL, idle, NULL));
	while (!tid)
		usleep(1000);
	ck_assert_int_ne(tid, getpid());
	ck_assert_int_eq(qemu_find_by_thread(tid), getpid());
	ck_assert_int_eq(qemu_find_by_thread(0x7ffffff0), 0);
	add_cpu(&cpus, tid);
	ck_assert(qemu_bound_has_threads(bound, &cpus));
	add_cpu(&cpus, getpid());
	ck_assert(qemu_bound_has_threads(bound, &cpus));
	add_cpu(&cpus, getppid());
	ck_assert(!qemu_bound_has_threads(bound, &cpus));
	cpus.v.v[2].thread_id = 0x7ffffff0;
	ck_assert(!qemu_bound_has_threads(bound, &cpus));
	cpus.v.v[2].thread_id = 0;
	ck_assert(!qemu_bound_has_threads(bound, &cpus));
}
END_TEST

/* A child that has accepted from a listening socket, and what we connected. */
static void serve(int family, const struct sockaddr *to, socklen_t len,
		  int listener)
{
	int fd = socket(family, SOCK_STREAM, 0), fds[2];
	struct qemu_peer found;
	char byte;
	pid_t pid;

	ck_assert(!connect(fd, to, len));
	ck_assert(!pipe(fds));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fd);
		if (!geteuid())
			ck_assert(!setresuid(NOBODY, NOBODY, NOBODY));
		fd = accept(listener, NULL, NULL);
		if (fd >= 0 && write(fds[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	qemu_peer_look(&found, fd, NULL);
	ck_assert_msg(found.holds, "%s", found.why);
	ck_assert_int_eq(found.pid, pid);
	/* Unix: who listened; TCP: who accepted. */
	ck_assert(found.has_uid);
	ck_assert_uint_eq(found.uid,
			  geteuid() || family == AF_UNIX ? geteuid() : NOBODY);
	child_end(&pid);
	qemu_peer_look(&found, fd, NULL);
	ck_assert(!found.holds && *found.why);
	close(fd);
}

START_TEST(peers_by_tcp)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	socklen_t len = sizeof(any), v4_len = sizeof(v4);
	int listener;

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert(!bind(listener, (struct sockaddr *)&v4, sizeof(v4)));
	ck_assert(!listen(listener, 1));
	getsockname(listener, (struct sockaddr *)&v4, &v4_len);
	serve(AF_INET, (struct sockaddr *)&v4, sizeof(v4), listener);

	/* For both families at once; none in a name space without IPv6. */
	listener = socket(AF_INET6, SOCK_STREAM, 0);
	if (listener < 0 ||
	    bind(listener, (struct sockaddr *)&any, sizeof(any)))
		return;
	ck_assert(!listen(listener, 1));
	getsockname(listener, (struct sockaddr *)&any, &len);
	v4.sin_port = any.sin6_port;
	serve(AF_INET, (struct sockaddr *)&v4, sizeof(v4), listener);
	any.sin6_addr = in6addr_loopback;
	serve(AF_INET6, (struct sockaddr *)&any, sizeof(any), listener);
}
END_TEST

/* We listen, as a manager does, and a child accepts. */
START_TEST(peers_by_unix)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	socklen_t len = sizeof(sa.sun_family) + 24;
	struct qemu_peer found;
	int fds[2];

	snprintf(sa.sun_path + 1, 23, "qvmi-bound.%d", (int)getpid());
	ck_assert(!bind(listener, (struct sockaddr *)&sa, len));
	ck_assert(!listen(listener, 1));
	serve(AF_UNIX, (struct sockaddr *)&sa, len, listener);
	ck_assert(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	qemu_peer_look(&found, fds[0], NULL);
	ck_assert(found.holds && found.pid == getpid());
	qemu_peer_look(&found, -1, NULL);
	ck_assert(!found.holds && !found.pid && !found.has_uid);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qemu/bound");
	TCase *c = tcase_create("bound");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, honest);
	tcase_add_test(c, deputy);
	tcase_add_test(c, deputy_with_the_same);
	tcase_add_test(c, deputy_by_demand);
	tcase_add_test(c, chosen);
	tcase_add_test(c, chosen_in_vain);
	tcase_add_test(c, chosen_without_threads);
	tcase_add_test(c, foreign);
	tcase_add_test(c, foreign_but_chosen);
	tcase_add_test(c, own_bytes);
	tcase_add_test(c, number_reused);
	tcase_add_test(c, number_reused_but_memory_lives);
	tcase_add_test(c, memory_replaced);
	tcase_add_test(c, executes);
	tcase_add_test(c, ended);
	tcase_add_test(c, mappings);
	tcase_add_test(c, memory_files);
	tcase_add_test(c, users);
	tcase_add_test(c, no_pidfd);
	tcase_add_test(c, threads);
	tcase_add_test(c, peers_by_tcp);
	tcase_add_test(c, peers_by_unix);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
