/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of target descriptions: includes, numbering, and hostile documents. */
#include "gdbrsp/target_xml.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Documents by name, alternating. */
static int fetch(void *ctx, const char *annex, struct buf *out, struct err *err)
{
	const char *const *docs = ctx;

	for (; *docs; docs += 2)
		if (!strcmp(docs[0], annex)) {
			buf_puts(out, docs[1]);
			return 0;
		}
	return err_set(err, ERR_NOT_FOUND, "no %s", annex);
}

static int load(struct gdbrsp_target_desc *d, const char **docs,
		struct err *err)
{
	return gdbrsp_target_desc_load(d, fetch, docs, err);
}

/* QEMU's form: everything in an included document, no namespace declared. */
START_TEST(includes_and_numbers)
{
	const char *docs[] = {
		"target.xml",
		"<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM "
		"\"gdb-target.dtd\"><target><architecture> i386:x86-64 "
		"</architecture><xi:include href=\"a.xml\"/>"
		"<xi:include href=\"b.xml\"/></target>",
		"a.xml",
		"<!DOCTYPE feature SYSTEM \"gdb-target.dtd\"><feature "
		"name=\"core\"><reg name=\"rax\" bitsize=\"64\" regnum=\"0\"/>"
		"<!--reg name=\"no\" bitsize=\"64\"/-->"
		"<reg name=\"cs\" bitsize=\"32\"/></feature>",
		"b.xml",
		"<feature name=\"more\"><reg name=\"z\" bitsize=\"80\" "
		"regnum=\"9\"/><reg name=\"y\" bitsize=\"1\"/>"
		"<reg name=\"x\" bitsize=\"64\" regnum=\"5\"/></feature>",
		NULL};
	struct gdbrsp_target_desc d = {0};
	const struct gdbrsp_reg *r;
	struct err err = {0};

	ck_assert_msg(!load(&d, docs, &err), "%s", err.text);
	ck_assert_str_eq(d.arch, "i386:x86-64");
	ck_assert_uint_eq(d.regs.n, 5);
	r = gdbrsp_target_desc_find(&d, "cs");
	ck_assert(r->num == 1 && r->size == 4 && r->offset == 8);
	/* By number, not by order: x (5) comes before z (9) and y (10). */
	r = gdbrsp_target_desc_find(&d, "x");
	ck_assert(r->num == 5 && r->offset == 12);
	r = gdbrsp_target_desc_find(&d, "y");
	ck_assert(r->num == 10 && r->size == 1 && r->offset == 30);
	ck_assert_ptr_null(gdbrsp_target_desc_find(&d, "no"));
	gdbrsp_target_desc_deinit(&d);
}
END_TEST

static void refuse(const char *doc, int code, const char *words)
{
	const char *docs[] = {"target.xml", doc, "in.xml",
			      "<target><xi:include href=\"in.xml\"/></target>",
			      NULL};
	struct gdbrsp_target_desc d = {0};
	struct err err = {0};

	ck_assert_int_eq(load(&d, docs, &err), code);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
	gdbrsp_target_desc_deinit(&d);
}

START_TEST(bent_documents)
{
	refuse("", ERR_CORRUPT, "target.xml: line 1");
	refuse("<target>", ERR_CORRUPT, "target.xml");
	refuse("<target><reg bitsize=\"64\"/></target>", ERR_CORRUPT,
	       "without a name");
	refuse("<target><reg name=\"a\"/></target>", ERR_CORRUPT, "register a");
	refuse("<target><reg name=\"a\" bitsize=\"-8\"/></target>", ERR_CORRUPT,
	       "register a");
	refuse("<target><reg name=\"a\" bitsize=\"99999999\"/></target>",
	       ERR_CORRUPT, "register a");
	refuse("<target><reg name=\"a\" bitsize=\"8\" regnum=\"x\"/></target>",
	       ERR_CORRUPT, "register a");
	refuse("<target><xi:include href=\"none.xml\"/></target>",
	       ERR_NOT_FOUND, "no none.xml");
}
END_TEST

START_TEST(hostile_documents)
{
	refuse("<target><xi:include href=\"in.xml\"/></target>", ERR_CORRUPT,
	       "too deep");
	refuse("<!DOCTYPE t [<!ENTITY a \"b\"><!ENTITY c \"&a;&a;\">]><t/>",
	       ERR_CORRUPT, "entity");
}
END_TEST

START_TEST(many_registers)
{
	struct buf doc = {0};
	int i;

	buf_puts(&doc, "<target>");
	for (i = 0; i < 5000; i++)
		buf_puts(&doc, "<reg name=\"a\" bitsize=\"64\"/>");
	buf_puts(&doc, "</target>");
	refuse(doc.data, ERR_CORRUPT, "register a");
	buf_deinit(&doc);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("gdbrsp/target_xml");
	TCase *c = tcase_create("target_xml");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, includes_and_numbers);
	tcase_add_test(c, bent_documents);
	tcase_add_test(c, hostile_documents);
	tcase_add_test(c, many_registers);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
