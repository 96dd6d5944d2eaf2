/* The firmware's initiator against a target outside, through a fabric port attached to a virtual machine or a recording.
 * usage: nvmet_client LINK IMAGE OPERATIONS SEED CAPTURE RECORDING [OPTIONS]
 *   LINK       qemu:unix:PATH or replay:FILE
 *   IMAGE      what the volume at 10.0.0.10 holds now; IMAGE.expected receives what it must hold afterwards
 *   RECORDING  receives what comes in, "-": none
 *   OPTIONS    of the volume, as the configuration flash has them: "hdgst ddgst queues 2"
 * Prints "connected", "half", and at the end a line with the number of operations and failures and the hash of all frames.
 * Status 0: all verified; 1: not; 2: usage or files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testbench/interop/verified_io.h"

#define SLOW_US 20000 /* for each operation of the second half */
#define RECONNECT_CYCLES 3000000000u /* in which paths that are not needed come back */

static struct lan lan;
static struct verified_io io = {.volumes = 1};

static const char CONFIGURATION[] =
	"ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 3\nkato 0\n"
	"volume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1 ";

static bool ready(struct lan *world)
{
	(void)world;
	return initiator_ready(0, NULL);
}

static bool turn(struct lan *world)
{
	return verified_turn(&io, world);
}

/* As slow as a man, so that somebody outside can make trouble meanwhile; simulated time knows nothing of it. */
static bool slow_turn(struct lan *world)
{
	unsigned finished = io.finished;
	bool over = verified_turn(&io, world);

	usleep((io.finished - finished) * SLOW_US);
	return over;
}

static bool load(const char *path)
{
	FILE *file = fopen(path, "rb");
	long bytes;
	bool good;

	if (!file || fseek(file, 0, SEEK_END) != 0 || (bytes = ftell(file)) < VERIFIED_BLOCKS_MAX * 512)
		return false;
	io.blocks = (uint64_t)bytes / 512;
	io.shadow[0] = malloc((size_t)bytes);
	rewind(file);
	good = io.shadow[0] && fread(io.shadow[0], (size_t)bytes, 1, file) == 1;
	fclose(file);
	return good;
}

static bool store(const char *path)
{
	char name[512];
	FILE *file;
	bool good;

	snprintf(name, sizeof(name), "%s.expected", path);
	file = fopen(name, "wb");
	good = file && fwrite(io.shadow[0], io.blocks * 512, 1, file) == 1;
	return file && fclose(file) == 0 && good;
}

static struct fabric *join(const char *where, const char *capture, const char *recording)
{
	struct fabric_config config = {.external_ports = 2, .pcap_path = capture};
	char message[200];
	struct fabric *fabric = fabric_create(&config, message, sizeof(message));

	if (!fabric || fabric_attach(fabric, 1, where, strcmp(recording, "-") ? recording : NULL, message, sizeof(message)) < 0) {
		fprintf(stderr, "%s\n", message);
		return NULL;
	}
	return fabric;
}

static bool is_connected(uint64_t limit)
{
	uint64_t blocks = 0;

	if (!lan_world_run(&lan, ready, limit)) {
		puts("not connected");
		return false;
	}
	initiator_ready(0, &blocks);
	if (blocks != io.blocks) {
		printf("the volume has %llu blocks, the image %llu\n", (unsigned long long)blocks, (unsigned long long)io.blocks);
		return false;
	}
	puts("connected");
	return true;
}

static bool operate(bool (*until)(struct lan *world), uint64_t limit)
{
	if (lan_world_run(&lan, until, limit) && !io.failed)
		return true;
	printf("%u of %u operations finished, %u failed\n", io.finished, io.wanted, io.failed);
	return false;
}

/* A simulated minute is a minute of waiting, or less if the link is a recording. */
static bool run(unsigned operations, bool live)
{
	const uint64_t minute = 60000000000ull;

	if (!is_connected(minute))
		return false;
	verified_begin(&io, operations / 2);
	if (!operate(turn, 2 * minute))
		return false;
	puts("half");
	verified_begin(&io, operations / 2);
	if (!operate(live ? slow_turn : turn, 2 * minute))
		return false;
	lan_world_wait(&lan, RECONNECT_CYCLES);
	puts("whole");
	return true;
}


int main(int argc, char **argv)
{
	char configuration[512];
	struct fabric *fabric;
	bool good;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 7 || argc > 8 || !load(argv[2])) {
		fputs(argc < 7 || argc > 8 ? "usage: nvmet_client LINK IMAGE OPERATIONS SEED CAPTURE RECORDING [OPTIONS]\n" : "nvmet_client: the image cannot be read\n",
			stderr);
		return 2;
	}
	io.random = strtoull(argv[4], NULL, 0) * 2 + 1;
	fabric = join(argv[1], argv[5], argv[6]);
	snprintf(configuration, sizeof(configuration), "%s%s\n", CONFIGURATION, argc == 8 ? argv[7] : "");
	if (!fabric || lan_world_start(&lan, fabric, configuration) < 0)
		return 2;
	good = run((unsigned)strtoul(argv[3], NULL, 0), strncmp(argv[1], "replay:", 7) != 0) && store(argv[2]);
	printf("bytes %llu failed %u hash %016llx cycle %llu\n", (unsigned long long)io.bytes, io.failed, (unsigned long long)lan.hash,
		(unsigned long long)lan.now);
	return fabric_destroy(fabric) == 0 && good ? 0 : 1;
}
