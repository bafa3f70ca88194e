// SPDX-License-Identifier: Apache-2.0
// Compiled together with Sources/LoRaWAN into one module; see fuzz/lorawan.

/// Reads arbitrary octets with every parser of the room. What is read must encode to the same length and be read again as equal.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLoRaWAN(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    if let frame = try? UplinkFrame(parsingWithoutMIC: octets), let again = frame.encodedWithoutMIC() {
        precondition(again.count == octets.count)
        guard let second = try? UplinkFrame(parsingWithoutMIC: again) else { preconditionFailure("not read again") }
        precondition(second == frame)
    }
    if case .data(let frame, let mic)? = try? DownlinkFrame(parsing: octets) {
        precondition(frame.encodedWithoutMIC().count + mic.octets.count == octets.count)
    }
    // In the clear, because the cipher would hide the fields from the fuzzer.
    if octets.count == 13 || octets.count == 29, let accept = try? JoinAccept(clear: octets) {
        guard let second = try? JoinAccept(clear: accept.clearOctets()) else { preconditionFailure("not read again") }
        precondition(second == accept)
    }
    checkSequence(UplinkMACCommand.self, octets)
    checkSequence(DownlinkMACCommand.self, octets)
    let uplinks = ClockSyncUplink.parse(octets).messages
    precondition(ClockSyncUplink.parse(uplinks.flatMap(\.octets)).messages == uplinks)
    let downlinks = ClockSyncDownlink.parse(octets).messages
    precondition(ClockSyncDownlink.parse(downlinks.flatMap(\.octets)).messages == downlinks)
    _ = BeaconFrame(octets: octets)
    return 0
}

private func checkSequence<Command: MACCommand>(_: Command.Type, _ octets: [UInt8]) {
    let sequence = MACCommandSequence<Command>(parsing: octets)
    let encoded = Command.octets(of: sequence.commands)
    precondition(encoded.count + sequence.rest.count == octets.count)
    precondition(MACCommandSequence<Command>(parsing: encoded).commands == sequence.commands)
}
