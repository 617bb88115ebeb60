/* SPDX-License-Identifier: BSD-2-Clause */
/* Scene of System V IPC: shared memory, semaphores, queues of messages. */
#include "guest.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES 16UL

/* A segment of one who has ended, with pages in memory and in swap. */
static void segment(void)
{
	int id = shmget(0x7fffff01, PAGES * PAGE, IPC_CREAT | 0640);
	struct shmid_ds ds;
	char *p = shmat(id, NULL, 0);

	NEED(id >= 0 && p != (void *)-1);
	fill(p, PAGES / 2 * PAGE);
	NEED(madvise(p, 4 * PAGE, MADV_PAGEOUT) == 0);
	NEED(shmctl(id, IPC_STAT, &ds) == 0);
	ds.shm_perm.uid = 1001;
	ds.shm_perm.gid = 1002;
	NEED(shmctl(id, IPC_SET, &ds) == 0);
}

/* One of a huge page, another that has none yet, and one that is to go. */
static void attached(void)
{
	int huge = shmget(IPC_PRIVATE, HUGE, IPC_CREAT | SHM_HUGETLB | 0600);
	int bare = shmget(-2, 3 * PAGE + 1, IPC_CREAT | 0666);
	int gone = shmget(0x51564d4a, PAGE, IPC_CREAT | 0600);
	char *p = shmat(huge, NULL, 0);

	NEED(huge >= 0 && bare >= 0 && gone >= 0 && p != (void *)-1);
	*p = 'h';
	p = shmat(gone, NULL, 0);
	NEED(p != (void *)-1 && shmctl(gone, IPC_RMID, NULL) == 0);
	fill(p, PAGE);
}

/* Some of a set are used by one, others never. */
static void semaphores(void)
{
	struct sembuf up[2] = {{.sem_num = 3, .sem_op = 2}, {1, 1, 0}};
	int used = semget(0x51564d4b, 5, IPC_CREAT | 0600);
	int fresh = semget(IPC_PRIVATE, 1, IPC_CREAT | 0444);

	NEED(used >= 0 && fresh >= 0 && semop(used, up, 2) == 0);
}

/* Three messages, one of which another process takes. */
static void messages(void)
{
	struct {
		long type;
		char text[32];
	} m = {.type = 1, .text = "message"};
	int id = msgget(0x51564d4c, IPC_CREAT | 0620), i;

	NEED(id >= 0 && msgget(IPC_PRIVATE, IPC_CREAT | 0600) >= 0);
	for (i = 0; i < 3; i++)
		NEED(msgsnd(id, &m, 7, IPC_NOWAIT) == 0);
	if (spawn("sysvipc end") == 0) {
		NEED(msgrcv(id, &m, sizeof(m.text), 0, IPC_NOWAIT) == 7);
		segment();
		_exit(0);
	}
	NEED(wait(NULL) > 0);
}

/* What another namespace has is not seen. */
static void elsewhere(void)
{
	if (spawn("sysvipc space") != 0)
		return;
	NEED(unshare(CLONE_NEWIPC) == 0);
	NEED(shmget(0x51564d4d, PAGE, IPC_CREAT | 0600) >= 0);
	publish("sysvipc.space", getpid(), "ppid=%d", getppid());
	settle();
}

static void sysvipc(void)
{
	messages();
	semaphores();
	attached();
	elsewhere();
	publish("sysvipc", getpid(), "ppid=%d", getppid());
}

const struct scene ipc_scenes[] = {
	{"sysvipc", sysvipc},
	{NULL, NULL},
};
