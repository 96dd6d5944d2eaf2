/* Driver of a virtio-net function (VIRTIO 1.1 sections 4.1 and 5.1): split rings, merged receive buffers, checksum and segmentation offload. */
#ifndef HYPERVISOR_GUESTS_KERNEL_VIRTIO_NET_H
#define HYPERVISOR_GUESTS_KERNEL_VIRTIO_NET_H

#include <stdbool.h>
#include <stdint.h>

#define VIRTIO_NET_FRAME_BYTES 9216u
#define VIRTIO_NET_SEND_BYTES 16384u
#define VIRTIO_NET_ENTRIES 256u
#define VIRTIO_NET_PIECES 64u

/** First vector of the function's messages; vectors below are others'. */
#define VIRTIO_NET_VECTOR 64u

/** Finds the function on the bus and brings it up, with interrupts by messages or, where it has no MSI-X, by its line. Call directed_setup() or plic_setup()
 * first. @return false, with a line, when there is none or it refuses */
bool virtio_net_start(void);

/** Takes the function's line down (VIRTIO 1.1 section 4.1.4.5). @return whether it was up; false before virtio_net_start() */
bool virtio_net_acknowledge(void);

void virtio_net_mac(uint8_t mac[6]);

/** A buffer for a frame to send, at least VIRTIO_NET_SEND_BYTES long; NULL when all are under way. */
uint8_t *virtio_net_buffer(void);

/**
 * Sends the frame that was written to the last virtio_net_buffer().
 * @param checksum_at  where the L4 header begins whose checksum the device completes, 0: none. The field holds the pseudo header's sum
 * @param checksum_offset  of the field in that header
 * @param segment_bytes  payload of each TCP segment that the device is to make, 0: it is one frame
 * @param header_bytes  in front of the TCP payload
 */
void virtio_net_send(uint32_t bytes, uint32_t checksum_at, uint32_t checksum_offset, uint32_t segment_bytes, uint32_t header_bytes);

/** Copies the next received frame to @p frame. @return its length, 0 when there is none. @p checked: the device has verified its L4 checksum */
uint32_t virtio_net_receive(uint8_t frame[VIRTIO_NET_FRAME_BYTES], bool *checked);

/* Whole frames, by reference: for a driver that does not copy. */

/** As virtio_net_start(), with receive buffers that hold any frame, and nothing to send from. */
bool virtio_net_start_whole(void);

struct virtio_net_piece {
    const void *data;
    uint32_t bytes;
};

/**
 * Sends a frame in pieces, which stay where they are until virtio_net_sent() names the frame.
 * @param last  its name
 * @return false when there is no room
 */
bool virtio_net_send_pieces(const struct virtio_net_piece *pieces, uint32_t count, uint32_t checksum_at, uint32_t checksum_offset,
                            uint32_t segment_bytes, uint32_t header_bytes, uint16_t *last);

/** The next frame that has been sent. @return false when there is none */
bool virtio_net_sent(uint16_t *last);

struct virtio_net_frame {
    uint8_t *data;
    uint32_t bytes;
    uint16_t descriptor;
    bool checked;
    uint16_t placed_from; /* of the placement unit: offset in the frame, 0: nothing */
    bool bad_data, bad_header;
};

/** Takes the next received frame; its buffer is the caller's until virtio_net_give(), which virtio_net_given() makes known. */
bool virtio_net_take(struct virtio_net_frame *frame);
void virtio_net_give(uint16_t descriptor);
void virtio_net_given(void);

/** The function's registers of the placement unit, NULL when it has none. */
volatile uint32_t *virtio_net_place(void);

#endif
