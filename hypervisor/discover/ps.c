#include "hypervisor/discover/ps.h"

struct offsets {
	int64_t init_task, tasks, tgid, comm, mm, real_parent;
};

static const char *resolve(const struct discover *d, struct offsets *o)
{
	const struct {
		const char *name;
		int64_t *value;
	} needed[] = {
		{ "init_task", &o->init_task }, { "task_struct.tasks", &o->tasks },
		{ "task_struct.tgid", &o->tgid }, { "task_struct.comm", &o->comm },
		{ "task_struct.mm", &o->mm }, { "task_struct.real_parent", &o->real_parent },
	};

	for (unsigned i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!discover_value(d, needed[i].name, needed[i].value))
			return needed[i].name;
	return NULL;
}

static bool read_process(const struct discover *d, const struct offsets *o, uint64_t task, struct process *p)
{
	const struct discover_memory *m = d->memory;
	uint32_t pid, parent_pid;
	uint64_t parent, mm;

	p->task = task;
	if (!discover_read_u32(m, task + (uint64_t)o->tgid, &pid) ||
	    !discover_read_u64(m, task + (uint64_t)o->mm, &mm) ||
	    !discover_read_u64(m, task + (uint64_t)o->real_parent, &parent) ||
	    !discover_read_u32(m, parent + (uint64_t)o->tgid, &parent_pid) ||
	    !discover_read(m, task + (uint64_t)o->comm, p->comm, PS_COMM_BYTES))
		return false;
	p->comm[PS_COMM_BYTES] = 0;
	for (char *c = p->comm; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	p->pid = (int32_t)pid;
	p->parent = (int32_t)parent_pid;
	p->is_kernel_thread = mm == 0;
	return true;
}

enum ps_status ps_walk(const struct discover *d, void (*each)(void *context, const struct process *process),
		       void *context, const char **missing)
{
	struct offsets o;
	uint64_t head, link;

	*missing = resolve(d, &o);
	if (*missing)
		return PS_UNKNOWN;
	head = link = (uint64_t)(o.init_task + o.tasks);
	for (unsigned n = 0; n < PS_MAX_PROCESSES; n++) {
		struct process p;

		if (!discover_read_u64(d->memory, link, &link))
			return PS_BROKEN;
		if (link == head)
			return PS_OK;
		if (!read_process(d, &o, link - (uint64_t)o.tasks, &p))
			return PS_BROKEN;
		each(context, &p);
	}
	return PS_BROKEN;
}
