/* SPDX-License-Identifier: BSD-2-Clause */
/* What signals set, for those who wait. */
#ifndef TARGET_SIGNAL_H
#define TARGET_SIGNAL_H

#include <signal.h>

/* How many signals target_signals_catch() has caught; 2: or more. */
const volatile sig_atomic_t *target_signal_flag(void);

#endif
