/* A client of vfio-user for tests, written from the protocol's specification and not from sim/vfio_user: messages, memory, interrupts. */
#ifndef ASSAY_TESTBENCH_INTEROP_VFIO_CLIENT_H
#define ASSAY_TESTBENCH_INTEROP_VFIO_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLIENT_MEMORY_BASE = 0x10000000, CLIENT_MEMORY_BYTES = 0x400000, CLIENT_VECTORS = 2 };

struct vfio_client {
	int socket;
	uint16_t id;
	uint8_t *memory;	     /**< what the device sees at CLIENT_MEMORY_BASE */
	volatile uint32_t *doorbells; /**< mapped; NULL: by messages */
	int vector[CLIENT_VECTORS];  /**< eventfds */
	uint64_t served;	     /**< DMA that came as messages */
};

/** Connects (waiting for the server), negotiates, maps memory and the doorbells, asks for interrupts. With @p by_messages the memory's file
 * and the doorbells stay unmapped. Ends the program with one line if the server refuses. */
void vfio_client_open(struct vfio_client *client, const char *path, bool by_messages);

/** One command. @return the errno value of the reply; @p length is the payload's before and after. */
int vfio_client_command(struct vfio_client *client, unsigned command, void *payload, size_t *length, size_t room, const int *fds, unsigned fd_count);

/** Accesses of a region; they must succeed. */
void vfio_client_read(struct vfio_client *client, unsigned region, uint64_t offset, void *bytes, uint32_t count);
void vfio_client_write(struct vfio_client *client, unsigned region, uint64_t offset, const void *bytes, uint32_t count);

/** Waits for an interrupt; DMA by messages is served meanwhile. @return false after @p milliseconds. */
bool vfio_client_wait(struct vfio_client *client, unsigned vector, int milliseconds);

#endif
