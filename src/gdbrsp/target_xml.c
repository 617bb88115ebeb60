/* SPDX-License-Identifier: BSD-2-Clause */
/* A stub's description of its target: the architecture, and every register. */
#include "gdbrsp/target_xml.h"

#include <expat.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gdbrsp/limits.h"

#define MAX_DEPTH     4 /* of documents that include documents */
#define MAX_DOCUMENTS 64
#define MAX_REG_BITS  (1 << 20) /* the largest, aarch64's ZA, has 1 << 19 */

/* What all documents of one description share. */
struct loader {
	struct gdbrsp_target_desc *desc;
	gdbrsp_fetch_fn *fetch;
	void *ctx;
	int documents;
	size_t bytes; /* of all of them */
	unsigned int next_num;
	struct err *err;
};

/* One document being parsed. */
struct document {
	struct loader *loader;
	XML_Parser parser;
	const char *annex;
	int depth;
	int ret;
	bool in_arch;
};

static int target_xml_load(struct loader *l, const char *annex, int depth);

static void stop(struct document *doc, int ret)
{
	doc->ret = ret;
	XML_StopParser(doc->parser, XML_FALSE);
}

static const char *attribute(const XML_Char **attrs, const char *name)
{
	for (; *attrs; attrs += 2)
		if (!strcmp(attrs[0], name))
			return attrs[1];
	return NULL;
}

/* A decimal attribute; `fallback` without it; -1: not a number, or too big. */
static long number(const XML_Char **attrs, const char *name, long fallback)
{
	const char *text = attribute(attrs, name);
	char *end;
	long val;

	if (!text)
		return fallback;
	val = strtol(text, &end, 10);
	return *text && !*end && val >= 0 && val <= MAX_REG_BITS ? val : -1;
}

/* The line that the parser is at; the name with 64 is new in Expat 2.9. */
static uint64_t line_of(XML_Parser parser)
{
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
	return XML_GetCurrentLineNumber64(parser);
#else
	return XML_GetCurrentLineNumber(parser);
#endif
}

static void add_reg(struct document *doc, const XML_Char **attrs)
{
	struct loader *l = doc->loader;
	const char *name = attribute(attrs, "name");
	long bits = number(attrs, "bitsize", -1);
	long num = number(attrs, "regnum", (long)l->next_num);
	struct gdbrsp_reg reg = {0};

	if (!name || num < 0 || bits <= 0 || bits > MAX_REG_BITS ||
	    l->desc->regs.n >= GDBRSP_REGS_MAX) {
		stop(doc,
		     err_set(l->err, ERR_CORRUPT,
			     "%s: line %" PRIu64 ": register %s makes no sense",
			     doc->annex, line_of(doc->parser),
			     name ? name : "without a name"));
		return;
	}
	snprintf(reg.name, sizeof(reg.name), "%s", name);
	reg.num = (unsigned int)num;
	reg.size = ((unsigned int)bits + 7) / 8;
	l->next_num = reg.num + 1;
	if (vec_push(&l->desc->regs, reg))
		stop(doc, err_nomem(l->err));
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attrs)
{
	struct document *doc = user;
	const char *href;
	int ret;

	if (!strcmp(name, "architecture")) {
		doc->in_arch = !*doc->loader->desc->arch;
	} else if (!strcmp(name, "reg")) {
		add_reg(doc, attrs);
	} else if (!strcmp(name, "xi:include")) {
		href = attribute(attrs, "href");
		ret = href ? target_xml_load(doc->loader, href, doc->depth + 1)
			   : 0;
		if (ret)
			stop(doc, ret);
	}
}

static void on_end(void *user, const XML_Char *name)
{
	struct document *doc = user;

	if (!strcmp(name, "architecture"))
		doc->in_arch = false;
}

static void on_text(void *user, const XML_Char *text, int len)
{
	struct document *doc = user;
	char *arch = doc->loader->desc->arch;
	size_t room = sizeof(doc->loader->desc->arch);
	size_t have = strlen(arch);
	int i;

	for (i = 0; doc->in_arch && i < len && have + 1 < room; i++)
		if (text[i] > ' ' && text[i] < 0x7f)
			arch[have++] = text[i];
	arch[have] = '\0';
}

/* No description needs entities of its own, and they can expand for ever. */
static void on_entity(void *user, const XML_Char *name, int is_parameter,
		      const XML_Char *value, int len, const XML_Char *base,
		      const XML_Char *system, const XML_Char *public,
		      const XML_Char *notation)
{
	struct document *doc = user;

	(void)is_parameter, (void)value, (void)len, (void)base;
	(void)system, (void)public, (void)notation;
	stop(doc, err_set(doc->loader->err, ERR_CORRUPT,
			  "%s: declares an entity, %s", doc->annex, name));
}

static void free_parser(XML_Parser *p)
{
	if (*p)
		XML_ParserFree(*p);
}

static int target_xml_parse(struct document *doc, const struct buf *text)
{
	_cleanup_(free_parser) XML_Parser p = XML_ParserCreate(NULL);

	if (!p)
		return err_nomem(doc->loader->err);
	doc->parser = p;
	XML_SetUserData(p, doc);
	XML_SetElementHandler(p, on_start, on_end);
	XML_SetCharacterDataHandler(p, on_text);
	XML_SetEntityDeclHandler(p, on_entity);
	if (XML_Parse(p, text->data, (int)text->len, 1) == XML_STATUS_OK)
		return 0;
	if (doc->ret)
		return doc->ret;
	return err_set(doc->loader->err, ERR_CORRUPT,
		       "%s: line %" PRIu64 ": %s", doc->annex, line_of(p),
		       XML_ErrorString(XML_GetErrorCode(p)));
}

static int target_xml_load(struct loader *l, const char *annex, int depth)
{
	_cleanup_(buf_deinit) struct buf text = {0};
	struct document doc = {.loader = l, .annex = annex, .depth = depth};
	int ret;

	if (depth > MAX_DEPTH || ++l->documents > MAX_DOCUMENTS)
		return err_set(l->err, ERR_CORRUPT,
			       "%s: included too often or too deep", annex);
	ret = l->fetch(l->ctx, annex, &text, l->err);
	if (ret)
		return ret;
	if (text.oom)
		return err_nomem(l->err);
	l->bytes += text.len;
	if (l->bytes > GDBRSP_XML_MAX)
		return err_set(l->err, ERR_CORRUPT,
			       "%s: the description is too long, %zu bytes",
			       annex, l->bytes);
	return target_xml_parse(&doc, &text);
}

static int target_xml_by_number(const void *a, const void *b)
{
	const struct gdbrsp_reg *x = a, *y = b;

	return (x->num > y->num) - (x->num < y->num);
}

/* `g` holds the registers in the order of their numbers:
 * docs/facts/gdbstub.md, "Registers". */
static void target_xml_place(struct gdbrsp_target_desc *d)
{
	unsigned int offset = 0;
	size_t i;

	if (d->regs.n)
		qsort(d->regs.v, d->regs.n, sizeof(*d->regs.v),
		      target_xml_by_number);
	for (i = 0; i < d->regs.n; i++) {
		d->regs.v[i].offset = offset;
		offset += d->regs.v[i].size;
	}
}

int gdbrsp_target_desc_load(struct gdbrsp_target_desc *d,
			    gdbrsp_fetch_fn *fetch, void *ctx, struct err *err)
{
	struct loader l = {.desc = d, .fetch = fetch, .ctx = ctx, .err = err};
	int ret;

	ret = target_xml_load(&l, "target.xml", 0);
	if (ret)
		return ret;
	target_xml_place(d);
	return 0;
}

void gdbrsp_target_desc_deinit(struct gdbrsp_target_desc *d)
{
	vec_deinit(&d->regs);
}

size_t gdbrsp_target_desc_bytes(const struct gdbrsp_target_desc *d)
{
	const struct gdbrsp_reg *last = d->regs.v + d->regs.n;
	size_t bytes = d->regs.n ? (size_t)last[-1].offset + last[-1].size : 0;

	return bytes < GDBRSP_REGS_BYTES_MAX ? bytes : GDBRSP_REGS_BYTES_MAX;
}

const struct gdbrsp_reg *
gdbrsp_target_desc_find(const struct gdbrsp_target_desc *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->regs.n; i++)
		if (!strcmp(d->regs.v[i].name, name))
			return &d->regs.v[i];
	return NULL;
}
