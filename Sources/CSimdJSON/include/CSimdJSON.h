// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// The version text of the linked simdjson, borrowed for the life of the process.
const char *_Nonnull csimdjson_version(void);

/// How many readable octets a text must have behind its end: simdjson reads in wide steps.
size_t csimdjson_padding(void);

/// A parser with its buffers: one thread at a time, reused from frame to frame.
typedef struct csimdjson_parser csimdjson_parser;

/// Makes a parser for texts up to `capacity` octets; null without memory. Ours: free it.
csimdjson_parser *_Nullable csimdjson_parser_new(size_t capacity);
void csimdjson_parser_free(csimdjson_parser *_Nullable parser);

/// A text borrowed from the parser until its next use; `bytes` is null when the member was absent.
typedef struct {
    const char *_Nullable bytes;
    size_t count;
} csimdjson_text;

enum {
    CSIMDJSON_LORA = 1,
    CSIMDJSON_FSK = 2,
    CSIMDJSON_FHSS = 3,
};

/// One Upstream frame. Pointers are borrowed from the parser until its next use.
typedef struct {
    uint64_t transaction_id;
    const uint64_t *_Nullable dev_euis;
    size_t dev_eui_count;
    const uint8_t *_Nullable payload;
    size_t payload_count;
    const uint32_t *_Nullable mics;
    size_t mic_count;
    csimdjson_text coding_rate;
    double latitude, longitude, altitude;
    float rssi, snr;
    uint32_t frequency;
    /// LoRa: spreading and bandwidth; FSK: deviation and bit rate; FHSS: occupied width.
    uint32_t first, second;
    uint8_t modulation;
    bool has_transaction_id, is_outdated, has_position, has_altitude;
} csimdjson_upstream;

/// Result of one device of a MulticastDownstreamResult.
typedef struct {
    uint64_t dev_eui;
    csimdjson_text code, message;
} csimdjson_device_result;

/// One frame of the downstream socket: DownstreamAck, DownstreamResult or MulticastDownstreamResult.
typedef struct {
    uint64_t transaction_id, mailbox_id;
    csimdjson_text code, message;
    const csimdjson_device_result *_Nullable results;
    size_t result_count;
    bool has_transaction_id, has_mailbox_id, has_results;
} csimdjson_downstream;

/// Reads a frame. `bytes` must have `csimdjson_padding()` readable octets behind `count`.
/// Returns null on success, else what is wrong in words (static text). `transaction_id` is also read from a frame that
/// is wrong elsewhere, even from one that is not JSON, when it can be found.
const char *_Nullable csimdjson_parse_upstream(
    csimdjson_parser *_Nonnull parser, const uint8_t *_Nonnull bytes, size_t count, csimdjson_upstream *_Nonnull out);
const char *_Nullable csimdjson_parse_downstream(
    csimdjson_parser *_Nonnull parser, const uint8_t *_Nonnull bytes, size_t count, csimdjson_downstream *_Nonnull out);

#ifdef __cplusplus
}
#endif
