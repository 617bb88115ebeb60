/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/fd: a link for each open file (fs/proc/fd.c). */
#include <stdlib.h>

#include "kernel/file.h"
#include "kernel/task_fds.h"
#include "proc/proc.h"

struct fd_values {
	struct task_fds *fds; /* of each part */
	size_t n;
	struct file_infos infos;
};

static const struct file_info *fd_info(const struct fd_values *own, size_t i,
				       size_t record)
{
	return file_infos_get(&own->infos, own->fds[i].v.v[record].file);
}

static int collect_files(struct fd_values *own)
{
	size_t i, j;

	for (i = 0; i < own->n; i++)
		for (j = 0; j < own->fds[i].v.n; j++)
			if (file_infos_add(&own->infos,
					   own->fds[i].v.v[j].file))
				return ERR_NOMEM;
	return 0;
}

static void fd_part(const struct fd_values *own, size_t i,
		    struct proc_part *part)
{
	static const char *const why[] = {
		[TASK_FDS_TORN] = "a table of descriptors cannot be read",
		[TASK_FDS_CUT] = "there are more than qvmi reads",
		[TASK_FDS_UNKNOWN] = "the kernel's types do not tell of open "
				     "files",
	};
	size_t j;

	part->records = own->fds[i].v.n;
	if (own->fds[i].state) {
		buf_puts(&part->why, why[own->fds[i].state]);
		part->torn = true;
	}
	for (j = 0; j < part->records; j++) {
		const struct file_info *f = fd_info(own, i, j);

		if (f && !f->path && !part->why.len) {
			proc_part_path(part, f->fault, f->fault_at);
			part->torn = true;
		}
	}
}

static int fd_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	struct fd_values *own = calloc(1, sizeof(*own));
	size_t i;
	int rc;

	out->own = own;
	if (!own)
		return err_nomem(err);
	own->fds = calloc(out->n + 1, sizeof(*own->fds));
	if (!own->fds)
		return err_nomem(err);
	own->n = out->n;
	rc = task_fds_read(k, out->tasks, out->n, own->fds, err);
	if (!rc && collect_files(own))
		rc = err_nomem(err);
	if (!rc)
		rc = file_infos_read(k, &own->infos, err);
	for (i = 0; i < out->n && !rc; i++)
		fd_part(own, i, &out->parts[i]);
	return rc;
}

static void fd_entry(const struct proc_values *v, size_t i, size_t record,
		     struct buf *out)
{
	const struct fd_values *own = v->own;

	buf_printf(out, "%u", own->fds[i].v.v[record].fd);
}

static void fd_text(const struct proc_values *v, size_t i, size_t record,
		    struct buf *out)
{
	const struct file_info *f = fd_info(v->own, i, record);

	if (f && f->path)
		buf_puts(out, f->path);
}

static void fd_deinit(struct proc_values *v)
{
	struct fd_values *own = v->own;

	file_infos_deinit(&own->infos);
	task_fds_deinit(own->fds, own->n);
	free(own->fds);
	free(own);
}

const struct proc_file proc_pid_fd = {
	.name = "fd",
	.scope = PROC_TASK,
	.kind = PROC_LINK_DIR,
	.read = fd_read,
	.text = fd_text,
	.entry = fd_entry,
	.deinit = fd_deinit,
};
