# What programs with Verilated RTL are linked with; here, since fragments that come before rtl/gen use it.
VERILATED_LDLIBS := -lz -lpthread

# The few shapes that every rules.mk uses. Call each through $(eval $(call NAME,...)).

# c_library NAME, SOURCES (.c, .cpp), [EXTRA CFLAGS], [ORDER-ONLY PREREQUISITES]: $(B)/lib/libNAME.a
define c_library
$(B)/lib/lib$(1).a: $(call objects,$(2))
	$$(call say,AR,$$@)
	$$(Q)mkdir -p $$(@D) && rm -f $$@ && $$(AR) rcs $$@ $$^
$(call objects,$(2)): LOCAL_CFLAGS += $(3)
$(call objects,$(2)): | $(4)
DEPS += $(patsubst %.o,%.d,$(call objects,$(2)))
endef

objects = $(patsubst $(B)/obj/$(B)/%,$(B)/obj/%,$(patsubst %.c,$(B)/obj/%.o,$(patsubst %.cpp,$(B)/obj/%.o,$(1))))

# program NAME, SOURCES, LIBRARIES (names of c_library), [LINK FLAGS], [EXTRA CFLAGS]: $(B)/NAME
define program
$(call program_at,$(B)/$(1),$(2),$(3),$(4),$(5))
PROGRAMS += $(B)/$(1)
endef

define program_at
$(1): $(call objects,$(2)) $(patsubst %,$(B)/lib/lib%.a,$(3))
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D) && $$(CXX) $$(LDFLAGS) -o $$@ $(call objects,$(2)) -Wl,--start-group $(patsubst %,$(B)/lib/lib%.a,$(3)) -Wl,--end-group $(4)
$(call objects,$(2)): LOCAL_CFLAGS += $(5)
DEPS += $(patsubst %.o,%.d,$(call objects,$(2)))
endef

# unit_test NAME, SOURCES (C files that use testbench/gtest/test.h), LIBRARIES, [LINK FLAGS], [EXTRA CFLAGS]
# builds $(B)/test/NAME and makes `make test` run it.
define unit_test
$(call program_at,$(B)/test/$(1),$(2),gtest_shim $(3),-lgtest -lpthread $(4),$(5))
UNIT_TESTS += $(B)/test/$(1)
endef

# Everything generated exists before the first object is compiled; afterwards .d files carry the truth.
$(B)/obj/%.o: %.c | $$(GENERATED)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) $(LOCAL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/%.o: %.cpp | $$(GENERATED)
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(CPPFLAGS) $(CXXFLAGS) $(LOCAL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/gen/%.o: $(B)/gen/%.c | $$(GENERATED)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) $(LOCAL_CFLAGS) -MMD -MP -c -o $@ $<
