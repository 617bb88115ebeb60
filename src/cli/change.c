/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing guest memory: check all of it, then write. */
#include "cli/change.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/vma.h"

const char change_blind_note[] =
	"no kernel was found: whether this is a free page, or one that all "
	"share, was not to be known";

static void deinit_vmas(struct vma_list *l)
{
	vma_lists_deinit(l, 1);
}

int change_right(struct session *s, const struct place *p, size_t len,
		 enum change_right *right, uint64_t *at, struct err *err)
{
	_cleanup_(deinit_vmas) struct vma_list vmas = {0};
	uint64_t va = p->at, left = len;
	const struct vma *vma;
	int rc = vma_lists_read(s->kernel, &p->mm, 1, &vmas, err);

	if (rc)
		return rc;
	*right = CHANGE_ALLOWED;
	while (left && *right == CHANGE_ALLOWED) {
		vma = vma_find(&vmas, va);
		*at = va;
		if (!vma && vmas.torn)
			return err_set(err, ERR_UNREADABLE,
				       "the VMAs of pid %u are not whole: %s",
				       p->task.pid, vmas.why);
		if (!vma)
			*right = CHANGE_NO_VMA;
		else if (!(vma->flags & VM_WRITE))
			*right = CHANGE_NO_WRITE;
		else if (left <= vma->end - va)
			break;
		else
			left -= vma->end - va, va = vma->end;
	}
	return 0;
}

static int read_old(struct session *s, struct change *c, struct err *err)
{
	_cleanup_free_ struct mem_read *reads =
		calloc(c->pieces.list.n + 1, sizeof(*reads));
	const struct piece *piece;
	size_t i, off = 0;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < c->pieces.list.n; i++) {
		piece = &c->pieces.list.v[i];
		reads[i] = (struct mem_read){.pa = piece->pa,
					     .dst = c->old + off,
					     .len = piece->len};
		off += piece->len;
	}
	rc = machine_read(s->machine, reads, c->pieces.list.n, err);
	if (rc)
		return rc;
	for (i = 0; i < c->pieces.list.n; i++)
		if (reads[i].status != MEM_OK)
			return err_set(err, ERR_UNREADABLE,
				       "physical 0x%" PRIx64
				       " cannot be read; nothing was written",
				       reads[i].pa);
	return 0;
}

/* Pieces that follow each other in physical memory go out as one write. */
static int write_new(struct session *s, struct change *c, struct err *err)
{
	const struct piece *v = c->pieces.list.v;
	size_t i, k, len;
	int rc;

	for (i = 0; i < c->pieces.list.n; i = k) {
		len = v[i].len;
		for (k = i + 1; k < c->pieces.list.n; k++) {
			if (v[k].pa != v[i].pa + len)
				break;
			len += v[k].len;
		}
		rc = machine_write(s->machine, v[i].pa, c->new + c->done, len,
				   err);
		if (rc)
			return err_wrap(err, rc,
					"%zu of %zu bytes are known to be "
					"written",
					c->done, c->len);
		c->done += len;
	}
	return 0;
}

/* Whether all pieces may be written, and what they are. */
static int guard(struct session *s, const struct place *p, unsigned int allow,
		 struct change *c, struct err *err)
{
	size_t i, bad, n = c->pieces.list.n;
	_cleanup_free_ struct guard_piece *v = calloc(n + 1, sizeof(*v));

	c->pages = calloc(n + 1, sizeof(*c->pages));
	if (!v || !c->pages)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		v[i] = (struct guard_piece){p, c->pieces.list.v[i].at,
					    c->pieces.list.v[i].pa};
	return guard_check(s, v, n, allow, c->pages, &c->blind, &bad, err);
}

int change_write(struct session *s, const struct place *p, const void *bytes,
		 size_t len, unsigned int allow, struct change *c,
		 struct err *err)
{
	int rc;

	c->len = len;
	c->old = calloc(1, len + 1);
	c->new = calloc(1, len + 1);
	if (!c->old || !c->new)
		return err_nomem(err);
	memcpy(c->new, bytes, len);
	rc = place_pieces(s->machine, p, len, CHANGE_LINE, &c->pieces, err);
	if (!rc)
		rc = guard(s, p, allow, c, err);
	if (!rc)
		rc = read_old(s, c, err);
	if (!rc)
		rc = write_new(s, c, err);
	return rc;
}

enum {
	ADDRESS,
	PHYSICAL,
	KIND,
	OLD,
	NEW,
	N_COLUMNS
};

static const struct out_column columns[] = {
	[ADDRESS] = OUT_COLUMN("address", "ADDRESS", OUT_HEX),
	[PHYSICAL] = OUT_COLUMN("physical", "PHYSICAL", OUT_HEX),
	[KIND] = OUT_COLUMN("kind", "KIND", OUT_WORDS),
	[OLD] = OUT_COLUMN("old", "OLD", OUT_BYTES),
	[NEW] = OUT_COLUMN("new", "NEW", OUT_BYTES),
};

void change_show(const struct change *c, struct out *out)
{
	struct out_table *t = &out->rows;
	const struct piece *piece;
	size_t i, off = 0;

	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	for (i = 0; i < c->pieces.list.n; i++) {
		piece = &c->pieces.list.v[i];
		out_row(t);
		out_number(t, ADDRESS, piece->at);
		out_number(t, PHYSICAL, piece->pa);
		if (!c->blind)
			out_string(t, KIND, page_kind_name(c->pages[i].kind));
		out_bytes(t, OLD, c->old + off, piece->len);
		out_bytes(t, NEW, c->new + off, piece->len);
		off += piece->len;
	}
	if (c->blind)
		out_note(out, "%s", change_blind_note);
}

void change_deinit(struct change *c)
{
	pieces_deinit(&c->pieces);
	free(c->pages);
	free(c->old);
	free(c->new);
}
