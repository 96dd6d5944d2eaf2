// The shim between a Verilated view module and struct pin_view_ops. Compiled once for every block with
//   VIEW_CLASS (Vsee_view), VIEW_HEADER ("Vsee_view.h"), VIEW_OPS (see_view_ops).
#include "sim/trace/pin_view.h"

#include VIEW_HEADER

#include <cstring>
#include <memory>

#include "sim/trace/rtl_waves.h"
#include "verilated_fst_c.h"

namespace {

struct View {
	std::unique_ptr<VIEW_CLASS> top;
};

void *create(const char *scope, struct rtl_waves *waves)
{
	View *view = new View;
	view->top.reset(new VIEW_CLASS(rtl_waves_context(), scope));
	view->top->trace(rtl_waves_file(waves), 99);
	return view;
}

void sample(void *view, const void *in, const void *out)
{
	VIEW_CLASS *top = static_cast<View *>(view)->top.get();
	memcpy(&top->in_i, in, sizeof top->in_i);
	memcpy(&top->out_i, out, sizeof top->out_i);
	top->eval();
}

void destroy(void *view)
{
	delete static_cast<View *>(view);
}

} // namespace

extern "C" const struct pin_view_ops VIEW_OPS;
extern "C" const struct pin_view_ops VIEW_OPS = {create, sample, destroy};
