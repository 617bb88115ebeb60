/* SPDX-License-Identifier: BSD-2-Clause */
/* What follows a BTF type's record: members, enumerators, parameters... */
#include "base/cursor.h"
#include "types/btf.h"

/* A cursor at element i, of that many bytes. */
static struct cursor btf_element(const struct btf_type *t, uint32_t i,
				 size_t size)
{
	struct cursor c;

	cursor_init(&c, t->in->types, t->in->types_len);
	cursor_seek(&c, t->data + (size_t)i * size);
	return c;
}

bool btf_member(const struct btf_type *t, uint32_t i, struct btf_member *m)
{
	uint32_t offset;
	struct cursor c;

	if ((t->kind != BTF_STRUCT && t->kind != BTF_UNION) || i >= t->vlen)
		return false;
	c = btf_element(t, i, 12);
	m->name = btf_string(t->in, cursor_u32(&c));
	m->type = cursor_u32(&c);
	offset = cursor_u32(&c);
	m->bit_offset = t->flag ? offset & 0xffffff : offset;
	m->bit_size = t->flag ? offset >> 24 : 0;
	return !c.bad;
}

bool btf_enumerator(const struct btf_type *t, uint32_t i,
		    struct btf_enumerator *e)
{
	bool wide = t->kind == BTF_ENUM64;
	struct cursor c;
	uint32_t low, high = 0;

	if ((t->kind != BTF_ENUM && !wide) || i >= t->vlen)
		return false;
	c = btf_element(t, i, wide ? 12 : 8);
	e->name = btf_string(t->in, cursor_u32(&c));
	low = cursor_u32(&c);
	if (wide)
		high = cursor_u32(&c);
	/* Always, for the flag does not tell: docs/facts/kernel.md, "BTF". */
	else if (low >> 31)
		high = UINT32_MAX;
	e->value = (int64_t)((uint64_t)high << 32 | low);
	return !c.bad;
}

bool btf_int(const struct btf_type *t, struct btf_int *i)
{
	struct cursor c;
	uint32_t v;

	if (t->kind != BTF_INT)
		return false;
	c = btf_element(t, 0, 0);
	v = cursor_u32(&c);
	*i = (struct btf_int){
		.encoding = v >> 24 & 0xf,
		.bit_offset = v >> 16 & 0xff,
		.bits = v & 0xff,
	};
	return !c.bad;
}

bool btf_array(const struct btf_type *t, struct btf_array *a)
{
	struct cursor c;

	if (t->kind != BTF_ARRAY)
		return false;
	c = btf_element(t, 0, 0);
	a->elem = cursor_u32(&c);
	a->index = cursor_u32(&c);
	a->n = cursor_u32(&c);
	return !c.bad;
}

bool btf_param(const struct btf_type *t, uint32_t i, struct btf_param *p)
{
	struct cursor c;

	if (t->kind != BTF_FUNC_PROTO || i >= t->vlen)
		return false;
	c = btf_element(t, i, 8);
	p->name = btf_string(t->in, cursor_u32(&c));
	p->type = cursor_u32(&c);
	return !c.bad;
}

bool btf_variable(const struct btf_type *t, uint32_t i, struct btf_variable *v)
{
	struct cursor c;

	if (t->kind != BTF_DATASEC || i >= t->vlen)
		return false;
	c = btf_element(t, i, 12);
	v->type = cursor_u32(&c);
	v->offset = cursor_u32(&c);
	v->size = cursor_u32(&c);
	return !c.bad;
}

bool btf_component(const struct btf_type *t, int32_t *i)
{
	struct cursor c;

	if (t->kind != BTF_DECL_TAG)
		return false;
	c = btf_element(t, 0, 0);
	*i = (int32_t)cursor_u32(&c);
	return !c.bad;
}
