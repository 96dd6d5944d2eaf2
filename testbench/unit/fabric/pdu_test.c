/* The PDU reader: every fragmentation, every wrong header; digests. */
#include "sim/fabric/bytes.h"
#include "sim/fabric/crc32c.h"
#include "sim/fabric/pdu.h"
#include "testbench/gtest/test.h"

struct seen {
	unsigned headers;
	unsigned ends;
	uint8_t data[256];
	size_t data_bytes;
	bool digest_ok;
	bool stall;
};

static enum pdu_verdict on_header(void *ctx, const struct pdu *pdu, struct pdu_error *error)
{
	struct seen *seen = ctx;

	(void)pdu;
	(void)error;
	if (seen->stall)
		return PDU_STALL;
	seen->headers++;
	return PDU_OK;
}

static void on_data(void *ctx, const uint8_t *bytes, size_t length)
{
	struct seen *seen = ctx;

	memcpy(seen->data + seen->data_bytes, bytes, length);
	seen->data_bytes += length;
}

static enum pdu_verdict on_end(void *ctx, const struct pdu *pdu, bool digest_ok, struct pdu_error *error)
{
	struct seen *seen = ctx;

	(void)pdu;
	(void)error;
	seen->ends++;
	seen->digest_ok = digest_ok;
	return PDU_OK;
}

static const struct pdu_handler HANDLER = {.header = on_header, .data = on_data, .end = on_end};

static struct pdu_limits limits(bool digests)
{
	return (struct pdu_limits){
		.types = 1u << PDU_COMMAND | 1u << PDU_H2C_DATA | 1u << PDU_H2C_TERM,
		.header_digest = digests,
		.data_digest = digests,
		.capsule_data = 128,
		.pdu_data = 128,
	};
}

/* A command capsule with 100 bytes of data 0, 1, 2... Returns its length. */
static size_t make_capsule(uint8_t *bytes, bool digests)
{
	struct pdu_layout layout = {.type = PDU_COMMAND, .header_bytes = PDU_COMMAND_BYTES, .data_bytes = 100,
		.header_digest = digests, .data_digest = digests, .alignment = 16};
	size_t at;

	memset(bytes, 0x11, PDU_COMMAND_BYTES);
	at = pdu_finish_header(bytes, &layout);
	for (unsigned i = 0; i < 100; i++)
		bytes[at + i] = (uint8_t)i;
	if (digests)
		store_le32(bytes + at + 100, crc32c(0, bytes + at, 100));
	return at + 100 + (digests ? 4 : 0);
}

static enum pdu_verdict feed(const uint8_t *bytes, size_t length, const struct pdu_limits *limit, struct seen *seen, struct pdu_error *error)
{
	struct pdu_reader reader;
	size_t used;

	pdu_reader_reset(&reader);
	return pdu_read(&reader, limit, &HANDLER, seen, bytes, length, &used, error);
}

TEST(pdu, crc32c_has_its_check_value)
{
	EXPECT_EQ(crc32c(0, "123456789", 9), 0xe3069283u);
	EXPECT_EQ(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xe3069283u);
}

TEST(pdu, any_fragmentation_gives_the_same)
{
	uint8_t bytes[2 * 512];

	for (unsigned digests = 0; digests < 2; digests++) {
		size_t length = make_capsule(bytes, digests);
		struct pdu_limits limit = limits(digests);

		length += make_capsule(bytes + length, digests);
		for (size_t piece = 1; piece <= length; piece++) {
			struct seen seen = {0};
			struct pdu_reader reader;
			struct pdu_error error;

			pdu_reader_reset(&reader);
			for (size_t at = 0; at < length; at += piece) {
				size_t used, now = length - at < piece ? length - at : piece;

				ASSERT_EQ(pdu_read(&reader, &limit, &HANDLER, &seen, bytes + at, now, &used, &error), PDU_OK);
				ASSERT_EQ(used, now);
			}
			ASSERT_EQ(seen.ends, 2u);
			ASSERT_EQ(seen.data_bytes, 200u);
			ASSERT_TRUE(seen.digest_ok && seen.data[99] == 99 && seen.data[100] == 0);
		}
	}
}

TEST(pdu, a_stalled_header_is_offered_again)
{
	uint8_t bytes[512];
	size_t length = make_capsule(bytes, false), used;
	struct pdu_limits limit = limits(false);
	struct seen seen = {.stall = true};
	struct pdu_reader reader;
	struct pdu_error error;

	pdu_reader_reset(&reader);
	EXPECT_EQ(pdu_read(&reader, &limit, &HANDLER, &seen, bytes, length, &used, &error), PDU_STALL);
	EXPECT_EQ(used, (size_t)PDU_COMMAND_BYTES);
	seen.stall = false;
	EXPECT_EQ(pdu_read(&reader, &limit, &HANDLER, &seen, bytes + used, length - used, &used, &error), PDU_OK);
	EXPECT_EQ(seen.ends, 1u);
}

TEST(pdu, wrong_digests_are_told_apart)
{
	uint8_t bytes[512];
	size_t length = make_capsule(bytes, true);
	struct pdu_limits limit = limits(true);
	struct seen seen = {0};
	struct pdu_error error;

	bytes[length - 10] ^= 1;
	EXPECT_EQ(feed(bytes, length, &limit, &seen, &error), PDU_OK);
	EXPECT_TRUE(seen.ends == 1 && !seen.digest_ok);
	bytes[20] ^= 1;
	EXPECT_EQ(feed(bytes, length, &limit, &seen, &error), PDU_FAIL);
	EXPECT_EQ(error.status, PDU_FATAL_HEADER_DIGEST);
}

struct wrong {
	unsigned at;
	uint8_t value;
	enum pdu_fatal status;
	uint32_t information;
};

TEST(pdu, wrong_headers_name_their_field)
{
	static const struct wrong wrongs[] = {
		{0, PDU_IC_REQ, PDU_FATAL_HEADER_FIELD, 0}, {0, PDU_R2T, PDU_FATAL_HEADER_FIELD, 0}, {0, 8, PDU_FATAL_HEADER_FIELD, 0},
		{0, 255, PDU_FATAL_HEADER_FIELD, 0}, {2, 71, PDU_FATAL_HEADER_FIELD, 2}, {2, 0, PDU_FATAL_HEADER_FIELD, 2},
		{3, 71, PDU_FATAL_HEADER_FIELD, 3}, {3, 82, PDU_FATAL_HEADER_FIELD, 3}, {3, 0, PDU_FATAL_HEADER_FIELD, 3},
		{3, 252, PDU_FATAL_HEADER_FIELD, 4}, {4, 71, PDU_FATAL_HEADER_FIELD, 4}, {4, 80, PDU_FATAL_HEADER_FIELD, 4}, {5, 255, PDU_FATAL_HEADER_FIELD, 4},
		{7, 255, PDU_FATAL_HEADER_FIELD, 4}, {1, PDU_FLAG_HEADER_DIGEST, PDU_FATAL_HEADER_FIELD, 1},
		{1, PDU_FLAG_DATA_DIGEST, PDU_FATAL_HEADER_FIELD, 1},
	};

	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		uint8_t bytes[512];
		size_t length = make_capsule(bytes, false);
		struct pdu_limits limit = limits(false);
		struct seen seen = {0};
		struct pdu_error error = {0};

		bytes[wrongs[i].at] = wrongs[i].value;
		EXPECT_EQ(feed(bytes, length, &limit, &seen, &error), PDU_FAIL);
		EXPECT_EQ(error.status, wrongs[i].status);
		EXPECT_EQ(error.information, wrongs[i].information);
		EXPECT_EQ(seen.headers, 0u);
	}
}

TEST(pdu, too_much_data_is_a_limit_error)
{
	uint8_t bytes[PDU_DATA_BYTES + 200] = {PDU_H2C_DATA, PDU_FLAG_LAST, PDU_DATA_BYTES, PDU_DATA_BYTES, PDU_DATA_BYTES + 129};
	struct pdu_limits limit = limits(false);
	struct seen seen = {0};
	struct pdu_error error = {0};

	EXPECT_EQ(feed(bytes, sizeof(bytes), &limit, &seen, &error), PDU_FAIL);
	EXPECT_EQ(error.status, PDU_FATAL_LIMIT);
	bytes[4] = PDU_DATA_BYTES; /* a data PDU without data */
	EXPECT_EQ(feed(bytes, sizeof(bytes), &limit, &seen, &error), PDU_FAIL);
	EXPECT_EQ(error.status, PDU_FATAL_HEADER_FIELD);
}
