/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the parser of expressions. */
#include <stdbool.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "guest/expr.h"

/* An input: the text.  Parts are in it; steps find what they take. */

static bool inside(const struct expr *e, struct expr_text part)
{
	return !part.len || (part.at >= e->text &&
			     part.at + part.len <= e->text + strlen(e->text));
}

static void check_steps(const struct expr *e)
{
	size_t i, depth = 0;

	fuzz_require(e->n && e->n <= EXPR_MAX_STEPS);
	for (i = 0; i < e->n; i++) {
		const struct expr_step *s = &e->step[i];

		fuzz_require(inside(e, s->name) && inside(e, s->of) &&
			     inside(e, s->operand) && inside(e, s->module));
		if (s->kind == EXPR_NUMBER || s->kind == EXPR_NAME)
			depth++;
		else if (s->kind == EXPR_ADD || s->kind == EXPR_SUB)
			fuzz_require(depth-- > 1);
		fuzz_require(depth);
		fuzz_require(s->kind != EXPR_SLICE || s->end > s->number);
	}
	fuzz_require(depth == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct err err = {0};
	struct expr e;
	int rc = expr_parse(text, &e, &err);

	fuzz_require(rc == 0 || (rc == ERR_USAGE && *err.text));
	if (!rc)
		check_steps(&e);
	free(text);
	return 0;
}
