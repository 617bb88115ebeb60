/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks of a fake kernel, with files, as tests of /proc want them. */
#include "unit/task_kit.h"

#define NS	  (DIRECT + 0x1000)
#define NODE	  (DIRECT + 0x10000)
#define PID(n)	  (DIRECT + 0x20000 + (n)*64ULL)
#define TASK(n)	  (DIRECT + 0x40000 + (n)*512ULL)
#define CRED	  (DIRECT + 0x30000)
#define FILES	  (DIRECT + 0x60000)
#define FDT	  (DIRECT + 0x60100)
#define BITS	  (DIRECT + 0x60200)
#define POINTERS  (DIRECT + 0x60300)

#define BAD	  0xffff900000000000ULL /* no memory */

#define PID_LINKS 96 /* offset of task_struct.pid_links */
#define COMM	  48 /* of task_struct.comm */

/* The tasks, in their order in memory. */
static const uint32_t numbers[] = {2, 5, 10};

static void enter(struct fake_kernel *f, unsigned int n, uint32_t pid,
		  uint32_t tgid)
{
	fake_put64(f, NODE + 40 + pid * 8, PID(n));
	fake_put64(f, PID(n) + 16, TASK(n) + PID_LINKS);
	if (pid == tgid)
		fake_put64(f, PID(n) + 24, TASK(n) + PID_LINKS + 16);
	fake_put_field(f, TASK(n), "task_struct.pid", pid);
	fake_put_field(f, TASK(n), "task_struct.tgid", tgid);
	fake_put_field(f, TASK(n), "task_struct.real_parent", TASK(0));
	fake_put_field(f, TASK(n), "task_struct.real_cred", CRED);
	fake_puts(f, TASK(n) + COMM, "task");
}

void task_kit_init(struct fake_kernel *f)
{
	fake_kernel_init(f);
	fake_task_fields();
	fake_field("task_struct.pid_links", PID_LINKS, 64);
	fake_field("task_struct.files", 200, 8);
	fake_field("files_struct.fdt", 0, 8);
	fake_field("fdtable.max_fds", 0, 4);
	fake_field("fdtable.fd", 8, 8);
	fake_field("fdtable.open_fds", 16, 8);
	fake_field("fdtable.close_on_exec", 24, 8);
	fake_field("cred.uid", 0, 4);
	fake_field("cred.gid", 4, 4);
	fake_field("cred.euid", 8, 4);
	fake_field("cred.egid", 12, 4);
	fake_symbol("init_pid_ns", NS);
	fake_put64(f, NS + 8, NODE | 2);
	enter(f, 0, 2, 2);
	enter(f, 1, 5, 2);
	enter(f, 2, 10, 10);
	fake_put64(f, TASK(2) + 200, FILES);
	fake_put64(f, FILES, FDT);
	fake_put32(f, FDT, 64);
	fake_put64(f, FDT + 8, POINTERS);
	fake_put64(f, FDT + 16, BITS);
	fake_put64(f, FDT + 24, BITS + 8);
	fake_put64(f, BITS, 7); /* 1 is being opened: it has no file */
	fake_put64(f, POINTERS, DIRECT + 0x70000);
	fake_put64(f, POINTERS + 16, DIRECT + 0x70000);
}

void task_kit_name(struct fake_kernel *f, uint32_t pid, const char *name)
{
	unsigned int n = 0;

	while (numbers[n] != pid)
		n++;
	fake_puts(f, TASK(n) + COMM, name);
}

void task_kit_own(struct fake_kernel *f, uint32_t euid)
{
	fake_put_field(f, CRED, "cred.euid", euid);
}

void task_kit_tear_files(struct fake_kernel *f)
{
	fake_put64(f, FDT + 8, BAD);
}

void task_kit_tear_list(struct fake_kernel *f)
{
	fake_put64(f, NODE + 40 + 7 * 8, BAD);
}
