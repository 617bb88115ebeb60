/* SPDX-License-Identifier: BSD-2-Clause */
/* Open files of a fake kernel, as tests of what they say want them. */
#include "unit/open_file_kit.h"

#include <check.h>
#include <stdlib.h>

#include "proc/pid_fd.h"

#define FILES_MAX 16

void open_file_kit_fields(void)
{
	static const struct fake_member list[] = {
		{"file.f_path.mnt", 0, 8},
		{"file.f_inode", 8, 8},
		{"file.f_op", 16, 8},
		{"file.f_pos", 24, 8},
		{"file.f_flags", 32, 4},
		{"file.private_data", 40, 8},
		{"mount.mnt", 32, 32},
		{"mount.mnt_id", 100, 4},
		{"inode.i_ino", 64, 8},
		{"inode.i_mode", 0, 2},
		{"file_operations.show_fdinfo", 8, 8},
	};

	fake_fields(list, sizeof(list) / sizeof(list[0]));
}

void open_file_kit_put(struct fake_kernel *f, unsigned int n, uint64_t show)
{
	fake_put64(f, FILE_AT(n), MOUNT + 32);
	fake_put64(f, FILE_AT(n) + 8, INODE(n));
	fake_put64(f, FILE_AT(n) + 16, OPS(n));
	fake_put64(f, FILE_AT(n) + 24, 1000 + n);
	fake_put32(f, FILE_AT(n) + 32, 02);
	fake_put64(f, FILE_AT(n) + 40, DATA(n));
	fake_put32(f, INODE(n), 0100644);
	fake_put64(f, INODE(n) + 64, 70 + n);
	fake_put64(f, OPS(n) + 8, show);
}

void open_file_kit_say(struct fake_kernel *f, unsigned int first,
		       unsigned int n, struct buf *out, uint64_t *batches)
{
	struct task_fd fds[FILES_MAX] = {{0}};
	struct task_fds tables = {.v = {.v = fds, .n = n}};
	struct fd_values own = {.fds = &tables, .n = 1};
	const struct proc_values v = {.own = &own};
	struct err err = {0};
	uint64_t before;
	unsigned int i;

	ck_assert_uint_le(n, FILES_MAX);
	for (i = 0; i < n; i++) {
		fds[i] = (struct task_fd){.fd = i, .file = FILE_AT(first + i)};
		ck_assert(!file_infos_add(&own.infos, fds[i].file));
	}
	own.open = calloc(n, sizeof(*own.open));
	machine_drop_cache(&f->memory.machine);
	ck_assert(!open_files_read(&f->kernel, own.infos.files.v, n, own.open,
				   &err));
	before = f->memory.machine.stats.batches;
	ck_assert_msg(!proc_fds_read_specials(&f->kernel, &own, &err), "%s",
		      err.text);
	if (batches)
		*batches = f->memory.machine.stats.batches - before;
	for (i = 0; i < n; i++) {
		buf_reset(&out[i]);
		if (proc_pid_fdinfo.is_whole(&v, 0, i))
			proc_fds_put_special(&own, proc_fds_open(&v, 0, i),
					     &out[i]);
		else
			buf_puts(&out[i], "?");
	}
	proc_fds_specials_deinit(&own.specials);
	file_infos_deinit(&own.infos);
	free(own.open);
}
