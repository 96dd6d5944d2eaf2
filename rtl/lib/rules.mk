# Cells shared by all blocks, the macros first.
lib_SV := rtl/lib/lib_assert.sv rtl/lib/lib_fifo.sv rtl/lib/lib_beat_fifo.sv rtl/lib/lib_ram.sv rtl/lib/lib_arbiter.sv
