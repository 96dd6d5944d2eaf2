# A64 applications on the hart's test board, compared with qemu-aarch64.
A64_CC := aarch64-linux-gnu-gcc
A64_CFLAGS := -std=gnu11 -O2 -g $(WARN) -ffreestanding -nostdlib -static -mgeneral-regs-only -fno-stack-protector -fno-pic -no-pie \
	-Wl,-Ttext-segment=0x80010000 -Wl,--build-id=none -Wl,-z,max-page-size=4096 -I.
$(eval $(call c_library,a64_process,testbench/unit/a64/process.c))
$(eval $(call program,test/a64_runner,testbench/unit/a64/runner.c,a64_process hart_board hart convert))
