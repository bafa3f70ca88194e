// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

extension Session {
    /// An uplink was accepted: its counter, where it was heard, and what it says of the device's data rate and channels.
    mutating func note(
        counter: UInt32,
        mic: MIC,
        isRepeated: Bool,
        isADR: Bool,
        _ upstream: UpstreamFrame,
        dataRate: DataRateIndex?,
        in region: Region,
        at now: UnixTime,
    ) {
        let lost = counterUp.map { counter > $0 ? counter - $0 - 1 : 0 } ?? 0
        counterUp = counter
        lastTrace = trace(of: mic)
        coverage = UInt16(clamping: upstream.coverage)
        if status.since == nil { status.since = now.secondsClamped }
        guard !isRepeated, let dataRate else { return }
        if adr.dataRate != dataRate {
            adr.dataRate = dataRate
            adr.history.clear()
        }
        if isADR {
            adr.history.append(snr: upstream.radio.snr, lost: lost)
        } else {
            adr.history.clear()
        }
        noteChannel(upstream.radio.frequency, in: region)
    }

    /// A device that was heard by nobody for long turns all its channels on again.
    private mutating func noteChannel(_ frequency: UInt32, in region: Region) {
        guard let index = parameters.channels.index(of: frequency, in: region) else { return }
        guard !parameters.channels.enabled.contains(index) else { return }
        parameters.channels.enabled = parameters.channels.defined(in: region)
    }
}
