/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses on the command line: [SPACE:]EXPR. */
#include "guest/addr.h"

#include <ctype.h>
#include <string.h>

#include "guest/number.h"
#include "machine/machine.h"

#define MAX_SYMBOL 512 /* KSYM_NAME_LEN since Linux 6.1 */

static int bad(const char *text, const char *at, const char *why,
	       struct err *err)
{
	if (*at)
		return err_set(err, ERR_USAGE, "address '%s': %s at '%s'", text,
			       why, at);
	return err_set(err, ERR_USAGE, "address '%s': %s at its end", text,
		       why);
}

static bool symbol_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$' ||
	       c == '@';
}

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

static int parse_number(const char *text, const char **p, int base,
			uint64_t *value, struct err *err)
{
	const char *start = *p;

	switch (number_scan(p, base, value)) {
	case NUMBER_OK:
		break;
	case NUMBER_OVERFLOW:
		return bad(text, start, "a number larger than 64 bits", err);
	case NUMBER_NONE:
		return bad(text, start, "no digits", err);
	}
	if (symbol_char(**p))
		return bad(text, *p, "a bad digit", err);
	return 0;
}

static int parse_term(const char **p, struct addr *a, struct err *err)
{
	struct addr_term *t = &a->term[a->n];
	const char *s = *p;

	if (isdigit((unsigned char)*s)) {
		a->n++;
		return parse_number(a->text, p, 10, &t->number, err);
	}
	if (!symbol_char(*s))
		return bad(a->text, s, "a number or symbol is missing", err);
	if (a->space == ADDR_PHYS)
		return bad(a->text, s,
			   "a symbol (they are virtual, use k:) in a physical "
			   "address",
			   err);
	t->symbol = s;
	while (symbol_char(*s))
		s++;
	t->len = (size_t)(s - *p);
	if (t->len >= MAX_SYMBOL)
		return bad(a->text, *p, "an overlong symbol", err);
	*p = s;
	a->n++;
	return 0;
}

/* "[module]", which belongs to the symbol before it. */
static int parse_module(const char **p, struct addr *a, struct err *err)
{
	const char *start = *p, *end = strchr(start, ']');
	size_t i = a->n;

	while (i && !a->term[i - 1].symbol)
		i--;
	if (!i || a->term[i - 1].module)
		return bad(a->text, start, "a module without a symbol", err);
	if (!end || end == start + 1 || end - start > MAX_SYMBOL)
		return bad(a->text, start, "no name of a module in brackets",
			   err);
	a->term[i - 1].module = start + 1;
	a->term[i - 1].module_len = (size_t)(end - start - 1);
	*p = end + 1;
	return 0;
}

static int parse_expr(const char *p, struct addr *a, struct err *err)
{
	bool minus = false;
	int rc;

	for (;;) {
		if (a->n == ADDR_MAX_TERMS)
			return bad(a->text, p, "too many terms", err);
		a->term[a->n].minus = minus;
		p = skip_blanks(p);
		rc = parse_term(&p, a, err);
		p = skip_blanks(p);
		if (!rc && *p == '[')
			rc = parse_module(&p, a, err);
		if (rc)
			return rc;
		p = skip_blanks(p);
		if (!*p)
			return 0;
		if (*p != '+' && *p != '-')
			return bad(a->text, p, "neither + nor -", err);
		minus = *p++ == '-';
	}
}

const char *addr_root_name(const struct addr_root *root)
{
	return root->arch->roots[root->number].name;
}

/* "cr3=" and the like: how long that is; 0: it is none. */
static size_t scan_root(const char *text, struct addr_root *root)
{
	const struct arch *arch;
	size_t i, len;

	for (i = 0; (arch = arch_at(i)); i++) {
		unsigned int k;

		for (k = 0; k < arch->n_roots; k++) {
			len = strlen(arch->roots[k].name);
			if (strncmp(text, arch->roots[k].name, len) != 0 ||
			    text[len] != '=')
				continue;
			*root = (struct addr_root){arch, k, 0};
			return len + 1;
		}
	}
	return 0;
}

/* The part before the colon; [text, end). */
static int parse_space(const char *end, struct addr *a, struct err *err)
{
	const char *p = a->text;
	size_t named = scan_root(p, &a->root);
	uint64_t pid = 0;
	int rc;

	a->has_space = true;
	if (end - p == 1 && (*p == 'k' || *p == 'p')) {
		a->space = *p == 'k' ? ADDR_KERNEL : ADDR_PHYS;
		return 0;
	}
	if (end - p == 3 && !strncmp(p, "pfn", 3)) {
		a->space = ADDR_PHYS;
		a->in_frames = true;
		return 0;
	}
	if (named) {
		a->space = ADDR_ROOT;
		p += named;
		rc = parse_number(a->text, &p, 16, &a->root.value, err);
	} else if (p != end && p + strspn(p, "0123456789") == end) {
		a->space = ADDR_PID;
		rc = parse_number(a->text, &p, 10, &pid, err);
		if (!rc && pid > ADDR_MAX_PID)
			rc = bad(a->text, a->text, "a PID larger than 4194304",
				 err);
		a->pid = (uint32_t)pid;
	} else {
		return bad(a->text, p,
			   "no address space (PID, k, p, pfn, cr3=HEX or "
			   "ttbrN=HEX)",
			   err);
	}
	if (!rc && p != end)
		rc = bad(a->text, p, "a bad digit", err);
	return rc;
}

int addr_parse(const char *text, struct addr *a, struct err *err)
{
	const char *colon = strchr(text, ':');
	uint64_t ignored;
	int rc;

	*a = (struct addr){.text = text};
	if (!colon && scan_root(text, &a->root))
		return bad(text, "", "':' and an address are missing", err);
	if (colon) {
		rc = parse_space(colon, a, err);
		if (rc)
			return rc;
	}
	rc = parse_expr(colon ? colon + 1 : text, a, err);
	if (rc || addr_has_symbol(a))
		return rc;
	return addr_value(a, NULL, NULL, &ignored, err);
}

bool addr_has_symbol(const struct addr *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->term[i].symbol)
			return true;
	return false;
}

bool addr_needs_kernel(const struct addr *a)
{
	return a->space == ADDR_KERNEL || a->space == ADDR_PID ||
	       addr_has_symbol(a);
}

static int term_value(const struct addr_term *t, addr_lookup *lookup, void *ctx,
		      uint64_t *value, struct err *err)
{
	char name[MAX_SYMBOL], module[MAX_SYMBOL];

	if (!t->symbol) {
		*value = t->number;
		return 0;
	}
	memcpy(name, t->symbol, t->len);
	name[t->len] = '\0';
	if (t->module)
		memcpy(module, t->module, t->module_len);
	module[t->module_len] = '\0';
	if (lookup)
		return lookup(ctx, name, t->module ? module : NULL, value, err);
	return err_set(err, ERR_NOT_FOUND, "no symbol '%s'", name);
}

int addr_value(const struct addr *a, addr_lookup *lookup, void *ctx,
	       uint64_t *value, struct err *err)
{
	__int128 sum = 0;
	uint64_t v = 0;
	size_t i;
	int rc;

	for (i = 0; i < a->n; i++) {
		rc = term_value(&a->term[i], lookup, ctx, &v, err);
		if (rc)
			return rc;
		sum += a->term[i].minus ? -(__int128)v : (__int128)v;
	}
	if (sum < 0 || sum > UINT64_MAX)
		return err_set(err, ERR_USAGE, "address '%s': the sum is %s",
			       a->text,
			       sum < 0 ? "below 0" : "larger than 64 bits");
	if (a->in_frames && sum > UINT64_MAX / PAGE_SIZE_4K)
		return err_set(err, ERR_USAGE,
			       "address '%s': the frame lies beyond 64 bits",
			       a->text);
	*value = (uint64_t)sum * (a->in_frames ? PAGE_SIZE_4K : 1);
	return 0;
}
