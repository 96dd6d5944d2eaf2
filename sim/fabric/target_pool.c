/* Fixed pools of commands and data buffers, and the two queues that commands stand in. */
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/target_internal.h"

int command_take(struct target *target, int connection)
{
	int index;

	if (target->commands_free == 0)
		return NONE;
	index = target->free_command[--target->commands_free];
	target->command[index] = (struct command){
		.state = COMMAND_CAPSULE, .connection = connection, .next = NONE, .buffer = NONE};
	target->connection[connection].commands++;
	return index;
}

void command_release(struct target *target, int index)
{
	struct command *command = &target->command[index];
	struct connection *connection = command_connection(target, command);
	uint16_t id = load_le16(command->sqe + 2);

	if (command->buffer != NONE)
		target->free_buffer[target->buffers_free++] = command->buffer;
	if (command->holds_identifier)
		connection->identifiers[id / 64] &= ~(1ull << id % 64);
	connection->commands--;
	command->state = COMMAND_FREE;
	command->buffer = NONE;
	target->free_command[target->commands_free++] = index;
}

bool buffer_take(struct target *target, int index, bool for_read)
{
	struct command *command = &target->command[index];

	if (command->buffer != NONE)
		return true;
	if (target->buffers_free <= (for_read ? 0 : BUFFERS_FOR_READS))
		return false;
	command->buffer = target->free_buffer[--target->buffers_free];
	return true;
}

void serve_insert(struct target *target, int index, uint64_t due)
{
	int *at = &target->served;

	target->command[index].state = COMMAND_SERVED;
	target->command[index].due = due;
	while (*at != NONE && target->command[*at].due <= due)
		at = &target->command[*at].next;
	target->command[index].next = *at;
	*at = index;
}

static void unlink_from(struct target *target, int *at, int index)
{
	while (*at != NONE && *at != index)
		at = &target->command[*at].next;
	if (*at == index)
		*at = target->command[index].next;
}

void serve_remove(struct target *target, int index)
{
	unlink_from(target, &target->served, index);
}

void wait_insert(struct target *target, int index)
{
	target->command[index].state = COMMAND_WAITS;
	target->command[index].next = NONE;
	if (target->waiting_first == NONE)
		target->waiting_first = index;
	else
		target->command[target->waiting_last].next = index;
	target->waiting_last = index;
}

void wait_remove(struct target *target, int index)
{
	unlink_from(target, &target->waiting_first, index);
	target->waiting_last = NONE;
	for (int i = target->waiting_first; i != NONE; i = target->command[i].next)
		target->waiting_last = i;
}
