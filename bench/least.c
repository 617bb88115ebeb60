/* SPDX-License-Identifier: BSD-2-Clause */
/* What `qvmi --version` is measured against: a line, with libc alone. */
#include <stdio.h>

int main(void)
{
	puts("least 0.1");
	return 0;
}
