/* SPDX-License-Identifier: BSD-2-Clause */
/* What this process may still ask the kernel for. */
#ifndef BASE_CONFINE_H
#define BASE_CONFINE_H

/*
 * From here on no call but those of a table, and never more rights: nothing is
 * executed, no socket made, no process traced, written to or started.  Calls
 * that are not in the table fail as if the kernel lacked them (ENOSYS).  There
 * is no way back.
 *
 * NULL, or why that is not so: a few words.
 */
const char *confine(void);

#endif
