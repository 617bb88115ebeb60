/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of answers have from each other. */
#ifndef MOUNT_ANSWER_INSIDE_H
#define MOUNT_ANSWER_INSIDE_H

#include "mount/answer.h"
#include "mount/serve.h"
#include "mount/tree.h"

/* A file, or a directory, that is open: as it was then. */
struct answer_open {
	uint32_t boot;
	struct buf text;
	bool whole, by_records;
	bool held;	 /* by the kernel: it is asked for no reads */
	fuse_ino_t node; /* of a file; else 0 */
	enum mount_tree_kind kind;
	struct mount_tree_bytes bytes;
	struct mount_tree_names names;
	char path[PROC_PATH_MAX];
};

struct mount_tree *answer_tree(fuse_req_t req);

/* As /proc would say it; what keeps the guest from being read is EIO. */
void answer_code(fuse_req_t req, int code);

/* For a directory or a file, which answer_close() ends; NULL: it was answered.
 */
struct answer_open *answer_open_create(fuse_req_t req, fuse_ino_t ino);
void answer_close(struct serve *s, struct answer_open *o);

/* Hand it to the kernel, or answer that error and close it. */
void answer_open_reply(fuse_req_t req, struct answer_open *o, int rc,
		       struct fuse_file_info *fi);
void answer_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);

/* What the kernel is told of a path that is there; the node is taken.  false:
 * no memory. */
bool answer_entry(struct serve *s, const char *path,
		  const struct mount_tree_place *p,
		  struct fuse_entry_param *out);

static inline struct answer_open *open_of(const struct fuse_file_info *fi)
{
	return (struct answer_open *)(uintptr_t)fi->fh;
}

void answer_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void answer_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi);

/* The same with what is told of each name: who goes through a directory need
 * not look them up. */
void answer_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
			struct fuse_file_info *fi);

/* Of files of bytes; those of memory can be written, where the tree is. */
void answer_read_bytes(fuse_req_t req, const struct answer_open *o, size_t size,
		       off_t off);
void answer_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
		  off_t off, struct fuse_file_info *fi);
void answer_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence,
		  struct fuse_file_info *fi);

#endif
