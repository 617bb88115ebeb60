/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts that the kernel of the host holds. */
#include "mount/held.h"

#include "mount/answer.h"

static bool held_fits(uint64_t len)
{
	return len && len <= HELD_MAX;
}

void held_look(struct serve *s, uint64_t node, const struct mount_tree_place *p)
{
	struct inode_told *told = inodes_told(&s->inodes, node);
	uint64_t len;

	if (told->opens || p->kind != TREE_TEXT)
		return;
	len = mount_tree_by_records(p->path.whole)
		      ? 0
		      : mount_tree_text_length(s->tree, p);
	told->size = s->holds && held_fits(len) ? len : 0;
}

static bool held_store(const struct serve *s, uint64_t node,
		       const struct buf *text)
{
	struct fuse_bufvec v = FUSE_BUFVEC_INIT(text->len);

	v.buf[0].mem = text->data;
	return !fuse_lowlevel_notify_store(s->session, node, 0, &v, 0);
}

/* Attributes alone: who is asked for pages by a reader must not wait for
 * them. */
static void held_ask_again(const struct serve *s, uint64_t node)
{
	fuse_lowlevel_notify_inval_inode(s->session, node, -1, 0);
}

bool held_open(struct serve *s, uint64_t node, const struct buf *text)
{
	struct inode_told *told = inodes_told(&s->inodes, node);
	uint64_t size = 0;

	if (told->opens++)
		return false;
	if (text && s->holds && held_fits(text->len) &&
	    held_store(s, node, text))
		size = text->len;
	/* The kernel grows what it has, and asks for the size where it is to
	 * shrink. */
	if (size < told->size)
		held_ask_again(s, node);
	told->size = size;
	return size;
}

void held_close(struct serve *s, uint64_t node)
{
	inodes_told(&s->inodes, node)->opens--;
}

static void expire_one(void *serve, uint64_t node)
{
	held_ask_again(serve, node);
}

void held_expire(void *serve)
{
	struct serve *s = serve;

	inodes_each_open(&s->inodes, expire_one, s);
}
