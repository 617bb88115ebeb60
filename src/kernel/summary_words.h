/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables by which the kernel sums up how it is, all together. */
#ifndef KERNEL_SUMMARY_WORDS_H
#define KERNEL_SUMMARY_WORDS_H

#include "base/err.h"
#include "kernel/kernel.h"

/*
 * Read all variables that meminfo_read(), vmstat_read() and those of CPUs and
 * interrupts will ask for, as one batch: they then find them in the machine's
 * cache.  Of no use to whoever asks for one of them.
 */
int summary_words_fetch(struct kernel *k, struct err *err);

#endif
