/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/fd: a link for each open file (fs/proc/fd.c). */
#include "proc/pid_fd.h"

#include <stdlib.h>

const struct task_fd *proc_fds_fd(const struct proc_values *v, size_t i,
				  size_t record)
{
	const struct fd_values *own = v->own;

	return &own->fds[i].v.v[record];
}

const struct file_info *proc_fds_info(const struct proc_values *v, size_t i,
				      size_t record)
{
	const struct fd_values *own = v->own;

	return file_infos_get(&own->infos, proc_fds_fd(v, i, record)->file);
}

const struct open_file *proc_fds_open(const struct proc_values *v, size_t i,
				      size_t record)
{
	const struct fd_values *own = v->own;
	uint64_t at = 0;

	map_get(&own->infos.at, proc_fds_fd(v, i, record)->file, &at);
	return &own->open[at];
}

static int fds_collect(struct fd_values *own)
{
	size_t i, j;

	for (i = 0; i < own->n; i++)
		for (j = 0; j < own->fds[i].v.n; j++)
			if (file_infos_add(&own->infos,
					   own->fds[i].v.v[j].file))
				return ERR_NOMEM;
	return 0;
}

static void fds_part(const struct task_fds *fds, struct proc_part *part)
{
	static const char *const why[] = {
		[TASK_FDS_TORN] = "a table of descriptors cannot be read",
		[TASK_FDS_CUT] = "there are more than qvmi reads",
		[TASK_FDS_UNKNOWN] = "the kernel's types do not tell of open "
				     "files",
	};

	part->records = fds->v.n;
	if (!fds->state)
		return;
	buf_puts(&part->why, why[fds->state]);
	part->torn = true;
	part->missing = true;
}

static int fds_read_open(struct kernel *k, struct fd_values *own,
			 struct err *err)
{
	own->open = calloc(own->infos.files.n + 1, sizeof(*own->open));
	if (!own->open)
		return err_nomem(err);
	own->form = open_file_form(k);
	return open_files_read(k, own->infos.files.v, own->infos.files.n,
			       own->open, err);
}

int proc_fds_read(struct kernel *k, struct proc_values *out, bool open,
		  struct err *err)
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
	if (!rc && fds_collect(own))
		rc = err_nomem(err);
	if (!rc)
		rc = file_infos_read(k, &own->infos, err);
	if (!rc && open)
		rc = fds_read_open(k, own, err);
	for (i = 0; i < out->n && !rc; i++)
		fds_part(&own->fds[i], &out->parts[i]);
	return rc;
}

void proc_fds_paths(struct proc_values *v)
{
	size_t i, j;

	for (i = 0; i < v->n; i++)
		for (j = 0; j < v->parts[i].records; j++) {
			const struct file_info *f = proc_fds_info(v, i, j);
			struct proc_part *part = &v->parts[i];

			if (!f || f->path || part->why.len)
				continue;
			proc_part_path(part, f->fault, f->fault_at);
			part->torn = true;
		}
}

static int fd_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	int rc = proc_fds_read(k, out, false, err);

	if (!rc)
		proc_fds_paths(out);
	return rc;
}

void proc_fds_entry(const struct proc_values *v, size_t i, size_t record,
		    struct buf *out)
{
	buf_printf(out, "%u", proc_fds_fd(v, i, record)->fd);
}

static void fd_text(const struct proc_values *v, size_t i, size_t record,
		    struct buf *out)
{
	const struct file_info *f = proc_fds_info(v, i, record);

	if (f && f->path)
		buf_puts(out, f->path);
}

void proc_fds_deinit(struct proc_values *v)
{
	struct fd_values *own = v->own;

	file_infos_deinit(&own->infos);
	inode_locks_deinit(&own->locks);
	proc_fds_specials_deinit(&own->specials);
	task_fds_deinit(own->fds, own->n);
	free(own->fds);
	free(own->open);
	free(own);
}

const struct proc_file proc_pid_fd = {
	.name = "fd",
	.scope = PROC_TASK,
	.kind = PROC_LINK_DIR,
	.read = fd_read,
	.text = fd_text,
	.entry = proc_fds_entry,
	.deinit = proc_fds_deinit,
};
