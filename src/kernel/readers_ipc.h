/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers of System V IPC; a part of readers.h. */
#ifndef KERNEL_READERS_IPC_H
#define KERNEL_READERS_IPC_H

#define IPC_READERS(R)                \
	R(IPC, ipc)                   \
	R(IPC_QUEUES, ipc_queues)     \
	R(IPC_SEGMENTS, ipc_segments) \
	R(IPC_SETS, ipc_sets)

#endif
