// SPDX-License-Identifier: Apache-2.0

/// Who is told what happens. All calls come on the client's thread, one at a time: hand over and return, never work
/// or block there, for PINGs and acknowledgements wait meanwhile.
public protocol MQTTClientDelegate: Sendable {
    /// Publications that ended, each exactly once, in the order in which they ended.
    func didComplete(_ completions: [MQTTCompletion])

    /// Messages that arrived, in the broker's order, at most `receiveMaximum` or so at a time.
    ///
    /// - Returns: nil to have them acknowledged at once, or a gate that is opened when they are durable. Until then
    ///   no acknowledgement leaves and nothing is read. QoS 2 cannot be held back so: subscribe with QoS 1.
    func didReceive(_ messages: [MQTTInboundMessage]) -> DurabilityGate?

    /// The connection came or went.
    func stateChanged(_ state: MQTTState)

    /// The broker answered subscriptions, after `subscribe` and after every reconnect.
    func didSubscribe(_ answers: [MQTTSubscriptionAnswer])
}

extension MQTTClientDelegate {
    public func didSubscribe(_ answers: [MQTTSubscriptionAnswer]) {}
}
