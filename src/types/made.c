/* SPDX-License-Identifier: BSD-2-Clause */
/* Types that no BTF has. */
#include "types/made.h"

/* More than one expression can ask for. */
#define MADE_MAX 4096u

static const char strings[] = "unsigned long";

static void made_u32(struct buf *b, uint32_t v)
{
	const uint8_t bytes[4] = {(uint8_t)v, (uint8_t)(v >> 8),
				  (uint8_t)(v >> 16), (uint8_t)(v >> 24)};

	buf_add(b, bytes, sizeof(bytes));
}

/* Scan what there is, with a header that says so. */
static int made_scan(struct made_types *m)
{
	const struct btf *base = m->btf.base;
	struct buf b = {0};
	int rc;

	made_u32(&b, 0xeb9f | 1 << 16);
	made_u32(&b, BTF_MIN_HEADER);
	made_u32(&b, 0);
	made_u32(&b, (uint32_t)m->blob.len);
	made_u32(&b, (uint32_t)m->blob.len);
	made_u32(&b, sizeof(strings));
	buf_add(&b, m->blob.data, m->blob.len);
	buf_add(&b, strings, sizeof(strings));
	btf_deinit(&m->btf);
	buf_deinit(&m->whole);
	m->whole = b;
	if (b.oom || m->blob.oom)
		return ERR_NOMEM;
	rc = btf_init_split(&m->btf, base, b.data, b.len, NULL);
	return rc ? ERR_NOMEM : 0;
}

/* A record without what follows it. */
static void made_record(struct made_types *m, uint32_t name, uint32_t kind,
			uint32_t size)
{
	made_u32(&m->blob, name);
	made_u32(&m->blob, kind << 24);
	made_u32(&m->blob, size);
}

static uint32_t made_done(struct made_types *m)
{
	if (m->n == MADE_MAX || made_scan(m))
		return 0;
	return m->btf.first_id + m->n++;
}

int made_init(struct made_types *m, const struct btf *base)
{
	m->btf.base = base;
	made_record(m, base->first_string + (uint32_t)base->strings_len,
		    BTF_INT, 8);
	made_u32(&m->blob, 64);
	m->number = made_done(m);
	return m->number ? 0 : ERR_NOMEM;
}

void made_deinit(struct made_types *m)
{
	btf_deinit(&m->btf);
	buf_deinit(&m->blob);
	buf_deinit(&m->whole);
	*m = (struct made_types){0};
}

uint32_t made_pointer(struct made_types *m, uint32_t type)
{
	made_record(m, 0, BTF_PTR, type);
	return made_done(m);
}

uint32_t made_array(struct made_types *m, uint32_t type, uint32_t n)
{
	made_record(m, 0, BTF_ARRAY, 0);
	made_u32(&m->blob, type);
	made_u32(&m->blob, m->number);
	made_u32(&m->blob, n);
	return made_done(m);
}
