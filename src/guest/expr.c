/* SPDX-License-Identifier: BSD-2-Clause */
/* Parses expressions over objects of the kernel. */
#include "guest/expr.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "guest/number.h"

struct expr_parser {
	struct expr *e;
	const char *p; /* what is left */
	unsigned int nest;
	struct err *err;
};

static int parse_sum(struct expr_parser *x);
static int parse_unary(struct expr_parser *x);

static int expr_bad_at(const struct expr_parser *x, const char *at,
		       const char *why)
{
	x->e->bad = at;
	return err_set(x->err, ERR_USAGE, "%s at ^: %.*s^%s", why,
		       (int)(at - x->e->text), x->e->text, at);
}

static int expr_bad(const struct expr_parser *x, const char *why)
{
	return expr_bad_at(x, x->p, why);
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$';
}

static bool starts_name(char c)
{
	return is_name(c) && !isdigit((unsigned char)c);
}

static void expr_blanks(struct expr_parser *x)
{
	x->p += strspn(x->p, " \t\n");
}

/* Whether that is next; then it is passed. */
static bool expr_take(struct expr_parser *x, const char *what)
{
	expr_blanks(x);
	if (strncmp(x->p, what, strlen(what)) != 0)
		return false;
	x->p += strlen(what);
	return true;
}

static int expr_want(struct expr_parser *x, const char *what, const char *why)
{
	return expr_take(x, what) ? 0 : expr_bad(x, why);
}

static int take_word(struct expr_parser *x, struct expr_text *name,
		     const char *why)
{
	expr_blanks(x);
	if (!starts_name(*x->p))
		return expr_bad(x, why);
	name->at = x->p;
	while (is_name(*x->p))
		x->p++;
	name->len = (size_t)(x->p - name->at);
	return 0;
}

static int expr_number(struct expr_parser *x, uint64_t *value)
{
	const char *start;
	enum number_end end;

	expr_blanks(x);
	start = x->p;
	if (!isdigit((unsigned char)*start))
		return expr_bad(x, "a number is missing");
	end = number_scan(&x->p, 10, value);
	if (end == NUMBER_OVERFLOW)
		return expr_bad_at(x, start, "a number larger than 64 bits");
	if (end == NUMBER_NONE || is_name(*x->p))
		return expr_bad(x, "a bad digit");
	return 0;
}

/* A step whose operand is [from, end). */
static int expr_push(struct expr_parser *x, const char *from, const char *end,
		     struct expr_step step)
{
	if (x->e->n == EXPR_MAX_STEPS)
		return expr_bad(x, "an expression of too many parts");
	while (end > from && strchr(" \t\n", end[-1]))
		end--;
	step.operand = (struct expr_text){from, (size_t)(end - from)};
	x->e->step[x->e->n++] = step;
	return 0;
}

/* "[MODULE]", where that is next */
static int expr_module(struct expr_parser *x, struct expr_text *module)
{
	int rc;

	if (*x->p != '[' || !starts_name(x->p[1]))
		return 0;
	x->p++;
	rc = take_word(x, module, "");
	return rc ? rc : expr_want(x, "]", "a bracket is missing");
}

/* NAME { NAME } [ "[" MODULE "]" ] { "*" } */
static int expr_type(struct expr_parser *x, struct expr_step *step)
{
	struct expr_text word;
	int rc = take_word(x, &step->of, "the name of a type is missing");

	if (rc)
		return rc;
	for (;;) {
		expr_blanks(x);
		if (!starts_name(*x->p))
			break;
		rc = take_word(x, &word, "");
		step->of.len = (size_t)(word.at + word.len - step->of.at);
	}
	rc = expr_module(x, &step->module);
	while (!rc && expr_take(x, "*"))
		step->stars++;
	return rc;
}

static int expr_path(struct expr_parser *x, struct expr_text *path)
{
	struct expr_text word;
	int rc = take_word(x, path, "the name of a member is missing");

	while (!rc && *x->p == '.') {
		x->p++;
		if (!starts_name(*x->p))
			return expr_bad(x, "the name of a member is missing");
		rc = take_word(x, &word, "");
		path->len = (size_t)(x->p - path->at);
	}
	return rc;
}

/* container_of(), list() and tree(), behind their names. */
static int expr_of_type(struct expr_parser *x, enum expr_kind kind)
{
	struct expr_step step = {.kind = kind};
	const char *from = x->p, *end;
	int rc = parse_sum(x);

	end = x->p;
	if (!rc)
		rc = expr_want(x, ",", "a comma and a type are missing");
	if (!rc)
		rc = expr_type(x, &step);
	if (!rc && step.stars)
		rc = expr_bad(x, "a pointer where the struct is wanted");
	if (!rc)
		rc = expr_want(x, ",", "a comma and a member are missing");
	if (!rc)
		rc = expr_path(x, &step.name);
	if (!rc)
		rc = expr_want(x, ")", "a closing parenthesis is missing");
	return rc ? rc : expr_push(x, from, end, step);
}

static int expr_task(struct expr_parser *x)
{
	const char *from = x->p, *end;
	int rc = parse_sum(x);

	end = x->p;
	if (!rc)
		rc = expr_want(x, ")", "a closing parenthesis is missing");
	return rc ? rc
		  : expr_push(x, from, end,
			      (struct expr_step){.kind = EXPR_TASK});
}

static const struct expr_call {
	const char *name;
	enum expr_kind kind;
} calls[] = {{"task", EXPR_TASK},
	     {"container_of", EXPR_CONTAINER},
	     {"list", EXPR_LIST},
	     {"tree", EXPR_TREE}};

/* A symbol, with its module; or one of the calls. */
static int expr_name(struct expr_parser *x)
{
	struct expr_step step = {.kind = EXPR_NAME};
	const char *from = x->p;
	size_t i;
	int rc = take_word(x, &step.name, "a name, a number or ( is missing");

	for (i = 0; !rc && i < sizeof(calls) / sizeof(*calls); i++) {
		if (strlen(calls[i].name) != step.name.len ||
		    strncmp(calls[i].name, step.name.at, step.name.len) != 0 ||
		    !expr_take(x, "("))
			continue;
		return calls[i].kind == EXPR_TASK
			       ? expr_task(x)
			       : expr_of_type(x, calls[i].kind);
	}
	if (!rc)
		rc = expr_module(x, &step.of);
	return rc ? rc : expr_push(x, from, x->p, step);
}

static int expr_brackets(struct expr_parser *x, const char *from,
			 const char *end)
{
	struct expr_step step = {.kind = EXPR_INDEX};
	const char *start = x->p;
	int rc = expr_number(x, &step.number);

	if (!rc && expr_take(x, ":")) {
		step.kind = EXPR_SLICE;
		rc = expr_number(x, &step.end);
		if (!rc && step.end <= step.number)
			rc = expr_bad_at(x, start, "a slice of no element");
	}
	if (!rc)
		rc = expr_want(x, "]", "a closing bracket is missing");
	return rc ? rc : expr_push(x, from, end, step);
}

static int expr_member(struct expr_parser *x, const char *from, const char *end,
		       enum expr_kind kind)
{
	struct expr_step step = {.kind = kind};
	int rc = take_word(x, &step.name, "the name of a member is missing");

	return rc ? rc : expr_push(x, from, end, step);
}

static int expr_primary(struct expr_parser *x)
{
	struct expr_step step = {.kind = EXPR_NUMBER};
	const char *from;
	int rc;

	expr_blanks(x);
	from = x->p;
	if (isdigit((unsigned char)*from)) {
		rc = expr_number(x, &step.number);
		return rc ? rc : expr_push(x, from, x->p, step);
	}
	if (!expr_take(x, "("))
		return expr_name(x);
	rc = parse_sum(x);
	return rc ? rc : expr_want(x, ")", "a closing parenthesis is missing");
}

static int expr_postfix(struct expr_parser *x)
{
	const char *from, *end;
	int rc;

	expr_blanks(x);
	from = x->p;
	rc = expr_primary(x);
	while (!rc) {
		end = x->p;
		if (expr_take(x, "->"))
			rc = expr_member(x, from, end, EXPR_ARROW);
		else if (expr_take(x, "."))
			rc = expr_member(x, from, end, EXPR_MEMBER);
		else if (expr_take(x, "["))
			rc = expr_brackets(x, from, end);
		else
			break;
	}
	return rc;
}

/* "(type)" with an operand behind it; else nothing is passed. */
static bool expr_cast(struct expr_parser *x, struct expr_step *step)
{
	struct expr_parser probe = {.e = x->e, .p = x->p};

	*step = (struct expr_step){.kind = EXPR_CAST};
	if (!expr_take(&probe, "(") || expr_type(&probe, step) ||
	    !expr_take(&probe, ")"))
		return false;
	expr_blanks(&probe);
	if (!is_name(*probe.p) && (!*probe.p || !strchr("(*&", *probe.p)))
		return false;
	x->p = probe.p;
	return true;
}

static int expr_prefix(struct expr_parser *x, struct expr_step step)
{
	const char *from = x->p;
	int rc = parse_unary(x);

	return rc ? rc : expr_push(x, from, x->p, step);
}

static int parse_unary(struct expr_parser *x)
{
	struct expr_step step;
	int rc;

	if (x->nest == EXPR_MAX_NEST)
		return expr_bad(x, "too many parts in one another");
	x->nest++;
	expr_blanks(x);
	if (expr_cast(x, &step))
		rc = expr_prefix(x, step);
	else if (expr_take(x, "*"))
		rc = expr_prefix(x, (struct expr_step){.kind = EXPR_DEREF});
	else if (expr_take(x, "&"))
		rc = expr_prefix(x, (struct expr_step){.kind = EXPR_ADDRESS});
	else
		rc = expr_postfix(x);
	x->nest--;
	return rc;
}

static int parse_sum(struct expr_parser *x)
{
	const char *from = x->p;
	int rc = parse_unary(x);

	while (!rc) {
		struct expr_step step = {.kind = EXPR_ADD};

		expr_blanks(x);
		if (*x->p != '+' && *x->p != '-')
			break;
		if (*x->p++ == '-')
			step.kind = EXPR_SUB;
		rc = parse_unary(x);
		if (!rc)
			rc = expr_push(x, from, x->p, step);
	}
	return rc;
}

int expr_parse(const char *text, struct expr *e, struct err *err)
{
	struct expr_parser x = {.e = e, .p = text, .err = err};
	int rc;

	*e = (struct expr){.text = text};
	if (strlen(text) > EXPR_MAX_TEXT)
		return err_set(err, ERR_USAGE,
			       "an expression of more than %d characters",
			       EXPR_MAX_TEXT);
	rc = parse_sum(&x);
	expr_blanks(&x);
	if (!rc && *x.p)
		return expr_bad(&x, "neither an operator nor the end");
	if (!rc)
		e->bad = NULL; /* a try that was none */
	return rc;
}
