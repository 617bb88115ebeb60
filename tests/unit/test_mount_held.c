/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of texts that are handed to the kernel, for reads to need no answer. */
#include "mount/held.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "unit/fuse_kit.h"

/* What process 10 is called in each pause, and whose it is; whether there is
 * another boot each time. */
static struct {
	const char *const *names;
	uint32_t euid;
	bool reboots;
	unsigned int pauses;
} guest;

static int stop(void *ctx, struct kernel **k, bool *other, struct err *err)
{
	(void)ctx, (void)err;
	if (guest.names)
		task_kit_name(&fuse_kit.f, 10, guest.names[guest.pauses]);
	task_kit_own(&fuse_kit.f, guest.euid ? guest.euid + guest.pauses : 0);
	guest.pauses++;
	machine_drop_cache(&fuse_kit.f.memory.machine);
	*k = &fuse_kit.f.kernel;
	*other = guest.reboots;
	return 0;
}

static const struct mount_tree_guest ops = {
	.stop = stop, .go = fuse_kit_go, .complain = fuse_kit_complain};

static void setup(void)
{
	memset(&guest, 0, sizeof(guest));
	fuse_kit_init();
}

/* Open a text; whether it is held, and so read from what was told before. */
static bool is_held(uint64_t node, struct fuse_open_out *out)
{
	MUST(!open_node(FUSE_OPEN, node, O_RDONLY, out));
	MUST(!(out->open_flags & FOPEN_DIRECT_IO) ==
	     !!(out->open_flags & FOPEN_KEEP_CACHE));
	return out->open_flags & FOPEN_KEEP_CACHE;
}

/* It was told as the n-th thing what that node has from now on. */
static bool was_stored(unsigned int n, uint64_t node, const char *text)
{
	struct fuse_notify_store_out out;

	memcpy(&out, notes.v[n].body, sizeof(out));
	return notes.n > n && notes.v[n].head.error == FUSE_NOTIFY_STORE &&
	       out.nodeid == node && !out.offset && out.size == strlen(text) &&
	       !memcmp(notes.v[n].body + sizeof(out), text, out.size);
}

/* The same of attributes that hold no more; of no pages, for who waits for one
 * may wait for us. */
static bool was_expired(unsigned int n, uint64_t node)
{
	struct fuse_notify_inval_inode_out out;

	memcpy(&out, notes.v[n].body, sizeof(out));
	return notes.n > n &&
	       notes.v[n].head.error == FUSE_NOTIFY_INVAL_INODE &&
	       out.ino == node && out.off < 0;
}

/* The size that is told of who has it open; or what is wrong, below 0. */
static int64_t size_of(uint64_t node, uint64_t fh)
{
	const struct fuse_getattr_in in = {.getattr_flags = FUSE_GETATTR_FH,
					   .fh = fh};
	int error = ask(FUSE_GETATTR, node, &in, sizeof(in));
	struct fuse_attr_out out;

	memcpy(&out, answer.body, sizeof(out));
	return error ? -error : (int64_t)out.attr.size;
}

/* The size that is told of who looks it up. */
static uint64_t size_named(const char *path, const char *name)
{
	struct fuse_attr attr;
	int error;

	MUST(look_up(walk(path), name, &attr, &error));
	return attr.size;
}

static void held(void)
{
	struct fuse_open_out first, second;
	uint64_t node;

	greet();
	MUST(size_named("10", "comm") == 0); /* nobody has read it */
	node = walk("10/comm");
	MUST(is_held(node, &first));
	MUST(notes.n == 1 && was_stored(0, node, "task\n"));
	MUST(size_of(node, first.fh) == 5);
	/* One at a time; and who has it open sees no other size. */
	MUST(!is_held(node, &second) && !notes.n);
	MUST(size_named("10", "comm") == 5);
	MUST(read_node(FUSE_READ, node, second.fh, 0, 4096) == 5);
	release(FUSE_RELEASE, node, first.fh);
	release(FUSE_RELEASE, node, second.fh);
	MUST(size_named("10", "comm") == 5);
	MUST(is_held(node, &first) && notes.n == 1);
	MUST(read_node(FUSE_READ, node, first.fh, 0, 4096) == 5);
	release(FUSE_RELEASE, node, first.fh);
}

START_TEST(texts_are_held)
{
	fuse_kit_serve(held, &ops, 60000);
}
END_TEST

/* What is no text, or not whole, is asked for; so is what comes record by
 * record. */
static void not_held(void)
{
	struct fuse_open_out out;
	uint64_t node = 0;

	greet();
	node = walk("10/pagemap");
	MUST(!is_held(node, &out) && !notes.n);
	release(FUSE_RELEASE, node, out.fh);
	node = walk("10/cmdline"); /* of a process without memory it is empty */
	MUST(!is_held(node, &out) && !notes.n);
	MUST(read_node(FUSE_READ, node, out.fh, 0, 10) == 0);
	release(FUSE_RELEASE, node, out.fh);
}

START_TEST(others_are_not)
{
	fuse_kit_serve(not_held, &ops, 60000);
}
END_TEST

/* Each time it is opened it is another one. */
static void changing(void)
{
	struct fuse_open_out out;
	uint64_t node;
	size_t i;

	greet();
	node = walk("10/comm");
	for (i = 0; i < 3; i++) {
		static const char *const texts[] = {"longer\n", "short\n",
						    "longest\n"};
		bool shrinks = i == 1;

		MUST(is_held(node, &out));
		MUST(was_stored(0, node, texts[i]));
		/* What it grows by the kernel sees. */
		MUST(notes.n == (shrinks ? 2 : 1));
		MUST(!shrinks || was_expired(1, node));
		MUST(size_of(node, out.fh) == (int64_t)strlen(texts[i]));
		release(FUSE_RELEASE, node, out.fh);
	}
}

START_TEST(texts_that_change)
{
	static const char *const names[] = {"task", "longer", "short",
					    "longest"};

	guest.names = names;
	fuse_kit_serve(changing, &ops, 0);
}
END_TEST

/* Another owner's is another node, of which nothing was told. */
static void owners(void)
{
	struct fuse_open_out out;
	struct fuse_attr before, after;
	uint64_t node = 0, other;
	int error;

	greet();
	node = look_up(FUSE_ROOT_ID, "10", &before, &error);
	MUST(node && before.uid == 1000);
	/* This has a pause of its own. */
	MUST(is_held(walk("10/comm"), &out));
	other = look_up(FUSE_ROOT_ID, "10", &after, &error);
	MUST(other && after.uid == 1001 && other != node);
	MUST(after.ino == before.ino);
	/* The old one is there for who is in it, and says who has it now. */
	MUST(!ask(FUSE_GETATTR, node, &(struct fuse_getattr_in){0},
		  sizeof(struct fuse_getattr_in)));
	release(FUSE_RELEASE, walk("10/comm"), out.fh);
}

START_TEST(another_owner)
{
	guest.euid = 1000;
	fuse_kit_serve(owners, &ops, 0);
}
END_TEST

/* Who reads what was opened before asks again, and hears of it. */
static void boots(void)
{
	struct fuse_open_out old, new;
	uint64_t node, other;

	greet();
	node = walk("10/comm");
	other = walk("2/comm");
	MUST(is_held(node, &old));
	MUST(size_of(node, old.fh) == 5);
	MUST(!open_node(FUSE_OPEN, other, O_RDONLY, &new) && notes.n >= 1);
	MUST(was_expired(0, node));
	MUST(size_of(node, old.fh) == -ESTALE);
	MUST(read_node(FUSE_READ, node, old.fh, 0, 10) == -ESTALE);
	release(FUSE_RELEASE, node, old.fh);
	release(FUSE_RELEASE, other, new.fh);
}

START_TEST(another_boot)
{
	guest.reboots = true;
	fuse_kit_serve(boots, &ops, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mount_held");
	TCase *t = tcase_create("mount_held");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, fuse_kit_deinit);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, texts_are_held);
	tcase_add_test(t, others_are_not);
	tcase_add_test(t, texts_that_change);
	tcase_add_test(t, another_owner);
	tcase_add_test(t, another_boot);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
