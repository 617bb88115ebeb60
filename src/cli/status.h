/* SPDX-License-Identifier: BSD-2-Clause */
/* Exit statuses, and the words that JSON has for errors. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,   /* not there, refused, unreadable */
	STATUS_USAGE = 2,    /* the command line is wrong */
	STATUS_NO_GUEST = 3, /* no guest at that address, or busy */
	STATUS_NO_LINUX = 4, /* a guest, but no Linux that is understood */
	STATUS_TIMEOUT = 124 /* as timeout(1) has it */
};

/* The exit status for 0 or an enum err_code. */
enum status status_of(int code);

/* The kind of error as JSON names it: "no_guest"; see docs/json.md. */
const char *status_kind(int code);

#endif
