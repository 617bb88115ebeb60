/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of answers have from each other. */
#ifndef MOUNT_ANSWER_INSIDE_H
#define MOUNT_ANSWER_INSIDE_H

#include "mount/answer.h"
#include "mount/tree.h"

/* A file, or a directory, that is open: as it was then. */
struct answer_open {
	uint32_t boot;
	struct buf text;
	bool whole, by_records;
	enum mount_tree_kind kind;
	struct mount_tree_bytes bytes;
	struct mount_tree_names names;
	char path[PROC_PATH_MAX];
};

struct mount_tree *answer_tree(fuse_req_t req);

/* As /proc would say it; what keeps the guest from being read is EIO. */
void answer_code(fuse_req_t req, int code);

static inline struct answer_open *open_of(const struct fuse_file_info *fi)
{
	return (struct answer_open *)(uintptr_t)fi->fh;
}

/* Of files of bytes; those of memory can be written, where the tree is. */
void answer_read_bytes(fuse_req_t req, const struct answer_open *o, size_t size,
		       off_t off);
void answer_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
		  off_t off, struct fuse_file_info *fi);
void answer_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence,
		  struct fuse_file_info *fi);

#endif
