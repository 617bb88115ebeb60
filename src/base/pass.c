/* SPDX-License-Identifier: BSD-2-Clause */
/* Passing a descriptor to another process: unix(7), SCM_RIGHTS. */
#include "base/pass.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The message by which descriptors are passed: one byte, and one of them. */
struct passing {
	struct msghdr msg;
	struct iovec iov;
	char byte;
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control; /* its head has no end of its own */
};

static void passing_init(struct passing *p)
{
	*p = (struct passing){
		.control.head = {.cmsg_len = CMSG_LEN(sizeof(int)),
				 .cmsg_level = SOL_SOCKET,
				 .cmsg_type = SCM_RIGHTS}};
	p->iov = (struct iovec){.iov_base = &p->byte, .iov_len = 1};
	p->msg = (struct msghdr){.msg_iov = &p->iov,
				 .msg_iovlen = 1,
				 .msg_control = &p->control,
				 .msg_controllen = sizeof(p->control.space)};
}

void pass_send(int control, int fd, int flags)
{
	struct passing p;

	passing_init(&p);
	memcpy(CMSG_DATA(&p.control.head), &fd, sizeof(fd));
	if (fd < 0)
		p.msg.msg_controllen = 0;
	sendmsg(control, &p.msg, MSG_NOSIGNAL | flags);
}

ssize_t pass_take(int control, int flags, int *fd)
{
	const struct cmsghdr *c;
	struct passing p;
	ssize_t n;

	passing_init(&p);
	n = recvmsg(control, &p.msg, flags | MSG_CMSG_CLOEXEC);
	c = n > 0 ? CMSG_FIRSTHDR(&p.msg) : NULL;
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return n;
	if (*fd >= 0)
		close(*fd);
	memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return n;
}
