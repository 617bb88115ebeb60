/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap of a program with a short life, and a guest that stands still. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

/*
 * First of all: memory that was freed is soon wanted again, and stays with the
 * process, for every new page of it costs a fault.
 */
void heap_keep(void);

/*
 * Before a guest is stopped, and after what is forked for good: have some of
 * the heap there, and more of it ready to come in huge pages.  Best effort.
 */
void heap_populate(void);

#endif
