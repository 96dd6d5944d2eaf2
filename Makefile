# Assay: entry points. What is built where is said in the rules.mk of each directory.
#   make run    install what is missing, build, run the first board scenario
#   make test   install what is missing, build, run every test that CI runs
B ?= build
V ?= 0
ifeq ($(V),0)
Q := @
say = @printf '  %-7s %s\n' '$(1)' '$(patsubst $(B)/%,%,$(2))'
else
say = @:
endif

CC ?= gcc
CXX ?= g++
AR ?= ar
OPT ?= -O2
WARN := -Wall -Wextra -Wconversion -Wshadow -Werror
CPPFLAGS += -I. -I$(B)/gen -D_GNU_SOURCE
CFLAGS += -std=gnu11 $(OPT) -g $(WARN)
CXXFLAGS += -std=gnu++17 $(OPT) -g -Wall -Wextra
TCLSH ?= tclsh8.6

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDEXPANSION:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash

# What the fragments add to.
GENERATED :=
PROGRAMS :=
UNIT_TESTS :=
SCRIPT_TESTS :=
LONG_TESTS :=
DEPS :=

include .ci/build.mk

lint: ## check the RTL with verilator -Wall
synth: ## synthesise the RTL with Yosys: cells, memory bits, longest path
include $(sort $(wildcard */rules.mk */*/rules.mk))
$(foreach block,$(RTL_BLOCKS),$(if $($(block)_SV),$(eval $(call verilate_block,$(block)))))

.PHONY: all run test test-long bench lint clean help deps
help: ## show this text
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

deps: ## install the Debian packages that are missing
	$(Q).ci/deps

clean: ## remove everything that was built
	$(Q)rm -rf $(B)

-include $(DEPS)
