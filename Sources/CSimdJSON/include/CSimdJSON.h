// SPDX-License-Identifier: Apache-2.0
#pragma once
#ifdef __cplusplus
extern "C" {
#endif
/// The version text of the linked simdjson, borrowed for the life of the process.
const char *_Nonnull csimdjson_version(void);
#ifdef __cplusplus
}
#endif
