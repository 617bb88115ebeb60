/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that vmlinux writes: all of them whole, or none. */
#include "cli/vmlinux_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "export/gdb.h"

/*
 * The user names FILE, not its script: that may be replaced only where it was
 * written with another FILE.  The tree of a kernel has one for its own vmlinux.
 */
static int check_script(struct session *s, const char *whole, struct err *err)
{
	char name[NAME_MAX + sizeof(EXPORT_GDB_SUFFIX)];
	char begin[EXPORT_GDB_MARK_MAX];
	_cleanup_close_ int fd = -1;
	struct stat st;
	ssize_t n;

	snprintf(name, sizeof(name), "%s" EXPORT_GDB_SUFFIX, whole);
	fd = openat(s->save_dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, ERR_SYS, "%s", name);
	n = fstat(fd, &st) || !S_ISREG(st.st_mode)
		    ? -1
		    : files_read_at(fd, begin, sizeof(begin), 0);
	if (n < 0 || !export_gdb_is_script(begin, (size_t)n))
		return err_set(err, ERR_REFUSED,
			       "'%s' is there, and nothing that was written "
			       "with such a file: move it away",
			       name);
	return 0;
}

int vmlinux_files_find(struct session *s, struct vmlinux_files *f,
		       const char *path, struct err *err)
{
	int rc = sink_find(s, path, true, &f->place, err);

	if (!rc && (f->format->is & VMLINUX_FOR_GDB) && !f->place.straight)
		rc = check_script(s, f->place.name, err);
	return rc;
}

/* What a file is written from. */
struct vmlinux_source {
	const struct vmlinux_files *f;
	const struct vmlinux_file *file;
	const struct portrait *p;
};

static int vmlinux_put(const void *ctx, FILE *out, struct err *err)
{
	const struct vmlinux_source *s = ctx;
	const struct portrait *p = s->p;

	switch (s->file->what) {
	case VMLINUX_PART:
		return s->f->format->write_part(
			p, (size_t)(s->file->types - p->types.v), out, err);
	case VMLINUX_SCRIPT:
		export_gdb_script(out);
		return 0;
	default:
		return s->f->format->write(p, out, err);
	}
}

static int vmlinux_write_to(const struct vmlinux_files *f,
			    struct vmlinux_file *file, const struct portrait *p,
			    int fd, struct err *err)
{
	const struct vmlinux_source source = {f, file, p};

	return sink_fill(fd, vmlinux_put, &source, &file->bytes, err);
}

/* A file for the whole, one for each module that has its own, a script. */
static int vmlinux_plan(struct vmlinux_files *f, const struct portrait *p)
{
	size_t i;

	if (vec_push(&f->v, {.what = VMLINUX_WHOLE, .file.fd = -1}))
		return ERR_NOMEM;
	if (f->place.straight)
		return 0;
	for (i = 0; i < p->types.n; i++)
		if (f->format->write_part &&
		    p->types.v[i].owner != PORTRAIT_IMAGE &&
		    vec_push(&f->v, {.what = VMLINUX_PART,
				     .file.fd = -1,
				     .types = &p->types.v[i]}))
			return ERR_NOMEM;
	if (f->format->is & VMLINUX_FOR_GDB &&
	    vec_push(&f->v, {.what = VMLINUX_SCRIPT, .file.fd = -1}))
		return ERR_NOMEM;
	return 0;
}

char *vmlinux_files_name(const struct vmlinux_file *file, const char *whole,
			 const struct portrait *p)
{
	const char *module = file->what == VMLINUX_PART
				     ? p->owners.v[file->types->owner - 1].name
				     : "";
	char *name;

	return asprintf(&name, "%s%s%s", whole,
			file->what == VMLINUX_PART     ? "."
			: file->what == VMLINUX_SCRIPT ? EXPORT_GDB_SUFFIX
						       : "",
			module) < 0
		       ? NULL
		       : name;
}

static int vmlinux_write_file(struct session *s, const struct vmlinux_files *f,
			      struct vmlinux_file *file,
			      const struct portrait *p, struct err *err)
{
	_cleanup_free_ char *name = vmlinux_files_name(file, f->place.name, p);
	int rc;

	if (!name)
		return err_nomem(err);
	rc = files_new_open(&file->file, s->save_dir, name, err);
	if (rc)
		return rc;
	rc = vmlinux_write_to(f, file, p, file->file.fd, err);
	if (rc)
		return err_wrap(err, rc, "%s", name);
	return files_new_sync(&file->file, err);
}

/* None of the files has its name before all are whole; FILE gets it last. */
static int vmlinux_write_files(struct session *s, struct vmlinux_files *f,
			       const struct portrait *p, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < f->v.n && !rc; i++)
		rc = vmlinux_write_file(s, f, &f->v.v[i], p, err);
	if (!rc && signals_caught())
		rc = err_set(err, ERR_INTERRUPTED, "interrupted");
	for (i = f->v.n; i > 0 && !rc; i--)
		rc = files_new_keep(&f->v.v[i - 1].file, err);
	return rc;
}

int vmlinux_files_write(struct session *s, struct vmlinux_files *f,
			const struct portrait *p, struct err *err)
{
	int rc;

	if (vmlinux_plan(f, p))
		return err_nomem(err);
	if (!f->place.straight)
		return vmlinux_write_files(s, f, p, err);
	rc = vmlinux_write_to(f, &f->v.v[0], p, f->place.fd, err);
	return rc ? err_wrap(err, rc, "%s", f->place.path) : 0;
}

void vmlinux_files_close(struct vmlinux_files *f)
{
	size_t i;

	for (i = 0; i < f->v.n; i++)
		files_new_close(&f->v.v[i].file);
}

void vmlinux_files_deinit(struct vmlinux_files *f)
{
	sink_place_deinit(&f->place);
	vec_deinit(&f->v);
}
