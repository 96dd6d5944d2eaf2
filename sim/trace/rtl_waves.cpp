// Thin shim around Verilator's FST writer.
#include "sim/trace/rtl_waves.h"

#include "verilated.h"
#include "verilated_fst_c.h"

struct rtl_waves {
	VerilatedFstC file;
};

extern "C" struct rtl_waves *rtl_waves_create(void)
{
	return new rtl_waves;
}

extern "C" int rtl_waves_open(struct rtl_waves *waves, const char *path)
{
	waves->file.set_time_unit("1ns");
	waves->file.set_time_resolution("1ns");
	waves->file.open(path);
	return waves->file.isOpen() ? 0 : -1;
}

extern "C" void rtl_waves_dump(struct rtl_waves *waves, uint64_t cycle)
{
	waves->file.dump(cycle);
}

extern "C" void rtl_waves_close(struct rtl_waves *waves)
{
	waves->file.close();
	delete waves;
}

VerilatedFstC *rtl_waves_file(struct rtl_waves *waves)
{
	return &waves->file;
}

VerilatedContext *rtl_waves_context()
{
	static VerilatedContext context;
	context.traceEverOn(true);
	return &context;
}
