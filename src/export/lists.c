/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes symbols as lists, and types as they are. */
#include "export/writers.h"

#include <inttypes.h>

static int need_symbols(const struct portrait *p, struct err *err)
{
	return p->symbols.n ? 0
			    : err_set(err, ERR_NOT_FOUND,
				      "no symbols of this kernel are known");
}

/* docs/facts/kernel.md, "Symbols" */
int export_kallsyms(const struct portrait *p, FILE *out, struct err *err)
{
	size_t i;
	int rc = need_symbols(p, err);

	for (i = 0; i < p->symbols.n && !ferror(out); i++) {
		const struct portrait_symbol *s = &p->symbols.v[i];

		fprintf(out, "%016" PRIx64 " %c %s", s->va, s->type,
			portrait_name(p, s));
		if (s->owner != PORTRAIT_IMAGE)
			fprintf(out, "\t[%s]", p->owners.v[s->owner - 1].name);
		fputc('\n', out);
	}
	return rc;
}

int export_system_map(const struct portrait *p, FILE *out, struct err *err)
{
	size_t i;
	int rc = need_symbols(p, err);

	for (i = 0; i < p->symbols.n && !ferror(out); i++) {
		const struct portrait_symbol *s = &p->symbols.v[i];

		if (s->owner == PORTRAIT_IMAGE)
			fprintf(out, "%016" PRIx64 " %c %s\n",
				s->va - (s->absolute ? 0 : p->slide), s->type,
				portrait_name(p, s));
	}
	return rc;
}

int export_btf_part(const struct portrait *p, size_t i, FILE *out,
		    struct err *err)
{
	(void)err;
	fwrite(p->types.v[i].btf, 1, p->types.v[i].len, out);
	return 0;
}

int export_btf(const struct portrait *p, FILE *out, struct err *err)
{
	if (!p->types.n)
		return err_set(err, ERR_NOT_FOUND,
			       "no types of this kernel are known as BTF");
	return export_btf_part(p, 0, out, err);
}
