/* SPDX-License-Identifier: BSD-2-Clause */
/* Going on in the background, once all is well. */
#include "cli/background.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"

/* What was said so far; false: nothing more will come. */
static bool pass_words(int from)
{
	char words[1024];
	ssize_t n = read(from, words, sizeof(words));

	if (n > 0)
		return !files_write(STDERR_FILENO, words, (size_t)n);
	return n < 0 && (errno == EINTR || errno == EAGAIN);
}

/* Who is left of its children keeps the other end of `words` open: what counts
 * is `ready`, which only the child has. */
static _Noreturn void background_wait(pid_t child, int words, int ready)
{
	struct pollfd p[] = {{.fd = words, .events = POLLIN},
			     {.fd = ready, .events = POLLIN}};
	char byte;
	int status = 0;

	while (poll(p, 2, -1) >= 0 || errno == EINTR) {
		if (p[0].revents && !pass_words(words))
			p[0].fd = -1;
		else if (!p[0].revents && p[1].revents)
			break;
	}
	if (read(ready, &byte, 1) == 1)
		_exit(0);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int background_start(struct background *b, struct err *err)
{
	int words[2], ready[2];
	pid_t pid;

	b->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (b->null < 0)
		return err_sys(err, ERR_SYS, "/dev/null");
	if (pipe2(words, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
		return err_sys(err, ERR_SYS, "pipe");
	pid = fork();
	if (pid < 0)
		return err_sys(err, ERR_SYS, "fork");
	if (pid) {
		close(words[1]);
		close(ready[1]);
		background_wait(pid, words[0], ready[0]);
	}
	setsid();
	dup2(words[1], STDERR_FILENO);
	close(words[1]);
	close(words[0]);
	close(ready[0]);
	b->ready = ready[1];
	return 0;
}

void background_ready(struct background *b)
{
	const char byte = 0;
	int fd;

	if (!b->ready)
		return;
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(b->null, fd);
	files_write(b->ready, &byte, 1);
	close(b->ready);
	close(b->null);
	b->ready = 0;
}
