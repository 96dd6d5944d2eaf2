// The shim between a Verilated block and struct rtl_ops. Compiled once for every block and flavour with
//   RTL_BLOCK (see), RTL_CLASS (Vsee), RTL_HEADER ("Vsee.h"), RTL_OPS (see_rtl_ops), RTL_DEBUG (0 or 1).
#include "sim/kernel/rtl.h"

#include RTL_HEADER

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <unistd.h>
#if VM_COVERAGE
#include "verilated_cov.h"
#endif
#if RTL_DEBUG
#include "sim/trace/rtl_waves.h"
#include "verilated_fst_c.h"
#elif !VM_COVERAGE
#include "verilated_save.h"
#endif

#define RTL_TEXT_(x) #x
#define RTL_TEXT(x) RTL_TEXT_(x)

namespace {

// A vector of up to 64 bits is an integer in Verilator, a wider one an array of 32-bit words; both are plain memory.
#if VM_COVERAGE
// Counters live in the instances and are read when the process ends: instances stay, all in one context. The file's name is
// $ASSAY_RTL_COVERAGE, the block and the process.
VerilatedContext *coverage_context()
{
	static VerilatedContext *context;
	if (!context) {
		context = new VerilatedContext;
		atexit([] {
			if (const char *prefix = getenv("ASSAY_RTL_COVERAGE"))
				context->coveragep()->write((std::string(prefix) + "." RTL_TEXT(RTL_BLOCK) "." + std::to_string(getpid()) + ".dat").c_str());
		});
	}
	return context;
}
#endif

// What no reset writes begins as anything, as in silicon: each instance has values of its own, which the environment variable ASSAY_SEED gives.
VerilatedContext *seeded(VerilatedContext *context)
{
	static unsigned instances;
	const char *seed = getenv("ASSAY_SEED");
	context->randReset(2);
	context->randSeed(static_cast<int>(1 + ((seed ? strtoul(seed, nullptr, 0) : 1) * 7919 + instances++) % 0x7ffffffe));
	return context;
}

struct Instance {
	explicit Instance(const char *scope)
	{
#if VM_COVERAGE
		(void)scope;
		top.reset(new RTL_CLASS(seeded(coverage_context()), RTL_TEXT(RTL_BLOCK)));
#elif RTL_DEBUG
		top.reset(new RTL_CLASS(seeded(rtl_waves_context()), scope));
#else
		top.reset(new RTL_CLASS(seeded(&context), scope));
#endif
	}
	VerilatedContext context;
	std::unique_ptr<RTL_CLASS> top;
};

Instance *self(void *rtl)
{
	return static_cast<Instance *>(rtl);
}

void edge(RTL_CLASS *top)
{
	top->clk_i = 1;
	top->eval();
	top->clk_i = 0;
	top->eval();
}

void *create(const char *scope)
{
	return new Instance(scope);
}

void destroy(void *rtl)
{
	self(rtl)->top->final();
#if !VM_COVERAGE
	delete self(rtl);
#endif
}

void reset(void *rtl, void *out)
{
	RTL_CLASS *top = self(rtl)->top.get();
	memset(&top->in_i, 0, sizeof top->in_i);
	top->clk_i = 0;
	top->rst_ni = 0;
	top->eval();
	edge(top);
	top->rst_ni = 1;
	top->eval();
	memcpy(out, &top->out_o, sizeof top->out_o);
}

void step(void *rtl, const void *in, void *out)
{
	RTL_CLASS *top = self(rtl)->top.get();
	memcpy(&top->in_i, in, sizeof top->in_i);
	edge(top);
	memcpy(out, &top->out_o, sizeof top->out_o);
}

#if RTL_DEBUG
void attach_waves(void *rtl, struct rtl_waves *waves)
{
	self(rtl)->top->trace(rtl_waves_file(waves), 99);
}

void show(void *rtl, const void *in)
{
	RTL_CLASS *top = self(rtl)->top.get();
	memcpy(&top->in_i, in, sizeof top->in_i);
	top->eval();
}
#elif !VM_COVERAGE
int save(void *rtl, const char *path)
{
	VerilatedSave file;
	file.open(path);
	if (!file.isOpen())
		return -1;
	file << *self(rtl)->top;
	file.close();
	return 0;
}

int restore(void *rtl, const char *path)
{
	VerilatedRestore file;
	file.open(path);
	if (!file.isOpen())
		return -1;
	file >> *self(rtl)->top;
	file.close();
	return 0;
}
#endif

} // namespace

extern "C" const struct rtl_ops RTL_OPS;
extern "C" const struct rtl_ops RTL_OPS = {
	RTL_TEXT(RTL_BLOCK),
	create,
	destroy,
	reset,
	step,
#if RTL_DEBUG
	attach_waves,
	show,
	nullptr,
	nullptr,
#elif VM_COVERAGE
	nullptr,
	nullptr,
	nullptr,
	nullptr,
#else
	nullptr,
	nullptr,
	save,
	restore,
#endif
};
