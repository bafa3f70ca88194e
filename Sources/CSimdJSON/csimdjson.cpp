// SPDX-License-Identifier: Apache-2.0
#include "CSimdJSON.h"

#include <simdjson.h>

extern "C" const char *csimdjson_version(void) { return SIMDJSON_STRINGIFY(SIMDJSON_VERSION); }
