/* SPDX-License-Identifier: BSD-2-Clause */
/* A scene about rings of io_uring: idle, done with some, and waiting. */
#include "guest.h"

#include <linux/io_uring.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES 4

/* What a program maps of a ring that has no flags. */
struct ring {
	int fd;
	struct io_uring_params params;
	char *rings;
	struct io_uring_sqe *sqes;
};

static struct ring make_ring(void)
{
	struct ring r = {0};

	r.fd = syscall(SYS_io_uring_setup, ENTRIES, &r.params);
	NEED(r.fd >= 0);
	r.rings = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd,
		       IORING_OFF_SQ_RING);
	r.sqes = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd,
		      IORING_OFF_SQES);
	NEED(r.rings != MAP_FAILED && r.sqes != MAP_FAILED);
	return r;
}

/* Puts a request in, which is not submitted yet. */
static struct io_uring_sqe *ask(struct ring *r, int opcode, uint64_t data)
{
	uint32_t *tail = (uint32_t *)(r->rings + r->params.sq_off.tail);
	uint32_t *array = (uint32_t *)(r->rings + r->params.sq_off.array);
	uint32_t at = *tail % ENTRIES;
	struct io_uring_sqe *sqe = &r->sqes[at];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = opcode;
	sqe->user_data = data;
	array[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	return sqe;
}

static void submit(struct ring *r, unsigned int n, unsigned int done)
{
	NEED(syscall(SYS_io_uring_enter, r->fd, n, done, IORING_ENTER_GETEVENTS,
		     NULL, 0) == n);
}

/* Takes what is done, but for n. */
static void take_all_but(struct ring *r, unsigned int n)
{
	uint32_t *head = (uint32_t *)(r->rings + r->params.cq_off.head);
	uint32_t *tail = (uint32_t *)(r->rings + r->params.cq_off.tail);

	__atomic_store_n(head, *tail - n, __ATOMIC_RELEASE);
}

/* Requests that wait for a pipe, into which nobody writes. */
static void wait_for(struct ring *r, int pipe_end, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct io_uring_sqe *sqe = ask(r, IORING_OP_POLL_ADD, 100 + i);

		sqe->fd = pipe_end;
		sqe->poll_events = POLLIN;
	}
	submit(r, n, 0);
}

static void rings(void)
{
	struct ring done, waits, has;
	int pair[2], files[] = {-1, -1, -1};
	static char buffer[100];
	const struct {
		void *base;
		size_t len;
	} buffers[] = {{buffer, sizeof(buffer)}, {buffer + 10, 5}};

	NEED(pipe(pair) == 0);
	make_ring();
	done = make_ring();
	for (unsigned int i = 0; i < 2 * ENTRIES; i++) {
		ask(&done, IORING_OP_NOP, i << 28);
		submit(&done, 1, 1);
		take_all_but(&done, i < 5 ? 0 : i - 4); /* around its end */
	}
	ask(&done, IORING_OP_CLOSE, UINT64_MAX)->fd = -1;
	submit(&done, 1, 1);
	waits = make_ring();
	wait_for(&waits, pair[0], 3);
	wait_for(&waits, pair[0], 2);
	ask(&waits, IORING_OP_NOP, 7);
	submit(&waits, 1, 1);
	files[0] = make_file("/tmp/in a ring", 1);
	files[2] = pair[0]; /* without a name, behind one that is missing */
	has = make_ring();
	NEED(syscall(SYS_io_uring_register, has.fd, IORING_REGISTER_FILES,
		     files, 3) == 0);
	has = make_ring();
	NEED(syscall(SYS_io_uring_register, has.fd, IORING_REGISTER_BUFFERS,
		     buffers, 2) == 0);
	has = make_ring(); /* what is not told */
	ask(&has, IORING_OP_NOP, 1);
	publish("rings", getpid(), "rings=6");
}

const struct scene ring_scenes[] = {
	{"rings", rings},
	{NULL, NULL},
};
