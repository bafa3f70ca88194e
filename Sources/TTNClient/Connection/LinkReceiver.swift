// SPDX-License-Identifier: Apache-2.0
internal import MQTTShim

/// Who uses a link and is told what comes over it. All calls come on the connection's thread.
protocol LinkReceiver: Sendable {
    /// Messages came; a gate holds back the broker until it opens.
    func received(_ messages: [MQTTInboundMessage]) -> DurabilityGate?
    /// Publications ended.
    func completed(_ completions: [MQTTCompletion])
    /// The connection came or went.
    func stateChanged(_ state: MQTTState)
    /// The broker refused a subscription, at first or after a reconnect.
    func subscriptionRefused(_ error: TTNClientError)
}

extension LinkReceiver {
    func subscriptionRefused(_ error: TTNClientError) {}
}
