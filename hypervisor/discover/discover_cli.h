/* The command `assay discover`. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_DISCOVER_CLI_H
#define ASSAY_HYPERVISOR_DISCOVER_DISCOVER_CLI_H

/** Runs `discover FILE [--json] [--explain TARGET] [--rules FILE]` or `discover ps FILE`; prints to standard
 * output, errors to standard error.
 * @param argv  argv[0] is the command's name, argv[1] the first argument
 * @return exit status: 0 something was found, 1 nothing was found or the explained target is unknown,
 *         2 bad usage or input. */
int discover_main(int argc, char **argv);

#endif
