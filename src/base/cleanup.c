/* SPDX-License-Identifier: BSD-2-Clause */
/* Scope-bound release of heap memory and file descriptors. */
#include "base/cleanup.h"

#include <stdlib.h>
#include <unistd.h>

void cleanup_free(void *p)
{
	free(*(void **)p);
}

void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
