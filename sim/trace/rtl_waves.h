/* One FST file that Verilated blocks and port viewers share. */
#ifndef ASSAY_SIM_TRACE_RTL_WAVES_H
#define ASSAY_SIM_TRACE_RTL_WAVES_H

#include <stdint.h>

#ifdef __cplusplus
class VerilatedContext;
class VerilatedFstC;
extern "C" {
#endif

struct rtl_waves;

/** @return a new set of waves; attach every instance to it, then open. Owned by the caller. */
struct rtl_waves *rtl_waves_create(void);

/** Opens @p path (FST). @return 0, or -1 if it cannot be written. */
int rtl_waves_open(struct rtl_waves *waves, const char *path);

/** Writes the present value of every signal at time @p cycle (1 cycle = 1 ns); cycles must rise. */
void rtl_waves_dump(struct rtl_waves *waves, uint64_t cycle);

/** Completes and closes the file and frees @p waves. */
void rtl_waves_close(struct rtl_waves *waves);

#ifdef __cplusplus
}
VerilatedFstC *rtl_waves_file(struct rtl_waves *waves);
// The context of everything that can be seen in waves: Verilator wants one for all models of a file.
VerilatedContext *rtl_waves_context();
#endif

#endif
