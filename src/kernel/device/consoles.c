/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the consoles, and which devices they are. */
#include "kernel/device/consoles.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/chain.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_CONSOLE_NAME = WANTS_OF(READER_CONSOLES),
	FIELD_CONSOLE_INDEX,
	FIELD_CONSOLE_FLAGS,
	FIELD_CONSOLE_READ,
	FIELD_CONSOLE_WRITE,
	FIELD_CONSOLE_UNBLANK,
	FIELD_CONSOLE_DEVICE,
	FIELD_CONSOLE_DATA,
	FIELD_CONSOLE_NEXT,
	FIELD_CONSOLE_NODE,
	FIELD_UART_TTY,
	FIELD_TTY_MAJOR,
	FIELD_TTY_MINOR,
	CONSTANT_NBCON
};

static const struct want want_table[] = {
	FIELD(CONSOLE_NAME, "console", REQUIRED, "name"),
	FIELD(CONSOLE_INDEX, "console", REQUIRED, "index"),
	FIELD(CONSOLE_FLAGS, "console", REQUIRED, "flags"),
	FIELD(CONSOLE_READ, "console", OPTIONAL, "read"),
	FIELD(CONSOLE_WRITE, "console", REQUIRED, "write"),
	FIELD(CONSOLE_UNBLANK, "console", REQUIRED, "unblank"),
	FIELD(CONSOLE_DEVICE, "console", REQUIRED, "device"),
	FIELD(CONSOLE_DATA, "console", OPTIONAL, "data"),
	FIELD(CONSOLE_NEXT, "console", OPTIONAL, "next"), /* up to 6.1 */
	FIELD(CONSOLE_NODE, "console", OPTIONAL, "node.next"),
	FIELD(UART_TTY, "uart_driver", OPTIONAL, "tty_driver"),
	FIELD(TTY_MAJOR, "tty_driver", OPTIONAL, "major"),
	FIELD(TTY_MINOR, "tty_driver", OPTIONAL, "minor_start"),
	CONSTANT(NBCON, "cons_flags", "CON_NBCON"), /* 6.10 */
};

const struct wants consoles_wants = {
	.reader = "consoles", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t console_fields[] = {
	FIELD_CONSOLE_NAME,   FIELD_CONSOLE_INDEX, FIELD_CONSOLE_FLAGS,
	FIELD_CONSOLE_READ,   FIELD_CONSOLE_WRITE, FIELD_CONSOLE_UNBLANK,
	FIELD_CONSOLE_DEVICE, FIELD_CONSOLE_DATA,
};

static int consoles_take(struct kernel *k, const struct chains *chains,
			 struct consoles *out, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	size_t n = chains->links.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = chains->links.v[i].at;
	rc = records_read(k, at, n, console_fields, WANTS_N(console_fields), &r,
			  err);
	for (i = 0; i < n && !rc; i++) {
		const uint8_t *name = records_bytes(&r, i, FIELD_CONSOLE_NAME);
		size_t size = records_size(&r, FIELD_CONSOLE_NAME);
		struct console c = {
			.index = (int16_t)records_u64(&r, i,
						      FIELD_CONSOLE_INDEX),
			.flags = (uint16_t)records_u64(&r, i,
						       FIELD_CONSOLE_FLAGS),
			.reads = records_u64(&r, i, FIELD_CONSOLE_READ),
			.writes = records_u64(&r, i, FIELD_CONSOLE_WRITE),
			.unblanks = records_u64(&r, i, FIELD_CONSOLE_UNBLANK),
			.tells = records_u64(&r, i, FIELD_CONSOLE_DEVICE),
			.data = records_u64(&r, i, FIELD_CONSOLE_DATA)};

		memcpy(c.name, name,
		       size < CONSOLE_NAME ? size : CONSOLE_NAME - 1);
		if (vec_push(&out->v, c))
			rc = err_nomem(err);
	}
	return rc;
}

/*
 * The tty_driver of each, where it is known how its function finds it: that of
 * a serial port is in its uart_driver, that of a virtual terminal is
 * console_driver.
 */
static int consoles_find_drivers(struct kernel *k, struct consoles *c,
				 uint64_t *drivers, struct err *err)
{
	static const uint32_t fields[] = {FIELD_UART_TTY};
	struct variable vt = {.name = "console_driver", .size = 8};
	uint64_t uart_tells = 0, vt_tells = 0;
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *at = calloc(c->v.n + 1, sizeof(*at));
	size_t i;
	int rc = at ? variables_read(k, &vt, 1, err) : err_nomem(err);

	profile_symbol(k->profile, "uart_console_device", &uart_tells);
	profile_symbol(k->profile, "vt_console_device", &vt_tells);
	for (i = 0; i < c->v.n && !rc; i++) {
		struct console *console = &c->v.v[i];

		if (console->tells)
			console->device = CONSOLE_HAS_SOME;
		if (console->tells && console->tells == uart_tells)
			at[i] = console->data;
	}
	if (!rc)
		rc = records_read(k, at, c->v.n, fields, 1, &r, err);
	for (i = 0; i < c->v.n && !rc; i++) {
		drivers[i] = records_u64(&r, i, FIELD_UART_TTY);
		/* that of index 0 is the one in the foreground */
		if (c->v.v[i].tells && c->v.v[i].tells == vt_tells &&
		    c->v.v[i].index > 0)
			drivers[i] = vt.value;
	}
	return rc;
}

static int consoles_read_devices(struct kernel *k, struct consoles *c,
				 struct err *err)
{
	static const uint32_t fields[] = {FIELD_TTY_MAJOR, FIELD_TTY_MINOR};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *at = calloc(c->v.n + 1, sizeof(*at));
	uint64_t vt = 0;
	size_t i;
	int rc = at ? consoles_find_drivers(k, c, at, err) : err_nomem(err);

	profile_symbol(k->profile, "vt_console_device", &vt);
	if (!rc)
		rc = records_read(k, at, c->v.n, fields, 2, &r, err);
	for (i = 0; i < c->v.n && !rc; i++) {
		struct console *console = &c->v.v[i];
		uint32_t index = (uint32_t)console->index -
				 (console->tells == vt ? 1 : 0);

		if (!at[i] || !r.ok[i] || !records_have(&r, FIELD_TTY_MAJOR))
			continue;
		console->device = CONSOLE_HAS_DEV;
		console->major = (uint32_t)records_u64(&r, i, FIELD_TTY_MAJOR);
		console->minor =
			(uint32_t)records_u64(&r, i, FIELD_TTY_MINOR) + index;
	}
	return rc;
}

int consoles_read(struct kernel *k, struct consoles *out,
		  struct remarks *remarks, struct err *err)
{
	const struct profile_field *next =
		profile_field(k->profile, FIELD_CONSOLE_NEXT);
	const struct profile_field *node =
		profile_field(k->profile, FIELD_CONSOLE_NODE);
	const struct chain_kind kind = {.next = next->present ? next->offset
							      : node->offset,
					.inside = !next->present,
					.most = CONSOLES_MAX};
	struct variable first = {.name = next->present ? "console_drivers"
						       : "console_list",
				 .size = 8};
	_cleanup_(chains_deinit) struct chains chains = {0};
	int64_t nbcon;
	int rc = profile_check_reader(k->profile, READER_CONSOLES, err);

	if (!rc)
		rc = variables_read(k, &first, 1, err);
	if (!rc && (!first.known || (!next->present && !node->present)))
		rc = profile_unknown(k->profile,
				     "consoles are kept in no way that is "
				     "known",
				     err);
	if (!rc)
		rc = chains_read(k, &first.value, 1, &kind, &chains, err);
	chains_remark(&chains, "consoles", remarks);
	out->nbcon = profile_constant(k->profile, CONSTANT_NBCON, &nbcon);
	if (!rc)
		rc = consoles_take(k, &chains, out, err);
	return rc ? rc : consoles_read_devices(k, out, err);
}

void consoles_deinit(struct consoles *c)
{
	vec_deinit(&c->v);
}
