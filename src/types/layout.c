/* SPDX-License-Identifier: BSD-2-Clause */
/* How a struct lies in memory: its members, and what is between them. */
#include "types/layout.h"

#include "types/members.h"

bool layout_begin(struct layout *l, const struct btf *b, uint32_t id)
{
	*l = (struct layout){.btf = b};
	if (!btf_behind(b, id, &l->t) ||
	    (l->t.kind != BTF_STRUCT && l->t.kind != BTF_UNION))
		return false;
	l->field_end = l->t.size * 8ULL;
	return true;
}

/* Where it is: a bit field in the integer that it is a part of. */
static void layout_place(const struct layout *l, struct layout_member *m)
{
	struct btf_type behind = {0};
	uint64_t unit;

	btf_behind(l->btf, m->m.type, &behind);
	m->size = btf_size(l->btf, m->m.type);
	m->width = members_width(&behind, &m->m, &m->bit);
	m->offset = m->bit / 8;
	unit = m->size * 8;
	if (!m->width || !unit || unit > 128)
		m->width = 0;
	if (!m->width)
		return;
	m->offset = m->bit / unit * unit / 8;
	m->shift = (uint32_t)(m->bit - m->offset * 8);
}

/* What is between the end of the last member and the beginning of this one. */
static struct layout_gap layout_gap_before(struct layout *l,
					   const struct layout_member *m)
{
	struct layout_gap gap = {0};
	uint64_t end, unit = m->offset * 8;

	if (l->in_field) {
		end = m->bit < l->field_end ? m->bit : l->field_end;
		if (end > l->seen)
			gap.bits = end - l->seen;
		l->seen = end;
	}
	if (!m->width) {
		if (m->bit / 8 > l->seen / 8)
			gap.bytes = m->bit / 8 - l->seen / 8;
		return gap;
	}
	if (l->seen < unit && unit <= m->bit) {
		gap.bytes = m->offset - l->seen / 8;
		l->seen = unit;
	}
	if (m->bit > l->seen)
		gap.bits += m->bit - l->seen;
	return gap;
}

/* Up to where the integer of a bit field goes, or of some that follow. */
static void layout_settle_field(struct layout *l, const struct layout_member *m)
{
	uint64_t unit = m->size * 8;

	l->in_field = m->width != 0;
	if (!m->width) {
		l->field_bits = 0;
		l->field_end = l->seen;
		return;
	}
	if (l->seen <= l->field_end && unit <= l->field_bits)
		return;
	l->field_bits = unit;
	l->field_end = m->offset * 8 + unit;
	if (l->seen > l->field_end)
		l->field_end += unit;
}

bool layout_next(struct layout *l, struct layout_member *m)
{
	*m = (struct layout_member){0};
	if (!btf_member(&l->t, l->i, &m->m))
		return false;
	l->i++;
	layout_place(l, m);
	if (m->width)
		l->field_width += m->width;
	else
		l->member_bytes += m->size;
	if (l->t.kind == BTF_UNION)
		return true;
	m->before = layout_gap_before(l, m);
	l->n_gaps += m->before.bytes != 0;
	l->n_bit_gaps += m->before.bits != 0;
	l->gaps.bytes += m->before.bytes;
	l->gaps.bits += m->before.bits;
	l->seen = m->bit + (m->width ? m->width : m->size * 8);
	layout_settle_field(l, m);
	return true;
}

struct layout_gap layout_padding(const struct layout *l)
{
	struct layout_gap gap = {0};
	uint64_t size = l->t.size * 8ULL, seen = l->seen, end;

	if (l->t.kind == BTF_UNION)
		return gap;
	if (l->in_field) {
		end = size < l->field_end ? size : l->field_end;
		if (end > seen)
			gap.bits = end - seen;
		seen = end;
	}
	if (size / 8 > seen / 8)
		gap.bytes = size / 8 - seen / 8;
	return gap;
}
