/* The configuration flash: text, one `key value...` a line, NUL-terminated.
 *
 *     ip 10.0.0.2/24
 *     mac 02:00:00:00:00:02
 *     seed 1
 *     kato 0                                      keep-alive time-out in milliseconds, 0: none
 *     completion 1                                time-out of the NIC's reads of host memory in milliseconds, 1 to 200 [20]
 *     volume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1
 *     net 1 mac 02:00:00:00:02:01 guard           network function 1 is there; guarded: packets reach it in flows only that it began
 *     attach 0 2                                  function 0 has volume 2 from the start, once its storage has been reached
 *
 * After nsid N a volume may have, in any order:
 *     path ADDRESS:PORT     another controller of the same subsystem, up to four in all
 *     hdgst, ddgst          ask for header digests, data digests
 *     queues N              I/O queues a controller, 1 to 4 [1]
 *     timeout MS            a queue that owes answers for so long and gives none is taken for dead [10000]
 *     apd queue             all paths down: commands wait until there is one again [so]
 *     apd fail MS           all paths down for so long: commands fail until there is one again
 * `discovery` instead of `nvme-tcp`: the address is that of a discovery controller, which names the paths.
 *
 *     volume 4 concat 0 1 2         the blocks of these volumes one after another
 *     volume 5 stripe 64 0 1        pieces of 64 KiB (4 to 1024, a power of two) of each in turn; the smallest decides the size
 *     volume 6 mirror 0 1           the same blocks on each
 * Up to eight members, each of them a volume with a storage of its own.
 */
#ifndef ASSAY_FIRMWARE_CORE_CONFIG_H
#define ASSAY_FIRMWARE_CORE_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#define CONFIG_VOLUMES_MAX 16
#define CONFIG_NET_MAX 16
#define CONFIG_NQN_BYTES 224 /* NVMe 1.4 section 7.9: 223 bytes and the NUL */

#define CONFIG_PATHS_MAX 4
#define CONFIG_QUEUES_MAX 4
#define CONFIG_TIMEOUT_MS 10000
#define CONFIG_MS_MAX 1000000
#define CONFIG_COMPLETION_MS_MAX 200

struct config_path {
	uint8_t address[4]; /* as on the wire */
	uint16_t port;
};

struct config_volume {
	uint8_t present;
	uint8_t discover; /* paths[0] is a discovery controller */
	uint8_t path_count;
	struct config_path paths[CONFIG_PATHS_MAX];
	uint32_t nsid;
	char nqn[CONFIG_NQN_BYTES];
	uint8_t header_digest, data_digest;
	uint8_t queues; /* I/O queues a path */
	uint8_t apd_fails; /* all paths down: fail after apd_ms; else queue */
	uint32_t apd_ms;
	uint32_t timeout_ms;
};

#define CONFIG_FUNCTIONS_MAX 17 /* the PF and 16 VFs */

struct config_net {
	uint8_t present;
	uint8_t guard;
	uint8_t mac[6];
};

#define CONFIG_MEMBERS_MAX 8

/* How a volume without a storage of its own is made of others. */
enum config_kind { CONFIG_PLAIN, CONFIG_CONCAT, CONFIG_STRIPE, CONFIG_MIRROR };

struct config_layout {
	uint8_t kind; /* enum config_kind; CONFIG_PLAIN: there is none */
	uint8_t members;
	uint8_t member[CONFIG_MEMBERS_MAX]; /* volumes */
	uint32_t chunk_bytes; /* of a stripe */
};

struct config {
	uint8_t ip[4];
	uint8_t prefix_bits;
	uint8_t mac[6];
	uint32_t kato_ms;
	uint32_t completion_ms; /* 0: not said */
	uint64_t seed;
	struct config_volume volumes[CONFIG_VOLUMES_MAX];
	struct config_net net[CONFIG_NET_MAX];
	struct config_layout layouts[CONFIG_VOLUMES_MAX];
	uint8_t attach[CONFIG_FUNCTIONS_MAX]; /* 1 + the volume, 0: none */
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
