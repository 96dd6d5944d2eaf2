#include "firmware/core/config.h"
#include "testbench/gtest/test.h"

#include <stdio.h>

static const char good[] =
	"# board\n"
	"ip 10.0.0.2/24\r\n"
	"mac 02:00:00:00:00:0f\n\n"
	"seed 18446744073709551615\n"
	"kato 1500\n"
	"completion 200\n"
	"volume 3 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 7   # the third";

static struct config config;
static struct config_error error;

TEST(firmware_config, reads_every_key)
{
	ASSERT_EQ(config_parse(good, sizeof(good), &config, &error), 0);
	EXPECT_MEMEQ(config.ip, "\x0a\x00\x00\x02", 4);
	EXPECT_EQ(config.prefix_bits, 24);
	EXPECT_MEMEQ(config.mac, "\x02\0\0\0\0\x0f", 6);
	EXPECT_EQ(config.seed, UINT64_MAX);
	EXPECT_EQ(config.kato_ms, 1500u);
	EXPECT_EQ(config.completion_ms, 200u);
	EXPECT_FALSE(config.volumes[0].present);
	EXPECT_TRUE(config.volumes[3].present);
	EXPECT_EQ(config.volumes[3].paths[0].port, 4420);
	EXPECT_EQ(config.volumes[3].nsid, 7u);
	EXPECT_EQ(config.volumes[3].path_count, 1);
	EXPECT_EQ(config.volumes[3].queues, 1);
	EXPECT_EQ(config.volumes[3].timeout_ms, 10000u);
	EXPECT_FALSE(config.volumes[3].apd_fails);
	EXPECT_STREQ(config.volumes[3].nqn, "nqn.2026-11.assay:target0");
}

TEST(firmware_config, reads_the_options_of_a_volume)
{
	static const char text[] = "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\n"
		"volume 0 nvme-tcp 10.0.0.10:4420 n nsid 1 queues 3 path 10.0.0.11:4421 ddgst hdgst timeout 50 apd fail 700\n"
		"volume 1 discovery 10.0.0.12:8009 m nsid 2 apd queue\n"
		"net 0 mac 02:00:00:00:02:00\nnet 5 mac 02:00:00:00:02:05 guard\n";
	const struct config_volume *volume = &config.volumes[0];

	ASSERT_EQ(config_parse(text, sizeof(text), &config, &error), 0);
	EXPECT_EQ(volume->path_count, 2);
	EXPECT_MEMEQ(volume->paths[1].address, "\x0a\x00\x00\x0b", 4);
	EXPECT_EQ(volume->paths[1].port, 4421);
	EXPECT_EQ(volume->queues, 3);
	EXPECT_TRUE(volume->header_digest && volume->data_digest && volume->apd_fails && !volume->discover);
	EXPECT_EQ(volume->apd_ms, 700u);
	EXPECT_EQ(volume->timeout_ms, 50u);
	EXPECT_TRUE(config.volumes[1].discover);
	EXPECT_FALSE(config.volumes[1].apd_fails);
	EXPECT_TRUE(config.net[0].present && !config.net[0].guard && !config.net[1].present);
	EXPECT_TRUE(config.net[5].present && config.net[5].guard);
	EXPECT_MEMEQ(config.net[5].mac, "\x02\0\0\0\x02\x05", 6);
}

/* Each text follows a good beginning; the error is on the line that is told. */
static const struct {
	const char *text;
	unsigned line;
} bad[] = {
	{"ip 10.0.0.3/24", 3},
	{"seed", 3},
	{"seed 18446744073709551616", 3},
	{"kato 4294967296", 3},
	{"completion 0", 3},
	{"completion 201", 3},
	{"speed 1", 3},
	{"seed 1 2", 3},
	{"\nvolume 16 nvme-tcp 10.0.0.10:4420 n nsid 1", 4},
	{"volume 0 iscsi 10.0.0.10:4420 n nsid 1", 3},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1\nvolume 1 concat 0", 4},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1\nvolume 1 concat 0 0", 4},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1\nvolume 1 mirror 0 2", 4},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1\nvolume 1 stripe 5 0 2", 4},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1\nvolume 0 mirror 0 2", 4},
	{"volume 0 nvme-tcp 10.0.0.256:4420 n nsid 1", 3},
	{"volume 0 nvme-tcp 10.0.0.1:0 n nsid 1", 3},
	{"volume 0 nvme-tcp 10.0.0.1:65536 n nsid 1", 3},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 0", 3},
	{"volume 0 nvme-tcp 10.0.0.1:1 n", 3},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1 queues 5", 3},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1 queues 0", 3},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1 apd panic", 3},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1 apd fail", 3},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1 timeout 0", 3},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1 fast", 3},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1 path 10.0.0.1", 3},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1 path 1.1.1.1:1 path 1.1.1.1:2 path 1.1.1.1:3 path 1.1.1.1:4", 3},
	{"volume 0 discovery 10.0.0.1:1 n nsid 1 path 1.1.1.1:1", 3},
	{"net 16 mac 02:00:00:00:02:00", 3},
	{"net 0 mac 03:00:00:00:02:00", 3},
	{"net 0 02:00:00:00:02:00", 3},
	{"net 0 mac 02:00:00:00:02:00 open", 3},
	{"attach 17 0", 3},
	{"attach 0 16", 3},
	{"attach 0 1", 3},
	{"attach 0 0\nattach 0 0", 4},
	{"net 0 mac 02:00:00:00:02:00\nnet 0 mac 02:00:00:00:02:01", 4},
	{"volume 0 nvme-tcp 10.0.0.1:1 n nsid 1\nvolume 0 nvme-tcp 10.0.0.1:1 n nsid 1", 4},
};

TEST(firmware_config, tells_the_line_that_is_wrong)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[300];

		snprintf(text, sizeof(text), "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\n%s\n", bad[i].text);
		error.line = 0;
		EXPECT_EQ(config_parse(text, sizeof(text), &config, &error), -1);
		EXPECT_EQ(error.line, bad[i].line);
	}
}

TEST(firmware_config, wants_address_and_end)
{
	EXPECT_EQ(config_parse("mac 02:00:00:00:00:02", 22, &config, &error), -1);
	EXPECT_EQ(config_parse("ip 10.0.0.2/24", 15, &config, &error), -1);
	EXPECT_EQ(config_parse("ip 10.0.0.2/31\nmac 02:00:00:00:00:02", 37, &config, &error), -1);
	EXPECT_EQ(config_parse("ip 10.0.0.2/24\nmac 03:00:00:00:00:02", 37, &config, &error), -1);
	EXPECT_EQ(config_parse("ip 10.0.0.2/24\nmac 02:00:00:00:00:02", 36, &config, &error), -1);
}
