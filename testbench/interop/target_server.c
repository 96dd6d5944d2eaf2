/* An embedded NVMe/TCP target for a machine outside: a fabric with one storage host, joined to a virtual machine's network card.
 * usage: target_server LINK IMAGE CAPTURE
 * Runs until its standard input ends; prints the target's statistics then. Status 0, or 2 for files and links.
 */
#include <poll.h>
#include <stdio.h>

#include "sim/fabric/fabric.h"

enum { SLICE_CYCLES = 1000000 };

static int input_ended(void)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};

	return poll(&input, 1, 0) != 0;
}

int main(int argc, char **argv)
{
	struct fabric_config config = {.external_ports = 2, .hosts = 1, .attachments = 1, .seed = 1};
	char message[200] = "usage: target_server LINK IMAGE CAPTURE";
	struct fabric *fabric = NULL;
	const struct target_stats *stats;
	uint64_t now = 0;

	if (argc == 4) {
		config.attachment[0].where = argv[1];
		config.pcap_path = argv[3];
		config.host[0].address = "10.0.0.10/24";
		config.host[0].target = (struct target_config){.nqn = "nqn.2026-11.assay:target0", .namespaces = 1};
		config.host[0].target.volume[0].path = argv[2];
		fabric = fabric_create(&config, message, sizeof(message));
	}
	if (!fabric) {
		fprintf(stderr, "%s\n", message);
		return 2;
	}
	while (!input_ended())
		fabric_advance(fabric, now += SLICE_CYCLES);
	stats = target_get_stats(fabric_target(fabric, 0));
	printf("connections %llu commands %llu failed %llu terminated %llu digest_errors %llu read %llu written %llu\n",
		(unsigned long long)stats->connections, (unsigned long long)stats->commands, (unsigned long long)stats->failed,
		(unsigned long long)stats->terminated, (unsigned long long)stats->digest_errors, (unsigned long long)stats->read_bytes,
		(unsigned long long)stats->written_bytes);
	return fabric_destroy(fabric) == 0 ? 0 : 2;
}
