/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/maps, byte for byte. */
#ifndef PROC_MAPS_H
#define PROC_MAPS_H

#include "base/buf.h"
#include "kernel/maps.h"

/* Append the text that the guest's kernel would print for these lines. */
void proc_maps(const struct maps *m, struct buf *out);

#endif
