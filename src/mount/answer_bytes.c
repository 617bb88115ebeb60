/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel asks of files that are read and written at offsets. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "mount/answer_inside.h"
#include "mount/serve.h"

struct mount_tree *answer_tree(fuse_req_t req)
{
	const struct serve *s = fuse_req_userdata(req);

	return s->tree;
}

static int answer_errno(int code)
{
	switch (code) {
	case ERR_NOT_FOUND:
		return ENOENT;
	case ERR_NOMEM:
		return ENOMEM;
	case ERR_USAGE:
		return EINVAL;
	default:
		return EIO;
	}
}

void answer_code(fuse_req_t req, int code)
{
	fuse_reply_err(req, answer_errno(code));
}

void answer_read_bytes(fuse_req_t req, const struct answer_open *o, size_t size,
		       off_t off)
{
	struct mount_tree *t = answer_tree(req);
	_cleanup_free_ char *bytes = calloc(size + 1, 1);
	struct proc_bytes want = {
		.offset = (uint64_t)off, .dst = bytes, .len = size};
	int rc = bytes ? mount_tree_read_bytes(t, &o->bytes, &want, NULL)
		       : ERR_NOMEM;

	if (o->boot != t->boot)
		fuse_reply_err(req, ESTALE);
	else if (rc)
		answer_code(req, rc);
	else
		fuse_reply_buf(req, bytes, want.got);
}

/* All or nothing: what is refused is EPERM, as it would be for who may not. */
void answer_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
		  off_t off, struct fuse_file_info *fi)
{
	const struct answer_open *o = open_of(fi);
	struct mount_tree *t = answer_tree(req);
	const struct mount_tree_write w = {.of = &o->bytes,
					   .offset = (uint64_t)off,
					   .src = buf,
					   .len = size};
	int rc;

	(void)ino;
	if (!mount_tree_is_written(t, o->bytes.file)) {
		fuse_reply_err(req, EBADF);
		return;
	}
	rc = size ? mount_tree_write_bytes(t, &w, NULL) : 0;
	if (o->boot != t->boot)
		fuse_reply_err(req, ESTALE);
	else if (rc == ERR_REFUSED)
		fuse_reply_err(req, EPERM);
	else if (rc)
		answer_code(req, rc == ERR_NOT_FOUND ? ERR_UNREADABLE : rc);
	else
		fuse_reply_write(req, size);
}

/* Without an answer the kernel would ask for no file any more. */
void answer_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence,
		  struct fuse_file_info *fi)
{
	const struct answer_open *o = open_of(fi);
	uint64_t at = (uint64_t)off;
	int rc = mount_tree_seek(answer_tree(req), o->bytes.file,
				 whence == SEEK_HOLE, &at, NULL);

	(void)ino;
	if (!rc)
		fuse_reply_lseek(req, (off_t)at);
	else
		fuse_reply_err(req, rc == ERR_NOT_FOUND ? ENXIO : EINVAL);
}
