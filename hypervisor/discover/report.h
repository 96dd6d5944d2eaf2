/* Findings as text, as JSON, and one explained. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_REPORT_H
#define ASSAY_HYPERVISOR_DISCOVER_REPORT_H

#include <stdio.h>

#include "hypervisor/discover/discover.h"

void report_text(FILE *out, const struct discover *d);

/** Stable keys: arch, banner, image.{start,end}, exports.{table,stride,count}, targets.NAME.{kind, value | why,
 * agreeing, contradicting}. Numbers that are addresses are strings in hexadecimal. */
void report_json(FILE *out, const struct discover *d);

/** Shows each witness of @p name with its instruction and what follows from it.
 * @return whether the target is known. */
bool report_explain(FILE *out, const struct discover *d, const char *name);

#endif
