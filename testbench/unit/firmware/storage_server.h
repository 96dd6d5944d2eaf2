/* Listeners on the firmware's own lwIP (see fake_board.h) that hand their connections to a target of sim/fabric. */
#ifndef ASSAY_TESTBENCH_UNIT_FIRMWARE_STORAGE_SERVER_H
#define ASSAY_TESTBENCH_UNIT_FIRMWARE_STORAGE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

struct target;

/** Serves @p target at TCP port @p port. */
void storage_server_listen(uint16_t port, struct target *target);

/** Resets every open connection of @p target. @return how many. */
unsigned storage_server_cut(struct target *target);

/** From now on, of 1000 pieces that targets send or receive, so many have a bit flipped, as no checksum of TCP or Ethernet would. */
void storage_server_damage(unsigned of_1000);

/** @return how many have been. */
unsigned storage_server_damaged(void);

/** Offers input that was left, and lets TCP send what the targets have written. */
void storage_server_flush(void);

/** The present cycle for the targets. */
uint64_t storage_server_now(void);

#endif
