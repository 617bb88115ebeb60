/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of command lines, of exit statuses, and of help. */
#include "cli/cmd.h"

#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"
#include "cli/status.h"
#include "cli/tree.h"

#define MAX_ARGS 16

/* A command line in words, parsed as main does. */
struct line {
	char text[256];
	char *argv[MAX_ARGS];
	int argc;
	struct cmd_line line;
	const struct cmd *cmd;
	void *state;
	struct err err;
};

static int parse(struct line *l, const char *text)
{
	char *save = NULL, *word;
	int next = 0, rc;

	*l = (struct line){0};
	snprintf(l->text, sizeof(l->text), "%s", text);
	for (word = strtok_r(l->text, " ", &save); word;
	     word = strtok_r(NULL, " ", &save))
		l->argv[l->argc++] = word;
	ck_assert_int_eq(options_init(&l->line.options, NULL), 0);
	rc = cmd_parse_top(l->argc, l->argv, &l->line, &next, &l->err);
	if (rc || l->line.ask != CMD_RUN || next == l->argc)
		return rc;
	rc = cmd_find(l->argv[next], &l->cmd, &l->err);
	if (rc)
		return rc;
	l->state = calloc(1, l->cmd->state_size + 1);
	return cmd_parse(l->cmd, l->argc - next, l->argv + next, &l->line,
			 l->state, &l->err);
}

static void drop(struct line *l)
{
	if (l->state && l->cmd->deinit)
		l->cmd->deinit(l->state);
	free(l->state);
}

START_TEST(target_options_in_both_places)
{
	struct line l;

	unsetenv("QVMI_GDB");
	unsetenv("QVMI_MAX_PAUSE");
	ck_assert_int_eq(parse(&l, "qvmi -g 77 --stats read --json p:0x10 "
				   "16 --timeout 0.5 -f x8 --leave=paused"),
			 0);
	ck_assert_str_eq(l.cmd->name, "read");
	ck_assert_str_eq(l.line.options.qemu.address, "77");
	ck_assert_uint_eq(l.line.options.qemu.timeout_ms, 500);
	ck_assert_int_eq(l.line.options.qemu.leave, LEAVE_PAUSED);
	ck_assert(l.line.options.stats && l.line.options.json);
	ck_assert_int_eq(l.cmd->needs_now(l.state), NEEDS_MACHINE);
	drop(&l);
	ck_assert_int_eq(parse(&l, "qvmi ps --memory stub --no-cache "
				   "--profile f --tree -t -g unix:/x"),
			 0);
	ck_assert_int_eq(l.line.options.qemu.memory, MEMORY_STUB);
	ck_assert(l.line.options.guest.profile.no_cache);
	ck_assert_str_eq(l.line.options.guest.profile.file, "f");
	ck_assert_str_eq(l.line.options.qemu.address, "unix:/x");
	drop(&l);
}
END_TEST

START_TEST(defaults)
{
	struct err err = {0};
	struct options o;

	unsetenv("QVMI_GDB");
	unsetenv("QVMI_MAX_PAUSE");
	ck_assert_int_eq(options_init(&o, NULL), 0);
	ck_assert_ptr_null(o.qemu.address);
	ck_assert_uint_eq(o.qemu.timeout_ms, 10000);
	setenv("QVMI_GDB", "", 1);
	ck_assert_int_eq(options_init(&o, NULL), 0);
	ck_assert_ptr_null(o.qemu.address);
	setenv("QVMI_GDB", "host:9", 1);
	ck_assert_int_eq(options_init(&o, NULL), 0);
	ck_assert_str_eq(o.qemu.address, "host:9");
	ck_assert_uint_eq(o.qemu.max_pause_ms, 0);
	setenv("QVMI_MAX_PAUSE", "1.5", 1);
	ck_assert_int_eq(options_init(&o, NULL), 0);
	ck_assert_uint_eq(o.qemu.max_pause_ms, 1500);
	setenv("QVMI_MAX_PAUSE", "soon", 1);
	ck_assert_int_eq(options_init(&o, &err), ERR_USAGE);
	ck_assert_msg(strstr(err.text, "$QVMI_MAX_PAUSE") != NULL, "%s",
		      err.text);
	unsetenv("QVMI_MAX_PAUSE");
}
END_TEST

static const char *const good[] = {
	"qvmi info",
	"qvmi ps",
	"qvmi maps 1",
	"qvmi maps --all",
	"qvmi maps -- 1",
	"qvmi cat --file 1:/etc/hostname 2:motd --require-complete",
	"qvmi cat 1/pagemap --offset 8 --length 64K",
	"qvmi smaps 1",
	"qvmi smaps -a",
	"qvmi files 1",
	"qvmi files --all",
	"qvmi mounts",
	"qvmi mounts 1",
	"qvmi mounts -a",
	"qvmi walk 1:0x7f0000",
	"qvmi walk --user-root 1:0x7f0000",
	"qvmi walk _text",
	"qvmi layout",
	"qvmi ptdump",
	"qvmi ptdump cr3=0x1000 --totals",
	"qvmi ptdump 1: --wx -J",
	"qvmi read 0xffffffff81000000 4K",
	"qvmi read -f str linux_banner 256",
	"qvmi read -fraw cr3=0x1000:0x10 1",
	"qvmi write 1:0x10 1 2 3",
	"qvmi write -w 8 jiffies 0x1122334455667788 str:x hex:ff",
	"qvmi search 1:0x10 4K hex:de?? -a 4",
	"qvmi search -w 4 p: 1 2 str:x",
	"qvmi search k:_text 16M 7 --max 1",
	"qvmi sym init_task vm*[b?d] 0x10 init_task+4",
	"qvmi sym *[*]",
	"qvmi type task_struct",
	"qvmi type struct file[overlay]",
	"qvmi type -x --depth 0 struct list_head modules+8 --elements 3",
	"qvmi print init_task.comm",
	"qvmi print --cpu all -x list(init_task.tasks, task_struct, tasks).pid",
	"qvmi print --cpu 3 --depth 0 --elements 3 runqueues",
	"qvmi regs",
	"qvmi regs --cpu 1 --set rip=0x10 --set eflags=2",
	"qvmi listvma",
	"qvmi findpage 1:0x7f0000",
	"qvmi convert 1:0x7f0000",
	"qvmi page --list slab",
	"qvmi page -l hugetlb",
	"qvmi page --summary",
	"qvmi slab kmalloc-64",
	"qvmi slab 0xffff888000001000",
	"qvmi percpu",
	"qvmi sockets",
	"qvmi sysctl",
	"qvmi sysctl kernel.hostname net/ipv4 *_mem",
	"qvmi whomaps pfn:0x1234",
	"qvmi convert linux_banner p:0x1000 pfn:0x1234+1",
	"qvmi writeval 1:0x7f0000 0xff",
	"qvmi devmem 0x1000 r 4",
	"qvmi devmem p:4096 w 8 0xffffffffffffffff",
	"qvmi profile save /tmp/x",
	"qvmi mount /tmp --hold --refresh 100 --allow-other --daemon",
	"qvmi run -- ps -ef",
	"qvmi run --refresh=0 true",
	"qvmi vmlinux -o /tmp/x --text",
	"qvmi vmlinux -o /tmp/x --format kallsyms",
	"qvmi vmlinux --format=btf -o -",
	"qvmi vmlinux --gdbinit -o /tmp/x",
	"qvmi vmlinux --gdb localhost:1234 -o /tmp/x",
	"qvmi help",
	"qvmi help ps",
	"qvmi help options",
	"qvmi hel wal",
	"qvmi read init_task",
	"qvmi read -f x8 1:0x10",
	"qvmi",
};

START_TEST(good_lines)
{
	struct line l;

	ck_assert_msg(!parse(&l, good[_i]), "%s: %s", good[_i], l.err.text);
	ck_assert_int_eq(l.line.ask, CMD_RUN);
	drop(&l);
}
END_TEST

/* A line and what its error must say. */
static const struct {
	const char *line, *why;
} bad[] = {
	{"qvmi --nonsense ps", "unknown option '--nonsense'"},
	{"qvmi -Z ps", "unknown option '-Z'"},
	{"qvmi -g", "'-g' needs a value"},
	{"qvmi ps --nonsense", "ps: unknown option '--nonsense'"},
	{"qvmi ps -Jx", "unknown option '-x'"},
	{"qvmi ps -J\xc3\xa9x", "unknown option '-\xc3\xa9'"},
	{"qvmi ps -\xff", "unknown option '-\xff'"},
	{"qvmi ps -J -Jxt", "unknown option '-x'"},
	{"qvmi ps --t",
	 "option '--t' is not clear: --threads, --tree, --timeout"},
	{"qvmi ps --t=1", "option '--t' is not clear"},
	{"qvmi ps --treads",
	 "unknown option '--treads': did you mean --threads?"},
	{"qvmi ps --josn=1", "unknown option '--josn': did you mean --json?"},
	{"qvmi --memroy stub ps", "did you mean --memory?"},
	{"qvmi walk 323 0x7f00 16", "too many: '16'; did you mean 323:0x7f00?"},
	{"qvmi read 323 0x7f0000000000", "; did you mean 323:0x7f0000000000?"},
	{"qvmi writeval 1 0x7f00 2", "; did you mean 1:0x7f00?"},
	{"qvmi ps --json=1", "'--json' takes no value"},
	{"qvmi ps --gdb", "'--gdb' needs a value"},
	{"qvmi ps -g", "'-g' needs a value"},
	{"qvmi ps --gdb=", "--gdb is empty"},
	{"qvmi ps 1", "one operand too many: '1'"},
	{"qvmi ps --memory=disk", "--memory 'disk'"},
	{"qvmi ps --leave=asleep", "--leave 'asleep'"},
	{"qvmi ps --timeout=0", "--timeout '0'"},
	{"qvmi ps --timeout=x", "--timeout 'x'"},
	{"qvmi ps --max-pause=0", "--max-pause '0'"},
	{"qvmi maps", "operands are missing, wanted: PID, or --all"},
	{"qvmi maps 1 --all", "--all takes no PID"},
	{"qvmi maps x", "PID 'x'"},
	{"qvmi cat --file /etc/hostname", "PID:PATH is wanted"},
	{"qvmi cat --file x:/etc/hostname", "PID 'x'"},
	{"qvmi cat --file -a 1:/etc", "--file takes no --all"},
	{"qvmi mounts 1 --all", "--all takes no PID"},
	{"qvmi maps 4194305", "PID '4194305' is too large (at most 4194304)"},
	{"qvmi mount", "operands are missing, wanted: DIRECTORY"},
	{"qvmi mount a b", "one operand too many: 'b'"},
	{"qvmi mount a --refresh soon", "--refresh 'soon'"},
	{"qvmi mount a --refresh 3600001", "is too large"},
	{"qvmi run", "operands are missing, wanted: -- COMMAND"},
	{"qvmi run ps -ef", "unknown option '-e'"},
	{"qvmi walk", "operands are missing, wanted: ADDRESS"},
	{"qvmi walk p:0x10", "physical"},
	{"qvmi walk pfn:0x10", "physical"},
	{"qvmi whomaps", "operands are missing, wanted: ADDRESS"},
	{"qvmi whomaps p:1 p:2", "one operand too many"},
	{"qvmi page", "operands are missing, wanted: {ADDRESS [LENGTH] |"},
	{"qvmi page --list slabs", "--list 'slabs' is no kind of page"},
	{"qvmi page --list slab 0x10", "--list is of all RAM"},
	{"qvmi page --summary 0x10", "--summary is of all RAM"},
	{"qvmi slab 1:0x10", "addresses of the kernel's"},
	{"qvmi slab 0x1z", "bad digit"},
	{"qvmi page -s -l slab", "--list and --summary"},
	{"qvmi convert", "operands are missing, wanted: ADDRESS..."},
	{"qvmi convert 0x10 0x1z", "bad digit"},
	{"qvmi walk --user-root 0x10", "--user-root"},
	{"qvmi walk 0x1z", "bad digit"},
	{"qvmi read", "operands are missing, wanted: ADDRESS [LENGTH]"},
	{"qvmi read 0x10 0", "zero"},
	{"qvmi read 0x10 1T", "length '1T' is no number of bytes (K, M or G "},
	{"qvmi read 0x10 1G", "too large (at most 256M)"},
	{"qvmi read 0x10 99999999999999999999", "too large (at most 256M)"},
	{"qvmi read -f x8 0x10 12", "multiple of 8"},
	{"qvmi read 0x10 8 -f x3", "format 'x3'"},
	{"qvmi write 0x10",
	 "operands are missing, wanted: ADDRESS VALUE..., or -f FILE"},
	{"qvmi write 0x10 256", "value '256'"},
	{"qvmi write 0x10 str:", "empty"},
	{"qvmi write -w 3 0x10 1", "width '3'"},
	{"qvmi ptdump p", "has no page tables"},
	{"qvmi ptdump x", "no address space"},
	{"qvmi ptdump --wx --user", "one of them at a time"},
	{"qvmi search 0x10", "operands are missing, wanted: {ADDRESS"},
	{"qvmi search 0x10 8", "operands are missing, wanted: {ADDRESS"},
	{"qvmi search 0x10 0 1", "zero"},
	{"qvmi search y: 1", "no address space"},
	{"qvmi search p: hex:??", "fits anything"},
	{"qvmi search p: -a 0 1", "--align is zero"},
	{"qvmi sym", "operands are missing, wanted: {NAME|PATTERN|ADDRESS}"},
	{"qvmi sym p:0x10", "no other space has any"},
	{"qvmi sym 1:init_task", "no other space has any"},
	{"qvmi sym a*[", "not of the form NAME or NAME[MODULE]"},
	{"qvmi sym [*]", "not of the form NAME or NAME[MODULE]"},
	{"qvmi sym a*[b]c", "not of the form NAME or NAME[MODULE]"},
	{"qvmi sym a*[]", "not of the form NAME or NAME[MODULE]"},
	{"qvmi type", "operands are missing, wanted: NAME"},
	{"qvmi type x[", "not of the form NAME or NAME[MODULE]"},
	{"qvmi type [x]", "the name of the type is empty"},
	{"qvmi type a b c", "one operand too many: 'c'"},
	{"qvmi type a --depth 1", "an address is missing"},
	{"qvmi type a b --depth 65", "--depth '65' is too large"},
	{"qvmi print", "operands are missing, wanted: EXPR"},
	{"qvmi print a.", "the name of a member is missing at ^: a.^"},
	{"qvmi print --cpu x a", "--cpu 'x'"},
	{"qvmi print a --elements x", "--elements 'x'"},
	{"qvmi regs 1", "one operand too many"},
	{"qvmi regs --cpu x", "--cpu 'x'"},
	{"qvmi regs --set rip", "REGISTER=VALUE"},
	{"qvmi regs --set eax=1", "no register of that name"},
	{"qvmi regs --set cs=1", "cs is not changed: its hidden part would "
				 "have to follow (see 'qvmi regs --help')"},
	{"qvmi regs --set r8=1 --set r8=1", "r8 is set already"},
	{"qvmi findpage p:0x10", "physical"},
	{"qvmi writeval 0x10 1", "names no PID"},
	{"qvmi writeval 1:0x10 256", "byte '256'"},
	{"qvmi devmem k:0x10 r 4", "physical"},
	{"qvmi devmem _text r 4", "symbols are virtual"},
	{"qvmi devmem 0x10 x 4", "neither r nor w"},
	{"qvmi devmem 0x10 r 3", "width '3'"},
	{"qvmi devmem 0x10 r 4 1", "r takes no value"},
	{"qvmi devmem 0x10 w 4", "operands are missing, wanted: ADDRESS r"},
	{"qvmi devmem 0x10 w 1 256", "value '256'"},
	{"qvmi profile", "operands are missing"},
	{"qvmi profile load x", "'load' is not save"},
	{"qvmi vmlinux", "it takes -o FILE"},
	{"qvmi vmlinux -o x --format elves",
	 "'elves' is none of elf, system-map,"},
	{"qvmi vmlinux -o x --format btf --text", "btf has no code in it"},
	{"qvmi vmlinux -o x --format btf --gdbinit", "gdb takes no btf"},
	{"qvmi vmlinux -o x --gdb", "'--gdb' needs a value"},
	{"qvmi vmlinux -o x --format btf y", "one operand too many: 'y'"},
	{"qvmi help nonsense", "no command 'nonsense'"},
};

START_TEST(bad_lines)
{
	struct line l;

	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	ck_assert_msg(parse(&l, bad[_i].line) == ERR_USAGE, "%s", bad[_i].line);
	ck_assert_msg(strstr(l.err.text, bad[_i].why), "%s gave: %s",
		      bad[_i].line, l.err.text);
	ck_assert_ptr_nonnull(strstr(l.err.text, "--help')"));
	ck_assert_ptr_null(strchr(l.err.text, '\n'));
	/* one next step, not two */
	ck_assert_ptr_null(strstr(strstr(l.err.text, "(see ") + 1, "(see "));
	drop(&l);
}
END_TEST

/* No guess where a hint would be wrong. */
START_TEST(no_hint)
{
	static const char *const lines[] = {
		"qvmi findpage 323 x",	   "qvmi findpage 0x143 0x7f00",
		"qvmi findpage 1:0x10 16", "qvmi findpage 12345678 0x7f00",
		"qvmi devmem 16 r 3",	   "qvmi maps 1 2",
		"qvmi journal 1 2",	   "qvmi findpage init_task 16",
	};
	struct line l;

	ck_assert_int_eq(parse(&l, lines[_i]), ERR_USAGE);
	ck_assert_msg(!strstr(l.err.text, "did you mean"), "%s", l.err.text);
	drop(&l);
}
END_TEST

START_TEST(a_hint_that_waits)
{
	struct line l;

	ck_assert_int_eq(parse(&l, "qvmi read 323 16"), 0);
	ck_assert_str_eq(l.line.meant, "323:16");
	err_set(&l.err, ERR_UNREADABLE, "no");
	cmd_hint(&l.line, &l.err);
	ck_assert_str_eq(l.err.text, "no; did you mean 323:16?");
	drop(&l);
}
END_TEST

/* A name as typed, and the command it is, or what is said of it. */
static const struct {
	const char *typed, *name, *why;
} names[] = {
	{"ps", "ps", NULL},
	{"wal", "walk", NULL},
	{"wa", NULL, "'wa' is not clear: wait, walk"},
	{"li", "listvma", NULL},
	{"l", NULL, "'l' is not clear: ls, layout, listvma"},
	{"prof", "profile", NULL},
	{"write", "write", NULL}, /* though writeval begins so */
	{"writev", "writeval", NULL},
	{"writ", NULL, "'writ' is not clear: write, writeval"},
	{"p", NULL,
	 "'p' is not clear: ps, percpu, ptdump, page, print, pause, profile"},
	{"serach", NULL, "no command 'serach': did you mean search?"},
	{"sp", NULL, "no command 'sp': did you mean ps?"},
	{"findpgae", NULL, "did you mean findpage?"},
	{"mapss", NULL, "did you mean maps?"},
	{"x", NULL, "there is no command 'x'"},
	{"", NULL, "there is no command ''"},
	{"antidisestablishmentarianism", NULL, "there is no command"},
};

START_TEST(names_of_commands)
{
	const struct cmd *c = NULL;
	struct err err = {0};

	if (names[_i].name) {
		ck_assert_int_eq(cmd_find(names[_i].typed, &c, &err), 0);
		ck_assert_str_eq(c->name, names[_i].name);
		return;
	}
	ck_assert_int_eq(cmd_find(names[_i].typed, &c, &err), ERR_USAGE);
	ck_assert_msg(strstr(err.text, names[_i].why), "%s gave: %s",
		      names[_i].typed, err.text);
}
END_TEST

START_TEST(help_and_version)
{
	struct line l;

	ck_assert_int_eq(parse(&l, "qvmi --help"), 0);
	ck_assert_int_eq(l.line.ask, CMD_HELP);
	ck_assert_int_eq(parse(&l, "qvmi -h"), 0);
	ck_assert_int_eq(l.line.ask, CMD_HELP);
	ck_assert_int_eq(parse(&l, "qvmi --version"), 0);
	ck_assert_int_eq(l.line.ask, CMD_VERSION);
	ck_assert_int_eq(parse(&l, "qvmi -V"), 0);
	ck_assert_int_eq(l.line.ask, CMD_VERSION);
	ck_assert_int_eq(parse(&l, "qvmi read --help"), 0);
	ck_assert_int_eq(l.line.ask, CMD_HELP);
	drop(&l);
}
END_TEST

START_TEST(statuses)
{
	ck_assert_int_eq(status_of(0), 0);
	ck_assert_int_eq(status_of(ERR_NOMEM), 1);
	ck_assert_int_eq(status_of(ERR_SYS), 1);
	ck_assert_int_eq(status_of(ERR_USAGE), 2);
	ck_assert_int_eq(status_of(ERR_NOT_FOUND), 1);
	ck_assert_int_eq(status_of(ERR_REFUSED), 1);
	ck_assert_int_eq(status_of(ERR_UNREADABLE), 1);
	ck_assert_int_eq(status_of(ERR_PARTIAL), 1);
	ck_assert_int_eq(status_of(ERR_CORRUPT), 1);
	ck_assert_int_eq(status_of(ERR_NO_GUEST), 3);
	ck_assert_int_eq(status_of(ERR_NO_LINUX), 4);
	ck_assert_int_eq(status_of(-1000), 1);
}
END_TEST

static void check_option(const char *text, const char *where,
			 const struct argp_option *o)
{
	char flag[64];

	if (o->name) {
		snprintf(flag, sizeof(flag), "--%s", o->name);
		ck_assert_msg(strstr(text, flag), "%s lacks %s", where, flag);
	}
	if (o->key > 0 && o->key < 0x80) {
		snprintf(flag, sizeof(flag), "-%c", o->key);
		ck_assert_msg(strstr(text, flag), "%s lacks %s", where, flag);
	}
}

/* Each line of a help text is less than 80 columns wide. */
static void check_widths(const char *text, const char *where)
{
	size_t n;

	ck_assert_ptr_null(strstr(text, "Mandatory or optional"));
	ck_assert_msg(!strstr(text, "\n\n\n"), "%s: empty lines", where);
	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		ck_assert_msg(n < 80, "%s: too wide: %.*s", where, (int)n,
			      text);
	}
}

/* A line of usage for each form of the operands, and none without any. */
static void check_usage(const char *text, const struct cmd *c)
{
	const char *form = c->args ? c->args : "";
	char want[256];
	size_t n;

	do {
		n = strcspn(form, "\n");
		snprintf(want, sizeof(want), "%s qvmi %s [OPTION...]%s%.*s\n",
			 form == c->args || !*form ? "Usage:" : "  or: ",
			 c->name, n ? " " : "", (int)n, form);
		ck_assert_msg(!strncmp(text, want, strlen(want)),
			      "%s: no '%s' at: %.80s", c->name, want, text);
		text += strlen(want);
		form += n;
	} while (*form++ == '\n');
	n = strlen(c->summary);
	ck_assert_msg(!strncmp(text, c->summary, n) && text[n] == '.',
		      "%s: no summary behind the usage", c->name);
}

START_TEST(help_of_each_command)
{
	const struct argp_option *o;
	const struct cmd *c;
	struct err err = {0};
	struct buf b = {0};
	size_t i;

	for (i = 0; (c = cmd_table[i]); i++) {
		buf_reset(&b);
		ck_assert_int_eq(help_of_command(c, &b, &err), 0);
		check_widths(b.data, c->name);
		check_usage(b.data, c);
		for (o = c->options; o && (o->name || o->doc); o++)
			check_option(b.data, c->name, o);
		ck_assert_ptr_null(strstr(b.data, "--no-cache"));
		ck_assert_ptr_nonnull(strstr(b.data, "'qvmi help options'"));
	}
	buf_deinit(&b);
}
END_TEST

START_TEST(help_of_shared_options)
{
	const struct argp_option *o;
	struct err err = {0};
	struct buf b = {0};

	ck_assert_int_eq(help_of_options(&b, &err), 0);
	check_widths(b.data, "help options");
	for (o = options_table; o->name || o->doc; o++)
		check_option(b.data, "help options", o);
	for (o = cmd_common_options; o->name || o->doc; o++)
		check_option(b.data, "help options", o);
	buf_deinit(&b);
}
END_TEST

START_TEST(help_of_the_program)
{
	struct err err = {0};
	struct buf b = {0};
	const char *at;
	char line[256];
	size_t i;

	ck_assert_int_eq(help_of_program(&b, &err), 0);
	check_widths(b.data, "help");
	at = b.data;
	for (i = 0; cmd_table[i]; i++) {
		snprintf(line, sizeof(line), "\n  %-12s %s\n",
			 cmd_table[i]->name, cmd_table[i]->summary);
		at = strstr(at, line);
		ck_assert_msg(at, "help lacks, or has out of order: %s", line);
		at += 1;
	}
	for (i = 0; i < N_TOPICS; i++)
		ck_assert_ptr_nonnull(strstr(b.data, cmd_topics[i]));
	buf_deinit(&b);
}
END_TEST

START_TEST(process_trees)
{
	static const struct task tasks[] = {
		{.pid = 1, .tgid = 1, .ppid = 0},
		{.pid = 5, .tgid = 5, .ppid = 9}, /* parent listed later */
		{.pid = 6, .tgid = 1, .ppid = 0}, /* a thread of 1 */
		{.pid = 7, .tgid = 7, .ppid = 8}, /* 7 and 8: a cycle */
		{.pid = 8, .tgid = 8, .ppid = 7},
		{.pid = 9, .tgid = 9, .ppid = 1},
		{.pid = 10, .tgid = 10, .ppid = 10},  /* its own parent */
		{.pid = 11, .tgid = 11, .ppid = 400}, /* parent unknown */
	};
	size_t p[8];

	ck_assert_int_eq(tree_parents(tasks, 8, p), 0);
	ck_assert_uint_eq(p[0], TREE_ROOT);
	ck_assert_uint_eq(p[1], 5);
	ck_assert_uint_eq(p[2], 0);
	ck_assert(p[3] == TREE_ROOT || p[4] == TREE_ROOT);
	ck_assert_uint_eq(p[5], 0);
	ck_assert_uint_eq(p[6], TREE_ROOT);
	ck_assert_uint_eq(p[7], TREE_ROOT);
}
END_TEST

START_TEST(deep_process_trees_are_cut)
{
	static struct task tasks[1000];
	static size_t p[1000];
	size_t i, k, depth;

	for (i = 0; i < 1000; i++)
		tasks[i] = (struct task){.pid = (uint32_t)i + 1,
					 .tgid = (uint32_t)i + 1,
					 .ppid = (uint32_t)i + 2};
	ck_assert_int_eq(tree_parents(tasks, 1000, p), 0);
	for (i = 0; i < 1000; i++) {
		depth = 0;
		for (k = i; k != TREE_ROOT; k = p[k])
			depth++;
		ck_assert_uint_le(depth, TREE_MAX_DEPTH);
	}
}
END_TEST

static TCase *lines(void)
{
	TCase *t = tcase_create("lines");

	tcase_add_test(t, target_options_in_both_places);
	tcase_add_test(t, defaults);
	tcase_add_loop_test(t, good_lines, 0, sizeof(good) / sizeof(*good));
	tcase_add_loop_test(t, bad_lines, 0, sizeof(bad) / sizeof(*bad));
	tcase_add_loop_test(t, no_hint, 0, 8);
	tcase_add_test(t, a_hint_that_waits);
	tcase_add_loop_test(t, names_of_commands, 0,
			    sizeof(names) / sizeof(*names));
	tcase_add_test(t, help_and_version);
	tcase_add_test(t, statuses);
	tcase_add_test(t, process_trees);
	tcase_add_test(t, deep_process_trees_are_cut);
	return t;
}

static TCase *help(void)
{
	TCase *t = tcase_create("help");

	tcase_add_test(t, help_of_each_command);
	tcase_add_test(t, help_of_shared_options);
	tcase_add_test(t, help_of_the_program);
	return t;
}

int main(void)
{
	Suite *s = suite_create("cli_cmd");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, lines());
	suite_add_tcase(s, help());
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
