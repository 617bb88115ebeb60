/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes what is made of symbols and types as JSON: it is JSON. */
#include <json-c/json.h>
#include <string.h>

#include "export/isf.h"
#include "export/json.h"
#include "fuzz/fuzz.h"

/*
 * An input is names of symbols, each with a NUL behind it, up to an empty one;
 * and behind that a kernel's BTF.
 */

/* What is longer takes json-c too long. */
#define MAX_TEXT (4u << 20)

typedef int writer(const struct portrait *p, FILE *out, struct err *err);

static void check_json(const char *text, size_t len)
{
	struct json_tokener *t = json_tokener_new_ex(100);
	struct json_object *o;

	fuzz_require(t != NULL);
	json_tokener_set_flags(t, JSON_TOKENER_STRICT |
					  JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(t, text, (int)len);
	fuzz_require(o != NULL);
	fuzz_require(json_object_is_type(o, json_type_object));
	json_object_put(o);
	json_tokener_free(t);
}

static void check_writer(const struct portrait *p, writer *write)
{
	struct err err = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int rc;

	fuzz_require(out != NULL);
	rc = write(p, out, &err);
	fclose(out);
	fuzz_require(!rc == !*err.text);
	if (!rc && len <= MAX_TEXT)
		check_json(text, len);
	free(text);
}

/* How long the names are, with the empty one. */
static size_t add_names(struct portrait *p, const uint8_t *data, size_t size)
{
	size_t at = 0, len;

	while (at < size) {
		const char *name = (const char *)data + at;

		len = strnlen(name, size - at);
		at += len + 1;
		if (!len)
			break;
		fuzz_require(!vec_push(&p->symbols, {.va = at * 16,
						     .name = p->names.len,
						     .type = *name,
						     .absolute = len % 2}));
		buf_add(&p->names, name, len);
		buf_add(&p->names, "", 1);
	}
	return at < size ? at : size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct portrait p = {.release = "6.1", .banner = "Linux"};
	size_t at = add_names(&p, data, size);
	void *blob = fuzz_copy(data + at, size - at);

	fuzz_require(!vec_push(&p.types, {.btf = blob, .len = size - at}));
	check_writer(&p, export_json);
	check_writer(&p, export_isf);
	portrait_deinit(&p);
	return 0;
}
