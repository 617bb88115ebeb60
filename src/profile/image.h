/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the running kernel's image: batches, and a window that grows. */
#ifndef PROFILE_IMAGE_H
#define PROFILE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "profile/profile.h"

#define IMAGE_MAX (64ull << 20) /* what is searched, from _text on */

/*
 * Where _text is unless KASLR moved it (docs/facts/kernel.md, "Where the kernel
 * is"); CONFIG_PHYSICAL_START could move it, too, but nobody changes that.
 */
#define IMAGE_LINK_TEXT 0xffffffff81000000ULL

/*
 * Bytes of a kernel's image, by distance from _text; `ok` is set when all
 * came.  A place in the image is the same in guest memory and in a file.
 */
struct image_read {
	uint64_t offset;
	void *dst;
	size_t len;
	bool ok;
};

/*
 * Where bytes of a kernel's image come from: read() answers all n as one
 * batch; 0, or a negative code when the source is gone.
 */
struct image_bytes {
	int (*read)(const void *ctx, struct image_read *reads, size_t n,
		    struct err *err);
	const void *ctx;
};

/* The guest's memory as a source of bytes; borrows img. */
struct image_bytes image_of_guest(const struct profile_image *img);

/* A part of the image: [offset, offset + len). */
struct image_span {
	uint64_t offset, len;
};

/*
 * What is mapped in the first 64 MiB: only read-only, non-executable parts
 * (rodata, once mark_rodata_ro() ran), or everything, neighbours merged.  The
 * caller frees *spans; ERR_NOMEM.
 */
int image_spans(const struct profile_image *img, bool rodata,
		struct image_span **spans, size_t *n);

/*
 * A window on a span: it starts empty and grows from the span's end downwards
 * or from its start upwards.  What cannot be read is a hole of zeros.
 */
struct image_window {
	const struct profile_image *img;
	struct image_span span;
	uint8_t *buf;  /* of the whole span; zeros where not yet read */
	size_t lo, hi; /* what is filled, from the span's start */
	bool downwards;
	VEC(struct image_span) holes;
};

int image_window_init(struct image_window *w, const struct profile_image *img,
		      struct image_span span, bool downwards);
void image_window_deinit(struct image_window *w);

/* ERR_UNREADABLE where a hole has something of a part of the image. */
int image_window_check(const struct image_window *w, struct image_span part,
		       struct err *err);

/*
 * Read a part of the image, what is filled from the window (which may be none:
 * zeroed).  ERR_UNREADABLE when not all of it is there.
 */
int image_window_copy(const struct image_window *w,
		      const struct profile_image *img, struct image_span part,
		      uint8_t *dst, struct err *err);

/* A part of the image in the window; NULL unless all of it is filled. */
const uint8_t *image_window_at(const struct image_window *w,
			       struct image_span part);

/* Fill the next chunk: 1 done, 0 nothing left, or a negative code. */
int image_window_grow(struct image_window *w, struct err *err);

#endif
