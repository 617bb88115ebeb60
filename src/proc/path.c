/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths below /proc, of which parts may be patterns. */
#include "proc/path.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/idr.h"

static bool is_pattern(const char *part)
{
	return strpbrk(part, "*?[");
}

/* Cut the first part off; what is behind it, or NULL. */
static char *cut_part(char *at)
{
	char *slash = strchr(at, '/');

	if (!slash)
		return NULL;
	*slash = '\0';
	return slash + 1;
}

static bool has_letter(const char *part, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (isalpha((unsigned char)part[i]))
			return true;
	return false;
}

/* A pattern, or a number that a task can have. */
static bool is_number(const char *part)
{
	return is_pattern(part) || proc_path_number(part);
}

static int bad_number(const char *what, const char *part, const char *text,
		      struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "'%.100s': %s '%.40s' is no number from "
		       "1 to %u, nor a pattern",
		       text, what, part, PID_MAX_LIMIT);
}

/* What is below a PID. */
static int parse_task(char *at, const char *text, struct proc_path *out,
		      struct err *err)
{
	static const char task[] = "task";
	size_t n = sizeof(task) - 1;

	out->pid = at;
	at = cut_part(at);
	if (!is_number(out->pid))
		return bad_number("PID", out->pid, text, err);
	out->scope = PROC_PROCESS;
	if (at && !strncmp(at, task, n) && (!at[n] || at[n] == '/')) {
		out->scope = PROC_THREAD;
		out->tid = at + n + (at[n] == '/');
		at = at[n] ? cut_part(at + n + 1) : NULL;
		if (*out->tid && !is_number(out->tid))
			return bad_number("TID", out->tid, text, err);
	}
	out->name = at ? at : "";
	return 0;
}

/* Whether a path begins with these whole parts. */
static bool begins_with(const char *text, const char *parts)
{
	size_t n = strlen(parts);

	return !strncmp(text, parts, n) && (!text[n] || text[n] == '/');
}

/* Where there are files beside /proc. */
static bool is_beside(const char *text)
{
	return begins_with(text, "/sys") || begins_with(text, "/etc") ||
	       begins_with(text, "/dev");
}

int proc_path_parse(const char *text, struct proc_path *out, struct err *err)
{
	static const char proc[] = "/proc";
	const char *at = text, *end;
	bool beside = is_beside(text);
	size_t n;

	if (begins_with(at, proc))
		at += sizeof(proc) - 1;
	at += beside ? 0 : strspn(at, "/");
	for (n = strlen(at); n && at[n - 1] == '/'; n--)
		;
	*out = (struct proc_path){.scope = beside ? PROC_BESIDE : PROC_SYSTEM};
	if (n >= sizeof(out->bytes))
		return err_set(err, ERR_USAGE,
			       "'%.100s': a path has at most %zu bytes", text,
			       sizeof(out->bytes) - 1);
	memcpy(out->bytes, at, n);
	memcpy(out->whole, at, n);
	out->name = out->bytes + beside; /* without its slash */
	if (beside)
		return 0;
	end = memchr(at, '/', n);
	if (!n || has_letter(at, end ? (size_t)(end - at) : n) ||
	    (!end && is_pattern(out->bytes)))
		return 0;
	return parse_task(out->bytes, text, out, err);
}

bool proc_path_is_pattern(const struct proc_path *path)
{
	return is_pattern(path->whole);
}

uint32_t proc_path_number(const char *part)
{
	char *end;
	unsigned long value;

	if (!isdigit((unsigned char)*part))
		return 0;
	value = strtoul(part, &end, 10);
	return *end || value > PID_MAX_LIMIT ? 0 : (uint32_t)value;
}

bool proc_path_fits(const char *part, uint32_t number)
{
	char text[16];

	if (!is_pattern(part))
		return proc_path_number(part) == number;
	snprintf(text, sizeof(text), "%u", number);
	return !fnmatch(part, text, 0);
}

/* A part of a pattern against one of a name. */
static bool part_fits(const char *pattern, size_t n, const char *name,
		      size_t length)
{
	char p[PROC_PATH_MAX], t[PROC_PATH_MAX];

	if (n >= sizeof(p) || length >= sizeof(t))
		return false;
	snprintf(p, sizeof(p), "%.*s", (int)n, pattern);
	snprintf(t, sizeof(t), "%.*s", (int)length, name);
	return !fnmatch(p, t, FNM_PERIOD | FNM_NOESCAPE);
}

enum proc_path_match proc_path_match(const char *pattern, const char *name,
				     const char **rest)
{
	for (*rest = ""; *pattern && *name;) {
		size_t n = strcspn(pattern, "/");
		size_t length = strcspn(name, "/");

		if (!part_fits(pattern, n, name, length))
			return PROC_PATH_DIFFERS;
		pattern += n + (pattern[n] == '/');
		name += length + (name[length] == '/');
	}
	if (*pattern) {
		*rest = pattern;
		return PROC_PATH_BELOW;
	}
	*rest = name;
	return *name ? PROC_PATH_ABOVE : PROC_PATH_SAME;
}
