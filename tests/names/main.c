/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks many symbols up in one pause of a guest: the oracle's other side. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "cli/session.h"

static const char usage[] =
	"usage: look-up TARGET [stub]\n"
	"Each line of standard input is an address in hex digits, or NAME or\n"
	"NAME MODULE behind a '?'.  The line that answers is the symbol, or "
	"all\n"
	"addresses of that name.  Remarks come last, each behind a '#'.\n";

struct question {
	uint64_t va;
	char *name, *module; /* NULL: an address */
	struct symbol at;
	struct symbols_named named;
};

static VEC(struct question) questions;

static void read_questions(void)
{
	char line[2048], *text;
	struct question q;

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		q = (struct question){0};
		if (*line != '?') {
			q.va = strtoull(line, NULL, 16);
		} else {
			text = strdup(line + 1);
			q.name = strtok(text, " ");
			q.module = strtok(NULL, " ");
		}
		if (vec_push(&questions, q))
			abort();
	}
}

/* All addresses as one view has them. */
static int ask_addresses(struct symbols *s, struct err *err)
{
	_cleanup_free_ uint64_t *vas =
		calloc(questions.n + 1, sizeof(uint64_t));
	_cleanup_free_ struct symbol *out =
		calloc(questions.n + 1, sizeof(struct symbol));
	size_t i;
	int rc;

	if (!vas || !out)
		return err_nomem(err);
	for (i = 0; i < questions.n; i++)
		vas[i] = questions.v[i].va;
	rc = symbols_at(s, vas, questions.n, out, err);
	for (i = 0; i < questions.n; i++)
		questions.v[i].at = out[i];
	return rc;
}

static int ask(struct session *session, struct err *err)
{
	size_t i;
	int rc = session_open(session, NEEDS_KERNEL, err);

	if (!rc)
		rc = ask_addresses(&session->guest.symbols, err);
	for (i = 0; i < questions.n && !rc; i++) {
		struct question *q = &questions.v[i];

		if (q->name)
			rc = symbols_named(&session->guest.symbols, q->name,
					   q->module, &q->named, err);
	}
	return rc;
}

static void answer(const struct question *q)
{
	char text[SYMBOL_TEXT];
	size_t i;

	if (q->name) {
		for (i = 0; i < q->named.n && i < SYMBOLS_ALIKE; i++)
			printf("%s0x%" PRIx64, i ? " " : "", q->named.v[i].va);
		puts("");
		return;
	}
	symbol_text(&q->at, text, sizeof(text));
	puts(text);
}

int main(int argc, char **argv)
{
	struct session session;
	struct options options;
	const char *remark = NULL;
	struct err err = {0};
	size_t i;
	int rc;

	if (argc < 2) {
		fputs(usage, stderr);
		return 2;
	}
	rc = options_init(&options, &err);
	options.qemu.address = argv[1];
	options.qemu.memory = argc > 2 ? MEMORY_STUB : MEMORY_AUTO;
	session_init(&session, &options, "look-up");
	read_questions();
	if (!rc)
		rc = ask(&session, &err);
	session_release(&session, rc ? NULL : &err);
	for (i = 0; i < questions.n && !rc; i++)
		answer(&questions.v[i]);
	while (!rc &&
	       (remark = remarks_next(&session.guest.symbols.remarks, remark)))
		printf("#%s\n", remark);
	if (rc)
		fprintf(stderr, "%s\n", err.text);
	session_deinit(&session);
	return rc != 0;
}
