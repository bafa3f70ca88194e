// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Why a frame was refused: a stable word, a sentence, and the figures behind it.
public struct Refusal: Hashable, Sendable {
    public var reason: RefusalReason
    /// A sentence for people.
    public var message: String
    /// The device concerned, when the MIC told or only one could have sent it.
    public var devEUI: EUI64?
    /// Whether the frame was a join or rejoin request.
    public var isActivation: Bool
    /// Figures by name, such as `last_f_cnt` and `f_cnt`, in the order they are shown.
    public var figures: [Figure]

    public init(
        reason: RefusalReason,
        message: String,
        devEUI: EUI64?,
        isActivation: Bool,
        figures: [Figure] = [],
    ) {
        self.reason = reason
        self.message = message
        self.devEUI = devEUI
        self.isActivation = isActivation
        self.figures = figures
    }

    /// A named number.
    public struct Figure: Hashable, Sendable {
        public var name: String
        public var value: Int64

        public init(_ name: String, _ value: some BinaryInteger) {
            self.name = name
            self.value = Int64(clamping: value)
        }
    }
}

/// The stable words of `docs/outcomes.md`.
public enum RefusalReason: String, Sendable, CaseIterable {
    /// No candidate's key fits the challenge. The RAN is told `MICFailed`.
    case micFailed = "mic_failed"
    /// None of the listed devices is registered here. The RAN is told `MICFailed`.
    case unknownDevice = "unknown_device"
    /// The octets are no LoRaWAN frame.
    case malformedFrame = "malformed_frame"
    /// The MIC fits, but the counter was used before.
    case frameCounterReplayed = "f_cnt_replayed"
    /// The MIC fits, but the counter jumped further than LoRaWAN 1.0.0 to 1.0.3 allows.
    case frameCounterGapTooLarge = "f_cnt_gap_too_large"
    /// The DevNonce of a join request was used before, or is not above the last one.
    case devNonceReused = "dev_nonce_reused"
    /// The JoinEUI is not the registered one.
    case joinEUIMismatch = "join_eui_mismatch"
    /// The device has no root key: it is not activated over the air.
    case notOTAA = "not_otaa"
    /// The device used up all JoinNonces of its root key.
    case joinNoncesUsedUp = "join_nonces_used_up"
    /// A rejoin-request is for another network.
    case netIDMismatch = "net_id_mismatch"
    /// The RJcount of a rejoin-request is not above the last one.
    case rejoinCountReused = "rj_count_reused"
    /// A join-request came outdated: no window was left to answer in.
    case activationTooLate = "activation_too_late"
    /// The RAN sent the join-accept in neither window.
    case joinAcceptNotSent = "join_accept_not_sent"
    /// What the store held of a device is damaged or of an unknown version.
    case storedStateUnreadable = "stored_state_unreadable"
    /// A message type that this server does not handle.
    case unsupportedMessageType = "unsupported_message_type"
    /// The device refuses what the network asks of it; bounded retries are used up.
    case macCommandRefused = "mac_command_refused"
    /// The device does not answer what the network asks of it; bounded retries are used up.
    case macCommandIgnored = "mac_command_ignored"
}
