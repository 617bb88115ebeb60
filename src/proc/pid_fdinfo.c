/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/fdinfo: a text for each open file (fs/proc/fd.c), and rows. */
#include <inttypes.h>
#include <sys/stat.h>

#include "kernel/dev.h"
#include "proc/pid_fd.h"

#define GUEST_O_CLOEXEC 02000000u
#define GUEST_O_PATH	010000000u
#define GUEST_O_ACCMODE 3u

static bool fdinfo_is_whole(const struct proc_values *v, size_t i,
			    size_t record)
{
	const struct open_file *f = proc_fds_open(v, i, record);

	return f->known && f->extra != OPEN_FILE_UNKNOWN &&
	       proc_fds_put_special(v->own, f, NULL) &&
	       proc_fds_put_locks(v, i, record, NULL);
}

static int fdinfo_read(struct kernel *k, struct proc_values *out,
		       struct err *err)
{
	int rc = proc_fds_read(k, out, true, err);
	size_t i, j;

	if (!rc)
		rc = proc_fds_read_locks(k, out->own, err);
	if (!rc)
		rc = proc_fds_read_specials(k, out->own, err);
	for (i = 0; i < out->n && !rc; i++)
		for (j = 0; j < out->parts[i].records; j++) {
			struct proc_part *part = &out->parts[i];

			if (part->why.len || fdinfo_is_whole(out, i, j))
				continue;
			buf_printf(&part->why,
				   "descriptor %u, or a lock of it, is of a "
				   "kind whose own lines qvmi does not know",
				   proc_fds_fd(out, i, j)->fd);
			part->torn = true;
		}
	return rc;
}

/* What its show_fdinfo() adds. */
static void fdinfo_put_extra(const struct open_file *f,
			     const struct open_file_form *form, struct buf *out)
{
	switch (f->extra) {
	case OPEN_FILE_EVENTFD:
		buf_printf(out,
			   "eventfd-count: %16" PRIx64 "\n"
			   "eventfd-id: %d\n",
			   f->count, f->id);
		if (form->semaphore)
			buf_printf(out, "eventfd-semaphore: %d\n",
				   f->semaphore);
		break;
	case OPEN_FILE_SIGNALFD:
		buf_printf(out, "sigmask:\t%016" PRIx64 "\n", f->sigmask);
		break;
	case OPEN_FILE_UNIX:
		if (f->has_sock)
			buf_printf(out, "scm_fds: %u\n", f->scm_fds);
		break;
	default:
		break;
	}
}

static uint32_t fdinfo_flags(const struct task_fd *fd,
			     const struct open_file *f)
{
	return f->flags | (fd->close_on_exec ? GUEST_O_CLOEXEC : 0);
}

static void fdinfo_text(const struct proc_values *v, size_t i, size_t record,
			struct buf *out)
{
	const struct fd_values *own = v->own;
	const struct open_file *f = proc_fds_open(v, i, record);

	if (!f->known)
		return;
	buf_printf(out,
		   "pos:\t%" PRId64 "\n"
		   "flags:\t0%o\n"
		   "mnt_id:\t%d\n",
		   f->pos, fdinfo_flags(proc_fds_fd(v, i, record), f),
		   f->mnt_id);
	if (own->form.ino)
		buf_printf(out, "ino:\t%" PRIu64 "\n", f->ino);
	proc_fds_put_locks(v, i, record, out);
	fdinfo_put_extra(f, &own->form, out);
	proc_fds_put_special(own, f, out);
}

const struct proc_file proc_pid_fdinfo = {
	.name = "fdinfo",
	.scope = PROC_TASK,
	.kind = PROC_TEXT_DIR,
	.read = fdinfo_read,
	.text = fdinfo_text,
	.entry = proc_fds_entry,
	.is_whole = fdinfo_is_whole,
	.deinit = proc_fds_deinit,
};

static int open_files_rows_read(struct kernel *k, struct proc_values *out,
				struct err *err)
{
	int rc = proc_fds_read(k, out, true, err);

	if (!rc)
		proc_fds_paths(out);
	return rc;
}

enum {
	FD = PROC_ROW_OWN,
	TYPE,
	ACCESS,
	POS,
	FLAGS,
	CLOSE_ON_EXEC,
	MNT_ID,
	MAJOR,
	MINOR,
	INODE,
	PATH,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[PROC_ROW_PID] = ROW_COLUMN("pid", "PID", ROW_COUNT),
	[PROC_ROW_COMM] = ROW_COLUMN("comm", "COMM", ROW_GUEST),
	[FD] = ROW_COLUMN("fd", "FD", ROW_COUNT),
	[TYPE] = ROW_COLUMN("type", "TYPE", ROW_WORDS),
	[ACCESS] = ROW_COLUMN("access", "ACCESS", ROW_WORDS),
	[POS] = ROW_COLUMN("pos", "POS", ROW_COUNT),
	[FLAGS] = ROW_COLUMN("flags", NULL, ROW_HEX),
	[CLOSE_ON_EXEC] = ROW_COLUMN("close_on_exec", NULL, ROW_FLAG),
	[MNT_ID] = ROW_COLUMN("mnt_id", NULL, ROW_COUNT),
	[MAJOR] = ROW_COLUMN("major", NULL, ROW_COUNT),
	[MINOR] = ROW_COLUMN("minor", NULL, ROW_COUNT),
	[INODE] = ROW_COLUMN("inode", "INODE", ROW_COUNT),
	[PATH] = ROW_COLUMN("path", "PATH", ROW_GUEST),
};

static const struct {
	uint32_t mode;
	const char *name;
} file_types[] = {
	{S_IFREG, "file"},  {S_IFDIR, "dir"},  {S_IFCHR, "char"},
	{S_IFBLK, "block"}, {S_IFIFO, "pipe"}, {S_IFSOCK, "socket"},
	{S_IFLNK, "link"},
};

/* Files of anon_inode have no type in most kernels. */
static const char *file_type(uint32_t mode)
{
	size_t i;

	for (i = 0; i < sizeof(file_types) / sizeof(file_types[0]); i++)
		if ((mode & S_IFMT) == file_types[i].mode)
			return file_types[i].name;
	return "anon";
}

static const char *file_access(uint32_t flags)
{
	static const char *const names[] = {"r", "w", "rw", "-"};

	return flags & GUEST_O_PATH ? "path" : names[flags & GUEST_O_ACCMODE];
}

static void open_files_row_state(const struct task_fd *fd,
				 const struct open_file *f,
				 struct row_table *out)
{
	row_string(out, TYPE, file_type(f->mode));
	row_string(out, ACCESS, file_access(f->flags));
	row_number(out, POS, (uint64_t)f->pos);
	row_number(out, FLAGS, fdinfo_flags(fd, f));
	row_number(out, MNT_ID, (uint64_t)f->mnt_id);
	row_number(out, INODE, f->ino);
}

static void open_files_rows(const struct proc_values *v, size_t i,
			    size_t record, struct row_table *out)
{
	const struct task_fd *fd = proc_fds_fd(v, i, record);
	const struct open_file *open = proc_fds_open(v, i, record);
	const struct file_info *f = proc_fds_info(v, i, record);

	proc_row_add(v, i, out);
	row_number(out, FD, fd->fd);
	row_number(out, CLOSE_ON_EXEC, fd->close_on_exec);
	if (open->known)
		open_files_row_state(fd, open, out);
	if (!f)
		return;
	row_number(out, MAJOR, dev_major(f->dev));
	row_number(out, MINOR, dev_minor(f->dev));
	if (f->path)
		row_string(out, PATH, f->path);
}

const struct proc_file proc_open_files = {
	.name = "files",
	.scope = PROC_TASK,
	.kind = PROC_TEXT_DIR,
	.read = open_files_rows_read,
	.text = fdinfo_text,
	.entry = proc_fds_entry,
	.columns = columns,
	.n_columns = N_COLUMNS,
	.rows = open_files_rows,
	.deinit = proc_fds_deinit,
};
