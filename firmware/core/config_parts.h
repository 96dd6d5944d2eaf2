/* Lines of the configuration with a syntax of their own, for config.c. */
#ifndef ASSAY_FIRMWARE_CORE_CONFIG_PARTS_H
#define ASSAY_FIRMWARE_CORE_CONFIG_PARTS_H

#include "firmware/core/config.h"
#include "firmware/core/cursor.h"

/** Takes what follows the key `volume`. @return what is wrong with it, or NULL */
const char *config_parse_volume(struct cursor *cursor, struct config *config);

/** @return whether the members of every volume that is made of others exist, each once. */
bool config_members_exist(const struct config *config);

#endif
