/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors as values: a negative code, and the words in storage of the caller. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * What went wrong, as far as callers must tell it apart.  The command line
 * maps these to exit statuses (see cli/main.c).
 */
enum err_code {
	ERR_NOMEM = -1,	      /* host memory is exhausted */
	ERR_SYS = -2,	      /* a system call on the host failed */
	ERR_USAGE = -3,	      /* the user asked for something malformed */
	ERR_NOT_FOUND = -4,   /* the thing asked for is not there */
	ERR_REFUSED = -5,     /* qvmi declines to do it */
	ERR_UNREADABLE = -6,  /* guest memory that is needed cannot be read */
	ERR_CORRUPT = -7,     /* foreign bytes that make no sense */
	ERR_NO_GUEST = -8,    /* nothing, or no stub, or a busy one, there */
	ERR_NO_LINUX = -9,    /* a guest, but no Linux that qvmi understands */
	ERR_INTERRUPTED = -10 /* a signal asked for an end */
};

/* No heap behind it: initialise with {0}, copy and drop freely. */
struct err {
	int code;
	char text[512];
};

/* Set the code and the words; return the code.  err may be NULL. */
int err_set(struct err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set(), with ": " and the words for errno behind the text. */
int err_sys(struct err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Put context in front of the words that are there ("maps of pid 89: ...") on
 * the way up; return code.  Words that no longer fit are cut at the end.
 */
int err_wrap(struct err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The usual words for a failed allocation; returns ERR_NOMEM. */
int err_nomem(struct err *err);

#endif
