/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols that users name, and names of what they look at. */
#include "guest/lookup.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

static int lookup_refuse(struct err *err, int code, const struct buf *b)
{
	return b->oom ? err_nomem(err) : err_set(err, code, "%s", b->data);
}

int lookup_missing(const struct symbols *s, const char *name,
		   const char *module, struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	const char *remark = remarks_next(&s->remarks, NULL);

	if (module && !symbols_has_module(s, module))
		buf_printf(&b, "no module '%s'", module);
	else if (module)
		buf_printf(&b, "no symbol '%s' in module '%s'", name, module);
	else
		buf_printf(&b, "no symbol '%s'", name);
	buf_puts(&b,
		 " (names are those of the guest's /proc/kallsyms; looked at ");
	symbols_looked(s, &b);
	buf_puts(&b, ")");
	if (remark)
		buf_printf(&b, "; %s", remark);
	return lookup_refuse(err, ERR_NOT_FOUND, &b);
}

/* Which one is meant?  A guess would be a wrong answer that looks right. */
static int ambiguous(const struct symbols_named *found, const char *name,
		     struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t i;

	buf_printf(&b, "symbol '%s' is ambiguous, say which address: ", name);
	for (i = 0; i < found->n && i < SYMBOLS_ALIKE; i++)
		buf_printf(&b, "%s0x%" PRIx64 " %s%s%s%s", i ? ", " : "",
			   found->v[i].va, found->v[i].name,
			   found->v[i].module ? "[" : "",
			   found->v[i].module ? found->v[i].module : "",
			   found->v[i].module ? "]" : "");
	if (found->n > SYMBOLS_ALIKE)
		buf_printf(&b, " and %zu more", found->n - SYMBOLS_ALIKE);
	return lookup_refuse(err, ERR_REFUSED, &b);
}

int lookup_symbol(void *ctx, const char *name, const char *module, uint64_t *va,
		  struct err *err)
{
	struct symbols *s = ctx;
	struct symbols_named found;
	int rc = symbols_named(s, name, module, &found, err);

	if (rc)
		return err_wrap(err, rc, "symbol '%s'", name);
	if (!found.n)
		return lookup_missing(s, name, module, err);
	if (found.n > 1)
		return ambiguous(&found, name, err);
	*va = found.v[0].va;
	return 0;
}

int lookup_names(struct guest *g, const struct place *p, const uint64_t *at,
		 size_t n, struct symbol *out, struct err *err)
{
	if (p->space == ADDR_KERNEL || p->space == ADDR_PID)
		return symbols_at(&g->symbols, at, n, out, err);
	memset(out, 0, n * sizeof(*out));
	return 0;
}
