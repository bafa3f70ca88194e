// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Where MAC commands go in a downlink: in FOpts beside a payload, or alone on port 0 when they are too long for that.
struct MacOctets: Hashable, Sendable {
    /// Commands for FOpts, at most 15 octets.
    var options: [UInt8] = []
    /// Commands for port 0; nil when FOpts carries them.
    var portZero: [UInt8]?
    /// The requests among them, for which an answer is expected.
    var asked: [DownlinkMACCommand] = []
    /// Requests did not find room.
    var isIncomplete = false

    /// Answers first, then as many requests as there is room for; none is cut.
    ///
    /// `room` is what the window still carries. Port 0 is possible only in a frame without payload.
    init(answers: [DownlinkMACCommand], requests: [[DownlinkMACCommand]], room: Int, allowsPortZero: Bool) {
        let inOptions = min(room, DataFrame.maximumOptions)
        let total = requests.reduce(DownlinkMACCommand.octets(of: answers).count) {
            $0 + DownlinkMACCommand.octets(of: $1).count
        }
        let usesPortZero = allowsPortZero && total > DataFrame.maximumOptions && room > DataFrame.maximumOptions
        let limit = usesPortZero ? room : inOptions
        var octets: [UInt8] = []
        for answer in answers {
            // Of answers that no window carries together the device repeats the request.
            guard octets.count + answer.octets.count <= limit else { continue }
            octets += answer.octets
        }
        for group in requests {
            let next = DownlinkMACCommand.octets(of: group)
            guard octets.count + next.count <= limit else {
                isIncomplete = true
                continue
            }
            octets += next
            asked += group
        }
        if usesPortZero { portZero = octets } else { options = octets }
    }
}
