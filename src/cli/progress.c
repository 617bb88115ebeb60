/* SPDX-License-Identifier: BSD-2-Clause */
/* A line on the user's terminal while a guest stands still for long. */
#include "cli/progress.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define FIRST_MS 1000
#define NEXT_MS	 250
#define ANSWERED 4096	    /* more than the questions that come first */
#define ERASE	 "\r\033[K" /* ECMA-48: to the line's end */

void progress_init(struct progress *p, const char *command)
{
	const char *term = getenv("TERM");

	*p = (struct progress){
		.command = command,
		.since_ms = clock_now_us() / 1000,
		.wanted = isatty(STDERR_FILENO) && term &&
			  strcmp(term, "dumb") != 0,
	};
}

/* All of it, or nothing where the terminal was stopped. */
static bool progress_put(const char *text)
{
	struct pollfd terminal = {.fd = STDERR_FILENO, .events = POLLOUT};

	return poll(&terminal, 1, 0) == 1 && terminal.revents == POLLOUT &&
	       write(STDERR_FILENO, text, strlen(text)) > 0;
}

/* "12 MiB", or "37 %" where that is known. */
static void progress_amount(const struct progress *p, char *text, size_t size)
{
	if (p->all)
		snprintf(text, size, "%.0f %%",
			 100.0 * (double)p->done / (double)p->all);
	else
		snprintf(text, size, "%" PRIu64 " MiB", p->bytes >> 20);
}

static void progress_renew(struct progress *p)
{
	uint64_t now;
	char text[160], amount[32];

	if (!p->wanted)
		return;
	now = clock_now_us() / 1000;
	if (now - p->since_ms < FIRST_MS || now - p->shown_ms < NEXT_MS)
		return;
	progress_amount(p, amount, sizeof(amount));
	snprintf(text, sizeof(text), ERASE "qvmi: %.32s: %s; %" PRIu64 " s, %s",
		 p->command,
		 !p->all && p->bytes < ANSWERED ? "waiting for the stub"
						: "the guest stands still",
		 (now - p->since_ms) / 1000, amount);
	if (progress_put(text))
		p->shown_ms = now;
}

void progress_show(struct progress *p, uint64_t bytes)
{
	p->bytes = bytes;
	progress_renew(p);
}

void progress_part(struct progress *p, uint64_t done, uint64_t all)
{
	p->done = done;
	p->all = all;
	progress_renew(p);
}

void progress_say(struct progress *p, const char *words)
{
	char text[256];

	if (!p->wanted)
		return;
	snprintf(text, sizeof(text), ERASE "qvmi: %.32s: %.180s\r\n",
		 p->command, words);
	progress_put(text);
}

void progress_end(struct progress *p)
{
	if (p->shown_ms && progress_put(ERASE))
		p->shown_ms = 0;
}
