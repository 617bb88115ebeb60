/* SPDX-License-Identifier: BSD-2-Clause */
/* A System.map as a source of symbols. */
#include "profile/systemmap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"

#define KERNEL_MAP   0xffffffff80000000ULL
#define LINE_MAX_    1024u
#define MIN_CHECKS   3u
#define TOKEN_INDEX  512u
#define TABLES	     64u
#define TABLE_WORDS  512u
#define MIN_POINTERS 16u

/* One line: docs/facts/kernel.md, "Kernel files" */
struct line {
	uint64_t address;
	char type;
	const char *name;
	size_t len;
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Parse a line of n bytes without its newline. */
static bool systemmap_parse_line(const char *s, size_t n, struct line *line)
{
	size_t i;

	line->address = 0;
	for (i = 0; i < n && hex_digit(s[i]) >= 0; i++)
		line->address = line->address << 4 | (uint64_t)hex_digit(s[i]);
	if (i < 8 || i > 16 || n < i + 4 || n > LINE_MAX_ || s[i] != ' ' ||
	    s[i + 2] != ' ')
		return false;
	line->type = s[i + 1];
	line->name = s + i + 3;
	line->len = n - i - 3;
	return true;
}

/* The line at *pos, which moves behind it; false at the end. */
static bool next_line(const char *s, size_t len, size_t *pos, struct line *line,
		      bool *good)
{
	const char *end;

	if (*pos >= len)
		return false;
	end = memchr(s + *pos, '\n', len - *pos);
	if (!end)
		end = s + len;
	*good = systemmap_parse_line(s + *pos, (size_t)(end - s) - *pos, line);
	*pos = (size_t)(end - s) + 1;
	return true;
}

bool systemmap_is(const void *bytes, size_t len)
{
	struct line line;
	size_t pos = 0;
	bool good;

	return next_line(bytes, len, &pos, &line, &good) && good;
}

static bool find_text(const char *s, size_t len, uint64_t *text)
{
	struct line line;
	size_t pos = 0;
	bool good;

	while (next_line(s, len, &pos, &line, &good))
		if (good && line.len == 5 && !memcmp(line.name, "_text", 5)) {
			*text = line.address;
			return true;
		}
	return false;
}

int systemmap_parts(const void *bytes, size_t len, struct parts *p,
		    struct err *err)
{
	_cleanup_(symtab_builder_deinit) struct symtab_builder b = {0};
	struct symtab_symbol sym;
	uint64_t text = 0;
	struct line line;
	size_t pos = 0;
	bool good;
	int rc;

	if (!find_text(bytes, len, &text))
		return err_set(err, ERR_CORRUPT, "a System.map without _text");
	if (text < KERNEL_MAP)
		return err_set(err, ERR_CORRUPT,
			       "a System.map of another architecture: its "
			       "_text is at 0x%" PRIx64,
			       text);
	while (next_line(bytes, len, &pos, &line, &good)) {
		if (!good || line.len > SYMTAB_MAX_NAME)
			continue;
		sym = symtab_classify(line.address, text);
		sym.type = line.type;
		rc = symtab_add(&b, &sym, line.name, line.len);
		if (rc)
			return err_set(err, rc, "System.map");
	}
	p->link_text = text;
	rc = parts_take_symbols(p, &b, err);
	if (!rc)
		parts_find_places(p);
	return rc;
}

/* Text that must be at a symbol, or anywhere in the first `within` bytes. */
static const struct check {
	const char *symbol, *text;
	size_t within;
} checks[] = {
	{"linux_banner", "Linux version ", 0},
	{"linux_proc_banner", "%s version %s", 0},
	{"init_uts_ns", "Linux", 64},
	{"init_task", "swapper", 16384},
	{"__start_BTF", "\x9f\xeb\x01", 0},
	{"_binary__btf_vmlinux_bin_start", "\x9f\xeb\x01", 0},
};

#define N_CHECKS (sizeof(checks) / sizeof(checks[0]))

/* Of one check; 0 is none. */
enum verdict {
	WRONG = 1,
	RIGHT,
	ABSENT, /* the map has no such symbol */
	UNREAD	/* the guest's memory there cannot be read */
};		/* or a negative error code */

static int run_check(const struct check *c, const struct parts *p,
		     const struct image_bytes *guest, struct err *err)
{
	size_t len = strlen(c->text);
	_cleanup_free_ uint8_t *bytes = NULL;
	struct image_read r = {.len = len + c->within};
	int rc;

	if (!parts_symbol(p, c->symbol, &r.offset))
		return ABSENT;
	r.dst = bytes = malloc(r.len);
	if (!bytes)
		return err_nomem(err);
	rc = guest->read(guest->ctx, &r, 1, err);
	if (rc)
		return rc;
	if (!r.ok)
		return UNREAD;
	return memmem(bytes, r.len, c->text, len) ? RIGHT : WRONG;
}

/* Does token_index say where the strings of token_table start? */
static int check_tokens(const struct parts *p, const struct image_bytes *guest,
			struct err *err)
{
	const struct image_span *s = &p->places.tokens;
	uint8_t bytes[4096];
	struct image_read r = {
		.offset = s->offset, .dst = bytes, .len = s->len};
	struct cursor c;
	size_t i;
	int rc;

	if (s->len <= TOKEN_INDEX || s->len > sizeof(bytes))
		return ABSENT;
	rc = guest->read(guest->ctx, &r, 1, err);
	if (rc)
		return rc;
	if (!r.ok)
		return UNREAD;
	cursor_init(&c, bytes, s->len - TOKEN_INDEX);
	for (i = 0; i < 256; i++)
		if (c.pos != le16(bytes + s->len - TOKEN_INDEX + 2 * i) ||
		    !cursor_cstr(&c))
			return WRONG;
	return RIGHT;
}

/* A table of pointers, many of them to functions. */
struct table {
	uint64_t words[TABLE_WORDS];
	size_t n;
};

/* Whether a symbol's name promises one. */
static bool is_table(const char *name)
{
	size_t len = strlen(name);

	return !strcmp(name, "sys_call_table") ||
	       (len > 5 && !strcmp(name + len - 5, "_fops"));
}

/*
 * Read the first tables that the map lists, in one batch; those that cannot be
 * read are empty.
 */
static int systemmap_read_tables(const struct parts *p,
				 const struct image_bytes *guest,
				 struct table tables[TABLES], bool *unread,
				 struct err *err)
{
	const struct symtab_entry *e = p->sym.entries;
	struct image_read reads[TABLES];
	size_t n = 0, i, len;
	uint32_t at;
	int rc;

	for (at = p->sym.n_absolute; at + 1 < p->sym.n && n < TABLES; at++) {
		if (!is_table(symtab_name(&p->sym, at)))
			continue;
		len = e[at + 1].value - e[at].value;
		if (len > sizeof(tables->words))
			len = sizeof(tables->words);
		reads[n] = (struct image_read){.offset = e[at].value,
					       .dst = tables[n].words,
					       .len = len & ~(size_t)7};
		n++;
	}
	rc = guest->read(guest->ctx, reads, n, err);
	for (i = 0; i < n && !rc; i++) {
		tables[i].n = reads[i].ok ? reads[i].len / 8 : 0;
		*unread |= !reads[i].ok;
	}
	return rc;
}

/* The padding before a function (6.2) has a name, too, and does not count. */
static bool starts_function(const struct symtab *s, uint64_t offset)
{
	uint32_t i = symtab_above(s, offset, false);

	for (; i > s->n_absolute && s->entries[i - 1].value == offset; i--)
		if (strncmp(symtab_name(s, i - 1), "__pfx_", 6) != 0 &&
		    strncmp(symtab_name(s, i - 1), "__cfi_", 6) != 0)
			return true;
	return false;
}

/*
 * Functions that such tables point to must start where the map says that some
 * symbol is: text that moved, be it by a few bytes, shows.  A few may differ:
 * somebody may have hooked them.
 */
static int check_functions(const struct parts *p, uint64_t text,
			   const struct image_bytes *guest, struct err *err)
{
	_cleanup_free_ struct table *tables = calloc(TABLES, sizeof(*tables));
	unsigned int pointers = 0, exact = 0;
	uint64_t end, offset;
	bool unread = false;
	size_t i, j;
	int rc;

	if (!tables)
		return err_nomem(err);
	if (!parts_symbol(p, "_etext", &end))
		return ABSENT;
	rc = systemmap_read_tables(p, guest, tables, &unread, err);
	if (rc)
		return rc;
	for (i = 0; i < TABLES; i++)
		for (j = 0; j < tables[i].n; j++) {
			offset = le64(&tables[i].words[j]) - text;
			if (offset >= end)
				continue;
			pointers++;
			exact += starts_function(&p->sym, offset);
		}
	if (pointers < MIN_POINTERS)
		return unread ? UNREAD : ABSENT;
	return exact >= pointers - pointers / 10 ? RIGHT : WRONG;
}

/* What the checks came to. */
struct result {
	unsigned int right;
	const char *unread; /* what could not be compared, or NULL */
};

/* Count a verdict on the place of `what`; an error, or a map that is wrong. */
static int take_verdict(struct result *r, int verdict, const char *what,
			struct err *err)
{
	if (verdict < 0)
		return verdict;
	if (verdict == WRONG)
		return err_set(err, ERR_REFUSED,
			       "its %s is not where the guest's is", what);
	r->right += verdict == RIGHT;
	if (verdict == UNREAD && !r->unread)
		r->unread = what;
	return 0;
}

static int systemmap_judge(const struct result *r, int functions,
			   struct err *err)
{
	if (functions == RIGHT && r->right >= MIN_CHECKS)
		return 0;
	if (functions == UNREAD || r->unread)
		return err_set(err, ERR_UNREADABLE,
			       "whether it is of this kernel is not known: the "
			       "guest's memory cannot be read where its %s "
			       "should be",
			       r->unread ? r->unread : "tables of functions");
	return err_set(err, ERR_REFUSED,
		       "too few of its symbols can be checked");
}

int systemmap_check(const struct parts *p, const struct profile_image *img,
		    struct err *err)
{
	struct image_bytes guest = image_of_guest(img);
	struct result r = {0};
	size_t i;
	int rc = 0;

	for (i = 0; i < N_CHECKS && !rc; i++)
		rc = take_verdict(&r, run_check(&checks[i], p, &guest, err),
				  checks[i].symbol, err);
	if (!rc)
		rc = take_verdict(&r, check_tokens(p, &guest, err), "kallsyms",
				  err);
	if (rc)
		return rc;
	rc = check_functions(p, img->text, &guest, err);
	if (rc < 0)
		return rc;
	if (rc == WRONG)
		return err_set(err, ERR_REFUSED,
			       "its functions are not where the guest's are");
	return systemmap_judge(&r, rc, err);
}
