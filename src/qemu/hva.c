/* SPDX-License-Identifier: BSD-2-Clause */
/* Where QEMU has the guest's memory in its own address space. */
#include "qemu/qemu.h"

#include "base/cleanup.h"
#include "qemu/inside.h"
#include "qemu/monitor_text.h"
#include "qemu/questions.h"

int qemu_hvas(struct qemu *t, const uint64_t *pas, size_t n, uint64_t *hvas,
	      struct err *err)
{
	_cleanup_(questions_deinit) struct questions q = {0};
	int ret = questions_init(&q, n, err);
	size_t i;

	if (ret)
		return ret;
	for (i = 0; i < n; i++)
		questions_ask_hva(&q, i, pas[i]);
	ret = n ? qemu_monitor_run(&t->path.stub.monitor, q.commands, q.answers,
				   n, err)
		: 0;
	for (i = 0; i < n && !ret; i++) {
		hvas[i] = 0;
		if (!machine_is_ram(&t->machine, pas[i], 1) ||
		    !q.answers[i].data ||
		    monitor_parse_hva(q.answers[i].data, pas[i], &hvas[i],
				      NULL))
			hvas[i] = 0;
	}
	return ret;
}
