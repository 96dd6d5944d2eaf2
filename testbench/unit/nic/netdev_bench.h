/* A virtio-net function with a driver of the tests' own, and a little memory for its rings. */
#ifndef ASSAY_TESTBENCH_UNIT_NIC_NETDEV_BENCH_H
#define ASSAY_TESTBENCH_UNIT_NIC_NETDEV_BENCH_H

#include "models/nic/netdev.h"

enum {
	MEMORY_BYTES = 1 << 18,
	BAR = 0x40000000,
	RID = NETDEV_FIRST_RID,
	SIZE = 8,
	RX_DESC = 0x1000, RX_AVAIL = 0x1400, RX_USED = 0x1800, RX_DATA = 0x10000, RX_ROOM = 2048,
	TX_DESC = 0x2000, TX_AVAIL = 0x2400, TX_USED = 0x2800, TX_DATA = 0x20000,
	CONTROL_DESC = 0x3800, CONTROL_AVAIL = 0x3a00, CONTROL_USED = 0x3c00, CONTROL_DATA = 0x30000,
	MSI_ADDRESS = 0x3000, /**< of vector v it is 4 v bytes further */
	SENT_MAX = 64,
};

enum {
	FEATURES_PLAIN = 1 << NETDEV_F_CSUM | 1 << NETDEV_F_GUEST_CSUM | 1 << NETDEV_F_MAC | 1 << NETDEV_F_HOST_TSO4 | 1 << NETDEV_F_MRG_RXBUF,
	FEATURES_ALL = FEATURES_PLAIN | 1 << NETDEV_F_STATUS | 1 << NETDEV_F_CTRL_VQ | 1 << NETDEV_F_CTRL_RX | 1 << NETDEV_F_CTRL_RX_EXTRA |
		1 << NETDEV_F_INDIRECT | 1 << NETDEV_F_EVENT_IDX,
};

/** What becomes of completions. */
enum fate { POISONED, LOST };

extern struct netdev_state net;
extern uint8_t memory[MEMORY_BYTES];
extern uint8_t sent[SENT_MAX][NETDEV_FRAME_MAX]; /**< frames of the function */
extern size_t sent_length[SENT_MAX];
extern unsigned sent_count, messages, asserts, deasserts;
extern unsigned messages_of[NETDEV_VECTORS];
extern enum fate fate;
extern unsigned fated;       /**< so many of the next completions meet their fate */
extern unsigned poisoned_at; /**< the completion that is poisoned, counted from 1 */
extern unsigned lost_at;     /**< likewise, lost */
extern void (*before_write)(uint64_t address); /**< NULL, or told of a write of the device before memory is changed */

extern uint64_t held_address; /**< a read there (whole words) has no answer until answer_held() */
void answer_held(void);

/** Resets everything and negotiates @p features (and VERSION_1), sets the rings up: function 0 is ready. */
void begin(uint32_t features, bool msix);

/** Lets everything move until it stands still. */
void settle(void);

void bar_write(uint32_t offset, unsigned bytes, uint64_t value);
uint64_t bar_read(uint32_t offset, unsigned bytes);
void config_write(unsigned at, uint32_t value);
uint32_t config_read(unsigned at);

void put16(uint32_t at, uint16_t value);
void put_descriptor(uint32_t table, unsigned n, uint64_t address, uint32_t bytes, uint16_t flags, uint16_t next);
void make_available(uint32_t ring, uint16_t head);
void kick(uint16_t queue);

/** Posts receive buffers of RX_ROOM bytes, descriptors 0 and up. */
void give_buffers(unsigned count);

/** A TCP segment of @p payload bytes behind the header of virtio-net at TX_DATA. @return its length without that. */
uint32_t make_tcp(uint32_t payload);

/** Sends what is at TX_DATA, in two pieces. */
void transmit(uint32_t bytes);

#endif
