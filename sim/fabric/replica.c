/* What a fork of the simulation does with the fabric's ends in the world: the failure window's child runs on, but only its parent is real. */
#include "sim/fabric/fabric_internal.h"
#include "sim/fabric/volume.h"

int fabric_hold_volumes(struct fabric *fabric)
{
	for (unsigned i = 0; i < fabric->config.hosts; i++) {
		if (target_hold_volumes(fabric->target[i]) < 0)
			return -1;
	}
	return 0;
}

int fabric_reread_volumes(struct fabric *fabric)
{
	struct volume *volume;

	for (unsigned i = 0; (volume = fabric_volume(fabric, i)) != NULL; i++) {
		if (volume->held && volume_hold(volume) < 0)
			return -1;
	}
	return 0;
}

int fabric_become_replica(struct fabric *fabric)
{
	int status = 0;

	fabric->pcap = NULL;
	for (unsigned i = 0; i < fabric->config.hosts; i++)
		target_detach_volumes(fabric->target[i]);
	for (unsigned i = 0; i < fabric->config.external_ports; i++) {
		if (fabric->outside[i])
			status |= outside_become_replay(fabric->outside[i]);
	}
	return status;
}
