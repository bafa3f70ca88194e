// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The refusals with their sentences and figures.
extension Refusal {
    static func unknownDevice(_ candidates: [EUI64], isActivation: Bool) -> Refusal {
        Refusal(
            reason: .unknownDevice,
            message: candidates.count == 1
                ? "The device that the RAN lists is not registered."
                : "None of the \(candidates.count) devices that the RAN lists is registered.",
            devEUI: candidates.count == 1 ? candidates[0] : nil,
            isActivation: isActivation,
            figures: [Figure("candidates", candidates.count)],
        )
    }

    static func micFailed(_ candidates: [EUI64], challenge: Int, isActivation: Bool) -> Refusal {
        Refusal(
            reason: .micFailed,
            message: "No key of the listed devices gives a MIC of the challenge.",
            devEUI: candidates.count == 1 ? candidates[0] : nil,
            isActivation: isActivation,
            figures: [Figure("candidates", candidates.count), Figure("challenge", challenge)],
        )
    }

    static func malformed(_ error: FrameError, _ candidates: [EUI64], size: Int, isActivation: Bool) -> Refusal {
        Refusal(
            reason: .malformedFrame,
            message: error.description,
            devEUI: candidates.count == 1 ? candidates[0] : nil,
            isActivation: isActivation,
            figures: [Figure("size", size)],
        )
    }

    static func unsupported(_ type: MessageType, _ candidates: [EUI64]) -> Refusal {
        Refusal(
            reason: .unsupportedMessageType,
            message: "A \(type) is not handled.",
            devEUI: candidates.count == 1 ? candidates[0] : nil,
            isActivation: type == .rejoinRequest,
            figures: [Figure("m_type", type.rawValue)],
        )
    }

    static func replayed(_ devEUI: EUI64, last: UInt32, counter: UInt32) -> Refusal {
        Refusal(
            reason: .frameCounterReplayed,
            message: "The frame counter \(counter) is not above the last one, \(last).",
            devEUI: devEUI,
            isActivation: false,
            figures: [Figure("last_f_cnt", last), Figure("f_cnt", counter)],
        )
    }

    static func gapTooLarge(_ devEUI: EUI64, last: UInt32, counter: UInt32) -> Refusal {
        let limit = FrameCounter.maximumGap
        return Refusal(
            reason: .frameCounterGapTooLarge,
            message: "The frame counter went from \(last) to \(counter), further than \(limit) at once.",
            devEUI: devEUI,
            isActivation: false,
            figures: [Figure("last_f_cnt", last), Figure("f_cnt", counter), Figure("limit", limit)],
        )
    }

    static func joinEUIMismatch(_ devEUI: EUI64, registered: EUI64, received: EUI64) -> Refusal {
        Refusal(
            reason: .joinEUIMismatch,
            message: "The JoinEUI \(received.upperHex) is not the registered \(registered.upperHex).",
            devEUI: devEUI,
            isActivation: true,
        )
    }

    static func devNonceReused(_ devEUI: EUI64, devNonce: UInt16, last: UInt16?) -> Refusal {
        guard let last else {
            return Refusal(
                reason: .devNonceReused,
                message: "Activation DevNonce not valid: already used (\(devNonce)).",
                devEUI: devEUI,
                isActivation: true,
                figures: [Figure("dev_nonce", devNonce)],
            )
        }
        return Refusal(
            reason: .devNonceReused,
            message: "Activation DevNonce not valid: already used; \(devNonce) is not above the last one, \(last).",
            devEUI: devEUI,
            isActivation: true,
            figures: [Figure("last_dev_nonce", last), Figure("dev_nonce", devNonce)],
        )
    }

    static func notOTAA(_ devEUI: EUI64) -> Refusal {
        Refusal(
            reason: .notOTAA,
            message: "The device asks to join but is registered as personalised, without a root key.",
            devEUI: devEUI,
            isActivation: true,
        )
    }

    static func joinNoncesUsedUp(_ devEUI: EUI64) -> Refusal {
        Refusal(
            reason: .joinNoncesUsedUp,
            message: "All 16,777,215 JoinNonces of the device were used; it needs another root key.",
            devEUI: devEUI,
            isActivation: true,
        )
    }

    static func activationTooLate(_ devEUI: EUI64) -> Refusal {
        Refusal(
            reason: .activationTooLate,
            message: "The join-request came too late to be answered; the device will try again.",
            devEUI: devEUI,
            isActivation: true,
        )
    }

    static func joinAcceptNotSent(_ devEUI: EUI64, _ result: String) -> Refusal {
        Refusal(
            reason: .joinAcceptNotSent,
            message: "The join-accept was not sent: \(result)",
            devEUI: devEUI,
            isActivation: true,
        )
    }

    static func storedStateUnreadable(_ devEUI: EUI64) -> Refusal {
        Refusal(
            reason: .storedStateUnreadable,
            message: "What was stored of the device cannot be read; the device must be activated again.",
            devEUI: devEUI,
            isActivation: false,
        )
    }

    static func macCommandRefused(_ devEUI: EUI64, _ request: DownlinkMACCommand) -> Refusal {
        let refusals = MacDialogue.maximumRefusals
        return Refusal(
            reason: .macCommandRefused,
            message: "The device refused \(request.name) \(refusals) times; it is not asked again in this session.",
            devEUI: devEUI,
            isActivation: false,
            figures: [Figure("cid", request.kind >> 8), Figure("refusals", refusals)],
        )
    }

    static func macCommandIgnored(_ devEUI: EUI64, _ request: DownlinkMACCommand) -> Refusal {
        let silences = MacDialogue.maximumSilences
        return Refusal(
            reason: .macCommandIgnored,
            message:
                "The device left \(request.name) without an answer \(silences) times; it is not asked again in this session.",
            devEUI: devEUI,
            isActivation: false,
            figures: [Figure("cid", request.kind >> 8), Figure("attempts", silences)],
        )
    }

    static func netIDMismatch(_ devEUI: EUI64, ours: NetID, received: NetID) -> Refusal {
        Refusal(
            reason: .netIDMismatch,
            message: "The rejoin-request names the network \(received.upperHex); this one is \(ours.upperHex).",
            devEUI: devEUI,
            isActivation: true,
        )
    }

    static func rejoinCountReused(_ devEUI: EUI64, count: UInt16, last: UInt16) -> Refusal {
        Refusal(
            reason: .rejoinCountReused,
            message: "The RJcount \(count) is not above the last one, \(last).",
            devEUI: devEUI,
            isActivation: true,
            figures: [Figure("last_rj_count", last), Figure("rj_count", count)],
        )
    }

    static func storedGroupUnreadable(_ address: DevAddr) -> Refusal {
        Refusal(
            reason: .storedStateUnreadable,
            message: "What was stored of the multicast group \(address) cannot be read; its counter may be behind.",
            devEUI: nil,
            isActivation: false,
        )
    }
}
