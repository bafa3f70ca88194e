// SPDX-License-Identifier: Apache-2.0
import TTNMessages
import Testing

@Suite struct RequestMutationTests {
    /// Steps of a linear congruence: the same mutations at every run.
    private struct Steps {
        var state: UInt64 = 1

        mutating func next(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }

    @Test(arguments: [
        (
            RequestTopic.Action.down,
            #"{"port":10,"confirmed":true,"schedule":"last","payload_raw":"/wEC","ttl":60,"correlation_ids":["a"]}"#
        ),
        (.down, #"{"payload_fields":{"a":[1,2,{"b":null}],"c":"\u00e9"},"id":"x"}"#),
        (
            .push,
            #"{"downlinks":[{"f_port":1,"frm_payload":"AQ==","class_b_c":{"absolute_time":"2024-05-02T10:00:01Z"}}]}"#
        ),
        (
            .replace,
            #"{"downlinks":[{"decoded_payload":{"a":1},"priority":"HIGH","confirmed_retry":{"max_attempts":3}}]}"#
        ),
    ])
    func `a mutated request is either read or answered`(action: RequestTopic.Action, body: String) throws {
        let topic = RequestTopic(applicationID: "orchard", deviceID: "probe-7", action: action)
        let parser = DownlinkRequestParser()
        let original = Array(body.utf8)
        _ = try parser.command(topic: topic, body: original)
        var steps = Steps()
        var answered = 0
        for _ in 0..<3000 {
            var mutated = original
            for _ in 0...steps.next(below: 3) {
                mutated[steps.next(below: mutated.count)] = UInt8(steps.next(below: 256))
            }
            do throws(RequestError) {
                for request in try parser.command(topic: topic, body: mutated).requests {
                    #expect(request.payload != nil || request.fields != nil)
                    #expect((request.payload?.count ?? 1) <= RequestLimits.payloadSize)
                }
            } catch {
                answered += 1
                #expect(!error.requests.isEmpty)
                #expect(!error.description.isEmpty)
                for event in error.events(for: topic.device, at: Sample.time) {
                    let encoder = MessageEncoder(topics: try Encoded.topics(), formats: [.v2, .v3])
                    for message in encoder.messages(for: .downlink(event)) { _ = try message.json }
                }
            }
        }
        #expect(answered > 1000)
    }
}
