#include "testbench/interop/many_targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/fabric/fabric.h"
#include "testbench/gtest/test.h"

struct verified_io many_targets_io = {.blocks = MANY_TARGETS_BLOCKS};

static struct lan lan;
static struct fabric *fabric;
static struct fabric_config config = {.seed = 11, .mtu = 9000};
static uint8_t shadow[MANY_TARGETS_MAX][MANY_TARGETS_BLOCKS * 512];
static char volumes[4096], files[MANY_TARGETS_MAX][64], names[MANY_TARGETS_MAX][40], addresses[MANY_TARGETS_MAX][20];

static void make_file(unsigned n)
{
	struct verified_io *io = &many_targets_io;
	FILE *file;

	if (io->random == 0)
		io->random = test_seed() * 2 + 1;
	for (size_t i = 0; i < sizeof(shadow[0]); i++)
		shadow[n][i] = (uint8_t)verified_draw(io, 256);
	file = fopen(files[n], "wb");
	if (!file || fwrite(shadow[n], 1, sizeof(shadow[0]), file) != sizeof(shadow[0]))
		abort();
	fclose(file);
	io->shadow[n] = shadow[n];
}

static unsigned add_host(const struct target_config *options)
{
	unsigned n = config.hosts++;
	struct fabric_host_config *host = &config.host[n];

	snprintf(files[n], sizeof(files[n]), "/tmp/assay_targets_%d_%u.img", (int)getpid(), n);
	snprintf(names[n], sizeof(names[n]), "nqn.2026-11.assay:target%u", n);
	snprintf(addresses[n], sizeof(addresses[n]), "10.0.0.%u/24", 10 + n);
	make_file(n);
	host->address = addresses[n];
	host->target = *options;
	host->target.nqn = names[n];
	host->target.namespaces = 1;
	host->target.volume[0].path = files[n];
	return n;
}

void many_targets_add(const struct target_config *options, const char *volume, int discovery)
{
	unsigned n = add_host(options);
	size_t used = strlen(volumes);

	many_targets_io.volumes = n + 1;
	snprintf(volumes + used, sizeof(volumes) - used, "volume %u %s 10.0.0.%d:4420 %s nsid 1%s\n", n, discovery < 0 ? "nvme-tcp" : "discovery",
		discovery < 0 ? 10 + (int)n : 10 + discovery, names[n], volume);
}

void many_targets_without_volume(const struct target_config *options)
{
	add_host(options);
}

static bool all_ready(struct lan *world)
{
	bool ready = true;

	(void)world;
	for (unsigned n = 0; n < many_targets_io.volumes; n++)
		ready &= initiator_ready(n, NULL);
	return ready;
}

bool many_targets_start(unsigned kato)
{
	static char text[sizeof(volumes) + 100];
	char message[200];

	snprintf(text, sizeof(text), "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 3\nkato %u\n%s", kato, volumes);
	config.pcap_path = getenv("ASSAY_PCAP");
	fabric = fabric_create(&config, message, sizeof(message));
	for (unsigned n = 0; n < config.hosts; n++)
		unlink(files[n]);
	if (!fabric) {
		test_fail(__FILE__, __LINE__, "%s", message);
		return false;
	}
	return lan_world_start(&lan, fabric, text) == 0 && lan_world_run(&lan, all_ready, 12000000000ull);
}

static bool turn(struct lan *world)
{
	return verified_turn(&many_targets_io, world);
}

bool many_targets_run(unsigned operations, uint64_t cycles)
{
	verified_begin(&many_targets_io, operations);
	return lan_world_run(&lan, turn, cycles) && many_targets_io.failed == 0;
}

static bool never(struct lan *world)
{
	(void)world;
	return false;
}

void many_targets_idle(uint64_t cycles)
{
	lan_world_run(&lan, never, cycles);
}

const struct target_stats *many_targets_stats(unsigned n)
{
	return target_get_stats(fabric_target(fabric, n));
}

void many_targets_disturb(void)
{
	struct fault_config faults = {.drop_ppm = 1000, .delay_ppm = 3000, .delay_cycles = 30000};

	for (unsigned port = 0; port < 1 + config.hosts; port++)
		fabric_set_fault(fabric, port, &faults);
}
