// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// Upstream messages written beforehand: each is a head of its own, a list of candidates that all share, and its MIC in
/// the midst of them.
struct LoadFrames {
    let messages: Range<Int>
    /// The right MIC of each message.
    private(set) var mics: [UInt32] = []
    private var heads: [UInt8] = []
    private var ends: [Int] = []
    /// Candidates before and after the right one, in a few variants that take turns.
    private var tails: [(before: [UInt8], after: [UInt8])] = []

    init(_ plan: LoadPlan, messages: Range<Int>, random: inout SeededRandom) {
        self.messages = messages
        mics.reserveCapacity(messages.count)
        ends.reserveCapacity(messages.count)
        heads.reserveCapacity(messages.count * 320)
        var writer = JSONWriter(capacity: 1024)
        for number in messages {
            let (octets, mic) = LoadFrames.uplink(plan, number)
            let device = plan.sender(of: number).device
            let message = UpstreamMessage(
                transactionID: UInt64(number) + 1,
                isOutdated: nil,
                devEUIs: [plan.devEUI(device)],
                frequency: [868_100_000, 868_300_000, 868_500_000][number % 3],
                modulation: .lora(spreading: 7, bandwidth: 125_000),
                rssi: -97,
                snr: 7.5,
                octets: octets,
                position: nil,
            )
            writer.removeAll()
            message.write(to: &writer, challenge: [])
            // What follows is the end of an empty list and of the message.
            heads += writer.bytes.dropLast(2)
            ends.append(heads.count)
            mics.append(mic)
        }
        for variant in 0..<8 {
            let before = plan.candidates * variant / 8
            let numbers = (1..<plan.candidates).map { _ in "\(UInt32(truncatingIfNeeded: random.next()))" }
            tails.append(
                (
                    numbers.prefix(before).map { $0 + "," }.joined().utf8.map { $0 },
                    (numbers.dropFirst(before).map { "," + $0 }.joined() + "]}").utf8.map { $0 }
                )
            )
        }
    }

    /// Appends a message as an unmasked websocket text frame.
    func append(_ number: Int, to buffer: inout [UInt8]) {
        let index = number - messages.lowerBound
        let head = heads[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
        let tail = tails[number & 7]
        let mic = "\(mics[index])".utf8
        let count = head.count + tail.before.count + mic.count + tail.after.count
        buffer.append(0x81)
        if count < 126 {
            buffer.append(UInt8(count))
        } else if count < 65_536 {
            buffer += [126, UInt8(count >> 8), UInt8(count & 255)]
        } else {
            buffer += [127, 0, 0, 0, 0]
            buffer += (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) }
        }
        buffer.append(contentsOf: head)
        buffer.append(contentsOf: tail.before)
        buffer.append(contentsOf: mic)
        buffer.append(contentsOf: tail.after)
    }

    private static func uplink(_ plan: LoadPlan, _ number: Int) -> (octets: [UInt8], mic: UInt32) {
        let (device, counter) = plan.sender(of: number)
        let devAddr = plan.devAddr(device)
        let keys = plan.keys(device)
        let frame = DataFrame(
            direction: .up,
            isConfirmed: false,
            devAddr: devAddr,
            control: FrameControl(),
            counter: UInt16(truncatingIfNeeded: counter),
            options: [],
            port: 1,
            payload: FRMPayloadCipher.apply(
                key: keys.appSKey,
                direction: .up,
                devAddr: devAddr,
                counter: counter,
                payload: plan.payload,
            ),
        )
        let octets = frame.encodedWithoutMIC()
        let mic = MIC.dataUplink10(key: keys.fNwkSIntKey, devAddr: devAddr, counter: counter, octets: octets)
        return (octets, mic.rawValue)
    }
}
