/* A Verilated block as C sees it. sim/kernel/rtl_shim.cpp implements it once for every block and flavour. */
#ifndef ASSAY_SIM_KERNEL_RTL_H
#define ASSAY_SIM_KERNEL_RTL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pin_table;
struct rtl_waves;

struct rtl_ops {
	const char *block;

	/** @return a new instance in its reset state, owned by the caller. @p scope names it in waves, e.g. "lockstep.see.rtl". */
	void *(*create)(const char *scope);
	void (*destroy)(void *rtl);

	/** One clock edge with rst_ni low and all inputs zero; @p out receives the outputs after it. */
	void (*reset)(void *rtl, void *out);

	/** One clock edge with inputs @p in (struct <block>_in); @p out (struct <block>_out) receives the outputs after it. */
	void (*step)(void *rtl, const void *in, void *out);

	/** Adds the instance's signals to @p waves before its first dump. NULL in the fast flavour. */
	void (*attach_waves)(void *rtl, struct rtl_waves *waves);

	/** Shows  in at the inputs for the next dump, without an edge: what the coming step will see. NULL in the fast flavour. */
	void (*show)(void *rtl, const void *in);

	/** Saves or restores the whole state. @return 0, or -1 if the file cannot be used. NULL in the debug flavour. */
	int (*save)(void *rtl, const char *path);
	int (*restore)(void *rtl, const char *path);
};

/* For each block B: B_rtl_ops (fast flavour: no assertions, no waves, savable) in library B_rtl, and
 * B_rtl_debug_ops (assertions, waves) in library B_rtl_debug. */

#ifdef __cplusplus
}
#endif

#endif
