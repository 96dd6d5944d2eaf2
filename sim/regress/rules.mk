# Tasks (TASK_SOURCES: hypervisor/rules.mk, which is read first), and the regression runner over them.
$(eval $(call c_library,task,$(TASK_SOURCES)))
$(eval $(call unit_test,task,$(wildcard testbench/unit/regress/test_task*.c),task))
