/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints options of file systems that tables tell of. */
#include "kernel/fs/mount_options.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/escape.h"

/* Words by number: shmem_format_huge(), hidepid2str(), PROC_PIDONLY_ON. */
static const char *const huge_words[] = {"never", "always", "within_size",
					 "advise"};
static const char *const hide_words[] = {"off", "noaccess", "invisible", NULL,
					 "ptraceable"};
static const char *const only_words[] = {NULL, "pid"};

static const struct option_words {
	const char *const *v;
	size_t n;
} option_words[] = {
	[FORM_HUGE] = {huge_words, WANTS_N(huge_words)},
	[FORM_HIDE] = {hide_words, WANTS_N(hide_words)},
	[FORM_ONLY] = {only_words, WANTS_N(only_words)},
};

static void option_put_word(struct mount_super *s, const struct option *o,
			    uint64_t value)
{
	const struct option_words *w = &option_words[o->form];

	if (value < w->n && w->v[value])
		buf_printf(&s->options, ",%s=%s", o->name, w->v[value]);
	else
		s->say = MOUNT_LACKS;
}

/* What was built in is shown always, the other one where it was asked for. */
static void option_put_inums(struct mount_super *s, uint64_t full,
			     const struct option_norms *norms)
{
	if (full)
		buf_puts(&s->options, ",inode64");
	else if (!norms->inums_known)
		s->say = MOUNT_LACKS;
	else if (norms->inums)
		buf_puts(&s->options, ",inode32");
}

static void option_print(struct mount_super *s, const struct option *o,
			 uint64_t value, const struct option_norms *norms)
{
	struct buf *out = &s->options;

	switch (o->form) {
	case FORM_DECIMAL:
		buf_printf(out, ",%s=%" PRIu64, o->name, value);
		break;
	case FORM_OCTAL:
		buf_printf(out, ",%s=%" PRIo64, o->name, value);
		break;
	case FORM_OCTAL_3:
		buf_printf(out, ",%s=%03" PRIo64, o->name, value);
		break;
	case FORM_KIB:
		buf_printf(out, ",%s=%" PRIu64 "k", o->name, value << 2);
		break;
	case FORM_INUMS:
		option_put_inums(s, value, norms);
		break;
	case FORM_FLAG:
		buf_printf(out, ",%s", o->name);
		break;
	default:
		option_put_word(s, o, value);
		break;
	}
}

uint64_t option_value(const struct records *r, size_t i, uint32_t field)
{
	const uint8_t *bytes = records_bytes(r, i, field);
	uint32_t size = records_size(r, field), at;

	if (size <= 8)
		return records_u64(r, i, field);
	for (at = 0; at < size; at++)
		if (bytes[at])
			return 1;
	return 0;
}

static void option_put(struct mount_super *s, const struct option *o,
		       const struct records *r, size_t i,
		       const struct option_norms *norms)
{
	uint64_t value = option_value(r, i, o->field), usual = o->usual;

	if (!records_have(r, o->field)) {
		s->say = o->may_lack ? s->say : MOUNT_LACKS;
		return;
	}
	if (usual == OPTION_HALF_RAM) {
		usual = norms->half_ram;
		if (!norms->ram_known)
			s->say = MOUNT_LACKS;
	}
	if (o->when != WANTS_NONE ? records_u64(r, i, o->when) != 0
				  : usual == OPTION_ALWAYS || value != usual)
		option_print(s, o, value, norms);
}

int options_read(struct super_group *g, const struct option *v, size_t n,
		 const uint32_t *more, struct records *r, struct err *err)
{
	uint32_t fields[WANTS_MAX];
	size_t i, some = 0;

	for (i = 0; i < n; i++) {
		fields[some++] = v[i].field;
		if (v[i].when != WANTS_NONE)
			fields[some++] = v[i].when;
	}
	for (; *more != WANTS_NONE; more++)
		fields[some++] = *more;
	return records_read(g->k, g->info, g->n, fields, some, r, err);
}

int options_read_bytes(struct super_group *g, const char *const *names,
		       size_t n, uint8_t *out, struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ struct symbols_named *found = calloc(1, sizeof(*found));
	size_t i;
	int rc = reads && found ? 0 : err_nomem(err);

	for (i = 0; i < n && !rc; i++) {
		rc = symbols_named(g->symbols, names[i], g->module, found, err);
		reads[i] = (struct space_read){.root = &g->k->root,
					       .va = found->v[0].va,
					       .dst = &out[i],
					       .len = 1};
		if (!rc && found->n != 1)
			rc = err_set(err, ERR_NOT_FOUND, "no variable %s",
				     names[i]);
	}
	if (!rc)
		rc = space_read(g->k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		if (!reads[i].got)
			rc = err_set(err, ERR_NOT_FOUND,
				     "variable %s cannot be read", names[i]);
	return rc;
}

bool option_constant(const struct super_group *g, uint32_t id)
{
	return records_field(g->k, g->types, id)->present;
}

bool options_have(const struct records *r, const uint32_t *fields, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!records_have(r, fields[i]))
			return false;
	return true;
}

void options_put(struct super_group *g, const struct option *v, size_t n,
		 const struct records *r, const struct option_norms *norms)
{
	static const struct option_norms none;
	size_t i, o;

	for (i = 0; i < g->n; i++) {
		if (!r->ok[i])
			g->v[i]->say = MOUNT_TORN;
		for (o = 0; o < n && r->ok[i]; o++)
			option_put(g->v[i], &v[o], r, i, norms ? norms : &none);
	}
}

void mount_option_put(struct buf *out, const char *name, const char *value)
{
	buf_puts(out, ",");
	escape_add_octal(out, name, ",= \t\n\\");
	if (!value)
		return;
	buf_puts(out, "=");
	escape_add_octal(out, value, ", \t\n\\");
}
