/* The placement unit as a driver of a network function sees it (models/nic/netdev_place.c): one flow. */
#include "firmware/core/crc32c.h"
#include "firmware/net/place.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/virtio_net.h"
#include "hypervisor/lib/string.h"
#include "lwip/tcp.h"
#include "port_regs.h"

enum { REGISTER_SEQ = 1, REGISTER_REMOTE, REGISTER_OWN, REGISTER_PORTS, REGISTER_OP, REGISTER_ADDRESS, REGISTER_ADDRESS_HIGH, REGISTER_LENGTH, REGISTER_ENTRY,
       REGISTER_CRC_ADDRESS, REGISTER_CRC_ADDRESS_HIGH, REGISTER_CRC_RESULT, REGISTER_CRC_RESULT_HIGH, REGISTER_CRC_LENGTH };

#define THE_FLOW 1u
/* Fewer bytes are summed sooner than the function answers. */
#define WORTH_A_JOB 512u

#define ENTRY_VALID (1u << 31)

static volatile uint32_t *registers;
static bool taken;

static void operate(uint32_t op, uint32_t sequence) {
    registers[REGISTER_SEQ] = sequence;
    registers[REGISTER_OP] = op;
}

unsigned place_open(const struct tcp_pcb *pcb, uint32_t sequence) {
    registers = virtio_net_place();
    if (taken || !registers || string_option(bootargs, "plain", 0))
        return 0;
    taken = true;
    registers[REGISTER_REMOTE] = lwip_ntohl(ip4_addr_get_u32(ip_2_ip4(&pcb->remote_ip)));
    registers[REGISTER_OWN] = lwip_ntohl(ip4_addr_get_u32(ip_2_ip4(&pcb->local_ip)));
    registers[REGISTER_PORTS] = pcb->remote_port | (uint32_t)pcb->local_port << 16;
    operate(PORT_PLACE_OPEN, sequence);
    return THE_FLOW;
}

void place_close(unsigned flow) {
    if (!flow)
        return;
    operate(PORT_PLACE_CLOSE, 0);
    taken = false;
}

void place_arm(unsigned flow, uint32_t sequence) {
    (void)flow;
    operate(PORT_PLACE_ARM, sequence);
}

void place_buffer(unsigned flow, uint16_t cid, const void *data, uint32_t bytes) {
    if (!flow)
        return;
    registers[REGISTER_ADDRESS] = (uint32_t)(uintptr_t)data;
    registers[REGISTER_ADDRESS_HIGH] = (uint32_t)((uintptr_t)data >> 32);
    registers[REGISTER_LENGTH] = bytes;
    registers[REGISTER_ENTRY] = cid | ENTRY_VALID;
}

void place_forget(unsigned flow, uint16_t cid) {
    if (flow)
        registers[REGISTER_ENTRY] = cid;
}

static bool sum_by_function(const void *data, uint32_t bytes, uint32_t *crc) {
    static volatile uint32_t result[2] __attribute__((aligned(8)));
    if (!registers || bytes < WORTH_A_JOB || string_option(bootargs, "plain", 0))
        return false;
    result[1] = 0;
    __asm__ volatile("fence rw, o" ::: "memory");
    registers[REGISTER_CRC_ADDRESS] = (uint32_t)(uintptr_t)data;
    registers[REGISTER_CRC_ADDRESS_HIGH] = (uint32_t)((uintptr_t)data >> 32);
    registers[REGISTER_CRC_RESULT] = (uint32_t)(uintptr_t)result;
    registers[REGISTER_CRC_RESULT_HIGH] = (uint32_t)((uintptr_t)result >> 32);
    registers[REGISTER_CRC_LENGTH] = bytes;
    while (result[1] == 0)
        ;
    *crc = result[0];
    return result[1] == 1;
}

uint32_t place_crc32c(const void *data, uint32_t bytes) {
    uint32_t crc;
    if (sum_by_function(data, bytes, &crc))
        return crc;
    return crc32c_update(0, data, bytes);
}
