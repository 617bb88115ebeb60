/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/kallsyms (kernel/kallsyms.c, s_show()). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/code/symbols_list.h"
#include "proc/proc.h"
#include "profile/listing.h"

struct values {
	struct symbols symbols;
	const struct profile *profile; /* which is there when text is made */
};

/* A letter that is not known (symbols_list.h). */
#define NO_LETTER '?'

/* The kernel lists those of a module in the order of its own table. */
static int kallsyms_compare(const void *a, const void *b)
{
	const struct module_symbol *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static int kallsyms_read(struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	static const struct symbols_wanted all = {.name = "*",
						  .how = SYMBOLS_GLOB};
	struct values *v = calloc(1, sizeof(*v));
	struct symbols *s;
	size_t i;
	int rc;

	out->own = v;
	if (!v)
		return err_nomem(err);
	v->profile = k->profile;
	s = &v->symbols;
	symbols_init(s, k);
	rc = symbols_list_read(s, &all, 1, err);
	for (i = 0; i < s->modules.list.n && s->tables && !rc; i++)
		if (s->tables[i].list.n)
			qsort(s->tables[i].list.v, s->tables[i].list.n,
			      sizeof(*s->tables[i].list.v), kallsyms_compare);
	proc_part_remarks(out->parts, &s->remarks);
	/* the image, modules, and generated code */
	out->parts->records = 3;
	return rc;
}

static void kallsyms_put(uint64_t va, char letter, const char *name,
			 const char *module, struct buf *out)
{
	buf_printf(out, "%016" PRIx64 " %c %s", va, letter, name);
	if (module)
		buf_printf(out, "\t[%s]", module);
	buf_puts(out, "\n");
}

static void kallsyms_put_image(const struct profile *p, struct buf *out)
{
	struct profile_listing at = {0};
	struct profile_listed l;

	while (profile_list(p, &at, &l))
		kallsyms_put(l.va, l.type, l.name, NULL, out);
}

static void kallsyms_put_modules(const struct symbols *s, struct buf *out)
{
	size_t i, j;

	for (i = 0; i < s->modules.list.n && s->tables; i++)
		for (j = 0; j < s->tables[i].list.n; j++) {
			const struct module_symbol *m = &s->tables[i].list.v[j];

			kallsyms_put(m->va,
				     s->letters
					     ? module_letter(&s->letters[i], m)
					     : NO_LETTER,
				     module_symbols_name(&s->tables[i], m),
				     s->modules.list.v[i].name, out);
		}
}

static void kallsyms_text(const struct proc_values *values, size_t part,
			  size_t record, struct buf *out)
{
	const struct values *v = values->own;
	const struct symbols *s = &v->symbols;
	size_t i;

	(void)part;
	if (record == 0)
		kallsyms_put_image(v->profile, out);
	if (record == 1)
		kallsyms_put_modules(s, out);
	for (i = 0; i < s->generated.list.n && record == 2; i++) {
		const struct generated *g = &s->generated.list.v[i];

		kallsyms_put(g->start, 't', generated_name(&s->generated, g),
			     generated_module(g->by), out);
	}
}

static void kallsyms_deinit(struct proc_values *values)
{
	struct values *v = values->own;

	symbols_deinit(&v->symbols);
	free(v);
}

const struct proc_file proc_kallsyms = {
	.name = "kallsyms",
	.scope = PROC_SYSTEM,
	.read = kallsyms_read,
	.text = kallsyms_text,
	.deinit = kallsyms_deinit,
};
