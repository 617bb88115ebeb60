/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel's types as a C header: its parts, in their order. */
#include "export/header.h"

#include <stdlib.h>
#include <string.h>

#include "export/header_inside.h"

/*
 * What may be done, in steps (header_inside.h): kernels take 8 for each type.
 * No output is then above some 300 MB.
 */
#define STEPS_PER_TYPE 128u
#define STEPS_MIN      (16u << 10)

static enum type_space header_space_of(const struct btf *b,
				       const struct btf_type *t)
{
	(void)b;
	switch (t->kind) {
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_ENUM:
	case BTF_ENUM64:
	case BTF_FWD:
		return TYPE_SPACE_TAGS;
	case BTF_TYPEDEF:
		return TYPE_SPACE_ORDINARY;
	case BTF_INT:
		return header_base_name(t) ? TYPE_SPACE_NONE
					   : TYPE_SPACE_ORDINARY;
	default:
		return TYPE_SPACE_NONE;
	}
}

static void header_begin(struct header *h, const char *release)
{
	char text[66];
	size_t i;

	for (i = 0; i < sizeof(text) - 1 && release[i]; i++)
		text[i] = strchr("*/\\", release[i]) || release[i] < ' '
				  ? '_'
				  : release[i];
	text[i] = '\0';
	header_print(h, "#ifndef __VMLINUX_H__\n"
			"#define __VMLINUX_H__\n\n"
			"/*\n * Linux ");
	header_print(h, text);
	header_print(h, "\n *\n * Types of the kernel itself, not those that "
			"only its modules have.\n");
	if (h->btf->cut)
		header_print(h, " * Some are missing: from one on they cannot "
				"be read.\n");
	header_print(h, " */\n\n");
	header_print(h, "#if defined(__bpf__) && defined(__clang__) && \\\n"
			"\t!defined(BPF_NO_PRESERVE_ACCESS_INDEX)\n"
			"#pragma clang attribute push( \\\n"
			"\t__attribute__((preserve_access_index)), "
			"apply_to = record)\n"
			"#endif\n\n");
}

static void header_end(struct header *h)
{
	header_print(h, "#if defined(__bpf__) && defined(__clang__) && \\\n"
			"\t!defined(BPF_NO_PRESERVE_ACCESS_INDEX)\n"
			"#pragma clang attribute pop\n"
			"#endif\n\n"
			"#endif /* __VMLINUX_H__ */\n");
}

/* What C does not know by the name that it has there. */
static void header_bases(struct header *h)
{
	struct btf_type t;
	uint32_t id;

	for (id = 1; btf_type(h->btf, id, &t); id++) {
		if (t.kind != BTF_INT || header_base_name(&t) ||
		    !header_base(&t))
			continue;
		header_print(h, "typedef ");
		header_print(h, header_base(&t));
		header_print(h, " ");
		header_print_type_name(h, id, t.name);
		header_print(h, ";\n\n");
	}
}

static void header_announcements(struct header *h)
{
	struct btf_type t;
	uint32_t id;

	for (id = 1; btf_type(h->btf, id, &t); id++)
		if (*t.name &&
		    (t.kind == BTF_STRUCT || t.kind == BTF_UNION ||
		     t.kind == BTF_FWD ||
		     (!t.vlen && (t.kind == BTF_ENUM || t.kind == BTF_ENUM64))))
			header_announce(h, id, &t);
	header_print(h, "\n");
}

static void header_enums(struct header *h)
{
	struct btf_type t;
	uint32_t id;

	for (id = 1; btf_type(h->btf, id, &t); id++)
		if ((t.kind == BTF_ENUM || t.kind == BTF_ENUM64) &&
		    !h->types[id].inlined && header_order(h, id, true))
			header_define_enum(h, id, &t);
}

static void header_types(struct header *h)
{
	struct btf_type t;
	uint32_t id;

	for (id = 1; btf_type(h->btf, id, &t); id++)
		if (*t.name && (t.kind == BTF_STRUCT || t.kind == BTF_UNION ||
				t.kind == BTF_TYPEDEF))
			header_order(h, id, t.kind != BTF_TYPEDEF);
}

/* What a tag marks as a kernel function that BPF programs may call. */
static bool is_kfunc(const struct btf *b, const struct btf_type *tag,
		     struct btf_type *func)
{
	return tag->kind == BTF_DECL_TAG && !strcmp(tag->name, "bpf_kfunc") &&
	       btf_type(b, tag->size, func) && func->kind == BTF_FUNC;
}

static void header_kfuncs(struct header *h)
{
	struct btf_type tag, func;
	bool any = false;
	uint32_t id;

	for (id = 1; btf_type(h->btf, id, &tag); id++) {
		if (!is_kfunc(h->btf, &tag, &func) ||
		    !header_order(h, func.size, false))
			continue;
		if (!any)
			header_print(h, "#ifndef BPF_NO_KFUNC_PROTOTYPES\n"
					"#ifndef __ksym\n"
					"#define __ksym __attribute__("
					"(section(\".ksyms\")))\n"
					"#endif\n"
					"#ifndef __weak\n"
					"#define __weak "
					"__attribute__((weak))\n"
					"#endif\n\n");
		any = true;
		header_print(h, "extern ");
		header_declare(h, func.size, func.name);
		header_print(h, " __weak __ksym;\n");
	}
	if (any)
		header_print(h, "#endif\n\n");
}

static int header_write(struct header *h, const char *release, struct err *err)
{
	h->types = calloc(btf_end(h->btf), sizeof(*h->types));
	if (!h->types || header_find_uses(h))
		return err_nomem(err);
	h->signs = members_enums_tell(h->btf);
	h->steps = (uint64_t)btf_end(h->btf) * STEPS_PER_TYPE + STEPS_MIN;
	header_begin(h, release);
	header_bases(h);
	header_announcements(h);
	header_enums(h);
	header_types(h);
	header_kfuncs(h);
	header_end(h);
	header_flush(h);
	if (h->oom)
		return err_nomem(err);
	if (!h->steps)
		return err_set(err, ERR_CORRUPT,
			       "BTF: types that would be written out without "
			       "end");
	return 0;
}

static int header_of(const struct btf *b, const char *release, FILE *out,
		     struct err *err)
{
	struct header h = {.btf = b, .out = out};
	int rc = type_names_init(&h.names, b, header_space_of, true, err);

	if (!rc)
		rc = header_write(&h, release, err);
	type_names_deinit(&h.names);
	map_deinit(&h.left_out);
	buf_deinit(&h.text);
	free(h.types);
	return rc;
}

int export_header(const struct portrait *p, FILE *out, struct err *err)
{
	struct btf b;
	int rc;

	if (!p->types.n || p->types.v[0].owner != PORTRAIT_IMAGE)
		return err_set(err, ERR_NOT_FOUND,
			       "no types of this kernel are known as BTF");
	rc = btf_init(&b, p->types.v[0].btf, p->types.v[0].len, err);
	if (rc)
		return rc;
	rc = header_of(&b, p->release, out, err);
	btf_deinit(&b);
	return rc;
}
