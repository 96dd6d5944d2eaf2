/* The firmware's initiator and the embedded targets over the fabric's switch: verified I/O, faults, lost targets. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "testbench/gtest/test.h"
#include "testbench/interop/verified_io.h"

enum { BLOCKS = 8192 };

static struct lan lan;
static struct fabric *fabric;
static uint8_t shadow[2][BLOCKS * 512];
static struct verified_io io = {.volumes = 2, .blocks = BLOCKS, .shadow = {shadow[0], shadow[1]}};

static const char CONFIGURATION[] =
	"ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 3\nkato 0\n"
	"volume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1\n"
	"volume 1 nvme-tcp 10.0.0.11:4420 nqn.2026-11.assay:target1 nsid 1\n";

static const char *make_file(unsigned number)
{
	static char path[2][64];
	FILE *file;

	snprintf(path[number], sizeof(path[0]), "/tmp/assay_network_%d_%u.img", (int)getpid(), number);
	for (size_t i = 0; i < sizeof(shadow[0]); i++)
		shadow[number][i] = (uint8_t)verified_draw(&io, 256);
	file = fopen(path[number], "wb");
	if (!file || fwrite(shadow[number], 1, sizeof(shadow[0]), file) != sizeof(shadow[0]))
		abort();
	fclose(file);
	return path[number];
}

static bool both_ready(struct lan *world)
{
	(void)world;
	return initiator_ready(0, NULL) && initiator_ready(1, NULL);
}

/* One fabric and one initiator for all tests of this file; the second target answers in small pieces. */
static bool start(void)
{
	static struct fabric_config config = {.hosts = 2, .seed = 9};
	char message[200];
	static const char *nqn[] = {"nqn.2026-11.assay:target0", "nqn.2026-11.assay:target1"};
	static const char *address[] = {"10.0.0.10/24", "10.0.0.11/24"};

	if (fabric)
		return true;
	io.random = test_seed() * 2 + 1;
	for (unsigned i = 0; i < 2; i++) {
		config.host[i].address = address[i];
		config.host[i].target = (struct target_config){.nqn = nqn[i], .namespaces = 1};
		config.host[i].target.volume[0].path = make_file(i);
	}
	config.host[1].target.r2t_bytes = 16384;
	config.host[1].target.c2h_data_bytes = 32768;
	config.host[1].target.in_capsule_bytes = 512;
	config.pcap_path = getenv("ASSAY_PCAP");
	config.mtu = getenv("ASSAY_MTU") ? (unsigned)atoi(getenv("ASSAY_MTU")) : 9000;
	fabric = fabric_create(&config, message, sizeof(message));
	for (unsigned i = 0; i < 2; i++)
		unlink(config.host[i].target.volume[0].path);
	if (!fabric)
		fprintf(stderr, "%s\n", message);
	return fabric && lan_world_start(&lan, fabric, CONFIGURATION) == 0 &&
		lan_world_run(&lan, both_ready, 2000000000);
}

static bool turn(struct lan *world)
{
	return verified_turn(&io, world);
}

static void run_io(unsigned operations, uint64_t cycles)
{
	verified_begin(&io, operations);
	EXPECT_TRUE(lan_world_run(&lan, turn, cycles));
	EXPECT_EQ(io.failed, 0u);
}

TEST(network, initiator_connects_to_both_targets)
{
	uint64_t blocks = 0;

	ASSERT_TRUE(start());
	EXPECT_TRUE(initiator_ready(1, &blocks));
	EXPECT_EQ(blocks, (unsigned)BLOCKS);
}

TEST(network, verified_io)
{
	uint64_t begin;

	ASSERT_TRUE(start());
	begin = lan.now;
	run_io(2000, 2000000000);
	/* 2 x 25 Gbit/s of lines and media carry it in a few tens of milliseconds, if nothing waits for a timer. */
	EXPECT_LT(lan.now - begin, 100000000u);
	EXPECT_EQ(fabric_get_stats(fabric).lost, 0u);
	EXPECT_EQ(fabric_get_port(fabric, 0)->dropped, 0u);
	EXPECT_EQ(fabric_flush(fabric), 0);
	printf("network hash %016llx at cycle %llu\n", (unsigned long long)lan.hash, (unsigned long long)lan.now);
}

static void add(struct fault *sum, const struct fault *more)
{
	sum->dropped += more->dropped;
	sum->duplicated += more->duplicated;
	sum->corrupted += more->corrupted;
	sum->delayed += more->delayed;
}

TEST(network, verified_io_over_faulty_links)
{
	struct fault_config faults = {.drop_ppm = 3000, .duplicate_ppm = 5000, .corrupt_ppm = 3000, .delay_ppm = 5000, .delay_cycles = 30000};
	struct fault_config none = {0};
	struct fault sum = {.dropped = 0};

	ASSERT_TRUE(start());
	for (unsigned port = 0; port < 3; port++)
		fabric_set_fault(fabric, port, &faults);
	run_io(500, 60000000000ull);
	for (unsigned port = 0; port < 3; port++)
		fabric_set_fault(fabric, port, &none);
	for (unsigned port = 0; port < 3; port++)
		add(&sum, fabric_get_fault(fabric, port));
	EXPECT_TRUE(sum.dropped && sum.corrupted && sum.delayed && sum.duplicated);
}

static bool pass_time(struct lan *world)
{
	(void)world;
	return false;
}

TEST(network, a_target_that_goes_and_comes_back_loses_nothing)
{
	ASSERT_TRUE(start());
	verified_begin(&io, 300);
	lan_world_run(&lan, turn, 300000);
	fabric_set_target_mode(fabric, 0, TARGET_REFUSES);
	lan_world_run(&lan, turn, 20000000);
	EXPECT_FALSE(initiator_ready(0, NULL));
	EXPECT_TRUE(initiator_ready(1, NULL));
	fabric_set_target_mode(fabric, 0, TARGET_RUNS);
	EXPECT_TRUE(lan_world_run(&lan, turn, 60000000000ull));
	EXPECT_EQ(io.failed, 0u);
}

TEST(network, a_dead_link_recovers)
{
	ASSERT_TRUE(start());
	verified_begin(&io, 200);
	lan_world_run(&lan, turn, 200000);
	fabric_set_link(fabric, 1, false);
	lan_world_run(&lan, pass_time, 100000000);
	fabric_set_link(fabric, 1, true);
	EXPECT_TRUE(lan_world_run(&lan, turn, 60000000000ull));
	EXPECT_EQ(io.failed, 0u);
}
