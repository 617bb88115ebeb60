/* SPDX-License-Identifier: BSD-2-Clause */
/* A line on the user's terminal while a guest stands still for long. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* A plain value. */
struct progress {
	const char *command;
	uint64_t since_ms, shown_ms; /* shown_ms 0: nothing is shown */
	uint64_t bytes;		     /* that came and went */
	uint64_t done, all;	     /* parts of the work; all 0: not known */
	bool wanted;		     /* stderr is a terminal that can erase */
};

/* Time counts from now; `command` has to stay. */
void progress_init(struct progress *p, const char *command);

/*
 * Show or renew the line, once a second has passed and where the terminal takes
 * it at once: the guest waits for nobody's screen.  `bytes` came and went.
 */
void progress_show(struct progress *p, uint64_t bytes);

/* The same, where it is known how much there is to do: `done` of `all`. */
void progress_part(struct progress *p, uint64_t done, uint64_t all);

/* A line that stays, on a terminal: what is to be expected. */
void progress_say(struct progress *p, const char *words);

/* Take the line away. */
void progress_end(struct progress *p);

#endif
