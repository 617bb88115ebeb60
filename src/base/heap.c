/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap of a program with a short life, and a guest that stands still. */
#include "base/heap.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/populate.h"

/* What `ps` takes of a guest with 100 processes. */
#define ROOM (768u << 10)

/* What is taken of a guest that is seen for the first time: address space. */
#define HEAP (64u << 20)

void heap_keep(void)
{
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	mallopt(M_MMAP_THRESHOLD, 256 << 20);
}

/* AddressSanitizer gives what was freed to nobody, and marks all its bytes. */
#ifdef __SANITIZE_ADDRESS__
#define HEAP_COMES_BACK false
#else
#define HEAP_COMES_BACK true
#endif

void heap_populate(void)
{
	char *heap = HEAP_COMES_BACK ? malloc(HEAP) : NULL;

	if (!heap)
		return;
	*heap = 0; /* not calloc(), which may take the faults itself */
	populate_huge(heap, HEAP);
	populate(heap, ROOM);
	free(heap);
}
