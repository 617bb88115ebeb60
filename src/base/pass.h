/* SPDX-License-Identifier: BSD-2-Clause */
/* Passing a descriptor to another process: unix(7), SCM_RIGHTS. */
#ifndef BASE_PASS_H
#define BASE_PASS_H

#include <sys/types.h>

/* Send one by a socket, with sendmsg(2)'s flags; -1: only that there is none.
 */
void pass_send(int socket, int fd, int flags);

/*
 * Receive one in place of *fd, which is closed: what recvmsg(2) says.  *fd
 * stays where none comes.
 */
ssize_t pass_take(int socket, int flags, int *fd);

#endif
