# From the descriptions of each block to headers, packages, wrappers; from its RTL to Verilated libraries.
BLOCKS := see bau port clb
RTL_BLOCKS := see bau clb port
GENERATOR := rtl/gen/generate.tcl rtl/gen/describe.tcl rtl/gen/emit_registers.tcl rtl/gen/emit_ports.tcl
RTL_COVERAGE ?= 0
VERILATED_OPT ?= -O2
VERILATOR ?= verilator
VERILATOR_ROOT ?= /usr/share/verilator
VERILATED_CFLAGS := -std=gnu++17 -I$(VERILATOR_ROOT)/include -I$(VERILATOR_ROOT)/include/vltstd -DVM_TRACE_FST=1 \
	-DVM_SC=0 -DVM_COVERAGE=$(RTL_COVERAGE) -DVM_TRACE_VCD=0 -faligned-new -fcf-protection=none -Wno-bool-operation -Wno-sign-compare \
	-Wno-uninitialized -Wno-unused-but-set-variable -Wno-unused-parameter -Wno-unused-variable -Wno-shadow -w

# generated BLOCK, KIND, OUTPUT
define generated
$(B)/gen/$(3): $(wildcard rtl/$(1)/registers.tcl rtl/$(1)/ports.tcl) $$(GENERATOR)
	$$(call say,GEN,$$@)
	$$(Q)$$(TCLSH) rtl/gen/generate.tcl rtl/$(1) $(2) $$@
GENERATED += $(B)/gen/$(3)
endef

$(foreach block,$(BLOCKS),$(if $(wildcard rtl/$(block)/registers.tcl),\
	$(eval $(call generated,$(block),regs.h,$(block)_regs.h))\
	$(eval $(call generated,$(block),pkg.sv,$(block)_pkg.sv))\
	$(eval $(call generated,$(block),reference.md,$(block)_reference.md))))
$(foreach block,$(RTL_BLOCKS),$(if $(wildcard rtl/$(block)/ports.tcl),\
	$(eval $(call generated,$(block),ports.h,$(block)_ports.h))\
	$(eval $(call generated,$(block),lockstep_top.sv,$(block)_lockstep_top.sv))\
	$(eval $(call generated,$(block),view.sv,$(block)_view.sv))\
	$(eval $(call generated,$(block),pins.c,$(block)_pins.c))))

# verilated_class LIBRARY, CLASS, TOP, SOURCES, VERILATOR FLAGS: $(B)/lib/libLIBRARY.a of the class and $(B)/obj/verilated/LIBRARY_shim.o.
# One unity file a library: the generated classes are small, and Verilator's own makefiles are not needed.
define verilated_class
$(B)/verilated/$(1)/all.cpp: $(4)
	$$(call say,VERILATE,$$@)
	$$(Q)rm -rf $$(@D) && mkdir -p $$(@D)
	$$(Q)$$(VERILATOR) --cc $(5) --prefix $(2) --top-module $(3) -Mdir $$(@D) $(4)
	$$(Q)cd $$(@D) && for f in $(2)*.cpp; do echo "#include \"$$$$f\""; done > all.cpp.new && mv all.cpp.new all.cpp
$(B)/obj/verilated/$(1).o: $(B)/verilated/$(1)/all.cpp
	$$(call say,CXX,$$@)
	$$(Q)mkdir -p $$(@D) && $$(CXX) $$(VERILATED_CFLAGS) $$(VERILATED_OPT) -c -o $$@ $$<
$(B)/lib/lib$(1).a: $(B)/obj/verilated/$(1).o $(B)/obj/verilated/$(1)_shim.o
	$$(call say,AR,$$@)
	$$(Q)mkdir -p $$(@D) && rm -f $$@ && $$(AR) rcs $$@ $$^
endef

# verilated LIBRARY, CLASS, TOP, SOURCES, VERILATOR FLAGS, BLOCK, OPS, DEBUG: a class behind struct rtl_ops.
define verilated
$(call verilated_class,$(1),$(2),$(3),$(4),$(5))
$(call verilated_shim,$(1),$(2),$(1),$(6),$(7),$(8))
endef

# verilated_shim LIBRARY, CLASS, DIRECTORY (of the class), BLOCK, OPS, DEBUG
define verilated_shim
$(B)/obj/verilated/$(1)_shim.o: sim/kernel/rtl_shim.cpp sim/kernel/rtl.h sim/trace/rtl_waves.h $(B)/verilated/$(3)/all.cpp
	$$(call say,CXX,$$@)
	$$(Q)mkdir -p $$(@D) && $$(CXX) -I. -I$(B)/verilated/$(3) $$(VERILATED_CFLAGS) -O2 -DRTL_BLOCK=$(4) -DRTL_CLASS=$(2) \
		-DRTL_HEADER='"$(2).h"' -DRTL_OPS=$(5) -DRTL_DEBUG=$(6) -c -o $$@ $$<
endef

# counted_rtl BLOCK: in a build with coverage counters, which takes long to compile, one class serves for speed and for waves.
define counted_rtl
$(call verilated_shim,$(1)_rtl,V$(1)_debug,$(1)_rtl_debug,$(1),$(1)_rtl_ops,0)
$(B)/lib/lib$(1)_rtl.a: $(B)/obj/verilated/$(1)_rtl_debug.o $(B)/obj/verilated/$(1)_rtl_shim.o
	$$(call say,AR,$$@)
	$$(Q)mkdir -p $$(@D) && rm -f $$@ && $$(AR) rcs $$@ $$^
endef

rtl_sources = $(foreach cell,$(lib_SV),$(cell)) $(B)/gen/$(1)_pkg.sv $($(1)_SV)
FAST_FLAGS := -O3 --x-assign fast --x-initial unique --noassert --savable -Wno-fatal -Wno-lint -Wno-style
DEBUG_FLAGS := -O3 --x-assign fast --x-initial unique --assert --trace-fst -Wno-fatal -Wno-lint -Wno-style

# Expanded once all fragments have been read, since SOURCES name the lists of other fragments.
define verilate_block
$(if $(filter 1,$(RTL_COVERAGE)),$(call counted_rtl,$(1)),$(call verilated,$(1)_rtl,V$(1),$(1)_lockstep_top,\
	$(call rtl_sources,$(1)) $(B)/gen/$(1)_lockstep_top.sv,$(FAST_FLAGS),$(1),$(1)_rtl_ops,0))
$(call verilated,$(1)_rtl_debug,V$(1)_debug,$(1)_lockstep_top,$(call rtl_sources,$(1)) $(B)/gen/$(1)_lockstep_top.sv,$(DEBUG_FLAGS),$(1),$(1)_rtl_debug_ops,1)

$(call verilated_class,$(1)_view,V$(1)_view,$(1)_view,$(B)/gen/$(1)_view.sv,--trace-fst -Wno-fatal -Wno-lint -Wno-style)
$(B)/obj/verilated/$(1)_view_shim.o: sim/trace/pin_view_shim.cpp sim/trace/pin_view.h sim/trace/rtl_waves.h $(B)/verilated/$(1)_view/all.cpp
	$$(call say,CXX,$$@)
	$$(Q)mkdir -p $$(@D) && $$(CXX) -I. -I$(B)/verilated/$(1)_view $$(VERILATED_CFLAGS) -O2 -DVIEW_CLASS=V$(1)_view \
		-DVIEW_HEADER='"V$(1)_view.h"' -DVIEW_OPS=$(1)_view_ops -c -o $$@ $$<

lint-$(1): $$(GENERATED)
	$$(call say,LINT,$(1))
	$$(Q)$$(VERILATOR) --lint-only -Wall $$(wildcard rtl/$(1)/$(1).vlt) $(call rtl_sources,$(1)) --top-module $(1)
lint: lint-$(1)

# Latches, combinational loops and multiple drivers are errors; memories stay memories; the longest path counts cells.
synth-$(1): $$(GENERATED)
	$$(call say,SYNTH,$(1))
	$$(Q)mkdir -p $(B)/synth && yosys -q -l $(B)/synth/$(1).log -p "read_verilog -sv -DSYNTHESIS $(call rtl_sources,$(1)); hierarchy -check -top $(1); \
		proc; check -assert; flatten; opt -fast; tee -o $(B)/synth/$(1).memories.txt stat; memory -nomap; opt -fast; \
		select -assert-none t:\$$$$dlatch t:\$$$$adlatch; tee -o $(B)/synth/$(1).txt stat; tee -a $(B)/synth/$(1).txt ltp -noff" > /dev/null
	$$(Q)grep -hE "memory bits" $(B)/synth/$(1).memories.txt; grep -hE "Number of cells|Longest topological" $(B)/synth/$(1).txt
synth: synth-$(1)
.PHONY: synth-$(1)
.PHONY: lint-$(1)
endef

# The Verilator runtime with FST and save support, shared by all models.
VERILATED_RUNTIME := verilated verilated_fst_c verilated_save verilated_threads $(if $(filter 1,$(RTL_COVERAGE)),verilated_cov)
$(B)/obj/verilated/runtime/%.o: $(VERILATOR_ROOT)/include/%.cpp
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(VERILATED_CFLAGS) -O2 -c -o $@ $<
$(B)/lib/libverilated.a: $(patsubst %,$(B)/obj/verilated/runtime/%.o,$(VERILATED_RUNTIME)) $(B)/obj/verilated/runtime/rtl_waves.o
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $^
$(B)/obj/verilated/runtime/rtl_waves.o: sim/trace/rtl_waves.cpp sim/trace/rtl_waves.h
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D) && $(CXX) -I. $(VERILATED_CFLAGS) -O2 -c -o $@ $<
