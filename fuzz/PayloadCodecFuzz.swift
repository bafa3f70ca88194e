// SPDX-License-Identifier: Apache-2.0
// Compiled together with Sources/PayloadCodec into one module; see fuzz/codec.
import Glibc

/// Gives arbitrary octets to what reads devices' payloads and what reads the words of a worker.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPayloadCodec(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    // What is decoded is JSON, and a downlink survives the way to fields and back.
    if let json = try? CayenneLPP.decode(octets) { precondition((try? JSONMembers(of: json[...])) != nil) }
    if let json = try? CayenneLPP.decodeDownlink(octets) {
        guard let again = try? CayenneLPP.encode(fieldsJSON: json), let second = try? CayenneLPP.decodeDownlink(again)
        else { preconditionFailure("not read again") }
        precondition(second == json)
    }
    _ = try? CayenneLPP.encode(fieldsJSON: octets)
    octets.withUnsafeBytes { buffer in
        frame(buffer)
        let envelope = Envelope(buffer, speech: CodecSpeech(limitMilliseconds: 100))
        for bits in UInt8(0)..<16 {
            _ = envelope.answer(to: .decode(bytes: [], flags: flags(bits), port: 1, receivedAt: 0))
        }
        _ = envelope.answer(to: .encode(fieldsJSON: [], flags: flags(1), port: 1))
        _ = envelope.answer(to: .list)
        _ = Envelope.tellsOfOwnRealm(buffer)
        _ = WireBuffer.mentionsReadonly(buffer)
    }
    // Text that a user wrote.
    if let input = ScriptInput.json(octets[...]) { precondition((try? JSONMembers(of: input[...])) != nil) }
    _ = InstantText.milliseconds(String(decoding: octets, as: UTF8.self))
    _ = ScriptManners.isPlain(String(decoding: octets, as: UTF8.self))
    return 0
}

private func flags(_ bits: UInt8) -> CallFlags {
    var call = DecodeCall(applicationID: "", formatter: .none, bytes: [], port: 1, receivedAt: 0)
    call.flavours = CodecFlavours(rawValue: bits & 3)
    call.isDryRun = bits & 4 != 0
    call.isDownlink = bits & 8 != 0
    return CallFlags(call)
}

/// The operations of a frame, as a worker steps over them.
private func frame(_ octets: UnsafeRawBufferPointer) {
    var reader = WireReader(octets)
    while !reader.isAtEnd {
        guard let octet = reader.next8(), let operation = WireOperation(rawValue: octet), operation.isCall,
            reader.next32() != nil, WireCall(operation, &reader) != nil
        else { return }
    }
    precondition(reader.offset == octets.count)
}
