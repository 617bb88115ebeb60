/* SPDX-License-Identifier: BSD-2-Clause */
/* Scope-bound release: `_cleanup_(f)` calls f(&variable) when it leaves scope.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#define _cleanup_(f) __attribute__((cleanup(f)))

/* Cleanup functions for plain heap memory and file descriptors (-1: none). */
void cleanup_free(void *p);
void cleanup_close(int *fd);

#define _cleanup_free_	_cleanup_(cleanup_free)
#define _cleanup_close_ _cleanup_(cleanup_close)

#endif
