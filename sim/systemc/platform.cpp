// Thin SystemC shims around the C domains; see platform.h.
#include "sim/systemc/platform.h"

#include <algorithm>
#include <memory>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace {

uint64_t stop_cycle;
void (*sample)(void *, uint64_t);
void *sample_ctx;
uint64_t sampled_cycle;

/* What the kernel's clock has not seen: a restored checkpoint's cycle is not where SystemC stands. */
uint64_t cycle_base;

uint64_t now_cycle()
{
	return cycle_base + sc_core::sc_time_stamp().value() / sc_core::sc_time(1, sc_core::SC_NS).value();
}

sc_core::sc_time span(uint64_t cycles)
{
	return sc_core::sc_time(static_cast<double>(cycles), sc_core::SC_NS);
}

// What a generic payload cannot say of a packet: its header, and when it arrives.
struct PcieExtension : tlm::tlm_extension<PcieExtension> {
	const struct tlp *packet = nullptr;
	uint64_t arrival = 0;
	tlm::tlm_extension_base *clone() const override { return new PcieExtension(*this); }
	void copy_from(const tlm::tlm_extension_base &other) override { *this = static_cast<const PcieExtension &>(other); }
};

struct EthernetIf : virtual sc_core::sc_interface {
	virtual void arrive(unsigned port, const uint8_t *frame, size_t length, uint64_t cycle) = 0;
};

class Domain : public sc_core::sc_module, public EthernetIf {
public:
	tlm_utils::simple_initiator_socket<Domain> pcie_out;
	tlm_utils::simple_target_socket<Domain> pcie_in;
	sc_core::sc_export<EthernetIf> ethernet_in;
	sc_core::sc_port<EthernetIf, 1, sc_core::SC_ZERO_OR_MORE_BOUND> ethernet_out;
	sc_core::sc_event wake;

	SC_HAS_PROCESS(Domain);
	Domain(sc_core::sc_module_name name, const struct domain &domain)
		: sc_module(name), pcie_out("pcie_out"), pcie_in("pcie_in"), ethernet_in("ethernet_in"), ethernet_out("ethernet_out"), domain_(domain)
	{
		pcie_in.register_b_transport(this, &Domain::transport);
		ethernet_in.bind(*this);
		SC_THREAD(thread);
	}

	void finish() { domain_.run(domain_.ctx, stop_cycle); }

	void send(const struct tlp *packet, uint64_t cycle)
	{
		tlm::tlm_generic_payload payload;
		PcieExtension extension;
		extension.packet = packet;
		extension.arrival = cycle + LINK_PCIE_CYCLES;
		payload.set_command(tlm::TLM_IGNORE_COMMAND);
		payload.set_address(packet->beats ? tlp_address(packet) : 0);
		payload.set_data_length(packet->beats > TLP_HEADER_BEATS ? (packet->beats - TLP_HEADER_BEATS) * 8 : 0);
		payload.set_extension(&extension);
		sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
		pcie_out->b_transport(payload, delay);
		payload.clear_extension(&extension);
	}

	void arrive(unsigned port, const uint8_t *frame, size_t length, uint64_t cycle) override
	{
		domain_.receive_frame(domain_.ctx, port, frame, length, cycle);
		wake_at(cycle);
	}

private:
	void transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &)
	{
		PcieExtension *extension = nullptr;
		payload.get_extension(extension);
		domain_.receive_tlp(domain_.ctx, extension->packet, extension->arrival);
		wake_at(extension->arrival);
		payload.set_response_status(tlm::TLM_OK_RESPONSE);
	}

	void wake_at(uint64_t cycle) { wake.notify(span(cycle - std::min(cycle, now_cycle()))); }

	void thread()
	{
		for (;;) {
			uint64_t now = now_cycle();
			if (now >= stop_cycle) {
				wait(wake);
				continue;
			}
			if (sample && now > sampled_cycle) {
				sampled_cycle = now;
				sample(sample_ctx, now);
			}
			uint64_t until = std::min(now + (sample ? 1 : DOMAIN_LOOKAHEAD_CYCLES), stop_cycle);
			domain_.run(domain_.ctx, until);
			uint64_t next = std::max(domain_.next(domain_.ctx), until);
			if (next >= stop_cycle)
				wait(wake);
			else
				wait(span(next - now), wake);
		}
	}

	struct domain domain_;
};

// Ends sc_start at the requested cycle, and lets it be resumed.
class Stopper : public sc_core::sc_module {
public:
	sc_core::sc_event at;

	SC_HAS_PROCESS(Stopper);
	explicit Stopper(sc_core::sc_module_name name) : sc_module(name)
	{
		SC_METHOD(stop);
		sensitive << at;
		dont_initialize();
	}

private:
	void stop()
	{
		if (now_cycle() >= stop_cycle)
			sc_core::sc_pause();
	}
};

std::unique_ptr<Domain> modules[PLATFORM_DOMAINS];
std::unique_ptr<Stopper> stopper;

} // namespace

extern "C" void platform_create(const struct domain domains[PLATFORM_DOMAINS])
{
	sc_core::sc_set_time_resolution(1, sc_core::SC_NS);
	sc_core::sc_report_handler::set_actions("/IEEE_Std_1666/deprecated", sc_core::SC_DO_NOTHING);
	stopper = std::make_unique<Stopper>("stopper");
	for (int i = 0; i < PLATFORM_DOMAINS; i++)
		modules[i] = std::make_unique<Domain>(domains[i].name, domains[i]);
	modules[PLATFORM_HOST]->pcie_out.bind(modules[PLATFORM_NIC]->pcie_in);
	modules[PLATFORM_NIC]->pcie_out.bind(modules[PLATFORM_HOST]->pcie_in);
	modules[PLATFORM_FABRIC]->pcie_out.bind(modules[PLATFORM_FABRIC]->pcie_in); // the fabric has no PCIe link
	modules[PLATFORM_NIC]->ethernet_out.bind(modules[PLATFORM_FABRIC]->ethernet_in);
	modules[PLATFORM_FABRIC]->ethernet_out.bind(modules[PLATFORM_NIC]->ethernet_in);
}

extern "C" void platform_run(uint64_t cycle)
{
	stop_cycle = cycle;
	for (auto &module : modules)
		module->wake.notify(sc_core::SC_ZERO_TIME);
	sc_core::sc_start(span(cycle - now_cycle()));
	for (auto &module : modules)
		module->finish();
}

extern "C" void platform_sample(void (*function)(void *, uint64_t), void *ctx)
{
	sample = function;
	sample_ctx = ctx;
}

extern "C" void platform_stop_at(uint64_t cycle)
{
	if (cycle >= stop_cycle)
		return;
	stop_cycle = cycle;
	stopper->at.notify(span(cycle - now_cycle()));
}

extern "C" void platform_set_cycle(uint64_t cycle)
{
	cycle_base += cycle - now_cycle();
	stop_cycle = cycle;
	sampled_cycle = 0;
	for (auto &module : modules)
		module->wake.notify(sc_core::SC_ZERO_TIME);
}

extern "C" uint64_t platform_cycle(void)
{
	return now_cycle();
}

extern "C" void platform_send_tlp(enum platform_domain from, const struct tlp *tlp, uint64_t cycle)
{
	modules[from]->send(tlp, cycle);
}

extern "C" void platform_send_frame(enum platform_domain from, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle)
{
	modules[from]->ethernet_out->arrive(port, frame, length, cycle + LINK_ETHERNET_CYCLES);
}

// The library's own main() would call this; the program has a main() of its own.
int sc_main(int, char *[])
{
	return 1;
}
