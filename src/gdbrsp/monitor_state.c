/* SPDX-License-Identifier: BSD-2-Clause */
/* What QEMU's human monitor says of its own state and version. */
#include "gdbrsp/monitor.h"

#include <stdio.h>
#include <string.h>

int monitor_parse_status(const char *text, struct monitor_status *status,
			 struct err *err)
{
	static const char singlestep[] = " (single step mode)";
	struct monitor_status st = {0};
	char word[16];
	int n = 0;

	if (sscanf(text, " VM status: %15[a-z]%n", word, &n) < 1)
		return err_set(err, ERR_CORRUPT,
			       "`info status`: makes no sense: %.80s", text);
	text += n;
	if (!strncmp(text, singlestep, strlen(singlestep)))
		text += strlen(singlestep);
	sscanf(text, " (%39[^)\r\n])", st.reason);
	st.running = !strcmp(word, "running");
	*status = st;
	return 0;
}

const char *monitor_status_word(const struct monitor_status *status)
{
	if (status->running)
		return "running";
	return *status->reason ? status->reason : "paused";
}

/* QAPI's MigrationStatus: those with which nothing is going on (any more). */
static bool is_migration_over(const char *word)
{
	static const char *const over[] = {"none", "cancelled", "completed",
					   "failed"};
	size_t i;

	for (i = 0; i < sizeof(over) / sizeof(*over); i++)
		if (!strcmp(word, over[i]))
			return true;
	return false;
}

void monitor_parse_migration(const char *text, struct monitor_migration *m)
{
	struct monitor_migration found = {""};

	for (; *text && !*found.status; text += strspn(text, "\r\n")) {
		if (sscanf(text, "Migration status: %23[a-z-]", found.status) !=
		    1)
			sscanf(text, "Status: %23[a-z-]", found.status);
		text += strcspn(text, "\n");
	}
	if (is_migration_over(found.status))
		found.status[0] = '\0';
	*m = found;
}

int monitor_parse_version(const char *text, struct monitor_version *version,
			  struct err *err)
{
	struct monitor_version v = {0};
	char package[64] = "";
	const char *p;
	int n;

	if (sscanf(text, " %5u.%5u.%5u%63[^\r\n]", &v.major, &v.minor, &v.micro,
		   package) < 3)
		return err_set(err, ERR_CORRUPT,
			       "`info version`: makes no sense: %.80s", text);
	n = snprintf(v.text, sizeof(v.text), "QEMU %u.%u.%u", v.major, v.minor,
		     v.micro);
	p = package + strspn(package, " (");
	if (*p)
		snprintf(v.text + n, sizeof(v.text) - (size_t)n, " (%.*s)",
			 (int)strcspn(p, ")"), p);
	*version = v;
	return 0;
}
