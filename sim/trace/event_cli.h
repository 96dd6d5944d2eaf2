/* The commands `assay timeline` and `assay latency`: views of an event log's file. */
#ifndef ASSAY_SIM_TRACE_EVENT_CLI_H
#define ASSAY_SIM_TRACE_EVENT_CLI_H

/** Runs `timeline EVENTS OUT.json`. @param argv argv[0] is "timeline".
 * @return exit status: 0, or 2 for bad usage or input (one line on stderr; no output file is left half-written). */
int timeline_main(int argc, char **argv);

/** Runs `latency EVENTS`: a table of distributions, and a histogram of each stage. Status as timeline_main(). */
int latency_main(int argc, char **argv);

#endif
