/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of several names of one address to show. */
#include "symbols/names.h"

#include <string.h>

/*
 * Names that stand for places, not things: borders of sections, padding before
 * functions (docs/facts/kernel.md, "Symbols"), and labels of macros.
 */
static const char *const place_prefixes[] = {
	"__pfx_",     "__cfi_",	    "__start_",	    "__stop_",
	"__end_",     "__begin_",   "__UNIQUE_ID_", "__initcall_",
	"__per_cpu_", "__kstrtab_", "__ksymtab_",   "__tracepoint_ptr_",
};

static const char *const place_names[] = {
	"_text",
	"_stext",
	"_etext",
	"_sdata",
	"_edata",
	"_end",
	"__bss_start",
	"__bss_stop",
	"_sinittext",
	"_einittext",
	"__init_begin",
	"__init_end",
	"_sinitdata",
	"__entry_text_start",
	"__entry_text_end",
	"__brk_base",
	"__brk_limit",
	"__end_rodata",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Names of one address that are looked at: hostile tables have no end. */
#define MAX_ALIASES 256u

enum rank {
	THING,
	LOCAL,
	PLACE,
	ALIAS
};

unsigned int names_rank(const char *name)
{
	size_t i;

	if (!strncmp(name, "__pi_", 5)) /* startup code, under both names */
		return ALIAS;
	for (i = 0; i < COUNT(place_prefixes); i++)
		if (!strncmp(name, place_prefixes[i],
			     strlen(place_prefixes[i])))
			return PLACE;
	for (i = 0; i < COUNT(place_names); i++)
		if (!strcmp(name, place_names[i]))
			return PLACE;
	return strchr(name, '.') ? LOCAL : THING;
}

uint32_t names_best(const struct symtab *s, uint32_t i)
{
	uint64_t value = s->entries[i].value;
	unsigned int r, best_rank = ALIAS;
	uint32_t best = i, left;

	for (left = MAX_ALIASES; left; left--, i--) {
		r = names_rank(symtab_name(s, i));
		if (r <= best_rank) {
			best = i;
			best_rank = r;
		}
		if (i == s->n_absolute || s->entries[i - 1].value != value)
			break;
	}
	return best;
}

uint32_t names_find(const struct symtab *s, uint32_t i, const char *name)
{
	uint32_t at;

	for (at = i;; at--) {
		if (!strcmp(symtab_name(s, at), name))
			return at;
		if (at == s->n_absolute)
			return i;
	}
}
