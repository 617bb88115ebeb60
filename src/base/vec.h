/* SPDX-License-Identifier: BSD-2-Clause */
/* A growable array of any type, as a struct with v, n and cap. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>

#include "base/err.h"

/* Zero-initialise; elements are vec.v[0] to vec.v[vec.n - 1]. */
#define VEC(type)              \
	struct {               \
		type *v;       \
		size_t n, cap; \
	}

/*
 * Make room for `more` further elements; 0 or ERR_NOMEM (the vector is then as
 * it was).  After success v is not NULL.
 */
#define vec_reserve(vec, more)                                        \
	((vec)->v && (more) <= (vec)->cap - (vec)->n                  \
		 ? 0                                                  \
		 : vec_grow(&(vec)->v, &(vec)->cap, (vec)->n, (more), \
			    sizeof(*(vec)->v)))

/* Append one element; 0 or ERR_NOMEM. */
#define vec_push(vec, ...)                                                     \
	(vec_reserve((vec), 1)                                                 \
		 ? ERR_NOMEM                                                   \
		 : ((vec)->v[(vec)->n++] = (__typeof__(*(vec)->v))__VA_ARGS__, \
		    0))

/* Free the elements; the vector is empty and can be used again. */
#define vec_deinit(vec)                    \
	do {                               \
		vec_free(&(vec)->v);       \
		(vec)->n = (vec)->cap = 0; \
	} while (0)

/*
 * What the macros stand on: pv is the address of the element pointer, and there
 * is no room for `more` elements.
 */
int vec_grow(void *pv, size_t *cap, size_t n, size_t more, size_t size);
void vec_free(void *pv);

#endif
