/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the running kernel's image. */
#include "profile/image.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/populate.h"
#include "base/vec.h"

#define CHUNK (1u << 20)
#define PIECE (64u << 10) /* long enough to bypass the page cache */

static int read_guest(const void *ctx, struct image_read *reads, size_t n,
		      struct err *err)
{
	const struct profile_image *img = ctx;
	_cleanup_free_ struct space_read *list = NULL;
	size_t i;
	int rc;

	list = calloc(n + 1, sizeof(*list));
	if (!list)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		list[i] = (struct space_read){.root = img->root,
					      .va = img->text + reads[i].offset,
					      .dst = reads[i].dst,
					      .len = reads[i].len};
	rc = space_read(img->machine, list, n, err);
	if (rc)
		return rc;
	for (i = 0; i < n; i++)
		reads[i].ok = list[i].got == list[i].len;
	return 0;
}

struct image_bytes image_of_guest(const struct profile_image *img)
{
	return (struct image_bytes){.read = read_guest, .ctx = img};
}

/* The part of a run that is searched; len 0: none of it. */
static struct image_span clip(const struct profile_image *img,
			      const struct space_run *run)
{
	struct image_span s = {.offset = run->va - img->text, .len = run->len};

	if (run->va < img->text || s.offset >= IMAGE_MAX)
		return (struct image_span){0};
	if (s.len > IMAGE_MAX - s.offset)
		s.len = IMAGE_MAX - s.offset;
	return s;
}

int image_spans(const struct profile_image *img, bool rodata,
		struct image_span **spans, size_t *n)
{
	VEC(struct image_span) list = {0};
	struct image_span s, *last;
	size_t i;

	for (i = 0; i < img->n_runs; i++) {
		const struct space_run *run = &img->runs[i];

		s = clip(img, run);
		if (!s.len || run->user || (rodata && (run->write || !run->nx)))
			continue;
		last = list.n ? &list.v[list.n - 1] : NULL;
		if (last && last->offset + last->len == s.offset) {
			last->len += s.len;
		} else if (vec_push(&list, s)) {
			vec_deinit(&list);
			return ERR_NOMEM;
		}
	}
	*spans = list.v;
	*n = list.n;
	return 0;
}

int image_window_init(struct image_window *w, const struct profile_image *img,
		      struct image_span span, bool downwards)
{
	*w = (struct image_window){
		.img = img, .span = span, .downwards = downwards};
	if (downwards)
		w->lo = w->hi = span.len;
	/* zeros that cost nothing; memory of the heap would be written first */
	w->buf = mmap(NULL, span.len + 1, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (w->buf == MAP_FAILED) {
		w->buf = NULL;
		return ERR_NOMEM;
	}
	populate_huge(w->buf, span.len + 1);
	return 0;
}

/* The part of [offset, offset + len) before `limit` is read directly. */
static int read_before(const struct profile_image *img, struct image_span *part,
		       uint64_t limit, uint8_t **dst, struct err *err)
{
	uint64_t len = limit > part->offset ? limit - part->offset : 0;
	int rc;

	if (len > part->len)
		len = part->len;
	if (!len)
		return 0;
	rc = space_read_all(img->machine, img->root, img->text + part->offset,
			    *dst, len, err);
	part->offset += len;
	part->len -= len;
	*dst += len;
	return rc;
}

int image_window_check(const struct image_window *w, struct image_span part,
		       struct err *err)
{
	size_t i;

	for (i = 0; i < w->holes.n; i++) {
		const struct image_span *hole = &w->holes.v[i];

		if (hole->offset < part.offset + part.len &&
		    part.offset < hole->offset + hole->len)
			return err_set(err, ERR_UNREADABLE,
				       "the kernel's image cannot be read at "
				       "0x%" PRIx64,
				       w->img->text + hole->offset);
	}
	return 0;
}

int image_window_copy(const struct image_window *w,
		      const struct profile_image *img, struct image_span part,
		      uint8_t *dst, struct err *err)
{
	uint64_t filled = w->span.offset + w->lo, len = w->hi - w->lo;
	int rc;

	rc = w->buf ? image_window_check(w, part, err) : 0;
	if (!rc)
		rc = read_before(img, &part, w->buf ? filled : UINT64_MAX, &dst,
				 err);
	if (rc || !part.len || !w->buf)
		return rc;
	if (part.offset < filled + len) {
		len -= part.offset - filled;
		if (len > part.len)
			len = part.len;
		memcpy(dst, w->buf + (part.offset - w->span.offset), len);
		dst += len;
		part.offset += len;
		part.len -= len;
	}
	return read_before(img, &part, UINT64_MAX, &dst, err);
}

const uint8_t *image_window_at(const struct image_window *w,
			       struct image_span part)
{
	uint64_t from = part.offset - w->span.offset, filled = w->hi - w->lo;

	if (!w->buf || part.offset < w->span.offset || from < w->lo ||
	    from - w->lo > filled || part.len > filled - (from - w->lo))
		return NULL;
	return w->buf + from;
}

void image_window_deinit(struct image_window *w)
{
	if (w->buf)
		munmap(w->buf, w->span.len + 1);
	w->buf = NULL;
	vec_deinit(&w->holes);
}

/* Read [from, from + len) in pieces, so that a bad page costs no more than one
 */
static int image_fill(struct image_window *w, size_t from, size_t len,
		      struct err *err)
{
	struct image_bytes guest = image_of_guest(w->img);
	struct image_read reads[CHUNK / PIECE];
	size_t n, i, left;
	int rc;

	for (n = 0; len; n++) {
		left = len < PIECE ? len : PIECE;
		reads[n] = (struct image_read){.offset = w->span.offset + from,
					       .dst = w->buf + from,
					       .len = left};
		from += left;
		len -= left;
	}
	rc = guest.read(guest.ctx, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		if (!reads[i].ok &&
		    vec_push(&w->holes, {reads[i].offset, reads[i].len}))
			rc = err_nomem(err);
	return rc;
}

int image_window_grow(struct image_window *w, struct err *err)
{
	size_t left = w->downwards ? w->lo : w->span.len - w->hi;
	size_t len = left < CHUNK ? left : CHUNK;
	int rc;

	if (!len)
		return 0;
	rc = image_fill(w, w->downwards ? w->lo - len : w->hi, len, err);
	if (rc)
		return rc;
	if (w->downwards)
		w->lo -= len;
	else
		w->hi += len;
	return 1;
}
