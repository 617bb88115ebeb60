/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Times a whole run of any program from outside, from before it is started
 * until it has ended:
 *
 *     whole PROGRAM [WORD...]
 *
 * What it prints and its exit status are the program's, but for the last line
 * on standard error: "whole: whole_us=..".
 */
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

int main(int argc, char **argv)
{
	uint64_t start = clock_now_us();
	int rc, status = 0;
	pid_t pid;

	if (argc < 2) {
		fputs("usage: whole PROGRAM [WORD...]\n", stderr);
		return 2;
	}
	rc = posix_spawnp(&pid, argv[1], NULL, NULL, argv + 1, environ);
	if (rc) {
		fprintf(stderr, "whole: %s: %s\n", argv[1], strerror(rc));
		return 127;
	}
	if (waitpid(pid, &status, 0) != pid)
		return 127;
	fprintf(stderr, "whole: whole_us=%" PRIu64 "\n",
		clock_now_us() - start);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
