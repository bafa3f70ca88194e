// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import TestSupport

/// Random but repeatable life of a few devices: joins, uplinks, copies, replays, downlinks, results of the RAN.
struct Traffic {
    var devices: [TestDevice]
    var random: SeededGenerator
    private var nonces: [UInt16]
    private var waiting: [Transmission] = []
    private var sent: [TestDevice.Sent] = []
    private var items: UInt64 = 0
    private var receptions: UInt64 = 0
    private(set) var now: Int64 = 0

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        devices = [
            try TestDevice.personalised(1),
            try TestDevice.personalised(2, devAddr: DevAddr(rawValue: 0x2600_0001)),
            try TestDevice.overTheAir(3),
            try TestDevice.overTheAir(4, version: .v1_0_4, deviceClass: .c),
            try TestDevice.personalised(5, deviceClass: .c),
            try TestDevice.overTheAir(6, version: .v1_1),
            try TestDevice.personalised(7, deviceClass: .b),
            try TestDevice.personalised(8, version: .v1_1, deviceClass: .c) { $0.checksFrameCounter = false },
        ]
        group = MulticastGroup(
            address: DevAddr(rawValue: 0x26ff_0001),
            applicationKey: TestDevice.key(1, 8),
            networkKey: TestDevice.key(1, 9),
            region: try TestDevice.eu868(),
            coverages: [0, 1],
            listening: .classC(nil),
        )
        nonces = devices.map { _ in 0 }
    }

    /// A group that hears downlinks too.
    let group: MulticastGroup

    var registrations: [Event] {
        devices.map { .register($0.profile, restored: nil) } + [.registerGroup(group, restored: nil)]
    }

    /// Nothing happens until a moment.
    mutating func rest(until moment: Moment) {
        now = max(now, moment.monotonic)
        waiting = []
    }

    var moment: Moment {
        Moment(monotonic: now, wall: UnixTime(nanoseconds: Stage.start.nanoseconds + now))
    }

    /// The next event, no later than the server's next deadline.
    mutating func next(deadline: Int64?) -> Event {
        let step = Int64.random(in: 0...4_000_000_000, using: &random)
        if let deadline, deadline <= now + step {
            now = max(now, deadline)
            return .timer
        }
        now += step
        let index = Int.random(in: devices.indices, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0 where devices[index].profile.joinEUI != nil:
            nonces[index] += 1
            return upstream(devices[index].joinRequest(devNonce: nonces[index]))
        case 1: return Int.random(in: 0..<6, using: &random) == 0 ? enqueueMulticast() : enqueue(index)
        case 2...3 where !waiting.isEmpty: return result()
        case 4 where !sent.isEmpty: return upstream(sent[Int.random(in: sent.indices, using: &random)])
        default: return uplink(index)
        }
    }

    /// Looks at what the server did: devices take their join-accepts.
    mutating func see(_ effects: [Effect]) throws {
        for transmission in effects.transmissions {
            waiting.append(transmission)
            guard case .device(let devEUI, _?) = transmission.target else { continue }
            guard let index = devices.firstIndex(where: { $0.profile.devEUI == devEUI }) else { continue }
            _ = try devices[index].accept(transmission.octets, devNonce: nonces[index])
        }
    }

    private mutating func uplink(_ index: Int) -> Event {
        let frame = devices[index].uplink(
            port: UInt8.random(in: 1...200, using: &random),
            payload: (0..<Int.random(in: 0...40, using: &random)).map { _ in .random(in: 0...255, using: &random) },
            confirmed: .random(using: &random),
            ack: .random(using: &random),
            adrAckRequest: Int.random(in: 0..<8, using: &random) == 0,
            // LinkCheckReq, DeviceTimeReq, PingSlotInfoReq.
            options: [[], [], [0x02], [0x0d], [0x10, 3]][Int.random(in: 0..<5, using: &random)],
            classB: devices[index].profile.deviceClass == .b,
        )
        sent.append(frame)
        return upstream(frame)
    }

    private mutating func upstream(_ frame: TestDevice.Sent) -> Event {
        receptions += 1
        return .upstream(
            UpstreamFrame(
                id: ReceptionID(rawValue: receptions),
                coverage: 0,
                candidates: devices.map(\.profile.devEUI),
                octets: frame.octets,
                challenge: [UInt32.random(in: .min ... .max, using: &random), frame.mic.rawValue],
                isOutdated: Int.random(in: 0..<20, using: &random) == 0,
                radio: ReceivedRadio(
                    frequency: 868_100_000,
                    modulation: .lora(spreading: 7, bandwidth: 125_000),
                    rssi: -100,
                    snr: Float(Int.random(in: -10...10, using: &random)),
                    position: nil,
                    coverage: 0,
                    receivedAt: moment.wall,
                ),
            )
        )
    }

    private mutating func enqueue(_ index: Int) -> Event {
        items += 1
        let item = DownlinkItem(
            id: items,
            devEUI: devices[index].profile.devEUI,
            port: .random(in: 0...100, using: &random),
            payload: [UInt8](repeating: 7, count: Int.random(in: 0...80, using: &random)),
            isConfirmed: .random(using: &random),
            maximumAttempts: 3,
            expiresAt: Bool.random(using: &random)
                ? UnixTime(nanoseconds: moment.wall.nanoseconds + 30_000_000_000) : nil,
            context: [1, 2, 3],
        )
        let schedules: [DownlinkSchedule] = [.replace, .first, .last, .last]
        return .enqueue(item, schedules[Int.random(in: 0..<4, using: &random)])
    }

    private mutating func enqueueMulticast() -> Event {
        items += 1
        let item = MulticastItem(id: items, address: group.address, port: 5, payload: [1, 2, 3])
        return .enqueueMulticast([item], .last)
    }

    private mutating func result() -> Event {
        let transmission = waiting.removeFirst()
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return .transmissionResult(transmission.transactionID, .refused(code: "TooLate", message: ""))
        case 1: return .transmissionAccepted(transmission.transactionID)
        default: return .transmissionResult(transmission.transactionID, .sent)
        }
    }
}
