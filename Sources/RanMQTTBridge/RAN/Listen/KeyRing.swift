// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import LoRaWAN
internal import RANClient

/// Keys that prove frames to be a device's, from a file.
struct KeyRing: Sendable {
    /// A device may have several: its root key signs joins, its session key data.
    private var keys: [EUI64: [AES128Key]] = [:]

    /// How often the 16 bits of a frame's counter may have run over: 65,536 frames each time.
    private static let turns: UInt32 = 16

    init() {}

    /// Reads lines of a DevEUI and a key; empty lines and those that begin with # say nothing.
    ///
    /// - Throws: for a file that cannot be read, and for a line that is something else. Keys are never quoted.
    init(file path: String) throws(UsageError) {
        guard let file = fopen(path, "re") else {
            throw UsageError("\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        var number = 0
        while getline(&line, &capacity, file) > 0, let text = line.map({ String(cString: $0) }) {
            number += 1
            let words = text.split { $0.isWhitespace }
            if words.isEmpty || words[0].hasPrefix("#") { continue }
            guard words.count == 2, let devEUI = EUI64(hex: words[0]), let key = AES128Key(hex: words[1]) else {
                throw UsageError("\(path):\(number): expected a DevEUI of 16 and a key of 32 hexadecimal digits")
            }
            keys[devEUI, default: []].append(key)
        }
    }

    /// The device whose key gives one of the message's candidates, and that candidate; nil when no key does.
    func solve(_ message: UpstreamMessage, _ frame: UplinkFrame) -> (devEUI: EUI64, mic: UInt32)? {
        guard !keys.isEmpty else { return nil }
        let candidates = Set(message.micChallenge)
        for devEUI in message.devEUIs {
            for key in keys[devEUI] ?? [] {
                for mic in KeyRing.codes(key, frame, message.payload) where candidates.contains(mic) {
                    return (devEUI, mic)
                }
            }
        }
        return nil
    }

    /// The codes that the key gives a frame, for each turn of its counter. Data frames of LoRaWAN 1.1 are signed with
    /// more than one key and are not proved here.
    private static func codes(_ key: AES128Key, _ frame: UplinkFrame, _ octets: [UInt8]) -> [UInt32] {
        switch frame {
        case .data(let data):
            (0..<turns).map { turn in
                MIC.dataUplink10(
                    key: key,
                    devAddr: data.devAddr,
                    counter: turn << 16 | UInt32(data.counter),
                    octets: octets,
                ).rawValue
            }
        case .joinRequest: [MIC.joinRequest(key: key, octets: octets).rawValue]
        case .rejoinRequest: [MIC.rejoinRequest(key: key, octets: octets).rawValue]
        case .proprietary: []
        }
    }
}
