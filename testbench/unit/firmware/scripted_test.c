/* A target that follows a script: it answers each PDU of the initiator with the next bytes it was given, and keeps what it hears.
 * It stands where volume WORLD_ABSENT expects its target. */
#include "firmware/fabric/fabric.h"
#include "firmware/fabric/nvme_tcp_wire.h"
#include "lwip/tcp.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/world.h"

#define SCRIPT_PORT 4499
#define HEARD_BYTES 4096

static struct {
	struct tcp_pcb *listener, *pcb;
	const void *answers[4];
	uint16_t lengths[4];
	unsigned answered, connections;
	uint8_t heard[HEARD_BYTES];
	uint32_t heard_bytes;
	bool ended;
} script;

static err_t on_receive(void *argument, struct tcp_pcb *pcb, struct pbuf *data, err_t error)
{
	(void)argument;
	(void)error;
	if (!data) {
		script.ended = true;
		return ERR_OK;
	}
	if (script.heard_bytes + data->tot_len <= HEARD_BYTES)
		script.heard_bytes += pbuf_copy_partial(data, script.heard + script.heard_bytes, data->tot_len, 0);
	tcp_recved(pcb, data->tot_len);
	pbuf_free(data);
	if (script.answered < 4 && script.answers[script.answered]) {
		EXPECT_EQ(tcp_write(pcb, script.answers[script.answered], script.lengths[script.answered], 0), ERR_OK);
		script.answered++;
		tcp_output(pcb);
	}
	return ERR_OK;
}

static void on_error(void *argument, err_t error)
{
	(void)argument;
	(void)error;
	script.pcb = NULL;
	script.ended = true;
}

/* The first connection follows the script, later ones are refused. */
static err_t on_accept(void *argument, struct tcp_pcb *pcb, err_t error)
{
	(void)argument;
	(void)error;
	if (script.connections++ > 0) {
		tcp_abort(pcb);
		return ERR_ABRT;
	}
	script.pcb = pcb;
	tcp_recv(pcb, on_receive);
	tcp_err(pcb, on_error);
	return ERR_OK;
}

static bool script_ended(void)
{
	return script.ended;
}

static void script_run(void)
{
	world_begin();
	script.connections = script.answered = 0;
	script.heard_bytes = 0;
	script.ended = false;
	script.listener = tcp_new();
	ASSERT_EQ(tcp_bind(script.listener, IP_ADDR_ANY, SCRIPT_PORT), ERR_OK);
	script.listener = tcp_listen(script.listener);
	tcp_accept(script.listener, on_accept);
	EXPECT_TRUE(world_run_until(script_ended, 30000));
	tcp_close(script.listener);
	memset(script.answers, 0, sizeof(script.answers));
	EXPECT_FALSE(fabric_storage(WORLD_ABSENT)->ready);
}

static const struct nvme_tcp_term *last_words(uint32_t bytes_before)
{
	static const struct nvme_tcp_term none;

	return script.heard_bytes == bytes_before + 48 ? (const struct nvme_tcp_term *)(script.heard + bytes_before) : &none;
}

TEST(firmware_scripted, opens_with_icreq_and_refuses_another_format)
{
	static const struct nvme_tcp_icresp icresp = {.common = {NVME_TCP_ICRESP, 0, 128, 0, 128}, .pfv = 1,
		.maxh2cdata = 4096};
	const struct nvme_tcp_icreq *icreq = (const struct nvme_tcp_icreq *)script.heard;

	script.answers[0] = &icresp;
	script.lengths[0] = sizeof(icresp);
	script_run();
	EXPECT_EQ(icreq->common.type, NVME_TCP_ICREQ);
	EXPECT_EQ(icreq->common.plen, 128u);
	EXPECT_EQ(icreq->pfv, 0);
	EXPECT_EQ(icreq->hpda, 0);
	EXPECT_EQ(icreq->dgst, 0);
	EXPECT_EQ(last_words(128)->common.type, NVME_TCP_H2C_TERM);
	EXPECT_EQ(last_words(128)->fes, NVME_TCP_FES_UNSUPPORTED);
	EXPECT_EQ(last_words(128)->common.plen, 48u);
}

TEST(firmware_scripted, connects_in_capsule_and_refuses_strange_answers)
{
	static const struct nvme_tcp_icresp icresp = {.common = {NVME_TCP_ICRESP, 0, 128, 0, 128}, .cpda = 31,
		.maxh2cdata = 4096};
	static const struct nvme_tcp_response response = {.common = {NVME_TCP_RESPONSE, 0, 24, 0, 24}, .cqe = {.cid = 0xabcd}};
	const struct nvme_tcp_command *command = (const struct nvme_tcp_command *)(script.heard + 128);
	const struct nvme_connect_data *connect = (const struct nvme_connect_data *)(script.heard + 128 + 128);

	script.answers[0] = &icresp;
	script.lengths[0] = sizeof(icresp);
	script.answers[1] = &response;
	script.lengths[1] = sizeof(response);
	script_run();
	EXPECT_EQ(command->common.type, NVME_TCP_COMMAND);
	EXPECT_EQ(command->common.pdo, 128); /* as CPDA asks for */
	EXPECT_EQ(command->common.plen, 128u + 1024);
	EXPECT_EQ(command->sqe.opcode, NVME_ADMIN_FABRICS);
	EXPECT_EQ(command->sqe.flags, NVME_PSDT_SGL);
	EXPECT_EQ(command->sqe.nsid & 0xff, NVME_FABRICS_CONNECT);
	EXPECT_EQ(command->sqe.dptr[1], NVME_SGL_WORD(NVME_SGL_IN_CAPSULE, 1024));
	EXPECT_STREQ(connect->subnqn, "nqn.2026-11.assay:nobody");
	EXPECT_EQ(connect->cntlid, 0xffff);
	EXPECT_EQ(last_words(128 + 128 + 1024)->common.type, NVME_TCP_H2C_TERM);
	EXPECT_EQ(last_words(128 + 128 + 1024)->fes, NVME_TCP_FES_HEADER_FIELD);
}

TEST(firmware_scripted, a_terminated_connection_is_left)
{
	static const struct nvme_tcp_term term = {.common = {NVME_TCP_C2H_TERM, 0, 24, 0, 24}, .fes = 1};

	script.answers[0] = &term;
	script.lengths[0] = sizeof(term);
	script_run();
	EXPECT_EQ(script.heard_bytes, 128u); /* ICReq, and no word of farewell */
}
