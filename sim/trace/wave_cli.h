/* The command `assay wave`: list, query, compare and draw wave files without a screen. */
#ifndef ASSAY_SIM_TRACE_WAVE_CLI_H
#define ASSAY_SIM_TRACE_WAVE_CLI_H

/** Runs `wave list|query|diff|draw FILE ...`. @param argv argv[0] is "wave".
 * @return exit status: 0, 1 if diff found a difference, 2 for bad usage or input (one line on stderr). */
int wave_main(int argc, char **argv);

#endif
