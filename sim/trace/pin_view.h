/* Shows the pins of a backend without RTL (a C model) in the same waves as the RTL. Implemented for each block by pin_view_shim.cpp. */
#ifndef ASSAY_SIM_TRACE_PIN_VIEW_H
#define ASSAY_SIM_TRACE_PIN_VIEW_H

#ifdef __cplusplus
extern "C" {
#endif

struct rtl_waves;

struct pin_view_ops {
	/** @return a view whose signals appear under @p scope, e.g. "lockstep.see.model", added to @p waves before its first dump. */
	void *(*create)(const char *scope, struct rtl_waves *waves);
	/** Sets what the next dump shows: images of struct <block>_in and struct <block>_out. */
	void (*sample)(void *view, const void *in, const void *out);
	void (*destroy)(void *view);
};

/* For each block B: B_view_ops in library B_view. */

#ifdef __cplusplus
}
#endif

#endif
