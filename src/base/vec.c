/* SPDX-License-Identifier: BSD-2-Clause */
/* Growth of the typed arrays in vec.h. */
#include "base/vec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

int vec_grow(void *pv, size_t *cap, size_t n, size_t more, size_t size)
{
	size_t want, new_cap;
	void *old, *grown;

	if (more > SIZE_MAX / 2 / size - n)
		return ERR_NOMEM;
	want = n + more;
	new_cap = *cap < 8 ? 8 : *cap + *cap / 2;
	if (new_cap < want)
		new_cap = want;
	memcpy(&old, pv, sizeof(old));
	grown = realloc(old, new_cap * size);
	if (!grown)
		return ERR_NOMEM;
	memcpy(pv, &grown, sizeof(grown));
	*cap = new_cap;
	return 0;
}

void vec_free(void *pv)
{
	void *p;

	memcpy(&p, pv, sizeof(p));
	free(p);
	memset(pv, 0, sizeof(p));
}
