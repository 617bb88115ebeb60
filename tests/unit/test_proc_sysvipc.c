/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of sysvipc/shm, sysvipc/sem and sysvipc/msg, on tables that are written
 * by hand. */
#include <check.h>
#include <string.h>

#include "kernel/ipc/ipc.h"
#include "kernel/limits.h"
#include "unit/proc_kit.h"

#define SPACE	   (DIRECT + 0x1000) /* init_ipc_ns */
#define NODE(i)	   (DIRECT + 0x2000 + (i)*0x400ULL)
#define OBJECT(i)  (DIRECT + 0x8000 + (i)*0x400ULL) /* has its perm in it */
#define PERM(i)	   (OBJECT(i) + 0x40)
#define PID(i)	   (DIRECT + 0x40000 + (i)*0x40ULL)
#define FILE_AT(i) (DIRECT + 0x50000 + (i)*0x10ULL)
#define INODE(i)   (DIRECT + 0x60000 + (i)*0x40ULL)
#define MAPPING(i) (DIRECT + 0x70000 + (i)*0x10ULL)
#define SUPER	   (DIRECT + 0x80000)
#define HUGE_SUPER (DIRECT + 0x80040)
#define LOST	   (DIRECT + (2u << 20)) /* behind all of memory */

#define SHM                                                                    \
	"       key      shmid perms                  size  cpid  lpid "       \
	"nattch "                                                              \
	"  uid   gid  cuid  cgid      atime      dtime      ctime            " \
	" "                                                                    \
	"      rss                  swap\n"
#define SEM                                                                    \
	"       key      semid perms      nsems   uid   gid  cuid  cgid      " \
	"otime      ctime\n"
#define MSG                                                                    \
	"       key      msqid perms      cbytes       qnum lspid lrpid   uid" \
	"   gid  cuid  cgid      stime      rtime      ctime\n"

static struct fake_kernel f;
static struct proc_values v;
static struct buf all;

static const struct fake_member members[] = {
	{"ipc_namespace.ids", 0x10, 0},
	{"ipc_ids.ipcs_idr.idr_rt.xa_head", 0x8, 8},
	{"xa_node.shift", 0, 1},
	{"xa_node.slots", 8, 512},
	{"kern_ipc_perm.key", 0, 4},
	{"kern_ipc_perm.id", 4, 4},
	{"kern_ipc_perm.mode", 8, 2},
	{"kern_ipc_perm.uid", 12, 4},
	{"kern_ipc_perm.gid", 16, 4},
	{"kern_ipc_perm.cuid", 20, 4},
	{"kern_ipc_perm.cgid", 24, 4},
	{"shmid_kernel.shm_perm", 0x40, 32},
	{"shmid_kernel.shm_file", 0, 8},
	{"shmid_kernel.shm_segsz", 8, 8},
	{"shmid_kernel.shm_nattch", 0x10, 8},
	{"shmid_kernel.shm_atim", 0x18, 8},
	{"shmid_kernel.shm_dtim", 0x20, 8},
	{"shmid_kernel.shm_ctim", 0x28, 8},
	{"shmid_kernel.shm_cprid", 0x30, 8},
	{"shmid_kernel.shm_lprid", 0x38, 8},
	{"file.f_inode", 8, 8},
	{"inode.i_mapping", 0, 8},
	{"inode.i_sb", 8, 8},
	{"address_space.nrpages", 0, 8},
	{"super_block.s_magic", 0, 8},
	{"super_block.s_blocksize", 8, 8},
	{"shmem_inode_info.vfs_inode", 0x20, 32},
	{"shmem_inode_info.swapped", 8, 8},
	{"sem_array.sem_perm", 0x40, 32},
	{"sem_array.sem_ctime", 0, 8},
	{"sem_array.sem_nsems", 8, 4},
	{"sem_array.sems", 0x80, 0},
	{"sem.sem_otime", 16, 8},
	{"msg_queue.q_perm", 0x40, 32},
	{"msg_queue.q_stime", 0, 8},
	{"msg_queue.q_rtime", 8, 8},
	{"msg_queue.q_ctime", 0x10, 8},
	{"msg_queue.q_cbytes", 0x18, 8},
	{"msg_queue.q_qnum", 0x20, 8},
	{"msg_queue.q_lspid", 0x30, 8},
	{"msg_queue.q_lrpid", 0x38, 8},
	{"pid.level", 0, 4},
	{"pid.numbers", 16, 0},
	{"upid.nr", 0, 4},
	{"upid.ns", 8, 8},
};

static void setup(void)
{
	fake_kernel_init(&f);
	fake_task_fields();
	fake_field("task_struct.pid_links", 96, 64);
	fake_symbol("init_pid_ns", DIRECT + 0x100); /* it has no task */
	fake_symbol("init_ipc_ns", SPACE);
	fake_fields(members, sizeof(members) / sizeof(members[0]));
	fake_sizeof("ipc_ids", 0x20);
	fake_sizeof("sem", 32);
	fake_sizeof("upid", 16);
	fake_sizeof("xa_node", 0x400);
	fake_put64(&f, SUPER, 0x01021994);
	fake_put64(&f, SUPER + 8, 4096);
	fake_put64(&f, HUGE_SUPER, 0x958458f6);
	fake_put64(&f, HUGE_SUPER + 8, 2 << 20);
}

static void teardown(void)
{
	buf_deinit(&all);
	proc_values_deinit(&v);
	fake_kernel_deinit(&f);
}

static int read_file(const struct proc_file *file, struct err *err)
{
	return proc_kit_read(&f, file, &v, &all, err);
}

static void expect(const struct proc_file *file, const char *text)
{
	ck_assert_int_eq(read_file(file, NULL), 0);
	ck_assert_str_eq(all.data, text);
}

/* What is left, and a word of why it is not whole. */
static void expect_torn(const struct proc_file *file, const char *text,
			const char *why)
{
	expect(file, text);
	ck_assert(v.parts->torn);
	ck_assert_ptr_nonnull(strstr(v.parts->why.data, why));
}

/* The table of a kind: n objects from one on, by index. */
static void put_table(enum ipc_kind kind, unsigned int first, unsigned int n)
{
	unsigned int i;

	fake_put64(&f, SPACE + 0x10 + 8 + kind * 0x20ULL, NODE(0) | 2);
	for (i = 0; i < 64; i++)
		fake_put64(&f, NODE(0) + 8 + i * 8ULL,
			   i < n ? PERM(first + i) : 0);
}

static void put_perm(unsigned int i, int32_t key, uint32_t mode)
{
	fake_put32(&f, PERM(i), (uint32_t)key);
	fake_put32(&f, PERM(i) + 4, 32768 * i + 7);
	fake_put32(&f, PERM(i) + 8, mode | 0xdead0000); /* 2 bytes alone */
	fake_put32(&f, PERM(i) + 12, 1000 + i);
	fake_put32(&f, PERM(i) + 16, 2000);
	fake_put32(&f, PERM(i) + 20, 0);
	fake_put32(&f, PERM(i) + 24, 123456);
}

static void put_pid(unsigned int i, uint32_t nr)
{
	fake_put32(&f, PID(i) + 16, nr);
	fake_put64(&f, PID(i) + 24, DIRECT + 0x100);
}

/* A segment of a file with pages in memory and in swap. */
static void put_segment(unsigned int i, uint64_t pages, uint64_t swapped)
{
	uint64_t word;

	fake_put64(&f, OBJECT(i), FILE_AT(i));
	fake_put64(&f, OBJECT(i) + 8, 12289);
	for (word = 0; word < 4; word++)
		fake_put64(&f, OBJECT(i) + 0x10 + word * 8,
			   word ? 1700000000 + word : 3);
	fake_put64(&f, OBJECT(i) + 0x30, PID(0));
	fake_put64(&f, OBJECT(i) + 0x38, 0);
	fake_put64(&f, FILE_AT(i) + 8, INODE(i) + 0x20);
	fake_put64(&f, INODE(i) + 8, swapped);
	fake_put64(&f, INODE(i) + 0x20, MAPPING(i));
	fake_put64(&f, INODE(i) + 0x28, SUPER);
	fake_put64(&f, MAPPING(i), pages);
	put_perm(i, 0x51, 01600);
}

#define SEGMENT_7                                                             \
	"        81          7  1600                 12289    42     0      " \
	"3  "                                                                 \
	"1000  2000     0 123456 1700000001 1700000002 1700000003 "
#define SEGMENT_1                                                             \
	"        81      32775  1600                 12289    42     0      " \
	"3  "                                                                 \
	"1001  2000     0 123456 1700000001 1700000002 1700000003 "

START_TEST(segments)
{
	expect(&proc_sysvipc_shm, SHM);
	put_pid(0, 42);
	put_segment(0, 5, 2);
	put_segment(1, 0, 0);
	put_table(IPC_SEGMENTS, 0, 2);
	expect(&proc_sysvipc_shm, SHM SEGMENT_7
	       "                20480                  8192\n" SEGMENT_1
	       "                    0                     0\n");
	ck_assert(!v.parts->torn);
	ck_assert_uint_eq(v.parts->why.len, 0);
	expect(&proc_sysvipc_sem, SEM);
	expect(&proc_sysvipc_msg, MSG);
	/* a key is shown as a signed number */
	fake_put32(&f, PERM(1), 0xfffffffe);
	ck_assert_int_eq(read_file(&proc_sysvipc_shm, NULL), 0);
	ck_assert_ptr_nonnull(strstr(all.data, "\n        -2      32775 "));
	/* one that is being taken away waits for nobody */
	fake_put64(&f, OBJECT(1), 0);
	expect(&proc_sysvipc_shm,
	       SHM SEGMENT_7 "                20480                  8192\n");
	ck_assert(!v.parts->torn);
}
END_TEST

/* Pages of 2 MiB that count once, and 512 times. */
START_TEST(huge_pages)
{
	put_pid(0, 42);
	put_segment(0, 1024, 77);
	fake_put64(&f, INODE(0) + 0x28, HUGE_SUPER);
	put_table(IPC_SEGMENTS, 0, 1);
	expect(&proc_sysvipc_shm,
	       SHM SEGMENT_7 "              4194304                     0\n");
	fake_put64(&f, MAPPING(0), 2);
	fake_symbol("hugetlb_basepage_index", DIRECT + 0x200);
	expect(&proc_sysvipc_shm,
	       SHM SEGMENT_7 "              4194304                     0\n");
}
END_TEST

/* What leads to pages of a segment, or to who made it, can be damaged. */
START_TEST(damaged_segments)
{
	static const struct {
		uint64_t at;
		const char *what;
	} words[] = {
		{OBJECT(1), "file"},	      {OBJECT(1) + 0x30, "creator"},
		{OBJECT(1) + 0x38, "last"},   {FILE_AT(1) + 8, "inode"},
		{INODE(1) + 0x20, "mapping"}, {INODE(1) + 0x28, "super_block"}};
	size_t i;

	put_pid(0, 42);
	put_segment(0, 5, 2);
	put_table(IPC_SEGMENTS, 0, 2);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		put_segment(1, 5, 2);
		fake_put64(&f, words[i].at, LOST);
		expect_torn(&proc_sysvipc_shm,
			    SHM SEGMENT_7
			    "                20480                  8192\n",
			    "0xffff888000008440 cannot be read");
	}
	put_segment(1, 5, 2);
	fake_put64(&f, INODE(1) + 0x28, SUPER + 0x100); /* of no magic */
	expect_torn(&proc_sysvipc_shm,
		    SHM SEGMENT_7
		    "                20480                  8192\n",
		    "cannot be read");
}
END_TEST

static void put_set(unsigned int i, uint32_t n, const uint64_t *otimes)
{
	uint32_t s;

	fake_put64(&f, OBJECT(i), 1700000009);
	fake_put32(&f, OBJECT(i) + 8, n);
	for (s = 0; otimes && s < n; s++)
		fake_put64(&f, OBJECT(i) + 0x80 + s * 32ULL + 16, otimes[s]);
	put_perm(i, 0x52, 0444);
}

/* Of semaphores the last operation counts. */
START_TEST(sets)
{
	static const uint64_t used[] = {5, 1700000008, 0, 1700000007};
	static const uint64_t fresh[] = {0};
	static const char first[] =
		SEM "        82          7   444          4  1000  2000     0 "
		    "123456 1700000008 1700000009\n";
	uint32_t wrong;

	put_set(0, 4, used);
	put_set(1, 1, fresh);
	put_table(IPC_SETS, 0, 2);
	ck_assert_int_eq(read_file(&proc_sysvipc_sem, NULL), 0);
	ck_assert(!strncmp(all.data, first, strlen(first)));
	ck_assert_str_eq(
		all.data + strlen(first),
		"        82      32775   444          1  1001  2000     "
		"0 123456          0 1700000009\n");
	ck_assert(!v.parts->torn);
	/* no set has none, nor more than are read, nor than memory has */
	for (wrong = 0; wrong != 3; wrong++) {
		put_set(1,
			(uint32_t[]){0, IPC_SEMAPHORES_MAX_ALL - 3,
				     0x80000000}[wrong],
			NULL);
		expect_torn(&proc_sysvipc_sem, first,
			    "the set at 0xffff888000008440 cannot be read");
	}
	put_set(1, 60000, NULL);
	expect_torn(&proc_sysvipc_sem, first, "cannot be read");
}
END_TEST

static void put_queue(unsigned int i)
{
	unsigned int word;

	for (word = 0; word < 5; word++)
		fake_put64(&f, OBJECT(i) + word * 8ULL,
			   word < 3 ? 1700000001 + word : 10 + word);
	fake_put64(&f, OBJECT(i) + 0x30, PID(0));
	fake_put64(&f, OBJECT(i) + 0x38, PID(1));
	put_perm(i, 0, 0620);
}

START_TEST(queues)
{
	static const char line[] =
		MSG "         0          7   620          13         14    42 "
		    " 4321  1000  2000     0 123456 1700000001 1700000002 "
		    "1700000003\n";

	put_pid(0, 42);
	put_pid(1, 4321);
	put_queue(0);
	put_table(IPC_QUEUES, 0, 1);
	expect(&proc_sysvipc_msg, line);
	ck_assert(!v.parts->torn);
	put_queue(1);
	put_table(IPC_QUEUES, 0, 2);
	fake_put64(&f, OBJECT(1) + 0x38, LOST);
	expect_torn(&proc_sysvipc_msg, line, "cannot be read");
}
END_TEST

/* One object alone needs no node; entries that are none are left out. */
START_TEST(tables)
{
	const uint64_t head = SPACE + 0x10 + 8 + IPC_QUEUES * 0x20ULL;
	struct err err = {0};

	put_queue(0);
	fake_put64(&f, head, PERM(0));
	ck_assert_int_eq(read_file(&proc_sysvipc_msg, NULL), 0);
	ck_assert_ptr_nonnull(strstr(all.data, "\n         0          7 "));
	ck_assert(!v.parts->torn);
	fake_put64(&f, head, PERM(0) | 1);
	expect_torn(&proc_sysvipc_msg, MSG, "which is no pointer");
	fake_put64(&f, head, LOST);
	expect_torn(&proc_sysvipc_msg, MSG, "cannot be read");
	fake_put64(&f, head, LOST | 2);
	expect_torn(&proc_sysvipc_msg, MSG, "the table is damaged");
	fake_field("ipc_namespace.ids", 2u << 20, 0); /* behind all */
	ck_assert_int_eq(read_file(&proc_sysvipc_msg, &err), ERR_UNREADABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "System V IPC: "));
}
END_TEST

/* Two levels of a table that says that it has more than can be. */
START_TEST(too_many)
{
	unsigned int i, s;

	put_perm(0, 1, 0600);
	fake_put64(&f, SPACE + 0x10 + 8 + IPC_QUEUES * 0x20ULL, NODE(0) | 2);
	fake_put64(&f, NODE(0), 6);
	for (i = 0; i < 64; i++) /* the same node, again and again */
		fake_put64(&f, NODE(0) + 8 + i * 8ULL, NODE(1) | 2);
	for (s = 0; s < 64; s++)
		fake_put64(&f, NODE(1) + 8 + s * 8ULL, PERM(0));
	ck_assert_int_eq(read_file(&proc_sysvipc_msg, NULL), 0);
	ck_assert(v.parts->torn);
	ck_assert_ptr_nonnull(strstr(v.parts->why.data, "is damaged"));
	for (i = 0, s = 0; all.data[i]; i++)
		s += all.data[i] == '\n';
	ck_assert_uint_eq(s, 1 + 64);
}
END_TEST

/* As many batches for many as for one. */
START_TEST(batches)
{
	static const struct proc_file *const files[] = {
		&proc_sysvipc_sem, &proc_sysvipc_msg, &proc_sysvipc_shm};
	static const uint64_t otimes[] = {1, 2};
	const struct machine *m = &f.memory.machine;
	unsigned int kind, i;
	uint64_t one, many;

	put_pid(0, 42);
	put_pid(1, 43);
	for (kind = IPC_SETS; kind <= IPC_SEGMENTS; kind++) {
		for (i = 0; i < 8; i++) {
			if (kind == IPC_SETS)
				put_set(i, 2, otimes);
			else if (kind == IPC_QUEUES)
				put_queue(i);
			else
				put_segment(i, 1, 0);
		}
		put_table(kind, 0, 1);
		one = m->stats.batches;
		ck_assert_int_eq(read_file(files[kind], NULL), 0);
		one = m->stats.batches - one;
		put_table(kind, 0, 8);
		many = m->stats.batches;
		ck_assert_int_eq(read_file(files[kind], NULL), 0);
		ck_assert_uint_eq(m->stats.batches - many, one);
		ck_assert(!v.parts->torn);
	}
}
END_TEST

/* Without what tells, and where this kernel has no such files. */
START_TEST(unknown)
{
	struct err err = {0};

	ck_assert(!proc_is_there(&proc_sysvipc_shm, f.kernel.profile));
	fake_symbol("sysvipc_shm_proc_show", DIRECT);
	ck_assert(proc_is_there(&proc_sysvipc_shm, f.kernel.profile));
	fake_lose(READER_IPC);
	ck_assert_int_eq(read_file(&proc_sysvipc_shm, &err), ERR_NO_LINUX);
	ck_assert_uint_gt(strlen(err.text), 0);
}
END_TEST

START_TEST(unknown_segments)
{
	put_segment(0, 5, 2);
	put_table(IPC_SEGMENTS, 0, 1);
	fake_lose(READER_IPC_SEGMENTS);
	ck_assert_int_eq(read_file(&proc_sysvipc_shm, NULL), ERR_NO_LINUX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_sysvipc");
	TCase *t = tcase_create("sysvipc");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, segments);
	tcase_add_test(t, huge_pages);
	tcase_add_test(t, damaged_segments);
	tcase_add_test(t, sets);
	tcase_add_test(t, queues);
	tcase_add_test(t, tables);
	tcase_add_test(t, too_many);
	tcase_add_test(t, batches);
	tcase_add_test(t, unknown);
	tcase_add_test(t, unknown_segments);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
