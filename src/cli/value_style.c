/* SPDX-License-Identifier: BSD-2-Clause */
/* Options that say how values are told. */
#include <argp.h>

#include "cli/value_show.h"
#include "guest/number.h"

int value_style_option(struct value_style *s, int key, const char *arg,
		       struct err *err)
{
	uint64_t n = 0;
	int rc = 0;

	switch (key) {
	case 'd':
		rc = number_parse(arg, "--depth", 64, &n, err);
		s->opts.depth = (unsigned int)n;
		s->has_depth = true;
		break;
	case VALUE_KEY_ELEMENTS:
		rc = number_parse(arg, "--elements", 1u << 20, &n, err);
		s->opts.elements = (uint32_t)n;
		s->has_elements = true;
		break;
	case 'x':
		s->hex = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	s->is_set = true;
	return rc;
}

void value_style_settle(struct value_style *s)
{
	if (!s->has_depth)
		s->opts.depth = 2;
	if (!s->has_elements)
		s->opts.elements = 16;
}
