/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures the library: does one operation on one guest, as a program that is
 * started for it does, and says what that took.
 *
 *     workload [OPTION...] OPERATION [WORD...]
 *
 *     --gdb ADDRESS            of the stub
 *     --memory stub|process    how guest memory is read
 *     --no-cache               neither read nor write the profile cache
 *     --again                  read ahead what led to the answer before
 *     --pauses N               do it N times, each in a pause of its own
 *     --trace FILE             record what the last pause reads in place of an
 *                              answer
 *
 * The answer goes to standard output, then a line for each pause to standard
 * error: "stats: wall_us=.. pause_us=.. ...".
 */
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/heap.h"
#include "bench.h"
#include "guest/number.h"
#include "qemu/qemu.h"

#define TIMEOUT_MS   10000
#define MAX_PAUSE_MS 60000 /* of a host that has much to do */
#define BETWEEN_MS   1	   /* two pauses */
#define MOST_PAUSES  10000

static const struct operation *const operations[] = {
	&bench_ps,    &bench_maps,    &bench_read,	&bench_pick,
	&bench_scale, &bench_elf,     &bench_translate, &bench_ptdump,
	&bench_pages, &bench_whomaps, &bench_slab,	&bench_print,
	&bench_file};

struct job {
	const struct operation *op;
	char **words;
	struct qemu_opts qemu;
	struct guest_opts opts;
	uint64_t pauses, left; /* left: this one, and those behind it */
	const char *trace;     /* NULL: none is wanted */
	struct guest guest;
	struct recorder recorder;
	void *state; /* of this pause */
	bool again;  /* what led to the answer before is read ahead */
	uint64_t started_us;
};

/* The most memory that was ours at a time; getrusage() counts what was before
 * execve(), too. */
static uint64_t peak_kib(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	uint64_t kib = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "VmHWM:", 6))
			kib = strtoull(line + 6, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

/* Whether what this pause reads is recorded. */
static bool is_traced(const struct job *j)
{
	return j->trace && j->left == 1;
}

static const char *profile_word(const struct guest *g)
{
	static const char *const words[] = {[PROFILE_GUEST] = "guest",
					    [PROFILE_CACHE] = "cache",
					    [PROFILE_FILE] = "file"};

	return g->kernel ? words[profile_source(g->profile)] : "none";
}

static void print_stats(const struct job *j)
{
	uint64_t wall_us = clock_now_us() - j->started_us;
	struct guest_took took = guest_took(&j->guest);
	struct source_info info = {0};

	source_info(&j->guest.source, &info);
	fprintf(stderr,
		"stats: wall_us=%" PRIu64 " pause_us=%" PRIu64
		" batches=%" PRIu64 " packets=%" PRIu64 " wire_bytes=%" PRIu64
		" read_bytes=%" PRIu64 " rss_kib=%" PRIu64
		" memory=%s profile=%s\n",
		wall_us, took.pause_us, took.batches, took.packets,
		took.wire_bytes, took.read_bytes, peak_kib(), info.memory_path,
		profile_word(&j->guest));
}

/* What opening the kernel reads is recorded, too. */
static int look(struct job *j, struct err *err)
{
	int rc = guest_attach(&j->guest, err);

	if (!rc && is_traced(j))
		recorder_start(&j->recorder, j->guest.machine);
	if (!rc && j->op->needs_kernel)
		rc = guest_find_kernel(&j->guest, NEEDS_KERNEL, err);
	if (!rc && j->op->parts && !j->trace)
		rc = guest_part(&j->guest, err);
	return rc ? rc : j->op->look(&j->guest, j->state, err);
}

static int stand_still(struct job *j, struct err *err)
{
	struct err left = {0};
	int rc, release_rc;

	rc = look(j, err);
	release_rc = guest_release(&j->guest, &left);
	guest_keep(&j->guest);
	return !rc && release_rc ? err_pass(err, &left) : rc;
}

static int tell(struct job *j, struct err *err)
{
	_cleanup_(buf_deinit) struct buf text = {0};
	int rc;

	if (is_traced(j))
		return trace_save(&j->recorder.trace, j->trace, err);
	if (j->trace)
		return 0;
	rc = j->op->tell(j->state, &text, err);
	if (!rc && text.oom)
		rc = err_nomem(err);
	if (rc)
		return rc;
	if ((text.len && fwrite(text.data, text.len, 1, stdout) != 1) ||
	    fflush(stdout))
		return err_sys(err, ERR_SYS, "cannot write the answer");
	print_stats(j);
	return 0;
}

static int pause_once(struct job *j, struct err *err)
{
	int rc = 0;

	j->state = calloc(1, j->op->state_size);
	if (!j->state)
		return err_nomem(err);
	if (j->op->prepare)
		rc = j->op->prepare(j->state, j->words, err);
	if (!rc)
		rc = stand_still(j, err);
	if (!rc)
		rc = tell(j, err);
	j->op->deinit(j->state);
	free(j->state);
	return rc;
}

static int execute(struct job *j, struct err *err)
{
	struct qemu *qemu;
	uint64_t i;
	int rc;

	j->qemu.again = j->pauses > 1 || j->op->parts;
	rc = qemu_new(&j->qemu, &qemu, err);
	if (rc)
		return rc;
	guest_start(&j->guest, &j->opts, qemu_source(qemu));
	heap_populate();
	if (!rc && j->op->needs_kernel)
		rc = guest_prepare(&j->guest, err);
	for (i = 0; i < j->pauses && !rc; i++) {
		j->left = j->pauses - i;
		if (i) {
			poll(NULL, 0, BETWEEN_MS);
			j->started_us = clock_now_us();
		}
		rc = pause_once(j, err);
	}
	guest_deinit(&j->guest);
	trace_deinit(&j->recorder.trace);
	return rc;
}

enum {
	KEY_GDB = 'a',
	KEY_MEMORY,
	KEY_NO_CACHE,
	KEY_AGAIN,
	KEY_PAUSES,
	KEY_TRACE
};

static const struct option options[] = {
	{"gdb", required_argument, NULL, KEY_GDB},
	{"memory", required_argument, NULL, KEY_MEMORY},
	{"no-cache", no_argument, NULL, KEY_NO_CACHE},
	{"again", no_argument, NULL, KEY_AGAIN},
	{"pauses", required_argument, NULL, KEY_PAUSES},
	{"trace", required_argument, NULL, KEY_TRACE},
	{0}};

static int take_memory(struct job *j, const char *word, struct err *err)
{
	if (strcmp(word, "stub") != 0 && strcmp(word, "process") != 0)
		return err_set(err, ERR_USAGE, "memory by '%s'?", word);
	j->qemu.memory = *word == 's' ? MEMORY_STUB : MEMORY_PROCESS;
	return 0;
}

static int take_option(struct job *j, int key, struct err *err)
{
	switch (key) {
	case KEY_GDB:
		j->qemu.address = optarg;
		return 0;
	case KEY_MEMORY:
		return take_memory(j, optarg, err);
	case KEY_NO_CACHE:
		j->opts.profile.no_cache = true;
		return 0;
	case KEY_AGAIN:
		j->again = true;
		return 0;
	case KEY_PAUSES:
		return number_parse(optarg, "--pauses", MOST_PAUSES, &j->pauses,
				    err);
	case KEY_TRACE:
		j->trace = optarg;
		return 0;
	default:
		return err_set(err, ERR_USAGE, "see bench/workload.c");
	}
}

/* As the command line has it, for what is read ahead. */
static uint64_t question_of(char **words, int n)
{
	uint64_t sum = 1;
	int i;

	for (i = 0; i < n; i++)
		sum = sum * 31 + files_checksum(words[i], strlen(words[i]));
	return sum;
}

static int take_words(struct job *j, int n, char **words, struct err *err)
{
	size_t i;

	for (i = 0; i < sizeof(operations) / sizeof(*operations) && n; i++)
		if (!strcmp(operations[i]->name, words[0]))
			j->op = operations[i];
	if (!j->op)
		return err_set(err, ERR_USAGE, "which operation?");
	if (n - 1 != j->op->n_words)
		return err_set(err, ERR_USAGE, "usage: %s %s", j->op->name,
			       j->op->words);
	j->words = words + 1;
	if (j->again)
		j->opts.question = question_of(words, j->op->n_words + 1);
	return 0;
}

int main(int argc, char **argv)
{
	struct job j = {.started_us = clock_now_us(),
			.qemu = {.timeout_ms = TIMEOUT_MS,
				 .max_pause_ms = MAX_PAUSE_MS},
			.pauses = 1};
	struct err err = {0};
	int key, rc = 0;

	heap_keep();
	while (!rc && (key = getopt_long(argc, argv, "+", options, NULL)) != -1)
		rc = take_option(&j, key, &err);
	if (!rc)
		rc = take_words(&j, argc - optind, argv + optind, &err);
	if (!rc)
		rc = execute(&j, &err);
	if (rc)
		fprintf(stderr, "workload: %s\n", err.text);
	return rc ? 1 : 0;
}
