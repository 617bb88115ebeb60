/* SPDX-License-Identifier: BSD-2-Clause */
/* Scanning BTF: header, type records, strings. */
#include "types/btf.h"

#include "base/cursor.h"

#define BTF_MAGIC     0xeb9fu
#define MAX_HEADER    64u
#define TYPE_LEN      12u
#define MAX_MODIFIERS 128 /* kernels have 8 */
#define MAX_LAYOUT    128u

struct layout {
	uint8_t info, elem; /* bytes behind a type, bytes per element */
	bool known;
};

/* What follows the record of each kind: docs/facts/kernel.md, "BTF". */
static const struct layout kinds[BTF_KINDS] = {
	[BTF_INT] = {4, 0, true},
	[BTF_PTR] = {0, 0, true},
	[BTF_ARRAY] = {12, 0, true},
	[BTF_STRUCT] = {0, 12, true},
	[BTF_UNION] = {0, 12, true},
	[BTF_ENUM] = {0, 8, true},
	[BTF_FWD] = {0, 0, true},
	[BTF_TYPEDEF] = {0, 0, true},
	[BTF_VOLATILE] = {0, 0, true},
	[BTF_CONST] = {0, 0, true},
	[BTF_RESTRICT] = {0, 0, true},
	[BTF_FUNC] = {0, 0, true}, /* vlen is a linkage */
	[BTF_FUNC_PROTO] = {0, 8, true},
	[BTF_VAR] = {4, 0, true},
	[BTF_DATASEC] = {0, 12, true},
	[BTF_FLOAT] = {0, 0, true},
	[BTF_DECL_TAG] = {4, 0, true},
	[BTF_TYPE_TAG] = {0, 0, true},
	[BTF_ENUM64] = {0, 12, true},
};

struct header {
	uint32_t hdr_len, type_off, type_len, str_off, str_len;
	uint32_t layout_off, layout_len;
};

static bool within(uint64_t total, uint32_t off, uint32_t len)
{
	return off <= total && len <= total - off;
}

/* The blob's size by its header, 0 when it is none. */
static uint64_t read_header(const void *bytes, size_t len, struct header *h)
{
	uint64_t end, layout_end;
	struct cursor c;
	uint16_t magic;
	uint8_t version;

	*h = (struct header){0};
	cursor_init(&c, bytes, len);
	magic = cursor_u16(&c);
	version = cursor_u8(&c);
	cursor_skip(&c, 1);
	h->hdr_len = cursor_u32(&c);
	h->type_off = cursor_u32(&c);
	h->type_len = cursor_u32(&c);
	h->str_off = cursor_u32(&c);
	h->str_len = cursor_u32(&c);
	if (c.bad || magic != BTF_MAGIC || version != 1 ||
	    h->hdr_len < BTF_MIN_HEADER || h->hdr_len > MAX_HEADER ||
	    h->hdr_len % 4 || h->type_off % 4)
		return 0;
	if (h->hdr_len >= 32) {
		h->layout_off = cursor_u32(&c);
		h->layout_len = cursor_u32(&c);
		if (c.bad)
			h->layout_off = h->layout_len = 0;
	}
	end = (uint64_t)h->str_off + h->str_len;
	if ((uint64_t)h->type_off + h->type_len > end)
		end = (uint64_t)h->type_off + h->type_len;
	layout_end = (uint64_t)h->layout_off + h->layout_len;
	if (h->layout_len && layout_end > end)
		end = layout_end;
	end += h->hdr_len;
	return end <= BTF_MAX_BLOB ? end : 0;
}

size_t btf_blob_size(const void *bytes, size_t len)
{
	struct header h;
	uint64_t size = read_header(bytes, len, &h);

	return h.type_len && h.str_len ? (size_t)size : 0;
}

/* Known kinds first, then what the blob itself says of unknown ones. */
static void read_layouts(struct layout layouts[MAX_LAYOUT], const uint8_t *body,
			 const struct header *h)
{
	struct cursor c;
	uint32_t kind;

	cursor_init(&c, body + h->layout_off, h->layout_len);
	for (kind = 0; kind < MAX_LAYOUT; kind++) {
		struct layout *l = &layouts[kind];

		*l = kind < BTF_KINDS ? kinds[kind] : (struct layout){0};
		if (cursor_left(&c) < 4 || l->known) {
			cursor_skip(&c, 4);
			continue;
		}
		l->info = cursor_u8(&c);
		l->elem = cursor_u8(&c);
		cursor_skip(&c, 2);
		l->known = kind != BTF_VOID;
	}
}

static uint32_t info_kind(uint32_t info)
{
	return info >> 24 & 0x7f;
}

static uint32_t info_vlen(uint32_t info)
{
	return info & 0xffffff;
}

/* Note where each type starts; stops at a kind of unknown size. */
static int btf_scan(struct btf *b, const struct layout layouts[MAX_LAYOUT])
{
	uint64_t pos = 0;

	if (vec_reserve(&b->start, b->types_len / 40 + 1) ||
	    (!b->base && vec_push(&b->start, 0)))
		return ERR_NOMEM;
	while (pos + TYPE_LEN <= b->types_len) {
		uint32_t info = le32(b->types + pos + 4);
		const struct layout *l = &layouts[info_kind(info)];

		if (!l->known) {
			b->cut = info_kind(info) ? info_kind(info) : UINT32_MAX;
			return 0;
		}
		if (vec_push(&b->start, (uint32_t)pos))
			return ERR_NOMEM;
		pos += TYPE_LEN + l->info;
		pos += (uint64_t)l->elem * info_vlen(info);
		if (pos > b->types_len) { /* the last one is cut off */
			b->start.n--;
			b->cut = UINT32_MAX;
		}
	}
	return 0;
}

/* What a blob's own strings must be like: its base begins with "". */
static bool btf_has_strings(const struct btf *b)
{
	return b->strings_len ? !b->strings[b->strings_len - 1] &&
					(b->base || !b->strings[0])
			      : !!b->base;
}

int btf_init(struct btf *b, const void *blob, size_t len, struct err *err)
{
	return btf_init_split(b, NULL, blob, len, err);
}

int btf_init_split(struct btf *b, const struct btf *base, const void *blob,
		   size_t len, struct err *err)
{
	struct layout layouts[MAX_LAYOUT];
	const uint8_t *body;
	struct header h;
	uint64_t size;

	*b = (struct btf){.base = base};
	if (base) {
		b->first_id = btf_end(base);
		b->first_string =
			base->first_string + (uint32_t)base->strings_len;
	}
	if (!read_header(blob, len, &h) || h.hdr_len > len ||
	    (!base && !h.type_len))
		return err_set(err, ERR_CORRUPT, "BTF: no header");
	body = (const uint8_t *)blob + h.hdr_len;
	size = len - h.hdr_len;
	if (!within(size, h.type_off, h.type_len) ||
	    !within(size, h.str_off, h.str_len) ||
	    !within(size, h.layout_off, h.layout_len))
		return err_set(err, ERR_CORRUPT, "BTF: sections overrun");
	b->types = body + h.type_off;
	b->types_len = h.type_len;
	b->strings = (const char *)body + h.str_off;
	b->strings_len = h.str_len;
	if (!btf_has_strings(b))
		return err_set(err, ERR_CORRUPT, "BTF: no strings");
	read_layouts(layouts, body, &h);
	if (btf_scan(b, layouts)) {
		btf_deinit(b);
		return err_nomem(err);
	}
	return 0;
}

int btf_check_base(const struct btf *base, uint32_t start_id,
		   uint32_t start_string, struct err *err)
{
	if (!base->cut && start_id == btf_end(base) &&
	    start_string == base->strings_len)
		return 0;
	return err_set(err, ERR_CORRUPT,
		       "they do not begin where the kernel's end");
}

void btf_deinit(struct btf *b)
{
	vec_deinit(&b->start);
}

const char *btf_string(const struct btf *b, uint32_t offset)
{
	while (b->base && offset < b->first_string)
		b = b->base;
	offset -= b->first_string;
	return offset < b->strings_len ? b->strings + offset : "";
}

uint32_t btf_end(const struct btf *b)
{
	return b->first_id + (uint32_t)b->start.n;
}

bool btf_type(const struct btf *b, uint32_t id, struct btf_type *t)
{
	const uint8_t *p;
	uint32_t info;

	if (!id || id >= btf_end(b))
		return false;
	while (b->base && id < b->first_id)
		b = b->base;
	id -= b->first_id;
	p = b->types + b->start.v[id];
	info = le32(p + 4);
	*t = (struct btf_type){
		.name = btf_string(b, le32(p)),
		.kind = info_kind(info),
		.vlen = info_vlen(info),
		.flag = info >> 31,
		.in = b,
		.size = le32(p + 8),
		.data = b->start.v[id] + TYPE_LEN,
	};
	return true;
}

uint32_t btf_behind(const struct btf *b, uint32_t id, struct btf_type *t)
{
	int depth;

	for (depth = 0; depth < MAX_MODIFIERS && btf_type(b, id, t); depth++) {
		switch (t->kind) {
		case BTF_TYPEDEF:
		case BTF_VOLATILE:
		case BTF_CONST:
		case BTF_RESTRICT:
		case BTF_TYPE_TAG:
			id = t->size;
			break;
		default:
			return id;
		}
	}
	return 0; /* nothing, or they form a cycle */
}
