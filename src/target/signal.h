/* SPDX-License-Identifier: BSD-2-Clause */
/* The flag that a signal sets, for those who wait. */
#ifndef TARGET_SIGNAL_H
#define TARGET_SIGNAL_H

#include <signal.h>

/* Non-zero after a signal that target_signals_catch() has caught. */
const volatile sig_atomic_t *target_signal_flag(void);

#endif
