/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands. */
#include "cli/cmd.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "base/nearest.h"

#define COMMAND_ENTRY(name) &cmd_##name,
const struct cmd *const cmd_table[] = {COMMANDS(COMMAND_ENTRY) NULL};

const char *const cmd_topics[] = {
	[TOPIC_LOOK] = "Look",
	[TOPIC_CHANGE] = "Change",
	[TOPIC_MODULES] = "As the tools inside a guest, mtest and dev_mem",
	[TOPIC_GUEST] = "The guest and its kernel",
};

/* What a name may stand for. */
struct matches {
	const struct cmd *only;
	size_t n;
	char names[256];
	struct nearest nearest;
};

/* True where it is the very name. */
static bool match_command(struct matches *m, const struct cmd *c)
{
	size_t used = strlen(m->names);

	nearest_try(&m->nearest, c->name);
	if (strncmp(c->name, m->nearest.word, m->nearest.len) != 0)
		return false;
	m->only = c;
	m->n++;
	snprintf(m->names + used, sizeof(m->names) - used, "%s%s",
		 used ? ", " : "", c->name);
	return !c->name[m->nearest.len];
}

int cmd_find(const char *name, const struct cmd **c, struct err *err)
{
	struct matches m = {.nearest = {.word = name, .len = strlen(name)}};
	bool exact = false;
	size_t i;

	for (i = 0; cmd_table[i] && !exact; i++)
		exact = match_command(&m, cmd_table[i]);
	if (exact || (m.n == 1 && *name)) {
		*c = m.only;
		return 0;
	}
	if (m.n && *name)
		return err_set(err, ERR_USAGE, "'%s' is not clear: %s", name,
			       m.names);
	if (m.nearest.name)
		return err_set(err, ERR_USAGE,
			       "there is no command '%s': did you mean %s?",
			       name, m.nearest.name);
	return err_set(err, ERR_USAGE, "there is no command '%s'", name);
}
