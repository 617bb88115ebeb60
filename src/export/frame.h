/* SPDX-License-Identifier: BSD-2-Clause */
/* The section .debug_frame: how debuggers unwind a kernel's stacks. */
#ifndef EXPORT_FRAME_H
#define EXPORT_FRAME_H

#include "base/buf.h"
#include "base/err.h"
#include "export/portrait.h"

/*
 * Append the section, all of it (DWARF 5, section 6.4.1), made of the rules
 * that the kernel has for itself: an FDE for each symbol of code, up to the
 * next one, and for code in front of the first.  Nothing where there are no
 * rules.  Addresses are those of the running kernel.  0 or ERR_NOMEM.
 */
int export_frame(const struct portrait *p, struct buf *out, struct err *err);

#endif
