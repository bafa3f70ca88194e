// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN

extension Simulation {
    /// Lets a device send an uplink. False when there is no such device.
    func enqueue(_ uplink: VirtualDevice.QueuedUplink, _ devEUI: EUI64) -> Bool {
        guard let index = deviceIndex[devEUI] else { return false }
        devices[index].enqueue(uplink, at: .now)
        schedule(index)
        return true
    }

    /// Lets an OTAA device join. False when there is no such device.
    func join(_ devEUI: EUI64) -> Bool {
        guard let index = deviceIndex[devEUI], devices[index].join(at: .now) else { return false }
        schedule(index)
        return true
    }

    /// Lets a device send a rejoin request. False when there is no such device or it cannot.
    func rejoin(_ devEUI: EUI64, _ type: JoinRequestType) -> Bool {
        guard let index = deviceIndex[devEUI], devices[index].rejoin(type, at: .now) else { return false }
        schedule(index)
        return true
    }

    /// Lets a device whose join request went to nobody send another.
    func retryLostJoin(_ index: Int) {
        devices[index].retryLostJoin(at: .now, random: &random)
        schedule(index)
    }

    /// Hands an upstream message over as it is.
    func inject(_ raw: RawUpstream, _ answer: @escaping @Sendable (UpstreamReply) -> Void) {
        let message = UpstreamMessage(
            transactionID: 0,
            isOutdated: raw.isOutdated,
            devEUIs: raw.devEUIs,
            frequency: raw.frequency,
            modulation: raw.modulation,
            writesCapitalOCW: raw.writesCapitalOCW,
            rssi: raw.rssi,
            snr: raw.snr,
            octets: raw.octets,
            position: raw.position,
        )
        var origin = UpstreamOrigin(mic: raw.mic, end: .now)
        origin.challenge = raw.challenge
        origin.transactionID = raw.transactionID
        origin.answer = answer
        handOver(message, origin)
    }
}
