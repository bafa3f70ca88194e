// SPDX-License-Identifier: Apache-2.0

/// A request that is wrong, and what its answer must say.
struct WrongRequest {
    var topic: String
    var body: String
    var reason: String
    var field: String?
    var sentence: String
    /// How many downlinks fail.
    var count = 1

    static func v2(_ body: String, _ reason: String, _ field: String?, _ sentence: String) -> WrongRequest {
        WrongRequest(topic: "app/devices/m1/down", body: body, reason: reason, field: field, sentence: sentence)
    }

    static func v3(
        _ downlinks: String,
        _ reason: String,
        _ field: String?,
        _ sentence: String,
        count: Int = 1,
    ) -> WrongRequest {
        WrongRequest(
            topic: "v3/app@ttn/devices/m1/down/push",
            body: #"{"downlinks":\#(downlinks)}"#,
            reason: reason,
            field: field,
            sentence: sentence,
            count: count,
        )
    }

    static let all: [WrongRequest] = [
        .v2(#"{"port":1,"#, "malformed_json", nil, "not valid"),
        .v2(#"[1]"#, "wrong_type", nil, "must be an object"),
        .v2(#"{}"#, "payload_empty", "payload_raw", "Downlink Payload not valid: empty"),
        .v2(#"{"port":1,"payload_raw":"","payload_fields":{}}"#, "payload_empty", "payload_raw", "empty"),
        .v2(
            #"{"port":1,"payload_raw":"AQ==","payload_fields":{"a":1}}"#,
            "both_payloads",
            "payload_fields",
            "Both Fields and Payload provided",
        ),
        .v2(#"{"port":256,"payload_raw":"AQ=="}"#, "invalid_port", "port", "256"),
        .v2(#"{"port":-1,"payload_raw":"AQ=="}"#, "invalid_port", "port", "-1"),
        .v2(#"{"port":1.5,"payload_raw":"AQ=="}"#, "invalid_port", "port", "1.5"),
        .v2(#"{"port":"1","payload_raw":"AQ=="}"#, "wrong_type", "port", "a number"),
        .v2(#"{"port":1,"payload_raw":"?!"}"#, "invalid_payload_encoding", "payload_raw", "base64"),
        .v2(#"{"port":1,"payload_raw":"ABC"}"#, "invalid_payload_encoding", "payload_raw", "hexadecimal"),
        .v2(#"{"port":1,"payload_raw":[1]}"#, "wrong_type", "payload_raw", "a text"),
        .v2(#"{"port":1,"payload_fields":[1]}"#, "wrong_type", "payload_fields", "an object"),
        .v2(#"{"port":1,"payload_raw":"AQ==","confirmed":"yes"}"#, "wrong_type", "confirmed", "true or false"),
        .v2(
            #"{"port":1,"payload_raw":"AQ==","schedule":"soon"}"#,
            "invalid_schedule",
            "schedule",
            "ScheduleType not valid: unknown",
        ),
        .v2(#"{"port":1,"payload_raw":"AQ==","ttl":0}"#, "invalid_ttl", "ttl", "seconds"),
        .v2(#"{"port":1,"payload_raw":"AQ==","id":7}"#, "invalid_correlation_id", "id", "characters"),
        .v2(
            #"{"port":1,"payload_raw":"AQ==","correlation_ids":["a",""]}"#,
            "invalid_correlation_id",
            "correlation_ids[1]",
            "characters",
        ),
        .v2(#"{"port":1,"payload_fields":{"fail":1}}"#, "encoder_failed", "payload_fields", "no such valve"),
        .v2(#"{"port":1,"payload_fields":{"a":256}}"#, "encoder_failed", "payload_fields", "0 and 255"),
        .v2(#"{"port":1,"payload_fields":{"raw":[-1]}}"#, "encoder_failed", "payload_fields", "0 and 255"),
        .v2(#"{"port":1,"payload_fields":{"raw":[1.5]}}"#, "encoder_failed", "payload_fields", "integer"),
        .v2(#"{"port":1,"payload_fields":{"raw":"x"}}"#, "encoder_failed", "payload_fields", "Array"),
        .v2(#"{"port":1,"payload_fields":{"raw":{}}}"#, "encoder_failed", "payload_fields", "Array"),
        .v2(#"{"port":1,"payload_fields":{"empty":1}}"#, "payload_empty", "payload_fields", "the encoder"),
        WrongRequest(
            topic: "bare/devices/m3/down",
            body: #"{"port":1,"payload_fields":{"a":1}}"#,
            reason: "encoder_failed",
            field: "payload_fields",
            sentence: "Encoder",
        ),
        .v3("7", "wrong_type", "downlinks", "an array"),
        .v3("[7]", "wrong_type", "downlinks[0]", "an object"),
        .v3(#"[{"f_port":224,"frm_payload":"AQ=="}]"#, "invalid_port", "downlinks[0].f_port", "224"),
        .v3(#"[{"f_port":256,"frm_payload":"AQ=="}]"#, "invalid_port", "downlinks[0].f_port", "256"),
        .v3(#"[{"frm_payload":"AQ=="}]"#, "no_f_port", "downlinks[0].f_port", "f_port"),
        .v3(#"[{"f_port":1}]"#, "payload_empty", "downlinks[0].frm_payload", "neither"),
        .v3(#"[{"f_port":1,"frm_payload":"?"}]"#, "invalid_payload_encoding", "downlinks[0].frm_payload", "base64"),
        .v3(
            #"[{"f_port":1,"frm_payload":"AQ==","priority":"URGENT"}]"#,
            "invalid_priority",
            "downlinks[0].priority",
            "URGENT",
        ),
        .v3(
            #"[{"f_port":1,"frm_payload":"AQ==","class_b_c":{"absolute_time":"tomorrow"}}]"#,
            "invalid_absolute_time",
            "downlinks[0].class_b_c.absolute_time",
            "moment",
        ),
        .v3(
            #"[{"f_port":1,"frm_payload":"AQ==","class_b_c":{"absolute_time":"2020-01-01T00:00:00Z"}}]"#,
            "invalid_absolute_time",
            "downlinks[0].class_b_c.absolute_time",
            "past",
        ),
        WrongRequest(
            topic: "v3/bare@ttn/devices/m3/down/push",
            body: #"{"downlinks":[{"f_port":1,"frm_payload":"AQ==","class_b_c":{}}]}"#,
            reason: "not_class_b_or_c",
            field: "downlinks[0].class_b_c",
            sentence: "class A",
        ),
        .v3(
            #"[{"f_port":1,"frm_payload":"AQ==","confirmed_retry":{"max_attempts":101}}]"#,
            "invalid_max_attempts",
            "downlinks[0].confirmed_retry.max_attempts",
            "100",
        ),
        .v3(
            #"[{"f_port":1,"frm_payload":"AQ=="},{"f_port":1,"decoded_payload":{"fail":1}}]"#,
            "encoder_failed",
            "downlinks[1].decoded_payload",
            "no such valve",
            count: 2,
        ),
        WrongRequest(
            topic: "v3/app/devices/m1/down/push",
            body: #"{"downlinks":[{"f_port":1,"frm_payload":"AQ=="}]}"#,
            reason: "tenant_missing",
            field: nil,
            sentence: "tenant",
        ),
        WrongRequest(
            topic: "app/devices/nobody/down",
            body: #"{"port":1,"payload_raw":"AQ=="}"#,
            reason: "unknown_device",
            field: nil,
            sentence: "nobody",
        ),
        WrongRequest(
            topic: "nothing/devices/m1/down",
            body: #"{"port":1,"payload_raw":"AQ=="}"#,
            reason: "unknown_application",
            field: nil,
            sentence: "nothing",
        ),
        WrongRequest(
            topic: "v3/app@ttn/devices/nobody/down/replace",
            body: #"{"downlinks":[{"f_port":1,"frm_payload":"AQ=="}]}"#,
            reason: "unknown_device",
            field: nil,
            sentence: "nobody",
        ),
    ]
}
