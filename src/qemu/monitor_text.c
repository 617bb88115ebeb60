/* SPDX-License-Identifier: BSD-2-Clause */
/* What QEMU's human monitor says, but of its RAM (monitor_ram.c). */
#include "qemu/monitor_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "qemu/lines.h"
#include "gdbrsp/limits.h"

int monitor_parse_cpus(const char *text, struct monitor_cpus *cpus,
		       struct err *err)
{
	char s[LINE_SIZE];

	while (lines_next(&text, s)) {
		const char *tid = strstr(s, "thread_id=");
		struct monitor_cpu cpu;

		if (!tid || sscanf(s, "%*[* ]CPU #%9u:", &cpu.index) != 1 ||
		    sscanf(tid, "thread_id=%18ld", &cpu.thread_id) != 1)
			continue;
		if (cpus->v.n == GDBRSP_VCPUS_MAX)
			return err_set(err, ERR_CORRUPT,
				       "`info cpus`: more than %u",
				       GDBRSP_VCPUS_MAX);
		if (vec_push(&cpus->v, cpu))
			return err_nomem(err);
	}
	return 0;
}

void monitor_cpus_deinit(struct monitor_cpus *cpus)
{
	vec_deinit(&cpus->v);
}

int monitor_parse_hva(const char *text, uint64_t gpa, uint64_t *hva,
		      struct err *err)
{
	const char *is = strstr(text, ") is 0x");
	uint64_t of, at;

	if (!is ||
	    sscanf(text, " Host virtual address for 0x%16" SCNx64 " (", &of) !=
		    1 ||
	    sscanf(is, ") is 0x%16" SCNx64, &at) != 1 || of != gpa || !at)
		return err_set(err, ERR_NOT_FOUND,
			       "`gpa2hva 0x%" PRIx64 "`: %.*s", gpa,
			       (int)strcspn(text, "\r\n"), text);
	*hva = at;
	return 0;
}

int monitor_parse_64_bit(const char *text, unsigned int index, bool *is_64_bit,
			 struct err *err)
{
	bool ours = false;
	unsigned int cpu;
	char s[LINE_SIZE];

	while (lines_next(&text, s)) {
		if (sscanf(s, " CPU#%9u", &cpu) == 1)
			ours = cpu == index;
		if (!ours || !*s || strncmp(s + 1, "AX=", 3) != 0)
			continue;
		*is_64_bit = *s == 'R';
		return 0;
	}
	return err_set(err, ERR_REFUSED,
		       "`info registers -a` does not say whether vCPU %u runs "
		       "64-bit code",
		       index);
}

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
