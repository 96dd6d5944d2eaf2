/* A trace as text, in the words of the rule language: what somebody who writes a rule wants to see. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_TRACE_PRINT_H
#define ASSAY_HYPERVISOR_DISCOVER_TRACE_PRINT_H

#include <stdio.h>

#include "hypervisor/discover/discover.h"

/** Traces the function called @p name (a target, an export, a hexadecimal address, or all:
 * every export) and prints its events; with @p through also those of what it calls directly.
 * @return whether there is such a function. */
bool trace_print(FILE *out, struct discover *d, const char *name, bool through);

#endif
