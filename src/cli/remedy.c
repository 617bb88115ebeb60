/* SPDX-License-Identifier: BSD-2-Clause */
/* What helps against an error, in words of the command line. */
#include "cli/remedy.h"

#include <stdio.h>
#include <string.h>

#include "edit/guard.h"

/* The options of `write` that allow what the bits say: " --shared". */
static void name_allow(unsigned int allow, char *text, size_t size)
{
	static const struct {
		enum guard_allow bit;
		const char *name;
	} names[] = {
		{GUARD_SHARED, " --shared"},
		{GUARD_READONLY, " --readonly"},
		{GUARD_PHYSICAL, " --physical"},
	};
	size_t i, n = 0;

	*text = '\0';
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (allow & names[i].bit)
			n += (size_t)snprintf(text + n, size - n, "%s",
					      names[i].name);
}

/* Behind the words, whatever else has to be cut for that. */
static void put_behind(struct err *err, const char *words)
{
	size_t n = strlen(err->text), most = sizeof(err->text) - 1;

	if (n + strlen(words) > most)
		n = most - strlen(words);
	snprintf(err->text + n, sizeof(err->text) - n, "%s", words);
}

void remedy_word(struct err *err)
{
	unsigned int arg = err->remedy_arg;
	char words[96] = "", allow[48];

	switch (err->remedy) {
	case REMEDY_NONE:
		return;
	case REMEDY_PROFILE:
		snprintf(words, sizeof(words), " with --profile FILE");
		break;
	case REMEDY_VCPU:
		snprintf(words, sizeof(words), " (--vcpu N)");
		break;
	case REMEDY_MEMORY:
		err_wrap(err, err->code, "--memory process");
		break;
	case REMEDY_PROCESSES:
		snprintf(words, sizeof(words), "; `qvmi ps` lists them");
		break;
	case REMEDY_JOURNAL:
		snprintf(words, sizeof(words),
			 " ('qvmi journal %u' shows them)", arg);
		break;
	case REMEDY_UNDO:
		snprintf(words, sizeof(words),
			 " ('qvmi undo %u' puts the old ones back)", arg);
		break;
	case REMEDY_ALLOW:
		name_allow(arg, allow, sizeof(allow));
		snprintf(words, sizeof(words),
			 " ('qvmi write%s' would write it)", allow);
		break;
	}
	put_behind(err, words);
	err->remedy = REMEDY_NONE;
}
