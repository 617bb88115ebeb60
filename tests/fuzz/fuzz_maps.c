/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes all of `maps` on recorded guests whose memory is changed. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/escape.h"
#include "fuzz/fuzz.h"
#include "fuzz/image.h"
#include "fuzz/repair.h"
#include "kernel/kernel.h"
#include "kernel/readers.h"
#include "profile/resolve.h"

/*
 * An input, little-endian: u8, which image; and then changes, {u32 where, u8
 * what, u8 how, u64 value} each.  `where` counts the bytes of the image and,
 * behind them, those of its profile.
 */
enum what {
	SET,	 /* write the value */
	SET_LOW, /* write how % 8 + 1 bytes of it */
	COPY,	 /* write what is at byte `value` of the image */
	ADD,	 /* add the value */
	POINT,	 /* a kernel pointer to byte `value`, plus `how` */
	LOOP,	 /* a kernel pointer to this place, less `how` units of 8 */
	TABLE, /* a page-table entry to the page of byte `value`, bits `how` */
	FILL,  /* how + 1 bytes of this value */
	/* `where` is a hash of the name, or, if that is none, a number: */
	MEMBER,	  /* change part `how` of a member that is wanted */
	SIZE,	  /* the size of a struct */
	CONSTANT, /* the value of a constant */
	WHATS
};

#define CHANGES	  64 /* at most */

#define VALUES_AT 64 /* in a profile's header: where the values are */

static const char *const names[] = {"5.10", "6.1", "7.2"};
#define IMAGES (sizeof(names) / sizeof(names[0]))

/* A recorded guest, and what it was before an input changed it. */
struct guest {
	struct image image;
	uint8_t *bytes, *profile;
	uint64_t page_offset; /* direct map */
	int fd;		      /* of the profile */
};

/* What an input has changed. */
struct changes {
	struct {
		size_t at, len;
	} v[CHANGES];
	size_t n;
	bool profile;
};

static void write_profile(const struct guest *g)
{
	const struct image *img = &g->image;

	if (pwrite(g->fd, img->profile, img->profile_len, 0) !=
	    (ssize_t)img->profile_len)
		abort();
}

static int print(struct guest *g, struct buf *out)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", g->fd);
	image_drop_cache(&g->image);
	return image_maps(&g->image.machine, path, g->image.pids.v,
			  g->image.pids.n, out, NULL);
}

/* Nothing is tested by an image that cannot be read as the guest was. */
static void check_unchanged(struct guest *g, const char *name)
{
	struct profile_opts opts = {0};
	struct buf out = {0};
	struct err err = {0};
	struct profile *p;
	struct kernel *k;
	char path[32];

	if (print(g, &out) || strcmp(out.data, g->image.text) != 0) {
		fprintf(stderr,
			"the image of %s is no longer read whole: record it "
			"anew (tests/fuzz/corpus/README.md)\n%s\n",
			name, out.data);
		abort();
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", g->fd);
	opts.file = path;
	fuzz_require(!profile_create(&opts, &kernel_readers, &p, &err));
	fuzz_require(!kernel_open(&g->image.machine, p, NULL, &k, &err));
	g->page_offset = k->page_offset;
	kernel_close(k);
	profile_destroy(p);
	buf_deinit(&out);
}

static struct guest *guest_of(unsigned int i)
{
	static struct guest guests[IMAGES];
	struct guest *g = &guests[i];
	char path[300];

	if (g->bytes)
		return g;
	snprintf(path, sizeof(path), "%s/images/%s.gz", TEST_DATA, names[i]);
	image_load(&g->image, path);
	g->bytes = fuzz_copy(g->image.bytes, g->image.len);
	g->profile = fuzz_copy(g->image.profile, g->image.profile_len);
	g->fd = memfd_create("profile", MFD_CLOEXEC);
	write_profile(g);
	check_unchanged(g, names[i]);
	return g;
}

/* The physical address of a byte of the image. */
static uint64_t physical(const struct image *img, size_t at)
{
	size_t lo = 0, hi = img->runs.n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (img->runs.v[mid].at <= at)
			lo = mid;
		else
			hi = mid;
	}
	return img->runs.v[lo].pa + (at - img->runs.v[lo].at);
}

/* The new value of the eight bytes at `at` (in the image). */
static uint64_t new_value(const struct guest *g, enum what what, uint8_t how,
			  uint64_t value, size_t at, const uint8_t *old)
{
	const struct image *img = &g->image;
	size_t to = value % (img->len - 8);

	switch (what) {
	case COPY:
		return le64(img->bytes + (to & ~(size_t)7));
	case ADD:
		return le64(old) + value;
	case POINT:
		return g->page_offset + physical(img, to & ~(size_t)7) + how;
	case LOOP:
		return g->page_offset + physical(img, at) - how * 8ULL;
	case TABLE:
		return (physical(img, to) & ~0xfffULL) | how;
	case FILL:
		return (value & 0xff) * 0x0101010101010101ULL;
	default:
		return value;
	}
}

/* FNV-1a */
static uint32_t hash(const char *s)
{
	uint32_t h = 0x811c9dc5;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 0x01000193;
	return h;
}

/* What `where` may be a hash of: "task_struct.mm" with all alternatives. */
static uint32_t hash_want(const struct want *w)
{
	char name[200];

	if (w->kind == WANT_FIELD)
		snprintf(name, sizeof(name), "%s.%s", w->type, w->name);
	return hash(w->kind == WANT_FIELD  ? name
		    : w->kind == WANT_SIZE ? w->type
					   : w->name);
}

/* All that readers want, in the order of the values. */
struct wanted {
	const struct want *v[4096];
	size_t n;
};

static struct wanted all_wanted(void)
{
	struct wanted all = {.n = 0};
	size_t i, j;

	for (i = 0; i < READERS; i++)
		for (j = 0; j < kernel_readers.v[i]->n; j++) {
			fuzz_require(all.n < sizeof(all.v) / sizeof(*all.v));
			all.v[all.n++] = &kernel_readers.v[i]->v[j];
		}
	return all;
}

/* The hash of what is meant: `where`, or, if it is none's, that of a number. */
static uint32_t choose(const struct wanted *all, enum want_kind kind,
		       uint32_t where)
{
	size_t i, at = where % all->n;

	for (i = 0; i < all->n; i++)
		if (all->v[i]->kind == kind && hash_want(all->v[i]) == where)
			return where;
	while (all->v[at]->kind != kind)
		at = (at + 1) % all->n;
	return hash_want(all->v[at]);
}

/* Values of a file are bytes: a bool can be anything. */
static void change_member(struct profile_field *f, uint8_t how, uint64_t value)
{
	switch (how % 5) {
	case 0:
		memcpy(&f->present, &value, 1);
		break;
	case 1:
		f->offset = (uint32_t)value;
		break;
	case 2:
		f->size = (uint32_t)value;
		break;
	case 3:
		f->bit_offset = (uint8_t)value;
		break;
	default:
		f->bit_size = (uint8_t)value;
		break;
	}
}

static void change_value(struct wanted_value *v, enum what what, uint8_t how,
			 uint64_t value)
{
	if (what == MEMBER)
		change_member(&v->field, how, value);
	else if (what == SIZE)
		v->field.size = (uint32_t)value;
	else
		v->constant = (int64_t)value;
}

/* For all readers that want it. */
static void change_values(struct guest *g, uint32_t where, enum what what,
			  uint8_t how, uint64_t value)
{
	const enum want_kind kind = what == MEMBER ? WANT_FIELD
				    : what == SIZE ? WANT_SIZE
						   : WANT_CONSTANT;
	const struct wanted all = all_wanted();
	uint8_t *at = g->image.profile + le64(g->profile + VALUES_AT);
	struct wanted_value v;
	size_t i;

	where = choose(&all, kind, where);
	for (i = 0; i < all.n; i++, at += sizeof(v)) {
		if (all.v[i]->kind != kind || hash_want(all.v[i]) != where)
			continue;
		memcpy(&v, at, sizeof(v));
		change_value(&v, what, how, value);
		memcpy(at, &v, sizeof(v));
	}
}

static void change(struct guest *g, struct changes *c, struct cursor *in)
{
	struct image *img = &g->image;
	uint32_t where = cursor_u32(in);
	enum what what = cursor_u8(in) % WHATS;
	uint8_t how = cursor_u8(in), *to;
	uint64_t value = cursor_u64(in);
	size_t at = where % (img->len + img->profile_len), len = 8, i;
	bool profile = at >= img->len || what >= MEMBER;
	size_t room = (profile ? img->profile_len : img->len);

	c->profile |= profile;
	if (what >= MEMBER) {
		change_values(g, where, what, how, value);
		return;
	}
	at -= profile ? img->len : 0;
	if (what != SET_LOW && what != FILL)
		at &= ~(size_t)7;
	if (what == SET_LOW)
		len = how % 8 + 1;
	else if (what == FILL)
		len = how + 1;
	if (at + 8 > room || at + len > room)
		return;
	to = (profile ? img->profile : img->bytes) + at;
	value = new_value(g, what, how, value, profile ? 0 : at, to);
	for (i = 0; i < len; i++)
		to[i] = (uint8_t)(value >> 8 * (i % 8));
	if (!profile) {
		c->v[c->n].at = at;
		c->v[c->n++].len = len;
	}
}

static void restore(struct guest *g, const struct changes *c)
{
	struct image *img = &g->image;
	size_t i;

	for (i = 0; i < c->n; i++)
		memcpy(img->bytes + c->v[i].at, g->bytes + c->v[i].at,
		       c->v[i].len);
	if (!c->profile)
		return;
	memcpy(img->profile, g->profile, img->profile_len);
	write_profile(g);
}

/* What reaches a terminal does nothing to it. */
static void check_text(const struct buf *out)
{
	struct buf shown = {0};
	size_t i;

	escape_add(&shown, ESCAPE_LINES, out->data, out->len);
	for (i = 0; i < shown.len; i++)
		fuzz_require(shown.data[i] == '\n' ||
			     (shown.data[i] >= ' ' && shown.data[i] != 0x7f));
	buf_deinit(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct changes c = {0};
	struct buf out = {0};
	struct cursor in;
	struct guest *g;

	cursor_init(&in, data, size);
	g = guest_of(cursor_u8(&in) % IMAGES);
	while (cursor_left(&in) >= 14 && c.n < CHANGES)
		change(g, &c, &in);
	if (c.profile) {
		repair_profile(g->image.profile, g->image.profile_len);
		write_profile(g);
	}
	print(g, &out);
	if (out.data && strcmp(out.data, g->image.text) != 0)
		check_text(&out);
	buf_deinit(&out);
	restore(g, &c);
	return 0;
}
