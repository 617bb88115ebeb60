/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a fuzzer over its corpus, as a unit test: every input, and its limits.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fuzz/fuzz.h"
#include "profile/mapped.h"

/* The input that runs, for the last words. */
static char running[512];

/* A hang is the end of the program; all this does is safe in a handler. */
static void too_slow(int sig)
{
	static const char words[] = ": takes too long\n";

	(void)sig;
	if (write(STDERR_FILENO, running, strlen(running)) < 0 ||
	    write(STDERR_FILENO, words, sizeof(words) - 1) < 0)
		_exit(1);
	_exit(1);
}

/* Time that is spent here, not by others on the same machine; 0: no limit. */
static void limit_time(int seconds)
{
	const struct itimerval timer = {.it_value.tv_sec = seconds};

	if (setitimer(ITIMER_PROF, &timer, NULL))
		abort();
}

/* True when the program has not grown beyond what a fuzzer may take. */
static bool is_small(void)
{
#ifdef __SANITIZE_ADDRESS__
	return true; /* the sanitizer takes more by itself */
#else
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss < FUZZ_MEGABYTES * 1024L;
#endif
}

static int run_file(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct mapped file;
	uint8_t *copy;

	if (fd < 0 || mapped_open(&file, fd, NULL)) {
		perror(path);
		return 1;
	}
	snprintf(running, sizeof(running), "%s", path);
	/* A copy of its exact size lets sanitizers see the ends. */
	copy = malloc(file.len);
	if (!copy && file.len)
		abort();
	if (file.len)
		memcpy(copy, file.bytes, file.len);
	limit_time(FUZZ_SECONDS);
	LLVMFuzzerTestOneInput(copy, file.len);
	limit_time(0);
	free(copy);
	mapped_close(&file);
	if (!is_small())
		fprintf(stderr, "%s: takes too much memory\n", path);
	return is_small() ? 0 : 1;
}

static int is_input(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* All files of a directory, in order of name; their number, or -1. */
static int run_dir(const char *dir)
{
	struct dirent **list;
	int n = scandir(dir, &list, is_input, alphasort), i, failed = 0;
	char *path;

	if (n < 0)
		perror(dir);
	for (i = 0; i < n; i++) {
		if (asprintf(&path, "%s/%s", dir, list[i]->d_name) < 0)
			abort();
		failed += run_file(path);
		free(path);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return failed ? -1 : n;
}

/* Without arguments: the corpus of its own name; else the files named. */
int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	char dir[512];
	int i, n = 0;

	signal(SIGPROF, too_slow);
	name = name ? name + 1 : argv[0];
	for (i = 1; i < argc; i++, n++)
		if (run_file(argv[i]))
			return 1;
	snprintf(dir, sizeof(dir), "%s/%s", FUZZ_CORPUS,
		 strncmp(name, "fuzz_", 5) ? name : name + 5);
	if (argc == 1)
		n = run_dir(dir);
	/* No inputs at all is no success either. */
	if (n <= 0)
		return 1;
	printf("%s: %d inputs\n", name, n);
	return 0;
}
