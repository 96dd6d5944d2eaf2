/* Shared by the files of the port model only. */
#ifndef ASSAY_MODELS_NIC_PORT_INTERNAL_H
#define ASSAY_MODELS_NIC_PORT_INTERNAL_H

#include "models/nic/port.h"

/** Sets the interrupt cause bit(s) of @p mask. */
void port_raise(struct port *port, uint64_t mask);

/** Records ring errors and raises their interrupt; @p ring stands still from now on. */
void port_ring_fail(struct port *port, struct port_ring *ring, uint64_t error_mask);

/** @return descriptors that belong to the port. */
static inline uint32_t port_ring_filled(const struct port_ring *ring)
{
	return (uint32_t)ring->tail - (uint32_t)ring->head;
}

/** @return the address of descriptor number @p count of the ring. */
static inline uint64_t port_ring_slot(const struct port_ring *ring, uint64_t count)
{
	return ring->base + (count & ((1ull << ring->log2) - 1)) * 16;
}

/** Reads descriptor number @p count as two words. @return 0 or negative for a bus error. */
int port_ring_read(const struct port_ring *ring, const struct port_ops *ops, uint64_t count, uint64_t word[2]);

/** Moves the head by @p descriptors and writes it to memory if asked to. @return 0 or negative for a bus error. */
int port_ring_done(struct port_ring *ring, const struct port_ops *ops, uint32_t descriptors);

/** Sends the frame that is due on the transmit ring, if it is there as a whole. */
void port_transmit(struct port *port, const struct port_ops *ops);

/** Moves the oldest frame of the FIFO into receive buffers, if they have room. */
void port_deliver(struct port *port, const struct port_ops *ops);

/** Computes when the receive ring acts next; call it when a frame or a buffer was added. @param now not before the present. */
void port_rx_schedule(struct port *port, uint64_t now);

/** Appends a frame. @return false if there is no room; then nothing changed. */
bool port_fifo_push(struct port *port, const uint8_t *frame, size_t length, uint64_t cycle, const struct placement *placement);

/** The oldest frame's arrival and length, and its placement. @return false if there is none. */
bool port_fifo_front(const struct port *port, uint64_t *cycle, size_t *length, struct placement *placement);

/** Copies the oldest frame to @p frame (PORT_FRAME_MAX bytes) and removes it. */
void port_fifo_pop(struct port *port, uint8_t *frame);

#endif
