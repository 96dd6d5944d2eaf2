/* The configuration flash: text, one `key value...` a line, NUL-terminated.
 *
 *     ip 10.0.0.2/24
 *     mac 02:00:00:00:00:02
 *     seed 1
 *     kato 0                                      keep-alive time-out in milliseconds, 0: none
 *     volume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1
 */
#ifndef ASSAY_FIRMWARE_CORE_CONFIG_H
#define ASSAY_FIRMWARE_CORE_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#define CONFIG_VOLUMES_MAX 16
#define CONFIG_NQN_BYTES 224 /* NVMe 1.4 section 7.9: 223 bytes and the NUL */

struct config_volume {
	uint8_t present;
	uint8_t address[4]; /* as on the wire */
	uint16_t port;
	uint32_t nsid;
	char nqn[CONFIG_NQN_BYTES];
};

struct config {
	uint8_t ip[4];
	uint8_t prefix_bits;
	uint8_t mac[6];
	uint32_t kato_ms;
	uint64_t seed;
	struct config_volume volumes[CONFIG_VOLUMES_MAX];
};

struct config_error {
	unsigned line; /* from 1 */
	const char *what;
};

/**
 * Reads a configuration.
 * @param text up to @p bytes bytes, ended by NUL
 * @param error where it went wrong, written on failure only
 * @return 0, or -1: syntax, a number out of range, a key twice or unknown, ip or mac missing, no NUL
 */
int config_parse(const char *text, size_t bytes, struct config *config, struct config_error *error);

#endif
