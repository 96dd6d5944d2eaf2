#include "testbench/unit/firmware/world.h"

#include "firmware/core/clock.h"
#include "firmware/core/config.h"
#include "firmware/fabric/fabric.h"
#include "firmware/net/lan.h"
#include "firmware/nvme/io.h"
#include "firmware/nvme/volume_record.h"
#include "firmware/update/update.h"
#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/fake_board.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/fake_system.h"
#include "testbench/unit/firmware/storage_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_PORT 4420
#define LINK_TICKS 20

static const char configuration[] =
	"ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 7\nkato 4000\n"
	"volume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1\n"
	"volume 1 nvme-tcp 10.0.0.10:4421 nqn.2026-11.assay:target1 nsid 2\n"
	"volume 2 nvme-tcp 10.0.0.10:4422 nqn.2026-11.assay:target2 nsid 1\n"
	"volume 3 nvme-tcp 10.0.0.10:4499 nqn.2026-11.assay:nobody nsid 1\n"
	"volume 4 nvme-tcp 10.0.0.10:4424 nqn.2026-11.assay:target4 nsid 1 hdgst ddgst queues 3\n"
	"volume 5 nvme-tcp 10.0.0.10:4425 nqn.2026-11.assay:target5 nsid 1 path 10.0.0.10:4426 queues 2 timeout 200 apd fail 500\n"
	"volume 6 discovery 10.0.0.10:4426 nqn.2026-11.assay:target5 nsid 1 timeout 200\n"
	"volume 7 stripe 16 0 1 2\n"
	"volume 8 mirror 0 2\n"
	"volume 9 concat 0 2\n"
	"volume 10 nvme-tcp 10.0.0.10:4430 nqn.2026-11.assay:target10 nsid 1\n"
	"volume 11 nvme-tcp 10.0.0.10:4431 nqn.2026-11.assay:target11 nsid 1\n"
	"volume 12 stripe 4 10 11\n"
	"volume 13 mirror 10 11\n"
	"volume 14 concat 0 10\n"
	"volume 15 nvme-tcp 10.0.0.10:4435 nqn.2026-11.assay:target15 nsid 3 path 10.0.0.10:4436 timeout 200\n";

struct config world_config;
static struct target *targets[WORLD_VOLUMES];
static int files[WORLD_VOLUMES];
static char paths[WORLD_VOLUMES][32];

struct target *world_target(enum world_volume volume)
{
	return targets[volume];
}

static void read_member(enum world_volume volume, uint64_t offset, void *bytes, uint32_t length)
{
	EXPECT_EQ(pread(files[volume], bytes, length, (off_t)offset), (ssize_t)length);
}

static const struct stripe {
	unsigned first, members;
	uint32_t bytes;
} short_stripe = {WORLD_PLAIN, 3, 16384}, long_stripe = {WORLD_LONG, 2, 4096};

static void read_stripe(const struct stripe *stripe, uint64_t offset, uint8_t *bytes, uint32_t length)
{
	for (uint32_t done = 0; done < length; done += 512) {
		uint64_t piece = (offset + done) / stripe->bytes, within = (offset + done) % stripe->bytes;

		read_member((enum world_volume)(stripe->first + piece % stripe->members), piece / stripe->members * stripe->bytes + within,
			bytes + done, 512);
	}
}

void world_read_file(enum world_volume volume, uint64_t offset, void *bytes, uint32_t length)
{
	if (volume == WORLD_STRIPE)
		read_stripe(&short_stripe, offset, bytes, length);
	else if (volume == WORLD_LONG_STRIPE)
		read_stripe(&long_stripe, offset, bytes, length);
	else if (volume == WORLD_MIRROR)
		read_member(mirror_stale(volume) & 1 ? WORLD_CAPSULE : WORLD_PLAIN, offset, bytes, length);
	else if (volume == WORLD_LONG_MIRROR)
		read_member(mirror_stale(volume) & 1 ? WORLD_LONG_TOO : WORLD_LONG, offset, bytes, length);
	else
		read_member(volume, offset, bytes, length);
}

static void make_file(enum world_volume volume)
{
	snprintf(paths[volume], sizeof(paths[volume]), "/tmp/assay-fw-XXXXXX");
	files[volume] = mkstemp(paths[volume]);
	EXPECT_EQ(ftruncate(files[volume], WORLD_BLOCKS * 512), 0);
}

static void listen_target(enum world_volume volume, struct target_config settings, unsigned namespace_id, unsigned subsystem)
{
	char message[200], nqn[64];

	snprintf(nqn, sizeof(nqn), "nqn.2026-11.assay:target%u", subsystem);
	settings.nqn = nqn;
	settings.namespaces = namespace_id;
	for (unsigned i = 0; i < namespace_id; i++)
		settings.volume[i].path = paths[volume];
	targets[volume] = target_create(&settings, message, sizeof(message));
	if (!targets[volume]) {
		fputs(message, stderr);
		abort();
	}
	storage_server_listen((uint16_t)(FIRST_PORT + volume), targets[volume]);
}

static void make_target(enum world_volume volume, struct target_config settings, unsigned namespace_id)
{
	make_file(volume);
	listen_target(volume, settings, namespace_id, volume);
	unlink(paths[volume]);
}

/* Two ports of one subsystem: the same file behind both. */
static void make_twins(void)
{
	struct target_config first = {.address = "10.0.0.10", .tcp_port = FIRST_PORT + WORLD_TWIN, .ana = TARGET_ANA_OPTIMIZED,
		.peers = 1, .peer = {{"10.0.0.10", FIRST_PORT + WORLD_FOUND}}};
	struct target_config second = {.address = "10.0.0.10", .tcp_port = FIRST_PORT + WORLD_FOUND, .first_controller = 100,
		.ana = TARGET_ANA_NON_OPTIMIZED, .peers = 1, .peer = {{"10.0.0.10", FIRST_PORT + WORLD_TWIN}}, .transfer_bytes = 8192};

	make_file(WORLD_TWIN);
	files[WORLD_FOUND] = files[WORLD_TWIN];
	memcpy(paths[WORLD_FOUND], paths[WORLD_TWIN], sizeof(paths[0]));
	listen_target(WORLD_TWIN, first, 1, WORLD_TWIN);
	listen_target(WORLD_FOUND, second, 1, WORLD_TWIN);
	unlink(paths[WORLD_TWIN]);
}

/* As an array does it: many groups, many namespaces, and nothing to be seen of those that cannot be reached. */
static void make_groups(void)
{
	struct target_config first = {.ana = TARGET_ANA_OPTIMIZED, .ana_group = 57, .ana_groups = 290, .ana_hides = 1, .anatt_s = 1};
	struct target_config second = {.ana = TARGET_ANA_NON_OPTIMIZED, .ana_group = 5, .ana_hides = 1, .anatt_s = 1, .first_controller = 100};

	make_file(WORLD_GROUPS);
	files[WORLD_GROUPS_TOO] = files[WORLD_GROUPS];
	memcpy(paths[WORLD_GROUPS_TOO], paths[WORLD_GROUPS], sizeof(paths[0]));
	listen_target(WORLD_GROUPS, first, 3, WORLD_GROUPS);
	listen_target(WORLD_GROUPS_TOO, second, 3, WORLD_GROUPS);
	unlink(paths[WORLD_GROUPS]);
}

void world_third_twin(void)
{
	struct target_config third = {.address = "10.0.0.10", .tcp_port = FIRST_PORT + WORLD_ABSENT, .first_controller = 200, .ana = TARGET_ANA_OPTIMIZED};

	snprintf(paths[WORLD_ABSENT], sizeof(paths[0]), "/proc/self/fd/%d", files[WORLD_TWIN]);
	listen_target(WORLD_ABSENT, third, 1, WORLD_TWIN);
}

static void start(void)
{
	static const struct fabric_events events = {io_done, volumes_storage_ready};
	struct config_error error;

	if (config_parse(configuration, sizeof(configuration), &world_config, &error) != 0)
		abort();
	fake_link.random = test_seed() * 2 + 1;
	lan_init(&world_config);
	make_target(WORLD_PLAIN, (struct target_config){0}, 1);
	make_target(WORLD_SMALL, (struct target_config){.in_capsule_bytes = 512, .r2t_bytes = 8192,
		.h2c_data_bytes = 4096, .c2h_data_bytes = 4096, .transfer_bytes = 16384}, 2);
	make_target(WORLD_CAPSULE, (struct target_config){.in_capsule_bytes = 16384, .transfer_bytes = 32768}, 1);
	make_target(WORLD_DIGEST, (struct target_config){.c2h_data_bytes = 16384}, 1);
	make_twins();
	make_groups();
	make_target(WORLD_LONG, (struct target_config){.block_bytes = 4096}, 1);
	make_target(WORLD_LONG_TOO, (struct target_config){.block_bytes = 4096, .in_capsule_bytes = 512, .transfer_bytes = 8192, .zeroes_bytes = 65536}, 1);
	layout_init(&world_config);
	controller_init();
	fabric_init(&world_config, &events);
	world_lose_power();
}

void world_lose_power(void)
{
	flash_cut(&fake_system.flash, fake_system.contents, clock_ticks() * 100);
	volume_record_init(&world_config, false);
	mirror_init();
}

static void enable(unsigned function)
{
	fake_see_event(SEE_DESC_DISABLE, function, 0);
	see_function_write(function, SEE_FN_CC, 0x00460001);
	see_function_write(function, SEE_FN_AQA, 31u << 16 | 31);
	see_function_write(function, SEE_FN_ASQ, 0x10000);
	see_function_write(function, SEE_FN_ACQ, 0x20000);
	fake_see_event(SEE_DESC_ENABLE, function, 0);
	EXPECT_EQ(see_function_read(function, SEE_FN_CSTS), SEE_CSTS_RDY_MASK);
}

void world_begin(void)
{
	static bool started;
	static uint8_t volumes[2 * SYS_FLASH_SECTOR]; /* what is known of them outlives a test, as they do */

	memcpy(volumes, fake_system.contents + SYS_FLASH_VOLUMES_A, sizeof(volumes));
	fake_system_reset();
	if (started)
		memcpy(fake_system.contents + SYS_FLASH_VOLUMES_A, volumes, sizeof(volumes));
	update_init();
	fake_see_reset();
	fake_link.lose_of_1000 = 0;
	fake_link.cut = false;
	storage_server_damage(0);
	if (!started)
		start();
	else
		controller_init();
	started = true;
	enable(0);
	enable(1);
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* One turn: what the firmware's main loop does, then the targets, then time passes to the next event. */
static void turn(uint64_t end_ticks)
{
	uint64_t next = earliest(fabric_run(), controller_run());
	bool moving = fake_link_pending();

	fabric_flush();
	next = earliest(next, lan_run_timers());
	fake_link_deliver();
	for (unsigned i = 0; i < WORLD_VOLUMES; i++) {
		if (!targets[i])
			continue;
		target_advance(targets[i], storage_server_now());
		next = earliest(next, target_next_event(targets[i]) / 100 + 1);
	}
	storage_server_flush();
	moving = moving || fake_link_pending();
	next = moving ? clock_ticks() + LINK_TICKS : next;
	next = next > clock_ticks() ? next : clock_ticks() + 1;
	fake_clock_set(earliest(next, end_ticks));
}

bool world_run_until(bool (*done)(void), unsigned ms)
{
	uint64_t end = clock_ticks() + ms * CLOCK_TICKS_PER_MS;

	while (clock_ticks() < end) {
		turn(end);
		if (done && done())
			return true;
	}
	return false;
}

void world_run(unsigned ms)
{
	world_run_until(NULL, ms);
}

void world_resize(enum world_volume volume, uint64_t blocks)
{
	EXPECT_EQ(ftruncate(files[volume], (off_t)(blocks * 512)), 0);
	EXPECT_EQ(target_resize(targets[volume], volume == WORLD_SMALL ? 2 : volume >= WORLD_GROUPS ? WORLD_GROUPS_NSID : 1, storage_server_now()), 0);
}
