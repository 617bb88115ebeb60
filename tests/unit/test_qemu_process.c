/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of reading a process that stands in for QEMU, and of finding it. */
#include "base/clock.h"
#include "qemu/process.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "gdbrsp/wait.h"
#include "qemu/path.h"
#include "qemu/verify.h"
#include "unit/child.h"
#include "unit/gdbrsp_peer.h"

/* RAM of the guest: [0, LOW) and [HIGH, HIGH + LOW), apart in the process. */
#define LOW    (1u << 20)
#define HIGH   0x100550000ULL /* where peer_byte() differs */
#define NOBODY 65534

static struct qemu_process process;
static struct machine machine;
static struct gdbrsp_client client;
static struct gdbrsp_conn *conn;
static pid_t peer;
static uint8_t *low, *high;
static struct err err;

static uint8_t *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert(p != MAP_FAILED);
	return p;
}

/* What a serving peer has at these addresses, and at all of a range. */
static void fill_at(uint8_t *to, uint64_t pa, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		to[i] = peer_byte(pa + i);
}

static void fill(uint8_t *to, uint64_t pa)
{
	fill_at(to, pa, LOW);
}

/* The child that is read from now on; one of its own, as QEMU would be. */
static void run(void (*prepare)(void))
{
	pid_t pid = child_start(prepare);

	ck_assert_msg(!qemu_process_bind(&process, pid, &err), "%s", err.text);
}

/* It ends, and is still taken for the one that is read. */
static void stop(void)
{
	pid_t pid = process.bound.pid;

	child_end(&pid);
}

static void end_process(void)
{
	stop();
	qemu_bound_close(&process.bound);
}

static void setup(void)
{
	process = (struct qemu_process){0};
	machine_init(&machine, &qemu_path_ops, NULL);
	low = map(LOW);
	high = map(LOW);
	fill(low, 0);
	fill(high, HIGH);
	ck_assert(!machine_add_ram(&machine, 0, LOW, "m0", 0, NULL));
	ck_assert(!machine_add_ram(&machine, HIGH, LOW, "m1", 0, NULL));
	ck_assert(
		!vec_push(&process.blocks, {0, LOW, (uint64_t)(uintptr_t)low}));
	ck_assert(!vec_push(&process.blocks,
			    {HIGH, LOW, (uint64_t)(uintptr_t)high}));
}

static void teardown(void)
{
	end_process();
	qemu_process_deinit(&process);
	machine_deinit(&machine);
	munmap(low, LOW);
	munmap(high, LOW);
}

/* Many pieces, more than one call takes, of all lengths. */
START_TEST(reads)
{
	enum {
		N = 3000
	};
	struct mem_read *r = calloc(N, sizeof(*r));
	uint8_t *bytes = malloc(N * 300);
	size_t i, k;

	run(NULL);
	for (i = 0; i < N; i++)
		r[i] = (struct mem_read){.pa = (i % 2 ? HIGH : 0) +
					       i * 331 % (LOW - 300),
					 .dst = bytes + i * 300,
					 .len = i % 300};
	ck_assert(!qemu_process_read(&process, r, N, &err));
	for (i = 0; i < N; i++) {
		ck_assert_int_eq(r[i].status, MEM_OK);
		for (k = 0; k < r[i].len; k++)
			ck_assert_uint_eq(bytes[i * 300 + k],
					  peer_byte(r[i].pa + k));
	}
	ck_assert(!qemu_process_read(&process, NULL, 0, &err));
	free(bytes);
	free(r);
}
END_TEST

/* A read over the border of two blocks that adjoin in the guest alone. */
START_TEST(adjoining)
{
	uint8_t bytes[64];
	struct mem_read r = {.pa = LOW - 20, .dst = bytes, .len = 64};
	size_t i;

	run(NULL);
	process.blocks.v[1].start = LOW;
	ck_assert(!qemu_process_read(&process, &r, 1, &err));
	ck_assert_int_eq(r.status, MEM_OK);
	for (i = 0; i < 64; i++)
		ck_assert_uint_eq(bytes[i], peer_byte(i < 20 ? LOW - 20 + i
							     : HIGH + i - 20));
}
END_TEST

static void unmap_page(void)
{
	munmap(high + 0x5000, 0x1000);
}

/* A page that is not mapped costs the pieces on it, and no other. */
START_TEST(holes)
{
	uint8_t bytes[8][0x2000];
	struct mem_read r[8] = {
		{.pa = HIGH + 0x4000, .len = 0x1000},
		{.pa = HIGH + 0x5000, .len = 0x1000},
		{.pa = HIGH + 0x4f00, .len = 0x101},
		{.pa = 0x2000, .len = 0x2000},
		{.pa = HIGH + 0x5fff, .len = 2},
		{.pa = 2 * LOW, .len = 1}, /* no block */
		{.pa = LOW - 1, .len = 2}, /* half of one */
		{.pa = HIGH + 0x6000, .len = 0x2000},
	};
	static const bool there[8] = {true,  false, false, true,
				      false, false, false, true};
	size_t i;

	run(unmap_page);
	for (i = 0; i < 8; i++)
		r[i].dst = bytes[i];
	ck_assert(!qemu_process_read(&process, r, 8, &err));
	for (i = 0; i < 8; i++) {
		ck_assert_int_eq(r[i].status, there[i] ? MEM_OK : MEM_FAILED);
		if (there[i])
			ck_assert_uint_eq(bytes[i][r[i].len - 1],
					  peer_byte(r[i].pa + r[i].len - 1));
	}
}
END_TEST

static int read_byte(void)
{
	char byte;
	struct mem_read r = {.pa = 0, .dst = &byte, .len = 1};

	return qemu_process_read(&process, &r, 1, &err);
}

START_TEST(gone)
{
	run(NULL);
	ck_assert(!read_byte());
	stop();
	ck_assert_int_eq(read_byte(), ERR_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "No such process"));
	qemu_bound_close(&process.bound);
}
END_TEST

static void become_nobody(void)
{
	if (geteuid())
		return;
	ck_assert(!setresgid(NOBODY, NOBODY, NOBODY));
	ck_assert(!setresuid(NOBODY, NOBODY, NOBODY));
	ck_assert(!prctl(PR_SET_DUMPABLE, 1));
}

static void hide(void)
{
	prctl(PR_SET_DUMPABLE, 0);
}

static void refuse(pid_t pid)
{
	ck_assert_int_eq(qemu_process_bind(&process, pid, &err), ERR_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "may not read"));
	ck_assert(process.denied && !process.bound.pid);
}

/* ptrace(2): another user's, or not dumpable. */
START_TEST(not_allowed)
{
	pid_t pid = child_start(NULL);

	if (!geteuid()) {
		become_nobody();
		refuse(pid); /* nor ended: it ends with us */
	}
}
END_TEST

START_TEST(not_dumpable)
{
	become_nobody();
	refuse(child_start(hide));
}
END_TEST

START_TEST(interrupted)
{
	volatile sig_atomic_t flag = 0;
	const struct gdbrsp_wait limits = {.interrupt = &flag};

	run(NULL);
	process.limits = &limits;
	ck_assert(!read_byte());
	flag = SIGINT;
	ck_assert_int_eq(read_byte(), ERR_INTERRUPTED);
}
END_TEST

START_TEST(too_long)
{
	struct gdbrsp_wait limits = {.until_us = clock_now_us() +
						 3600ULL * 1000000};

	run(NULL);
	process.limits = &limits;
	ck_assert(!read_byte());
	limits.until_us = clock_now_us();
	ck_assert_int_eq(read_byte(), ERR_INTERRUPTED);
	ck_assert_ptr_nonnull(strstr(err.text, "as long as it may"));
}
END_TEST

static void connect_peer(const char *script, bool zeros)
{
	static const struct gdbrsp_conn_opts opts = {.timeout_ms = 5000};
	const struct peer_opts peer_opts = {.packet_size = 4096,
					    .zeros = zeros};
	int fd;

	peer = peer_start(script, &peer_opts, &fd);
	ck_assert(!gdbrsp_conn_adopt(fd, "peer", &opts, &conn, &err));
	gdbrsp_client_init(&client, conn);
	client.packet_size = 4096;
	client.answered = client.steady = client.is_qemu = true;
}

static void connect_to(const char *script)
{
	connect_peer(script, false);
}

static void disconnect(void)
{
	/* It has a copy of our end of the connection. */
	end_process();
	gdbrsp_conn_close(conn);
	ck_assert_int_eq(peer_wait(peer), 0);
}

static int verify(void)
{
	return qemu_verify_bytes(&process, &client, &machine, false, &err);
}

static int verify_again(void)
{
	return qemu_verify_bytes(&process, &client, &machine, true, &err);
}

START_TEST(same_guest)
{
	struct gdbrsp_conn_stats stats;

	connect_to("serve\n");
	run(NULL);
	ck_assert_msg(!verify(), "%s", err.text);
	gdbrsp_conn_stats(conn, &stats);
	ck_assert_uint_le(stats.packets, 30);
	disconnect();
}
END_TEST

static void other_bytes(void)
{
	memset(high, 0x55, LOW);
}

static void all_zeros(void)
{
	memset(low, 0, LOW);
	memset(high, 0, LOW);
}

/* Places are drawn by lot, five of a range: none is missed here. */
static void one_page_in_sixteen(void)
{
	size_t i;

	for (i = 0; i < LOW; i += 0x10000)
		memset(low + i, 0xee, 0xf000);
}

static void swapped_blocks(void)
{
	fill(low, HIGH);
	fill(high, 0);
}

static void unmapped(void)
{
	munmap(high, LOW);
}

/* Other bytes, none, or nothing mapped: never trusted. */
START_TEST(other_guest)
{
	static void (*const others[])(void) = {other_bytes, all_zeros,
					       one_page_in_sixteen,
					       swapped_blocks, unmapped};
	size_t i;

	connect_to("serve\n");
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		run(others[i]);
		ck_assert_int_eq(verify(), ERR_REFUSED);
		ck_assert_msg(strstr(err.text, "does not hold this guest"),
			      "%zu: %s", i, err.text);
		end_process();
	}
	/* The addresses mean something else to it. */
	run(NULL);
	process.blocks.v[0].hva += 0x1000;
	ck_assert_int_eq(verify(), ERR_REFUSED);
	disconnect();
}
END_TEST

/* Zeros on both sides are no evidence. */
START_TEST(empty_guest)
{
	connect_peer("serve\n", true);
	run(all_zeros);
	ck_assert_int_eq(verify(), ERR_REFUSED);
	ck_assert_msg(strstr(err.text, "too empty"), "%s", err.text);
	disconnect();
}
END_TEST

/* What was proven is looked at in a place of each range, for a difference. */
START_TEST(again)
{
	struct gdbrsp_conn_stats before, after;

	connect_to("serve\n");
	run(NULL);
	gdbrsp_conn_stats(conn, &before);
	ck_assert_msg(!verify_again(), "%s", err.text);
	gdbrsp_conn_stats(conn, &after);
	/* and one that tells where the answers end */
	ck_assert_uint_eq(after.packets, before.packets + machine.ram.n + 1);
	end_process();
	run(other_bytes);
	ck_assert_int_eq(verify_again(), ERR_REFUSED);
	disconnect();
}
END_TEST

/* Pages that this process has of [at, at + size). */
static size_t pages_of(pid_t pid, const uint8_t *at, size_t size)
{
	uint64_t entry;
	char path[64];
	size_t i, n = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/pagemap", (long)pid);
	fd = open(path, O_RDONLY);
	for (i = 0; i < size; i += 0x1000) {
		ck_assert_int_eq(pread(fd, &entry, 8,
				       (off_t)(((uintptr_t)at + i) / 512)),
				 8);
		n += entry >> 62 != 0;
	}
	close(fd);
	return n;
}

/* A range of the guest lies there in the process. */
static void put_block(size_t i, uint8_t *at)
{
	process.blocks.v[i].hva = (uint64_t)(uintptr_t)at;
}

static void write_one(void)
{
	high[0x7123] = 0x5a;
	high[0x46000] = 1;
	ck_assert(!madvise(high + 0x46000, 0x1000, MADV_DONTNEED));
}

/* Read a block in pieces of any length, and compare with what it must be. */
static void read_all(uint64_t pa, const uint8_t *want, size_t len)
{
	uint8_t *bytes = malloc(len);
	struct mem_read r[64];
	size_t i, n, done = 0;

	memset(bytes, 0xaa, len);
	while (done < len) {
		for (n = 0; n < 64 && done < len; n++, done += i) {
			i = 1 + done * 7 % 9000;
			i = i < len - done ? i : len - done;
			r[n] = (struct mem_read){
				.pa = pa + done, .dst = bytes + done, .len = i};
		}
		ck_assert_msg(!qemu_process_read(&process, r, n, &err), "%s",
			      err.text);
		for (i = 0; i < n; i++)
			ck_assert_int_eq(r[i].status, MEM_OK);
	}
	ck_assert(!memcmp(bytes, want, len));
	free(bytes);
}

/* A page that nobody has touched is zeros, and stays untouched. */
START_TEST(untouched)
{
	uint8_t *want = calloc(1, LOW);
	size_t before;

	want[0x7123] = 0x5a;
	munmap(high, LOW);
	high = map(LOW);
	ck_assert(!madvise(high, LOW, MADV_HUGEPAGE) || errno == EINVAL);
	put_block(1, high);
	run(write_one);
	before = pages_of(process.bound.pid, high, LOW);
	ck_assert_uint_ge(before, 1);
	ck_assert_uint_lt(before, LOW / 0x1000);
	read_all(HIGH, want, LOW);
	ck_assert_uint_eq(pages_of(process.bound.pid, high, LOW), before);
	free(want);
}
END_TEST

/* Nor do those that decide which process it is look at such a page. */
START_TEST(verified_untouched)
{
	size_t before;

	munmap(high, LOW);
	high = map(LOW);
	fill_at(high + 0x7000, HIGH + 0x7000, 0x1000);
	put_block(1, high);
	connect_to("serve\n");
	run(NULL);
	before = pages_of(process.bound.pid, high, LOW);
	ck_assert_uint_eq(before, 1);
	ck_assert_msg(!verify(), "%s", err.text);
	ck_assert_uint_eq(pages_of(process.bound.pid, high, LOW), before);
	disconnect();
}
END_TEST

static void forget_pages(void)
{
	ck_assert(!madvise(high, LOW, MADV_DONTNEED));
}

/* The memory of a file: what it has counts, not what this process mapped. */
static void check_file(int flags, bool fill_file)
{
	uint8_t *want = calloc(1, LOW);
	struct stat st;
	blkcnt_t blocks;
	int fd = memfd_create("ram", 0);

	ck_assert(!ftruncate(fd, LOW));
	if (fill_file) {
		fill(want, HIGH);
		memset(want + 0x20000, 0, 0x30000); /* a hole */
		ck_assert_int_eq(pwrite(fd, want, 0x20000, 0), 0x20000);
		ck_assert_int_eq(
			pwrite(fd, want + 0x50000, LOW - 0x50000, 0x50000),
			LOW - 0x50000);
	}
	munmap(high, LOW);
	high = mmap(NULL, LOW, PROT_READ | PROT_WRITE, flags, fd, 0);
	ck_assert(high != MAP_FAILED);
	put_block(1, high);
	ck_assert(!fstat(fd, &st));
	blocks = st.st_blocks;
	run(forget_pages);
	read_all(HIGH, want, LOW);
	ck_assert_uint_eq(pages_of(process.bound.pid, high, LOW), 0);
	ck_assert(!fstat(fd, &st));
	ck_assert_int_eq(st.st_blocks, blocks);
	close(fd);
	free(want);
}

START_TEST(shared_file)
{
	check_file(MAP_SHARED, true);
}
END_TEST

START_TEST(private_file)
{
	check_file(MAP_PRIVATE, true);
}
END_TEST

START_TEST(empty_file)
{
	check_file(MAP_SHARED, false);
}
END_TEST

/* Without the rights for map_files: by the descriptor that the process has. */
START_TEST(file_held)
{
	become_nobody();
	check_file(MAP_SHARED, true);
}
END_TEST

/* Nor a descriptor: it is read. */
START_TEST(file_out_of_reach)
{
	uint8_t *want = calloc(1, LOW);

	munmap(high, LOW);
	high = mmap(NULL, LOW, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fill(high, HIGH);
	fill(want, HIGH);
	put_block(1, high);
	become_nobody();
	run(forget_pages);
	read_all(HIGH, want, LOW);
	free(want);
}
END_TEST

/* What was zeros may have been written to: that is for us to say. */
START_TEST(forgets)
{
	uint8_t byte = 0x77, got = 1;
	struct iovec from = {&byte, 1}, to = {low + 0x3005, 1};
	struct mem_read r = {.pa = 0x3005, .dst = &got, .len = 1};

	munmap(low, LOW);
	low = map(LOW);
	put_block(0, low);
	to.iov_base = low + 0x3005;
	run(NULL);
	ck_assert(!qemu_process_read(&process, &r, 1, &err));
	ck_assert_uint_eq(got, 0);
	ck_assert_int_eq(
		process_vm_writev(process.bound.pid, &from, 1, &to, 1, 0), 1);
	qemu_process_forget(&process);
	ck_assert(!qemu_process_read(&process, &r, 1, &err));
	ck_assert_uint_eq(got, 0x77);
}
END_TEST

static int faults;

static void wait_for_pages(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register reg = {
		.range = {(uintptr_t)high, LOW},
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (faults >= 0 && (ioctl(faults, UFFDIO_API, &api) ||
			    ioctl(faults, UFFDIO_REGISTER, &reg)))
		_exit(2);
}

/* Pages that are yet to come, as in a migration, are not taken for zeros. */
START_TEST(pages_to_come)
{
	const struct qemu_area *area;
	uint8_t byte;
	struct mem_read r = {.pa = HIGH + 5, .dst = &byte, .len = 1};

	faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (faults < 0)
		return; /* not on this host */
	close(faults);
	munmap(high, LOW);
	high = map(LOW);
	run(wait_for_pages);
	ck_assert(!qemu_areas_load(&process.areas, &process.bound, true, &err));
	area = qemu_areas_find(&process.areas, (uintptr_t)high);
	ck_assert_ptr_nonnull(area);
	ck_assert_int_eq(area->kind, AREA_TO_COME);
	area = qemu_areas_find(&process.areas, (uintptr_t)low);
	ck_assert_ptr_nonnull(area);
	ck_assert_int_eq(area->kind, AREA_ZEROS);
	/* Nobody would ever bring it. */
	put_block(1, high);
	ck_assert(!qemu_process_read(&process, &r, 1, &err));
	ck_assert_int_eq(r.status, MEM_FAILED);
}
END_TEST

/* The process dies in mid-session: the stub goes on, and a note says so. */
START_TEST(falls_back)
{
	struct qemu_path path = {
		.stub = {.client = &client,
			 .monitor = qemu_monitor_by_stub(&client)}};
	uint8_t bytes[16];
	struct mem_read r = {.pa = HIGH + 3, .dst = bytes, .len = 16};
	int i;

	connect_to("serve\n");
	run(NULL);
	path.process = process;
	path.by_process = true;
	ck_assert(!qemu_path_ops.read(&path, &r, 1, &err));
	ck_assert(path.by_process && !*path.note);
	stop();
	for (i = 0; i < 2; i++) {
		memset(bytes, 0, sizeof(bytes));
		ck_assert(!qemu_path_ops.read(&path, &r, 1, &err));
		ck_assert_int_eq(r.status, MEM_OK);
		ck_assert_uint_eq(bytes[15], peer_byte(HIGH + 18));
		ck_assert(!path.by_process);
		ck_assert_ptr_nonnull(strstr(path.note, "No such process"));
	}
	process = path.process; /* what it has learnt, too */
	qemu_bound_close(&process.bound);
	disconnect();
}
END_TEST

START_TEST(falls_back_at_a_hole)
{
	struct qemu_path path = {
		.stub = {.client = &client,
			 .monitor = qemu_monitor_by_stub(&client)}};
	uint8_t bytes[16];
	struct mem_read r = {.pa = HIGH + 0x5000, .dst = bytes, .len = 16};

	connect_to("serve\n");
	run(unmap_page);
	path.process = process;
	path.by_process = true;
	ck_assert(!qemu_path_ops.read(&path, &r, 1, &err));
	ck_assert_int_eq(r.status, MEM_OK);
	ck_assert_uint_eq(bytes[0], peer_byte(HIGH + 0x5000));
	ck_assert_ptr_nonnull(strstr(path.note, "does not have physical"));
	process = path.process;
	disconnect();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qemu/process");
	TCase *c = tcase_create("process");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, reads);
	tcase_add_test(c, adjoining);
	tcase_add_test(c, holes);
	tcase_add_test(c, gone);
	tcase_add_test(c, not_allowed);
	tcase_add_test(c, not_dumpable);
	tcase_add_test(c, interrupted);
	tcase_add_test(c, too_long);
	tcase_add_test(c, same_guest);
	tcase_add_test(c, other_guest);
	tcase_add_test(c, again);
	tcase_add_test(c, empty_guest);
	tcase_add_test(c, untouched);
	tcase_add_test(c, verified_untouched);
	tcase_add_test(c, shared_file);
	tcase_add_test(c, private_file);
	tcase_add_test(c, empty_file);
	tcase_add_test(c, file_held);
	tcase_add_test(c, file_out_of_reach);
	tcase_add_test(c, forgets);
	tcase_add_test(c, pages_to_come);
	tcase_add_test(c, falls_back);
	tcase_add_test(c, falls_back_at_a_hole);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
