/* The first process of the small Linux for the network test: brings eth0 up (the unmodified virtio_net driver on a network function of
 * the NIC), pings a host of the fabric, exchanges verified TCP data with its echo service, switches promiscuous reception on and off, adds a multicast
 * address, sees the link go and come, says so, one line each, and powers off. Freestanding, as init.c is. Its address is 10.0.0.60, or 10.0.0.N by the
 * word own=N of the kernel's command line. */
#include <stddef.h>
#include <stdint.h>

#include "testbench/interop/freestanding.h"

enum {
	SYS_IOCTL = 29, SYS_CLOSE = 57, SYS_READ = 63, SYS_PPOLL = 73, SYS_REBOOT = 142, SYS_SOCKET = 198, SYS_CONNECT = 203,
	SYS_SENDTO = 206, SYS_RECVFROM = 207,
};
enum { AF_INET = 2, SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3, SOCK_NONBLOCK = 04000, PROTOCOL_ICMP = 1, MSG_NOSIGNAL = 0x4000 };
enum { SIOCGIFFLAGS = 0x8913, SIOCSIFFLAGS = 0x8914, SIOCSIFADDR = 0x8916, SIOCSIFNETMASK = 0x891c, SIOCGIFHWADDR = 0x8927, SIOCADDMULTI = 0x8931 };
enum { IFF_UP = 1, IFF_RUNNING = 0x40, IFF_PROMISC = 0x100, IFF_ALLMULTI = 0x200 };
enum { POLLIN = 1, POLLOUT = 4, POLLERR = 8, EINPROGRESS = 115, ICMP_ECHO = 8 };
enum { PINGS = 5, ECHO_PORT = 7, BYTES = 1 << 20, PIECE = 65536, NETWORK = 0x0000000a, OWN = 60, PEER = 0x0a00000a, MASK = 0x00ffffff };

struct address {
	uint16_t family, port;
	uint32_t ip;
	uint8_t zero[8];
};

struct request {
	char name[16];
	union {
		struct address address;
		int16_t flags;
		struct {
			uint16_t family;
			uint8_t mac[6];
		} hardware;
		uint8_t room[24];
	};
};

struct poll {
	int fd;
	int16_t events, revents;
};

static void power_off(void)
{
	call(SYS_REBOOT, (long)0xfee1dead, 0x28121969, 0x4321fedc, 0, 0, 0);
}

static void fail(const char *what, long error)
{
	print("net: FAIL ");
	print(what);
	print(" ");
	print_number((uint64_t)-error, 10);
	print("\n");
	power_off();
}

static void need(long result, const char *what)
{
	if (result < 0)
		fail(what, result);
}

static int wait_for(int fd, int16_t events, long milliseconds)
{
	struct poll poll = {fd, events, 0};
	long limit[2] = {milliseconds / 1000, milliseconds % 1000 * 1000000};
	long n = call(SYS_PPOLL, (long)&poll, 1, (long)limit, 0, 0, 0);

	return n > 0 ? poll.revents : 0;
}

static void set_address(int fd, long what, uint32_t ip)
{
	struct request request = {.name = "eth0"};

	request.address.family = AF_INET;
	request.address.ip = ip;
	need(CALL(SYS_IOCTL, fd, what, &request, 0), "address of eth0");
}

static int16_t flags_of(int fd)
{
	struct request request = {.name = "eth0"};

	need(CALL(SYS_IOCTL, fd, SIOCGIFFLAGS, &request, 0), "flags of eth0");
	return request.flags;
}

static void set_flags(int fd, int flags)
{
	struct request request = {.name = "eth0", .flags = (int16_t)flags};

	need(CALL(SYS_IOCTL, fd, SIOCSIFFLAGS, &request, 0), "flags for eth0");
}

/* The driver sends these by the control queue and waits for each answer. */
static void choose_what_comes(void)
{
	int fd = (int)CALL(SYS_SOCKET, AF_INET, SOCK_DGRAM, 0, 0);
	struct request request = {.name = "eth0", .hardware = {0, {1, 0, 0x5e, 0, 0, 7}}};
	int16_t flags = flags_of(fd);

	set_flags(fd, flags | IFF_PROMISC);
	set_flags(fd, flags | IFF_ALLMULTI);
	set_flags(fd, flags);
	need(CALL(SYS_IOCTL, fd, SIOCADDMULTI, &request, 0), "multicast address");
	print("net: reception chosen\n");
	CALL(SYS_CLOSE, fd, 0, 0, 0);
}

static void wait_for_link(int up)
{
	int fd = (int)CALL(SYS_SOCKET, AF_INET, SOCK_DGRAM, 0, 0);

	print(up ? "net: waits for the link\n" : "net: waits for the link's loss\n");
	for (unsigned i = 0; ((flags_of(fd) & IFF_RUNNING) != 0) != up; i++) {
		if (i == 200)
			fail("nothing was told of the link", 0);
		wait_for(fd, POLLIN, 10);
	}
	print(up ? "net: link is up\n" : "net: link is down\n");
	CALL(SYS_CLOSE, fd, 0, 0, 0);
}

static void bring_up(uint32_t own)
{
	int fd = (int)CALL(SYS_SOCKET, AF_INET, SOCK_DGRAM, 0, 0);
	struct request request = {.name = "eth0"};

	set_address(fd, SIOCSIFADDR, NETWORK | own << 24);
	set_address(fd, SIOCSIFNETMASK, MASK);
	set_flags(fd, flags_of(fd) | IFF_UP);
	need(CALL(SYS_IOCTL, fd, SIOCGIFHWADDR, &request, 0), "hardware address of eth0");
	print("net: eth0 is");
	for (int i = 0; i < 6; i++) {
		print(i ? ":" : " ");
		print_number(request.hardware.mac[i], 16);
	}
	print("\n");
	CALL(SYS_CLOSE, fd, 0, 0, 0);
}

static int ping(int fd, unsigned number)
{
	struct address to = {.family = AF_INET, .ip = PEER};
	uint8_t packet[64] = {ICMP_ECHO}, answer[256];
	uint32_t sum = 0;

	packet[7] = (uint8_t)number;
	for (unsigned i = 8; i < sizeof(packet); i++)
		packet[i] = (uint8_t)(i * 7 + number);
	for (unsigned i = 0; i < sizeof(packet); i += 2)
		sum += (uint32_t)(packet[i] << 8 | packet[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	packet[2] = (uint8_t)(~sum >> 8);
	packet[3] = (uint8_t)~sum;
	need(call(SYS_SENDTO, fd, (long)packet, sizeof(packet), 0, (long)&to, sizeof(to)), "ping");
	while (wait_for(fd, POLLIN, 1000)) {
		long got = call(SYS_RECVFROM, fd, (long)answer, sizeof(answer), 0, 0, 0);
		unsigned same = 0;

		for (unsigned i = 4; i < sizeof(packet); i++)
			same += answer[20 + i] == packet[i];
		if (got == 20 + (long)sizeof(packet) && answer[20] == 0 && same == sizeof(packet) - 4)
			return 1;
	}
	return 0;
}

static void ping_all(void)
{
	int fd = (int)CALL(SYS_SOCKET, AF_INET, SOCK_RAW, PROTOCOL_ICMP, 0);
	unsigned answers = 0;

	need(fd, "raw socket");
	for (unsigned i = 0; i < PINGS; i++)
		answers += (unsigned)ping(fd, i);
	print("net: pings answered: ");
	print_number(answers, 10);
	print("\n");
	CALL(SYS_CLOSE, fd, 0, 0, 0);
}

static uint8_t pattern(size_t at)
{
	return (uint8_t)((uint32_t)at * 2654435761u >> 16);
}

static void exchange(void)
{
	static uint8_t data[PIECE], back[PIECE];
	struct address to = {.family = AF_INET, .port = ECHO_PORT << 8, .ip = PEER};
	int fd = (int)CALL(SYS_SOCKET, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0, 0);
	size_t sent = 0, received = 0, wrong = 0;
	long n = CALL(SYS_CONNECT, fd, &to, sizeof(to), 0);

	if (n < 0 && n != -EINPROGRESS)
		fail("connect", n);
	while (received < BYTES) {
		int events = wait_for(fd, (int16_t)(POLLIN | (sent < BYTES ? POLLOUT : 0)), 10000);

		if (!events || (events & POLLERR))
			fail("exchange stands still after", -(long)received);
		if (events & POLLOUT) {
			size_t piece = BYTES - sent < PIECE ? BYTES - sent : PIECE;

			for (size_t i = 0; i < piece; i++)
				data[i] = pattern(sent + i);
			n = call(SYS_SENDTO, fd, (long)data, (long)piece, MSG_NOSIGNAL, 0, 0);
			sent += n > 0 ? (size_t)n : 0;
		}
		if (events & POLLIN) {
			n = CALL(SYS_READ, fd, back, sizeof(back), 0);
			if (n == 0)
				fail("end of data after", -(long)received);
			for (long i = 0; i < n; i++)
				wrong += back[i] != pattern(received + (size_t)i);
			received += n > 0 ? (size_t)n : 0;
		}
	}
	print("net: bytes exchanged by TCP: ");
	print_number(received, 10);
	print(", wrong: ");
	print_number(wrong, 10);
	print("\n");
}

/* Words of the command line that the kernel does not know are the environment if they have a "=". */
static uint32_t own_address(char **word)
{
	uint32_t own = 0;

	while (*word++)
		;
	for (; *word; word++)
		for (const char *p = *word, *key = "own="; *p; p++, key += *key != 0) {
			if (*key ? *p != *key : *p < '0' || *p > '9')
				break;
			own = *key ? 0 : own * 10 + (uint32_t)(*p - '0');
		}
	return own ? own : OWN;
}

/* The linker relaxes addresses to gp-relative ones, so gp comes first. */
__asm__(".globl _start\n_start:\n\t.option push\n\t.option norelax\n\tla gp, __global_pointer$\n\t.option pop\n\tmv a0, sp\n\tandi sp, sp, -16\n\tcall start\n");

void start(long *stack);
void start(long *stack)
{
	bring_up(own_address((char **)(stack + 1)));
	ping_all();
	exchange();
	choose_what_comes();
	wait_for_link(0);
	wait_for_link(1);
	ping_all();
	print("net: done\n");
	power_off();
	for (;;)
		;
}
