/* SPDX-License-Identifier: BSD-2-Clause */
/* All of a profile: its symbols in order, its types. */
#include "profile/listing.h"

#include "base/files.h"
#include "profile/parts.h"

/* The next of either part, which ascend: the lower one. */
bool profile_list(const struct profile *p, struct profile_listing *at,
		  struct profile_listed *out)
{
	uint64_t text;
	const struct symtab *s = &profile_parts(p, &text)->sym;
	uint32_t i = s->n_absolute + at->image;
	bool absolute = at->absolute < s->n_absolute;
	struct symtab_symbol sym;

	if (absolute && i < s->n)
		absolute = s->entries[at->absolute].value <
			   text + s->entries[i].value;
	if (!absolute && i >= s->n)
		return false;
	if (absolute)
		i = at->absolute++;
	else
		at->image++;
	sym = symtab_at(s, i);
	*out = (struct profile_listed){.name = symtab_name(s, i),
				       .va = sym.value + (absolute ? 0 : text),
				       .type = sym.type,
				       .absolute = absolute};
	return true;
}

int profile_btf(const struct profile *p, const uint8_t **btf, size_t *len,
		struct err *err)
{
	uint64_t text;
	const struct parts *parts = profile_parts(p, &text);

	if (!parts->btf)
		return err_set(err, ERR_NOT_FOUND,
			       "there are no types in the form of BTF");
	if (parts->btf_sum &&
	    parts->btf_sum != files_checksum(parts->btf, parts->btf_len))
		return err_set(err, ERR_CORRUPT,
			       "the profile that the types come from is "
			       "damaged");
	*btf = parts->btf;
	*len = parts->btf_len;
	return 0;
}
