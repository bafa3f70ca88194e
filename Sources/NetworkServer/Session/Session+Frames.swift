// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Signing and ciphering by a session's keys.
extension Session {
    /// The MIC of an uplink under a counter, if it is among the candidates, and the downlink that its ACK confirms, as far as the MIC tells.
    func matchingMIC(
        _ frame: DataFrame,
        _ upstream: UpstreamFrame,
        counter: UInt32,
        dataRate: DataRateIndex?,
        region: Region,
    ) -> (mic: MIC, confirms: UInt16?)? {
        let octets = upstream.octets
        guard is11 else {
            let mic = MIC.dataUplink10(key: fNwkSIntKey, devAddr: devAddr, counter: counter, octets: octets)
            return upstream.challenge.holds(mic) ? (mic, nil) : nil
        }
        // The MIC of LoRaWAN 1.1 covers what the frame was sent with, and what its ACK confirms, known only as one of the last.
        let channel = parameters.channels.index(of: upstream.radio.frequency, in: region) ?? 0
        for confirmed in frame.control.ack && !confirmedDowns.isEmpty ? confirmedDowns : [0] {
            let mic = MIC.dataUplink11(
                keys: keys,
                devAddr: devAddr,
                counter: counter,
                confirmedCounter: confirmed,
                dataRate: dataRate ?? 0,
                channel: UInt8(clamping: channel),
                octets: octets,
            )
            if upstream.challenge.holds(mic) { return (mic, confirmedDowns.isEmpty ? nil : confirmed) }
        }
        return nil
    }

    /// What tells a frame that was sent again from another one under the same counter.
    ///
    /// LoRaWAN 1.1 signs half of a MIC with the data rate and the channel, which may change from one transmission to the next.
    func trace(of mic: MIC) -> UInt32 { is11 ? mic.rawValue & 0xffff : mic.rawValue }

    /// The payload of an uplink in the clear.
    func decipher(_ frame: DataFrame, counter: UInt32) -> [UInt8] {
        guard let port = frame.port else { return [] }
        return FRMPayloadCipher.apply(
            key: port == 0 ? keys.nwkSEncKey : keys.appSKey,
            direction: .up,
            devAddr: devAddr,
            counter: counter,
            payload: frame.payload,
        )
    }

    /// FOpts of an uplink in the clear.
    func decipherOptions(_ frame: DataFrame, counter: UInt32) -> [UInt8] {
        guard is11 else { return frame.options }
        return FRMPayloadCipher.applyToOptions(
            nwkSEncKey: keys.nwkSEncKey,
            direction: .up,
            devAddr: devAddr,
            counter: counter,
            usesApplicationCounter: false,
            options: frame.options,
        )
    }

    /// The PHYPayload of a downlink whose parts are in the clear.
    func seal(_ downlink: ClearDownlink, counter: UInt32, acknowledging: UInt32?) -> [UInt8] {
        var frame = DataFrame(
            direction: .down,
            isConfirmed: downlink.isConfirmed,
            devAddr: devAddr,
            control: downlink.control,
            counter: UInt16(truncatingIfNeeded: counter),
            options: downlink.options,
            port: downlink.port,
        )
        if let port = downlink.port {
            frame.payload = FRMPayloadCipher.apply(
                key: port == 0 ? keys.nwkSEncKey : keys.appSKey,
                direction: .down,
                devAddr: devAddr,
                counter: counter,
                payload: downlink.payload,
            )
        }
        if is11 {
            frame.options = FRMPayloadCipher.applyToOptions(
                nwkSEncKey: keys.nwkSEncKey,
                direction: .down,
                devAddr: devAddr,
                counter: counter,
                usesApplicationCounter: downlink.isForApplication,
                options: downlink.options,
            )
        }
        let octets = frame.encodedWithoutMIC()
        let mic =
            is11
            ? MIC.dataDownlink11(
                keys: keys,
                devAddr: devAddr,
                counter: counter,
                confirmedCounter: acknowledging.map { UInt16(truncatingIfNeeded: $0) } ?? 0,
                octets: octets,
            )
            : MIC.dataDownlink10(key: keys.sNwkSIntKey, devAddr: devAddr, counter: counter, octets: octets)
        return octets + mic.octets
    }
}

/// A data downlink before it is ciphered and signed.
struct ClearDownlink: Hashable, Sendable {
    var isConfirmed = false
    var control = FrameControl()
    var options: [UInt8] = []
    var port: UInt8?
    var payload: [UInt8] = []

    /// Counted by AFCntDown in LoRaWAN 1.1.
    var isForApplication: Bool { (port ?? 0) > 0 }
}
