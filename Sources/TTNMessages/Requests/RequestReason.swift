// SPDX-License-Identifier: Apache-2.0

/// The stable words for a downlink request that is wrong in itself.
public enum RequestReason: String, CaseIterable, Hashable, Sendable {
    /// The body is not JSON. Figures: `size`, `offset`.
    case malformedJSON = "malformed_json"
    /// A member, or the body, has another JSON type than it must have.
    case wrongType = "wrong_type"
    /// The body, or the number of downlinks in it, is above what is accepted. Figures: `size`, `limit`.
    case requestTooLarge = "request_too_large"
    /// A port outside 1 to 255, or 224 in v3. Figures: `port`, `limit`.
    case invalidPort = "invalid_port"
    /// A raw payload in v3 without a port.
    case noPort = "no_f_port"
    /// Neither payload nor fields.
    case payloadEmpty = "payload_empty"
    /// Both payload and fields in v2.
    case bothPayloads = "both_payloads"
    /// The payload is neither base64 nor, in v2, hexadecimal. Figure: `size`.
    case payloadEncoding = "invalid_payload_encoding"
    /// More octets than any LoRaWAN frame carries. Figures: `size`, `limit`.
    case payloadTooLong = "payload_too_long"
    /// v2's `schedule` is none of its three words.
    case invalidSchedule = "invalid_schedule"
    /// v3's `priority` is none of its names and numbers.
    case invalidPriority = "invalid_priority"
    /// `ttl` is not a positive whole number of seconds.
    case invalidTTL = "invalid_ttl"
    /// `id` or a correlation id is empty, too long or not a text. Figures: `size`, `limit`.
    case invalidCorrelationID = "invalid_correlation_id"
    /// `absolute_time` is not a moment, or lies in the past.
    case invalidTime = "invalid_absolute_time"
    /// `class_b_c` for a device that listens after its uplinks alone.
    case classMismatch = "not_class_b_or_c"
    /// `max_attempts` is outside 1 to 100. Figures: `max_attempts`, `limit`.
    case invalidAttempts = "invalid_max_attempts"
    /// The topic of a v3 request lacks the tenant.
    case tenantMissing = "tenant_missing"
}
