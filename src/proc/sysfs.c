/* SPDX-License-Identifier: BSD-2-Clause */
/* What directories below /sys have in common. */
#include "proc/sysfs.h"

#include <stdlib.h>

struct sysfs *sysfs_create(struct proc_values *out, size_t values_size)
{
	struct sysfs *s = calloc(1, sizeof(*s));

	out->own = s;
	if (!s)
		return NULL;
	s->values = calloc(1, values_size);
	return s->values ? s : NULL;
}

void sysfs_add(struct sysfs *s, uint32_t object, const struct sysfs_leaf *leaf)
{
	sysfs_add_one(s, object, leaf, 0);
}

void sysfs_add_one(struct sysfs *s, uint32_t object,
		   const struct sysfs_leaf *leaf, uint32_t which)
{
	const struct sysfs_record r = {object, which, leaf};

	s->oom |= vec_push(&s->v, r) != 0;
}

int sysfs_end(const struct sysfs *s, struct proc_values *out, struct err *err)
{
	out->parts->records = s->v.n;
	return s->oom ? err_nomem(err) : 0;
}

void sysfs_text(const struct proc_values *v, size_t i, size_t record,
		struct buf *out)
{
	const struct sysfs *s = v->own;
	const struct sysfs_record *r = &s->v.v[record];

	(void)i;
	if (r->leaf->text)
		r->leaf->text(s->values, r, out);
}

void sysfs_entry(const struct proc_values *v, size_t i, size_t record,
		 struct buf *out)
{
	const struct sysfs *s = v->own;
	const struct sysfs_record *r = &s->v.v[record];

	(void)i;
	if (r->object != SYSFS_TOP) {
		s->dir(s->values, r->object, out);
		buf_puts(out, "/");
	}
	buf_puts(out, r->leaf->name);
	if (r->leaf->more)
		r->leaf->more(s->values, r, out);
}

bool sysfs_is_link(const struct proc_values *v, size_t i, size_t record)
{
	const struct sysfs *s = v->own;

	(void)i;
	return s->v.v[record].leaf->is_link;
}

void sysfs_deinit(struct proc_values *v)
{
	struct sysfs *s = v->own;

	if (s->values && s->values_free)
		s->values_free(s->values);
	free(s->values);
	vec_deinit(&s->v);
	free(s);
}
