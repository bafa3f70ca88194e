// SPDX-License-Identifier: Apache-2.0

extension CodecJob {
    /// Appends the call to a frame, for the formatter of that slot.
    func write(slot: UInt32, to frame: inout WireBuffer) {
        switch request {
        case .decode(let bytes, let flags, let port, let receivedAt):
            frame.append8(WireOperation.decode.rawValue)
            frame.append32(slot)
            frame.append8(flags.rawValue)
            frame.append8(port)
            frame.append64(receivedAt)
            frame.append(bytes)
        case .encode(let fieldsJSON, let flags, let port):
            frame.append8(WireOperation.encode.rawValue)
            frame.append32(slot)
            frame.append8(flags.rawValue)
            frame.append8(port)
            frame.append(fieldsJSON)
        case .call(let function, let inputJSON):
            frame.append8(WireOperation.call.rawValue)
            frame.append32(slot)
            frame.append8(function.rawValue)
            frame.append(inputJSON)
        case .list:
            frame.append8(WireOperation.list.rawValue)
            frame.append32(slot)
        }
    }
}
