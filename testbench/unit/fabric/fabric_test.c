/* What fabric_create() refuses, in words, and that what it leaves behind does not stop the next one. */
#include <stdio.h>
#include <unistd.h>

#include "sim/fabric/fabric.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/fabric/host_side.h"

static struct fabric_config good(const char *path)
{
	struct fabric_config config = {.hosts = 2};

	for (unsigned i = 0; i < 2; i++) {
		config.host[i].address = i ? "10.0.0.11/24" : "10.0.0.10/24";
		config.host[i].target.nqn = "nqn.x";
		config.host[i].target.namespaces = 1;
		config.host[i].target.volume[0].path = path;
	}
	return config;
}

static void expect_refusal(const struct fabric_config *config, const char *words)
{
	char message[200] = "";

	EXPECT_TRUE(fabric_create(config, message, sizeof(message)) == NULL);
	if (!strstr(message, words))
		EXPECT_STREQ(message, words);
}

TEST(fabric, names_what_is_wrong)
{
	static struct fabric_config config;
	static struct fabric *fabric;
	char message[200];
	const char *path = host_make_volume(3, 4);

	config = good(path);
	config.host[1].address = "10.0.0.10/24";
	expect_refusal(&config, "the same address");
	config.host[1].address = "10.0.0/24";
	expect_refusal(&config, "storage host 1: \"10.0.0/24\" is no IPv4 address");
	config.host[1].address = "10.0.0.256/24";
	expect_refusal(&config, "\"10.0.0.256/24\" is no IPv4 address");
	config.host[1].address = NULL;
	expect_refusal(&config, "storage host 1");
	config = good(path);
	config.mtu = 9001;
	expect_refusal(&config, "MTU");
	config = good(path);
	config.external_ports = 31;
	expect_refusal(&config, "32 ports");
	config = good(path);
	config.host[1].target.volume[0].path = "/nonexistent.img";
	expect_refusal(&config, "volume file /nonexistent.img: No such file or directory");
	config = good(path);
	config.pcap_path = "/nonexistent/x.pcap";
	expect_refusal(&config, "capture /nonexistent/x.pcap: No such file or directory");
	config = good(path);
	config.attachments = 1;
	config.attachment[0].where = "qemu:unix:/nonexistent.sock";
	expect_refusal(&config, "link /nonexistent.sock: No such file or directory");
	config = good(path);
	fabric = fabric_create(&config, message, sizeof(message));
	ASSERT_TRUE(fabric != NULL);
	expect_refusal(&config, "there is one in this process already");
	EXPECT_EQ(fabric_destroy(fabric), 0);
	unlink(path);
}
