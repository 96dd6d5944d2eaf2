/* A vfio-user server: the NIC's physical function, on the running board, for a host outside of the simulation (QEMU, SPDK, a test program).
 *
 * The client takes the place of the board's host: its accesses become packets on the PCIe link, the NIC's DMA goes to its memory, MSI-X and
 * INTx to its eventfds. NIC, firmware, fabric and the blocks' backends are those of every other run. What arrives when depends on the
 * client, so such a run does not repeat itself cycle by cycle.
 */
#ifndef ASSAY_SIM_VFIO_USER_VFIO_USER_H
#define ASSAY_SIM_VFIO_USER_VFIO_USER_H

#include "sim/kernel/board.h"

struct vfio_user_result {
	uint64_t messages;   /**< commands of the client */
	uint64_t rejected;   /**< those answered with an error */
	uint64_t refused;    /**< DMA outside of what the client has mapped */
	uint64_t interrupts; /**< events sent */
};

/** Listens at @p path, serves one client until it goes, and resets the function. The board's harts must not run.
 * @param bdf the function, as on the board's bus
 * @return 0, or -1 with one line in @p error: no socket, the client broke the protocol, the run failed. */
int vfio_user_serve(struct board *board, const char *path, unsigned bdf, struct vfio_user_result *result, char *error, size_t error_size);

#endif
