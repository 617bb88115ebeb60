/* SPDX-License-Identifier: BSD-2-Clause */
/* How long a unit test may take: only one that hangs meets that. */
#include <stdlib.h>

/* Check ends a test after 4 s of wall clock, whatever else the machine does. */
__attribute__((constructor)) static void be_patient(void)
{
	setenv("CK_DEFAULT_TIMEOUT", "900", 0);
}
