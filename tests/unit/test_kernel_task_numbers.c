/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what files of /proc/PID are made of, on memory written by hand. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/task/cred.h"
#include "kernel/limits.h"
#include "kernel/mm/mm_numbers.h"
#include "kernel/task/task_delay.h"
#include "kernel/task/task_io.h"
#include "kernel/task/task_limits.h"
#include "kernel/task/task_masks.h"
#include "kernel/task/task_numbers.h"
#include "kernel/mm/task_oom.h"
#include "kernel/task/task_pids.h"
#include "kernel/task/task_signals.h"
#include "kernel/task/task_tty.h"
#include "kernel/task/time_ns.h"
#include "kernel/task/user_ns.h"
#include "kernel/stack/x86_64_syscall.h"
#include "unit/fake_kernel.h"
#include "unit/task_kit.h"

#define TASKS	   8
#define LAST	   (TASKS - 1)
#define TASK(n)	   (DIRECT + 0x10000 + (n)*0x400)
#define SIGNAL(n)  (DIRECT + 0x20000 + (n)*0x800)
#define SIGHAND(n) (DIRECT + 0x30000 + (n)*0x1000)
#define CRED(n)	   (DIRECT + 0x40000 + (n)*0x100)
#define MM(n)	   (DIRECT + 0x48000 + (n)*0x400)
#define PID(n)	   (DIRECT + 0x50000 + (n)*0x100)
#define OTHER(n)   (DIRECT + 0x58000 + (n)*0x200)
#define STACK(n)   (DIRECT + 0x60000 + (n)*0x4000)
#define SYMBOLS	   (DIRECT + 0x90000)

static struct fake_kernel f;
static struct task tasks[TASKS];
static struct err err;

/* Members that many readers follow. */
static const struct {
	const char *name;
	uint32_t offset, size;
} members[] = {
	{"task_struct.signal", 0x00, 8},
	{"task_struct.sighand", 0x08, 8},
	{"task_struct.real_cred", 0x10, 8},
	{"task_struct.thread_pid", 0x18, 8},
	{"task_struct.files", 0x20, 8},
	{"task_struct.delays", 0x28, 8},
	{"task_struct.nsproxy", 0x30, 8},
	{"task_struct.stack", 0x38, 8},
	{"task_struct.__state", 0x40, 4},
	{"task_struct.min_flt", 0x48, 8},
	{"task_struct.ioac.rchar", 0x50, 8},
	{"task_struct.ioac.wchar", 0x58, 8},
	{"task_struct.ioac.syscr", 0x60, 8},
	{"task_struct.ioac.syscw", 0x68, 8},
	{"task_struct.ioac.read_bytes", 0x70, 8},
	{"task_struct.ioac.write_bytes", 0x78, 8},
	{"task_struct.ioac.cancelled_write_bytes", 0x80, 8},
	{"task_struct.pending.signal", 0x88, 8},
	{"task_struct.blocked", 0x90, 8},
	{"task_struct.cpus_mask", 0x98, 16},
	{"task_struct.mems_allowed", 0xa8, 128},
	{"task_struct.ptrace", 0x128, 4},
	{"task_struct.parent", 0x130, 8},
	{"task_struct.pid", 0x138, 4},
	{"task_struct.numa_group", 0x140, 8},
	{"task_struct.vfork_done", 0x148, 8},
	{"task_struct.real_parent", 0x150, 8},
	{"task_struct.mm", 0x158, 8},
	{"signal_struct.nr_threads", 0x00, 4},
	{"signal_struct.oom_score_adj", 0x04, 2},
	{"signal_struct.tty", 0x08, 8},
	{"signal_struct.shared_pending.signal", 0x10, 8},
	{"signal_struct.pids", 0x18, 32},
	{"signal_struct.rlim", 0x40, 16 * 16},
	{"signal_struct.ioac.rchar", 0x150, 8},
	{"signal_struct.ioac.wchar", 0x158, 8},
	{"signal_struct.ioac.syscr", 0x160, 8},
	{"signal_struct.ioac.syscw", 0x168, 8},
	{"signal_struct.ioac.read_bytes", 0x170, 8},
	{"signal_struct.ioac.write_bytes", 0x178, 8},
	{"signal_struct.ioac.cancelled_write_bytes", 0x180, 8},
	{"sighand_struct.action", 0x00, 64 * 32},
	{"k_sigaction.sa.sa_handler", 0, 8},
	{"rlimit.rlim_cur", 0, 8},
	{"rlimit.rlim_max", 8, 8},
	{"fs_struct.umask", 4, 4},
	{"files_struct.fdt", 8, 8},
	{"fdtable.max_fds", 0, 4},
};

static void setup(void)
{
	size_t i;

	fake_kernel_init(&f);
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		fake_field(members[i].name, members[i].offset, members[i].size);
	fake_sizeof("rlimit", 16);
	for (i = 0; i < TASKS; i++) {
		tasks[i] = (struct task){.addr = TASK(i),
					 .mm = MM(i),
					 .fs = OTHER(i),
					 .pid = (uint32_t)i + 10,
					 .tgid = (uint32_t)i + 10};
		fake_put64(&f, TASK(i) + 0x00, SIGNAL(i));
		fake_put64(&f, TASK(i) + 0x08, SIGHAND(i));
		fake_put64(&f, TASK(i) + 0x10, CRED(i));
		fake_put64(&f, TASK(i) + 0x18, PID(i));
		fake_put64(&f, TASK(i) + 0x20, OTHER(i) + 0x20);
		fake_put64(&f, OTHER(i) + 0x28, OTHER(i) + 0x40); /* fdt */
		fake_put32(&f, SIGNAL(i), 1);
	}
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* What was asked of the machine since the last time; it forgets what it read.
 */
static size_t batches(void)
{
	size_t n = f.memory.calls;

	machine_drop_cache(&f.memory.machine);
	f.memory.calls = 0;
	return n;
}

/* No more for all tasks than for one. */
#define READ_ALL(read, ...)                                                   \
	do {                                                                  \
		size_t one_;                                                  \
                                                                              \
		batches();                                                    \
		ck_assert(!read(&f.kernel, tasks, 1, __VA_ARGS__, &err));     \
		one_ = batches();                                             \
		ck_assert(!read(&f.kernel, tasks, TASKS, __VA_ARGS__, &err)); \
		ck_assert_uint_le(batches(), one_);                           \
	} while (0)

START_TEST(numbers)
{
	struct task_numbers t[TASKS];

	fake_put64(&f, TASK(LAST) + 0x48, 77);
	fake_put32(&f, SIGNAL(LAST), 3);
	fake_put32(&f, SIGNAL(LAST) + 4, 0xfc18);
	fake_put32(&f, OTHER(LAST) + 4, 027);
	fake_put32(&f, OTHER(LAST) + 0x40, 256);
	READ_ALL(task_numbers_read, t);
	ck_assert(!t[LAST].torn);
	ck_assert(t[LAST].known[TASK_MIN_FLT] && !t[LAST].known[TASK_MAJ_FLT]);
	ck_assert_uint_eq(t[LAST].v[TASK_MIN_FLT], 77);
	ck_assert_uint_eq(t[LAST].v[TASK_NR_THREADS], 3);
	ck_assert_int_eq((int16_t)t[LAST].v[TASK_OOM_SCORE_ADJ], -1000);
	ck_assert_uint_eq(t[LAST].v[TASK_UMASK], 027);
	ck_assert_uint_eq(t[LAST].v[TASK_MAX_FDS], 256);
	/* one that has exited has no files; one is damaged */
	tasks[0].fs = 0;
	fake_put64(&f, TASK(0) + 0x20, 0);
	fake_put64(&f, TASK(1), 0x10);
	batches();
	ck_assert(!task_numbers_read(&f.kernel, tasks, 2, t, &err));
	ck_assert(!t[0].torn && !t[0].known[TASK_UMASK]);
	ck_assert(t[0].known[TASK_NR_THREADS]);
	ck_assert(t[1].torn && !t[1].known[TASK_NR_THREADS]);
	/* whose table of files nobody finds has not 0 of them */
	fake_put64(&f, TASK(1), SIGNAL(1));
	fake_put64(&f, TASK(1) + 0x20, 0x10);
	batches();
	ck_assert(!task_numbers_read(&f.kernel, tasks, 2, t, &err));
	ck_assert(t[1].torn && t[1].known[TASK_NR_THREADS] &&
		  !t[1].known[TASK_MAX_FDS]);
}
END_TEST

START_TEST(numbers_of_memory)
{
	struct mm_numbers mm[TASKS];

	fake_field("mm_struct.total_vm", 0, 8);
	fake_field("mm_struct.start_code", 8, 8);
	fake_field("mm_struct.end_code", 16, 8);
	fake_field("mm_struct.saved_auxv", 24, 4 * 8);
	fake_put64(&f, MM(LAST), 9);
	fake_put64(&f, MM(LAST) + 8, 0x1fff);
	fake_put64(&f, MM(LAST) + 16, 0x2001);
	fake_put64(&f, MM(LAST) + 32, 5);
	READ_ALL(mm_numbers_read, mm);
	ck_assert_uint_eq(mm[LAST].v[MM_TOTAL_VM], 9);
	ck_assert_uint_eq(mm_text_pages(&mm[LAST]), 2);
	ck_assert_uint_eq(mm[LAST].n_auxv, 4);
	ck_assert_uint_eq(mm[LAST].auxv[1], 5);
	ck_assert(!mm[LAST].known[MM_FLAGS]);
	tasks[0].flags = PF_KTHREAD;
	tasks[1].mm = 0x1000;
	batches();
	ck_assert(!mm_numbers_read(&f.kernel, tasks, 2, mm, &err));
	ck_assert(mm[0].none && !mm[1].none && mm[1].torn);
	ck_assert_uint_eq(mm[1].n_auxv, 0);
}
END_TEST

START_TEST(limits)
{
	struct task_limits l[TASKS];

	fake_put64(&f, SIGNAL(LAST) + 0x40 + 15 * 16, 15);
	fake_put64(&f, SIGNAL(LAST) + 0x40 + 15 * 16 + 8, UINT64_MAX);
	READ_ALL(task_limits_read, l);
	ck_assert(l[LAST].known && !l[LAST].torn);
	ck_assert_uint_eq(l[LAST].soft[15], 15);
	ck_assert_uint_eq(l[LAST].hard[15], TASK_LIMIT_NONE);
	fake_field("signal_struct.rlim", 0x40, 15 * 16); /* one too few */
	batches();
	ck_assert(!task_limits_read(&f.kernel, tasks, 1, l, &err));
	ck_assert(!l[0].known && !l[0].torn);
}
END_TEST

START_TEST(signals)
{
	struct task_signals s[TASKS];

	fake_put64(&f, TASK(LAST) + 0x88, 1);
	fake_put64(&f, TASK(LAST) + 0x90, 2);
	fake_put64(&f, SIGNAL(LAST) + 0x10, 4);
	fake_put64(&f, SIGHAND(LAST), 1);		   /* ignored */
	fake_put64(&f, SIGHAND(LAST) + 63 * 32, 0x401000); /* caught */
	READ_ALL(task_signals_read, s);
	ck_assert(s[LAST].known);
	ck_assert_uint_eq(s[LAST].pending, 1);
	ck_assert_uint_eq(s[LAST].blocked, 2);
	ck_assert_uint_eq(s[LAST].shared, 4);
	ck_assert_uint_eq(s[LAST].ignored, 1);
	ck_assert_uint_eq(s[LAST].caught, 1ULL << 63);
	fake_field("k_sigaction.sa.sa_handler", 25, 8); /* beyond it */
	batches();
	ck_assert(!task_signals_read(&f.kernel, tasks, 1, s, &err));
	ck_assert(!s[0].known && !s[0].torn);
}
END_TEST

static const char *const ids[] = {"uid", "euid", "suid", "fsuid",
				  "gid", "egid", "sgid", "fsgid"};
static const char *const caps[] = {"cap_inheritable", "cap_permitted",
				   "cap_effective", "cap_bset", "cap_ambient"};

static void fake_cred_fields(void)
{
	char name[40];
	uint32_t i;

	for (i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "cred.%s", ids[i]);
		fake_field(name, i * 4, 4);
	}
	for (i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "cred.%s", caps[i]);
		fake_field(name, 0x20 + i * 8, 8);
	}
	fake_field("cred.group_info", 0x50, 8);
	fake_field("cred.ucounts", 0x58, 8);
	fake_field("group_info.ngroups", 4, 4);
	fake_field("group_info.gid", 8, 0);
	fake_field("ucounts.rlimit", 0x10, 4 * 8);
	fake_constant("UCOUNT_RLIMIT_SIGPENDING", 2);
}

START_TEST(credentials)
{
	struct cred c[TASKS], one[1];
	size_t i, calls;

	memset(c, 0, sizeof(c));
	memset(one, 0, sizeof(one));
	fake_cred_fields();
	for (i = 0; i < TASKS; i++) {
		fake_put64(&f, CRED(i) + 0x50, OTHER(i) + 0x80);
		fake_put64(&f, CRED(i) + 0x58, OTHER(i) + 0x100);
		fake_put32(&f, OTHER(i) + 0x84, 2);
		fake_put32(&f, OTHER(i) + 0x88, 100);
		fake_put32(&f, OTHER(i) + 0x8c, (uint32_t)i);
	}
	fake_put32(&f, CRED(LAST) + 12, 44);
	fake_put64(&f, CRED(LAST) + 0x28, 0x1ff);
	fake_put64(&f, OTHER(LAST) + 0x100 + 0x20, 6);
	batches();
	ck_assert(!creds_read(&f.kernel, tasks, 1, one, &err));
	calls = batches();
	ck_assert(!creds_read(&f.kernel, tasks, TASKS, c, &err));
	ck_assert_uint_le(batches(), calls);
	ck_assert(c[LAST].known && c[LAST].has_ucounts);
	ck_assert_uint_eq(c[LAST].uid[3], 44);
	ck_assert_uint_eq(c[LAST].caps[CRED_PERMITTED], 0x1ff);
	ck_assert(c[LAST].has_sigpending);
	ck_assert_uint_eq(c[LAST].sigpending, 6);
	ck_assert_uint_eq(c[LAST].n_groups, 2);
	ck_assert_uint_eq(c[LAST].groups[1], LAST);
	creds_deinit(c, TASKS);
	creds_deinit(one, 1);
	/* more groups than there can be, and none that can be read */
	memset(c, 0, sizeof(c));
	fake_put32(&f, OTHER(0) + 0x84, 65537);
	fake_put64(&f, CRED(1) + 0x50, 0x10);
	batches();
	ck_assert(!creds_read(&f.kernel, tasks, 2, c, &err));
	ck_assert(c[0].torn && !c[0].known && !c[0].n_groups);
	ck_assert(c[1].torn && !c[1].known);
	creds_deinit(c, 2);
}
END_TEST

/* The last is two namespaces down, and is traced. */
START_TEST(pids)
{
	struct task_pids p, one;
	size_t calls, i;

	fake_field("pid.level", 4, 4);
	fake_field("pid.numbers", 0x10, 0);
	fake_field("upid.nr", 0, 4);
	fake_field("upid.ns", 8, 8);
	fake_sizeof("upid", 16);
	fake_constant("pid_type.PIDTYPE_TGID", 1);
	fake_constant("pid_type.PIDTYPE_PGID", 2);
	fake_constant("pid_type.PIDTYPE_SID", 3);
	for (i = 0; i < TASKS; i++) {
		fake_put64(&f, SIGNAL(i) + 0x18 + 8, PID(i));
		fake_put64(&f, SIGNAL(i) + 0x18 + 16, PID(i));
		fake_put64(&f, SIGNAL(i) + 0x18 + 24, PID(0));
		fake_put32(&f, PID(i) + 0x10, (uint32_t)i + 10);
		fake_put64(&f, PID(i) + 0x18, 1);
	}
	fake_put32(&f, PID(0) + 4, 2);
	fake_put64(&f, PID(0) + 0x28, 5); /* another one's namespace */
	fake_put32(&f, PID(LAST) + 4, 2);
	fake_put32(&f, PID(LAST) + 0x20, 200);
	fake_put64(&f, PID(LAST) + 0x28, 2);
	fake_put32(&f, PID(LAST) + 0x30, 3);
	fake_put64(&f, PID(LAST) + 0x38, 3);
	fake_put32(&f, TASK(LAST) + 0x128, 1);
	fake_put64(&f, TASK(LAST) + 0x130, TASK(0));
	fake_put32(&f, TASK(0) + 0x138, 10);
	batches();
	ck_assert(!task_pids_read(&f.kernel, tasks, 1, &one, &err));
	calls = batches();
	ck_assert(!task_pids_read(&f.kernel, tasks, TASKS, &p, &err));
	ck_assert_uint_le(batches(), calls);
	ck_assert(p.known[LAST]);
	ck_assert_uint_eq(task_pids_levels(&p, 1), 1);
	ck_assert_uint_eq(task_pids_levels(&p, LAST), 3);
	ck_assert_uint_eq(task_pids_in(&p, LAST, TASK_PID_OWN, 1), 200);
	ck_assert_uint_eq(task_pids_in(&p, LAST, TASK_PID_PROCESS, 2), 3);
	ck_assert_uint_eq(task_pids_in(&p, LAST, TASK_PID_SESSION, 0), 10);
	ck_assert_uint_eq(task_pids_in(&p, LAST, TASK_PID_SESSION, 1), 0);
	ck_assert_uint_eq(p.tracers[LAST], 10);
	ck_assert_uint_eq(p.tracers[0], 0);
	task_pids_deinit(&p);
	task_pids_deinit(&one);
	fake_put32(&f, PID(1) + 4, 33); /* deeper than any */
	batches();
	ck_assert(!task_pids_read(&f.kernel, tasks + 1, 1, &p, &err));
	ck_assert(!p.known[0]);
	task_pids_deinit(&p);
}
END_TEST

START_TEST(masks)
{
	struct task_masks m, one;
	size_t calls;

	fake_symbol("nr_cpu_ids", SYMBOLS);
	fake_put32(&f, SYMBOLS, 66);
	fake_put64(&f, TASK(LAST) + 0x98 + 8, 3);
	fake_put64(&f, TASK(LAST) + 0xa8, 1);
	batches();
	ck_assert(!task_masks_read(&f.kernel, tasks, 1, &one, &err));
	calls = batches();
	ck_assert(!task_masks_read(&f.kernel, tasks, TASKS, &m, &err));
	ck_assert_uint_le(batches(), calls);
	ck_assert(m.ok[LAST]);
	ck_assert_uint_eq(m.cpus.bits, 66);
	ck_assert_uint_eq(m.cpus.words[LAST * m.cpus.stride + 1], 3);
	ck_assert_uint_eq(m.mems.bits, 1024);
	ck_assert_uint_eq(m.mems.words[LAST * m.mems.stride], 1);
	task_masks_deinit(&m);
	task_masks_deinit(&one);
	/* few nodes: only an array of them tells how many */
	fake_field("task_struct.mems_allowed", 0xa8, 8);
	fake_put32(&f, SYMBOLS, 129); /* more than there is room for */
	batches();
	ck_assert(!task_masks_read(&f.kernel, tasks, 1, &m, &err));
	ck_assert(!m.mems.bits && !m.cpus.bits);
	task_masks_deinit(&m);
	fake_field("kmem_cache.node", 0, 16 * 8);
	batches();
	ck_assert(!task_masks_read(&f.kernel, tasks, 1, &m, &err));
	ck_assert_uint_eq(m.mems.bits, 16);
	task_masks_deinit(&m);
}
END_TEST

START_TEST(input_and_output)
{
	struct task_io io[TASKS];

	fake_put64(&f, TASK(LAST) + 0x50, 5);
	fake_put64(&f, SIGNAL(LAST) + 0x150, 7);
	READ_ALL(task_io_read, false, io);
	ck_assert(io[LAST].known);
	ck_assert_uint_eq(io[LAST].v[TASK_IO_RCHAR], 5);
	READ_ALL(task_io_read, true, io);
	ck_assert_uint_eq(io[LAST].v[TASK_IO_RCHAR], 12);
	fake_no_field("task_struct.ioac.syscr");
	batches();
	ck_assert(!task_io_read(&f.kernel, tasks, 1, true, io, &err));
	ck_assert(!io[0].known && !io[0].torn);
}
END_TEST

START_TEST(delays)
{
	uint64_t ns[TASKS];
	size_t i;

	fake_field("task_delay_info.blkio_delay", 0, 8);
	fake_field("task_delay_info.swapin_delay", 8, 8);
	for (i = 0; i < TASKS; i++)
		fake_put64(&f, TASK(i) + 0x28, i == 1 ? 0 : OTHER(i) + 0x80);
	fake_put64(&f, OTHER(LAST) + 0x80, 100);
	fake_put64(&f, OTHER(LAST) + 0x88, 20);
	READ_ALL(task_delays_read, ns);
	ck_assert_uint_eq(ns[LAST], 120);
	ck_assert_uint_eq(ns[1], 0);
	fake_field("task_delay_info.swapin_start", 16, 8);
	batches();
	ck_assert(!task_delays_read(&f.kernel, tasks, TASKS, ns, &err));
	ck_assert_uint_eq(ns[LAST], 100);
}
END_TEST

static void fake_user_ns_fields(void)
{
	fake_field("cred.user_ns", 0x60, 8);
	fake_field("user_namespace.flags", 0, 8);
	fake_field("user_namespace.uid_map", 8, 64);
	fake_field("user_namespace.gid_map", 72, 64);
	fake_field("uid_gid_map.nr_extents", 60, 4);
	fake_field("uid_gid_map.extent", 0, 60);
	fake_field("uid_gid_map.forward", 0, 8);
	fake_field("uid_gid_extent.first", 0, 4);
	fake_field("uid_gid_extent.lower_first", 4, 4);
	fake_field("uid_gid_extent.count", 8, 4);
	fake_sizeof("uid_gid_extent", 12);
}

/* The first has a map of its own, the last one that is too long for its place.
 */
START_TEST(user_namespaces)
{
	struct user_ns ns[TASKS] = {{0}};
	size_t i;

	fake_user_ns_fields();
	for (i = 0; i < TASKS; i++)
		fake_put64(&f, CRED(i) + 0x60, OTHER(i));
	fake_put64(&f, OTHER(0), 1);
	fake_put32(&f, OTHER(0) + 8 + 60, 1);
	fake_put32(&f, OTHER(0) + 8 + 4, 1000);
	fake_put32(&f, OTHER(0) + 8 + 8, 65536);
	fake_put32(&f, OTHER(LAST) + 8 + 60, 6);
	fake_put64(&f, OTHER(LAST) + 8, SYMBOLS);
	fake_put32(&f, SYMBOLS + 5 * 12 + 8, 55);
	fake_put32(&f, OTHER(1) + 8 + 60, 341); /* more than there can be */
	ck_assert(
		!user_ns_read(&f.kernel, tasks, TASKS, USER_NS_UIDS, ns, &err));
	ck_assert(ns[0].known && ns[0].setgroups);
	ck_assert_uint_eq(ns[0].n, 1);
	ck_assert_uint_eq(ns[0].extents[0].outer, 1000);
	ck_assert_uint_eq(ns[0].extents[0].count, 65536);
	ck_assert(ns[1].torn && !ns[1].known && !ns[1].n);
	ck_assert(ns[LAST].known && !ns[LAST].setgroups);
	ck_assert_uint_eq(ns[LAST].n, 6);
	ck_assert_uint_eq(ns[LAST].extents[5].count, 55);
	user_ns_deinit(ns, TASKS);
}
END_TEST

/* The longest map, as often as all may have it, and once more. */
START_TEST(too_many_extents)
{
	enum {
		MOST = USER_NS_EXTENTS_MAX_ALL / 340
	};
	struct task *many = calloc(MOST + 1, sizeof(*many));
	struct user_ns *ns = calloc(MOST + 1, sizeof(*ns));
	size_t i;

	ck_assert(many && ns);
	fake_user_ns_fields();
	fake_put64(&f, CRED(0) + 0x60, OTHER(0));
	fake_put32(&f, OTHER(0) + 8 + 60, 340);
	fake_put64(&f, OTHER(0) + 8, SYMBOLS);
	for (i = 0; i <= MOST; i++)
		many[i] = tasks[0];
	ck_assert(!user_ns_read(&f.kernel, many, MOST + 1, USER_NS_UIDS, ns,
				&err));
	ck_assert(ns[MOST - 1].known);
	ck_assert_uint_eq(ns[MOST - 1].n, 340);
	ck_assert(ns[MOST].torn && !ns[MOST].known && !ns[MOST].n);
	user_ns_deinit(ns, MOST + 1);
	free(ns);
	free(many);
}
END_TEST

START_TEST(time_namespaces)
{
	struct time_ns ns[TASKS];
	size_t i;

	fake_field("nsproxy.time_ns_for_children", 0, 8);
	fake_field("time_namespace.offsets.monotonic.tv_sec", 0, 8);
	fake_field("time_namespace.offsets.monotonic.tv_nsec", 8, 8);
	fake_field("time_namespace.offsets.boottime.tv_sec", 16, 8);
	fake_field("time_namespace.offsets.boottime.tv_nsec", 24, 8);
	for (i = 0; i < TASKS; i++) {
		fake_put64(&f, TASK(i) + 0x30, i == 1 ? 0 : OTHER(i));
		fake_put64(&f, OTHER(i), OTHER(i) + 0x40);
	}
	fake_put64(&f, OTHER(LAST) + 0x50, (uint64_t)-3);
	READ_ALL(time_ns_read, ns);
	ck_assert(ns[1].none && !ns[1].known);
	ck_assert(ns[LAST].known);
	ck_assert_int_eq(ns[LAST].boottime.s, -3);
}
END_TEST

static void put_regs(size_t n, uint64_t top, uint32_t at, uint64_t value)
{
	fake_put64(&f, STACK(n) + top - 168 + at, value);
}

START_TEST(system_calls)
{
	struct x86_64_syscall s[TASKS];
	size_t i;

	fake_sizeof("thread_union", 0x4000);
	fake_field("task_struct.thread_info.status", 0x44, 4);
	for (i = 0; i < TASKS; i++) {
		fake_put64(&f, TASK(i) + 0x38, STACK(i));
		fake_put32(&f, TASK(i) + 0x40, 1);
	}
	fake_put32(&f, TASK(0) + 0x40, 0);
	put_regs(LAST, 0x4000, 120, 61);	 /* orig_ax */
	put_regs(LAST, 0x4000, 112, 0x1111);	 /* rdi */
	put_regs(LAST, 0x4000, 64, 0x6666);	 /* r9 */
	put_regs(LAST, 0x4000, 128, 0x401000);	 /* rip */
	put_regs(LAST, 0x4000, 152, 0x7fff0000); /* rsp */
	put_regs(2, 0x4000, 120, UINT64_MAX);
	put_regs(3, 0x4000, 120, 3);
	put_regs(3, 0x4000, 40, 0xbbbb); /* rbx, of 32 bits */
	fake_put32(&f, TASK(3) + 0x44, 2);
	fake_put64(&f, TASK(4) + 0x38, 0);
	READ_ALL(x86_64_syscalls_read, s);
	ck_assert(s[0].known && s[0].running);
	ck_assert(s[LAST].known && !s[LAST].running);
	ck_assert_int_eq(s[LAST].nr, 61);
	ck_assert_uint_eq(s[LAST].args[0], 0x1111);
	ck_assert_uint_eq(s[LAST].args[5], 0x6666);
	ck_assert_uint_eq(s[LAST].ip, 0x401000);
	ck_assert_uint_eq(s[LAST].sp, 0x7fff0000);
	ck_assert_int_eq(s[2].nr, -1);
	ck_assert_uint_eq(s[3].args[0], 0xbbbb);
	ck_assert(s[4].known);
	ck_assert_int_eq(s[4].nr, -1);
	/* FRED leaves 16 bytes free */
	fake_symbol("asm_fred_entrypoint_user", SYMBOLS);
	put_regs(LAST, 0x4000 - 16, 120, 62);
	batches();
	ck_assert(!x86_64_syscalls_read(&f.kernel, tasks + LAST, 1, s, &err));
	ck_assert_int_eq(s[0].nr, 62);
}
END_TEST

/* 100,000 pages of RAM, none of swap. */
static const struct {
	const char *what;
	uint64_t anon;
	int16_t adj;
	uint32_t tgid;
	uint64_t flags, score;
} victims[] = {
	{"nothing", 0, 0, 20, 0, 666},
	{"half of all", 50000, 0, 20, 0, 1000},
	{"an adjustment", 0, 500, 20, 0, 1000},
	{"never", 50000, -1000, 20, 0, 0},
	{"less than nothing", 0, -500, 20, 0, 333},
	{"init", 50000, 0, 1, 0, 0},
	{"reaped", 50000, 0, 20, 1ULL << 21, 0},
};

static void fake_memory(void)
{
	fake_field("mm_struct.flags", 0x10, 8);
	fake_field("mm_struct.pgtables_bytes", 0x18, 8);
	fake_field("mm_struct.rss_stat.count", 0x20, 32);
	fake_constant("MM_ANONPAGES", 1);
	fake_symbol("_totalram_pages", SYMBOLS);
	fake_symbol("total_swap_pages", SYMBOLS + 8);
	fake_put64(&f, SYMBOLS, 100000);
}

START_TEST(out_of_memory)
{
	struct task_oom oom[TASKS];

	fake_memory();
	fake_put64(&f, MM(0) + 0x10, victims[_i].flags);
	fake_put64(&f, MM(0) + 0x28, victims[_i].anon);
	fake_put32(&f, SIGNAL(0) + 4, (uint16_t)victims[_i].adj);
	tasks[0].tgid = victims[_i].tgid;
	READ_ALL(task_oom_read, oom);
	ck_assert_msg(oom[0].known, "%s", victims[_i].what);
	ck_assert_uint_eq(oom[0].score, victims[_i].score);
	/* a parent that waits has that memory, too */
	fake_put64(&f, TASK(0) + 0x148, 1);
	fake_put64(&f, TASK(0) + 0x150, TASK(1));
	fake_put64(&f, TASK(1) + 0x158, MM(0));
	batches();
	ck_assert(!task_oom_read(&f.kernel, tasks, 1, oom, &err));
	ck_assert(oom[0].known && !oom[0].score);
	tasks[0].flags = PF_KTHREAD;
	batches();
	ck_assert(!task_oom_read(&f.kernel, tasks, 1, oom, &err));
	ck_assert(oom[0].known && !oom[0].score);
}
END_TEST

/* Its other thread has the memory of a process whose leader has exited. */
START_TEST(no_leader)
{
	const uint64_t leader = DIRECT + 0x40000, thread = leader + 512;
	struct task task = {.addr = leader, .pid = 2, .tgid = 2};
	struct task_oom oom;

	fake_kernel_deinit(&f);
	task_kit_init(&f);
	fake_memory();
	fake_field("task_struct.signal", 208, 8);
	fake_field("signal_struct.nr_threads", 0, 4);
	fake_field("signal_struct.oom_score_adj", 4, 2);
	fake_put64(&f, leader + 208, SYMBOLS + 0x100);
	fake_put64(&f, thread + 208, SYMBOLS + 0x100);
	fake_put32(&f, SYMBOLS + 0x100, 2);
	fake_put_field(&f, thread, "task_struct.mm", SYMBOLS + 0x200);
	fake_put64(&f, SYMBOLS + 0x228, 50000);
	ck_assert(!task_oom_read(&f.kernel, &task, 1, &oom, &err));
	ck_assert(oom.known && !oom.torn);
	ck_assert_uint_eq(oom.score, 1000);
	fake_put_field(&f, thread, "task_struct.mm", 0);
	batches();
	ck_assert(!task_oom_read(&f.kernel, &task, 1, &oom, &err));
	ck_assert(oom.known && !oom.torn && !oom.score);
}
END_TEST

START_TEST(terminals)
{
	struct task_tty tty[2];
	uint64_t addrs[2] = {OTHER(0), 0};

	fake_field("tty_struct.index", 0, 4);
	fake_field("tty_struct.driver", 8, 8);
	fake_field("tty_struct.ctrl.pgrp", 16, 8);
	fake_field("tty_driver.major", 0, 4);
	fake_field("tty_driver.minor_start", 4, 4);
	fake_field("pid.level", 4, 4);
	fake_field("pid.numbers", 0x10, 0);
	fake_field("upid.nr", 0, 4);
	fake_field("upid.ns", 8, 8);
	fake_sizeof("upid", 16);
	fake_put32(&f, OTHER(0), 3);
	fake_put64(&f, OTHER(0) + 8, OTHER(1));
	fake_put64(&f, OTHER(0) + 16, PID(0));
	fake_put32(&f, OTHER(1), 4);
	fake_put32(&f, OTHER(1) + 4, 64);
	fake_put32(&f, PID(0) + 0x10, 99);
	batches();
	ck_assert(!task_ttys_read(&f.kernel, addrs, 2, tty, &err));
	ck_assert(tty[0].known && !tty[1].known);
	ck_assert_uint_eq(tty[0].major, 4);
	ck_assert_uint_eq(tty[0].minor, 67);
	ck_assert_uint_eq(tty[0].pgrp, 99);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/task_numbers");
	TCase *t = tcase_create("task_numbers");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, numbers);
	tcase_add_test(t, numbers_of_memory);
	tcase_add_test(t, limits);
	tcase_add_test(t, signals);
	tcase_add_test(t, credentials);
	tcase_add_test(t, pids);
	tcase_add_test(t, masks);
	tcase_add_test(t, input_and_output);
	tcase_add_test(t, delays);
	tcase_add_test(t, user_namespaces);
	tcase_add_test(t, too_many_extents);
	tcase_add_test(t, time_namespaces);
	tcase_add_test(t, system_calls);
	tcase_add_loop_test(t, out_of_memory, 0,
			    sizeof(victims) / sizeof(*victims));
	tcase_add_test(t, no_leader);
	tcase_add_test(t, terminals);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
