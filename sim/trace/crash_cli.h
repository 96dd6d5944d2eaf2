#ifndef ASSAY_SIM_TRACE_CRASH_CLI_H
#define ASSAY_SIM_TRACE_CRASH_CLI_H

/** assay firmware crash FILE [--image ELF]: prints a crash dump of the NIC's firmware, with a backtrace by the image's symbols.
 * @p argv[0] is "crash". @return 0, or 2 after one line on stderr. */
int crash_main(int argc, char **argv);

#endif
